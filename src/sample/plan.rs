//! The plan of a hub: everything about every model but its wide text, in order of birth.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::{Pcg32, Pcg64};

use crate::sample::families::{FAMILIES, Family};
use crate::sample::{Base, Format, Recipe, Relation};
use crate::sample::{births, lineage, names, oddities, traffic, weights};

/// One model, decided.
pub struct Model {
    pub id: Box<str>,
    /// Place in [`FAMILIES`].
    pub family: usize,
    pub relation: Option<Relation>,
    pub bases: Vec<Base>,
    /// Parameters as its makers count them, 0 where a count makes no sense.
    pub params: u64,
    pub format: Format,
    /// `safetensors.total`, which packed weights make smaller than `params`.
    pub total: Option<u64>,
    /// Place in [`weights::MIXES`].
    pub mix: usize,
    /// The sum of the dtypes is not `total`.
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
    /// A well-known model: its figures come from a table, quotas count it but never change it.
    pub known: bool,
}

impl Model {
    /// A model of which only the birth is known.
    pub fn born(created: i64) -> Model {
        Model {
            id: Box::default(),
            family: 0,
            relation: None,
            bases: Vec::new(),
            params: 0,
            format: Format::Plain,
            total: None,
            mix: 0,
            uneven: false,
            gguf: false,
            task: true,
            library: true,
            created,
            modified: created,
            downloads: 0,
            all_time: 0,
            likes: 0,
            trending: 0.0,
            known: false,
        }
    }

    pub fn family(&self) -> &'static Family {
        &FAMILIES[self.family]
    }

    /// The owner, unless it has none.
    pub fn author(&self) -> Option<&str> {
        self.id.split_once('/').map(|(author, _)| author)
    }

    /// Parameters that a reader of the file can know.
    pub fn visible(&self) -> Option<u64> {
        self.total.or(self.gguf.then_some(self.params))
    }
}

/// A base that is not in the table: deleted, private, renamed or misspelt.
pub struct Ghost {
    pub id: Box<str>,
    pub family: usize,
    pub params: u64,
}

/// The whole hub, in order of birth.
pub struct Plan {
    pub recipe: Recipe,
    pub models: Vec<Model>,
    pub ghosts: Vec<Ghost>,
    /// The order of the rows in the file.
    pub order: Vec<u32>,
}

impl Plan {
    /// Decides everything. Each step reads what the steps before it decided.
    pub fn draw(recipe: &Recipe) -> Plan {
        let mut rng = Pcg64::seed_from_u64(recipe.seed);
        let (mut plan, parents) = births::births(recipe, &mut rng);
        lineage::bind(&mut plan, &parents, &mut rng);
        weights::weigh(&mut plan, &mut rng);
        names::name(&mut plan, &mut rng);
        traffic::count(&mut plan, &mut rng);
        oddities::plant(&mut plan, &mut rng);
        plan.order.shuffle(&mut rng);
        plan
    }

    /// A plan of `models`, with no ghosts yet and in order of birth.
    pub fn of(recipe: &Recipe, models: Vec<Model>) -> Plan {
        Plan {
            recipe: *recipe,
            order: (0..models.len() as u32).collect(),
            models,
            ghosts: Vec::new(),
        }
    }

    /// Dice for one row and one purpose, the same whatever was rolled elsewhere.
    pub fn dice(&self, row: u32, purpose: u64) -> Pcg32 {
        let row = u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Pcg32::seed_from_u64(self.recipe.seed ^ row ^ purpose.rotate_left(48))
    }

    /// The id that a base is called by.
    pub fn base_id(&self, base: Base) -> &str {
        match base {
            Base::Row(row) => &self.models[row as usize].id,
            Base::Ghost(ghost) => &self.ghosts[ghost as usize].id,
        }
    }

    /// Family and parameters of a base.
    pub fn base_kin(&self, base: Base) -> (usize, u64) {
        match base {
            Base::Row(row) => {
                let model = &self.models[row as usize];
                (model.family, model.params)
            }
            Base::Ghost(ghost) => {
                let ghost = &self.ghosts[ghost as usize];
                (ghost.family, ghost.params)
            }
        }
    }

    /// Rows whose figures are not from a table.
    pub fn ordinary(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.models.len() as u32).filter(|row| !self.models[*row as usize].known)
    }

    /// `quota` less the well-known models that already count towards it.
    pub fn open(&self, quota: usize, counts: impl Fn(&Model) -> bool) -> usize {
        let known = self.models.iter().filter(|model| model.known);
        quota.saturating_sub(known.filter(|model| counts(model)).count())
    }
}
