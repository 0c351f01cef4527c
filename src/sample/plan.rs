//! The plan of a hub: everything about every model except its text columns.

use std::ops::{Index, IndexMut, Range};
use std::sync::LazyLock;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::{Pcg32, Pcg64};
use serde::Deserialize;

use crate::sample::architecture::{ARCHITECTURES, Architecture, Domain};
use crate::sample::tables::csv;
use crate::sample::weights::{Mix, WeightFormat};
use crate::sample::{
    Recipe, lineage, names, oddities, random, targets, timeline, traffic, weights,
};

/// How a model was made from its bases. The first four are common and index arrays of four.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Derivation {
    Merge,
    Quantized,
    Adapter,
    Finetune,
    Unstated,
    Distill,
    Lora,
    Upscale,
}

/// The statistics of a derivation: a row of `derivations.csv`.
#[derive(Deserialize)]
pub struct DerivationFacts {
    pub derivation: Derivation,
    /// The relation in the file, if it is stated.
    pub relation: Option<String>,
    /// Models of the full hub, 0 if the derivation is not common.
    pub full: usize,
    /// Year, with fraction, of the first model.
    pub since: f64,
    /// Percent of bases that are well-known models.
    pub known_percent: f64,
    /// Percent of models that are a base.
    pub base_percent: f64,
    /// Weights: in downloads, to state no task or library, to have a parameter count or GGUF files.
    pub popularity: f64,
    pub hidden: f64,
    pub counted: f64,
    pub gguf: f64,
}

/// The derivations, in the order of [`Derivation`]. The rarest chooses its models first.
pub static DERIVATIONS: LazyLock<Vec<DerivationFacts>> =
    LazyLock::new(|| csv(include_str!("../../assets/sample/derivations.csv")));

impl Derivation {
    pub fn facts(self) -> &'static DerivationFacts {
        &DERIVATIONS[self as usize]
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
    /// Does not state its task.
    pub hides_task: bool,
    /// Does not state its library.
    pub hides_library: bool,
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
    pub fn architecture(&self) -> &'static Architecture {
        &ARCHITECTURES[self.architecture]
    }

    pub fn domain(&self) -> &'static Domain {
        self.architecture().domain()
    }

    /// Returns the owner, if the id has one.
    pub fn author(&self) -> Option<&str> {
        self.id.split_once('/').map(|(author, _)| author)
    }

    /// Returns the part of the id after the owner.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the relation that the file states.
    pub fn relation(&self) -> Option<&'static str> {
        self.derivation?.facts().relation.as_deref()
    }

    /// Reports if the model is made by `derivation`.
    pub fn is(&self, derivation: Derivation) -> bool {
        self.derivation == Some(derivation)
    }
}

/// The whole hub. Its rows are in order of creation.
pub struct Plan {
    pub recipe: Recipe,
    pub models: Vec<Model>,
    /// Bases that are not in the hub: deleted, private, renamed or misspelt. They have an id, an
    /// architecture and parameters.
    pub missing: Vec<Model>,
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

    pub fn base(&self, base: BaseRef) -> &Model {
        match base {
            BaseRef::Row(row) => &self[row],
            BaseRef::Missing(at) => &self.missing[at as usize],
        }
    }

    /// Returns the ids of the bases of a row.
    pub fn base_ids(&self, row: u32) -> impl Iterator<Item = &str> {
        self[row].bases.iter().map(|base| &*self.base(*base).id)
    }

    /// Returns all rows.
    pub fn rows(&self) -> Range<u32> {
        0..self.models.len() as u32
    }

    /// Returns the rows that are not well-known models.
    pub fn ordinary(&self) -> impl Iterator<Item = u32> {
        self.rows().filter(|row| !self[*row].known)
    }

    /// Draws exactly `n` ordinary rows of positive weight, or all if they are fewer.
    pub fn draw(&self, rng: &mut impl Rng, n: usize, weight: impl Fn(&Model) -> f64) -> Vec<u32> {
        random::draw(rng, n, self.ordinary(), |row| weight(&self[row]))
    }

    /// Draws exactly `n` ordinary rows that pass `test`, or all if they are fewer.
    pub fn choose(&self, rng: &mut impl Rng, n: usize, test: impl Fn(&Model) -> bool) -> Vec<u32> {
        self.draw(rng, n, |model| f64::from(test(model)))
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
