//! The comparison of a hub with an older snapshot, apart from [`Field::Delta`] and
//! [`Field::Growth`], which are columns of its models.
//!
//! [`Field::Delta`]: crate::engine::table::field::Field::Delta
//! [`Field::Growth`]: crate::engine::table::field::Field::Growth

use std::collections::BTreeMap;

use crate::engine::source::Source;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::model_id::ModelId;

/// A reason not to trust a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFault {
    /// The new snapshot has far fewer models than the old one.
    Partial { old: usize, new: usize },
    /// The downloads of nearly all models are the same in both.
    Frozen { same: usize, of: usize },
    /// The downloads of all time of most models fell, though they count up.
    RolledBack { fallen: usize, of: usize },
}

/// The older snapshot, and the models that are new, renamed or gone since.
pub struct Comparison {
    pub source: Source,
    /// The newest modification in the older snapshot, in microseconds since 1970 UTC.
    pub newest: Option<i64>,
    /// True if models were matched by the Hub's keys, so that renamed ones were followed.
    pub by_key: bool,
    /// The number of models that only the older snapshot has.
    pub gone: usize,
    /// Reasons not to trust the comparison.
    pub faults: Vec<SnapshotFault>,
    /// The models that the older snapshot does not have.
    pub new: ModelSet,
    /// The former names of renamed models.
    pub renamed: BTreeMap<ModelId, String>,
}

impl Comparison {
    /// Returns true if the older snapshot does not have the model.
    pub fn is_new(&self, model: ModelId) -> bool {
        self.new.has(model)
    }

    /// The name of a renamed model in the older snapshot.
    pub fn former_name(&self, model: ModelId) -> Option<&str> {
        self.renamed.get(&model).map(String::as_str)
    }
}
