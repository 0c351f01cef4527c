//! The plan of a hub: everything about every model except its text columns.

use std::ops::{Index, IndexMut};

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::{Pcg32, Pcg64};
use serde::Deserialize;

use crate::sample::architecture::{ARCHITECTURES, Architecture};
use crate::sample::weights::{Mix, WeightFormat};
use crate::sample::{
    Recipe, lineage, names, oddities, random, targets, timeline, traffic, weights,
};

/// How a model was made from its bases. The first four have target counts and index tables of four.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Derivation {
    Adapter,
    Finetune,
    Quantized,
    Merge,
    /// Bases without a relation.
    Unstated,
    Distill,
    Lora,
    Upscale,
}

impl Derivation {
    /// Returns the relation that the file states.
    pub fn relation(self) -> Option<&'static str> {
        match self {
            Derivation::Adapter => Some("adapter"),
            Derivation::Finetune => Some("finetune"),
            Derivation::Quantized => Some("quantized"),
            Derivation::Merge => Some("merge"),
            Derivation::Unstated => None,
            Derivation::Distill => Some("distill"),
            Derivation::Lora => Some("lora"),
            Derivation::Upscale => Some("upscale"),
        }
    }
}

/// A base of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseRef {
    /// A model of this hub, by its row in the plan.
    Row(u32),
    /// A model that is not in the hub, by its index in [`Plan::missing`].
    Missing(u32),
}

/// One planned model.
#[derive(Default)]
pub struct Model {
    pub id: Box<str>,
    /// Index in [`ARCHITECTURES`].
    pub architecture: usize,
    pub derivation: Option<Derivation>,
    pub bases: Vec<BaseRef>,
    /// Parameters before any packing, 0 where a count makes no sense.
    pub params: u64,
    pub format: WeightFormat,
    /// `safetensors.total`, which is less than `params` for packed weights.
    pub total: Option<u64>,
    /// Shares of the dtypes in `total`.
    pub mix: Option<&'static Mix>,
    /// The counts of the dtypes do not add up to `total`.
    pub uneven: bool,
    /// Has a GGUF description.
    pub gguf: bool,
    /// States its task.
    pub task: bool,
    /// States its library.
    pub library: bool,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds.
    pub modified: i64,
    /// Downloads of the last 30 days.
    pub downloads: i64,
    pub all_time: i64,
    pub likes: i64,
    pub trending: f64,
    /// A row of `models.csv`: target counts include it, but no random choice changes it.
    pub known: bool,
    /// Its recent downloads are those of `models.csv`.
    pub reported: bool,
}

impl Model {
    /// Returns a model of which only the creation date, in Unix seconds, is decided.
    pub fn created(created: i64) -> Model {
        Model {
            created,
            modified: created,
            task: true,
            library: true,
            ..Model::default()
        }
    }

    pub fn architecture(&self) -> &'static Architecture {
        &ARCHITECTURES[self.architecture]
    }

    /// Returns the owner, if the id has one.
    pub fn author(&self) -> Option<&str> {
        self.id.split_once('/').map(|(author, _)| author)
    }

    /// Returns the part of the id after the owner.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// Reports if the model is made by `derivation`.
    pub fn is(&self, derivation: Derivation) -> bool {
        self.derivation == Some(derivation)
    }
}

/// A base that is not in the hub: deleted, private, renamed or misspelt.
pub struct MissingBase {
    pub id: Box<str>,
    pub architecture: usize,
    pub params: u64,
}

/// The whole hub. Its rows are in order of creation.
pub struct Plan {
    pub recipe: Recipe,
    pub models: Vec<Model>,
    pub missing: Vec<MissingBase>,
    /// The order of the rows in the file.
    pub order: Vec<u32>,
}

impl Index<u32> for Plan {
    type Output = Model;

    fn index(&self, row: u32) -> &Model {
        &self.models[row as usize]
    }
}

impl IndexMut<u32> for Plan {
    fn index_mut(&mut self, row: u32) -> &mut Model {
        &mut self.models[row as usize]
    }
}

impl Plan {
    /// Decides everything. Each step depends on those before it.
    pub fn new(recipe: &Recipe) -> Plan {
        let mut rng = Pcg64::seed_from_u64(recipe.seed);
        let (mut plan, candidates) = timeline::plan(recipe, &mut rng);
        lineage::decide(&mut plan, &candidates, &mut rng);
        weights::decide(&mut plan, &mut rng);
        names::decide(&mut plan, &mut rng);
        traffic::decide(&mut plan, &mut rng);
        oddities::plant(&mut plan, &mut rng);
        plan.order.shuffle(&mut rng);
        plan
    }

    /// Returns the generator of one row and purpose, which depends on nothing else but the seed.
    pub fn row_rng(&self, row: u32, purpose: u64) -> Pcg32 {
        let row = u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Pcg32::seed_from_u64(self.recipe.seed ^ row ^ purpose.rotate_left(48))
    }

    /// Returns the id by which children name a base.
    pub fn base_id(&self, base: BaseRef) -> &str {
        match base {
            BaseRef::Row(row) => &self[row].id,
            BaseRef::Missing(at) => &self.missing[at as usize].id,
        }
    }

    /// Returns the architecture and the parameters of a base.
    pub fn base_size(&self, base: BaseRef) -> (usize, u64) {
        match base {
            BaseRef::Row(row) => (self[row].architecture, self[row].params),
            BaseRef::Missing(at) => {
                let missing = &self.missing[at as usize];
                (missing.architecture, missing.params)
            }
        }
    }

    /// Returns all rows.
    pub fn rows(&self) -> std::ops::Range<u32> {
        0..self.models.len() as u32
    }

    /// Returns the rows that are not well-known models.
    pub fn ordinary(&self) -> impl Iterator<Item = u32> {
        self.rows().filter(|row| !self[*row].known)
    }

    /// Draws exactly `count` ordinary rows of positive weight, or all if they are fewer.
    pub fn draw(
        &self,
        rng: &mut impl Rng,
        count: usize,
        weight: impl Fn(&Model) -> f64,
    ) -> Vec<u32> {
        random::draw(rng, count, self.ordinary(), |row| weight(&self[row]))
    }

    /// Draws exactly `count` ordinary rows that pass `test`, or all if they are fewer.
    pub fn choose(
        &self,
        rng: &mut impl Rng,
        count: usize,
        test: impl Fn(&Model) -> bool,
    ) -> Vec<u32> {
        self.draw(rng, count, |model| f64::from(test(model)))
    }

    /// Scales a count of the full hub to this one.
    pub fn scaled(&self, count: usize) -> usize {
        targets::scaled(count, self.models.len())
    }

    /// Subtracts from `count` the well-known models that pass `test`.
    pub fn remaining(&self, count: usize, test: impl Fn(&Model) -> bool) -> usize {
        let known = self.models.iter().filter(|model| model.known);
        count.saturating_sub(known.filter(|model| test(model)).count())
    }
}
