//! The plan of a hub: everything about every model except its text columns.

use std::ops::{Index, IndexMut, Range};

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

use crate::sample::random;
use crate::sample::tables::{Architecture, Derivation, DerivationFacts, Mix, Tables, WeightFormat};
use crate::sample::targets::FULL;

/// The parameters of a synthetic hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Number of models.
    pub rows: usize,
    /// Seed of the random numbers: the same one makes the same bytes.
    pub seed: u64,
    /// Inserts control characters and escape sequences into a third of the strings.
    pub hostile: bool,
}

impl Recipe {
    /// The sample that the program contains.
    pub const BUILT_IN: Recipe = Recipe {
        rows: 20_000,
        seed: 20_251_023,
        hostile: false,
    };
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
pub struct Model<'t> {
    pub id: Box<str>,
    pub architecture: &'t Architecture,
    pub derivation: Option<&'t DerivationFacts>,
    pub bases: Vec<BaseRef>,
    /// Parameters before any packing, 0 where a count makes no sense.
    pub params: u64,
    pub format: &'t WeightFormat,
    /// `safetensors.total`, which is less than `params` for packed weights.
    pub total: Option<u64>,
    /// Shares of the dtypes in `total`.
    pub mix: Option<&'t Mix>,
    /// The counts of the dtypes do not add up to `total`.
    pub uneven: bool,
    /// Has a GGUF description.
    pub gguf: bool,
    /// Does not state its task, its library.
    pub hides_task: bool,
    pub hides_library: bool,
    /// Unix seconds.
    pub created: i64,
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

impl<'t> Model<'t> {
    /// Returns a model of which only the creation date, in Unix seconds, is decided.
    pub fn new(tables: &'t Tables, created: i64) -> Model<'t> {
        Model {
            id: Box::default(),
            architecture: &tables.architectures[0],
            derivation: None,
            bases: Vec::new(),
            params: 0,
            format: &tables.formats[0],
            total: None,
            mix: None,
            uneven: false,
            gguf: false,
            hides_task: false,
            hides_library: false,
            created,
            modified: created,
            downloads: 0,
            all_time: 0,
            likes: 0,
            trending: 0.0,
            known: false,
            reported: false,
        }
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
    pub fn relation(&self) -> Option<&'t str> {
        self.derivation?.relation.as_deref()
    }

    /// Reports if the model is made by `derivation`.
    pub fn is(&self, derivation: Derivation) -> bool {
        self.derivation.map(|facts| facts.derivation) == Some(derivation)
    }

    /// Reports if the weights are in a GGUF file only.
    pub fn is_packed(&self) -> bool {
        self.format.name == "gguf"
    }

    /// Returns the name of the architecture's member nearest in size.
    pub fn member(&self) -> &'t str {
        let members = self.architecture.members.iter();
        let nearest = members.min_by_key(|(_, params)| params.abs_diff(self.params));
        nearest.map_or("", |(name, _)| name)
    }
}

/// The whole hub. Its rows are in order of creation.
pub struct Plan<'t> {
    pub recipe: Recipe,
    pub tables: &'t Tables,
    pub models: Vec<Model<'t>>,
    /// Bases that are not in the hub: deleted, private, renamed or misspelt. They have an id, an
    /// architecture and parameters.
    pub missing: Vec<Model<'t>>,
}

impl<'t> Index<u32> for Plan<'t> {
    type Output = Model<'t>;

    fn index(&self, row: u32) -> &Model<'t> {
        &self.models[row as usize]
    }
}

impl<'t> IndexMut<u32> for Plan<'t> {
    fn index_mut(&mut self, row: u32) -> &mut Model<'t> {
        &mut self.models[row as usize]
    }
}

impl<'t> Plan<'t> {
    /// Returns the generator of one row and purpose, which depends on nothing else but the seed.
    pub fn row_rng(&self, row: u32, purpose: u64) -> Pcg32 {
        let row = u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Pcg32::seed_from_u64(self.recipe.seed ^ row ^ purpose.rotate_left(48))
    }

    pub fn base(&self, base: BaseRef) -> &Model<'t> {
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
        let weights = self.ordinary().map(|row| (row, weight(&self[row])));
        random::draw(rng, n, weights)
    }

    /// Draws exactly `n` ordinary rows that pass `test`, or all if they are fewer.
    pub fn choose(&self, rng: &mut impl Rng, n: usize, test: impl Fn(&Model) -> bool) -> Vec<u32> {
        self.draw(rng, n, |model| f64::from(test(model)))
    }

    /// Scales a count of the full hub to this one, rounded.
    pub fn scaled(&self, count: usize) -> usize {
        (count * self.models.len() + FULL / 2) / FULL
    }

    /// Subtracts from `count` the well-known models that pass `test`.
    pub fn remaining(&self, count: usize, test: impl Fn(&Model) -> bool) -> usize {
        let known = self.models.iter().filter(|model| model.known);
        count.saturating_sub(known.filter(|model| test(model)).count())
    }
}
