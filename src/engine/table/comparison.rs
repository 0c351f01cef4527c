//! The comparison of a hub with an older snapshot, apart from [`Field::Delta`] and
//! [`Field::Growth`], which are columns of its models.
//!
//! [`Field::Delta`]: crate::engine::table::field::Field::Delta
//! [`Field::Growth`]: crate::engine::table::field::Field::Growth

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::source::Source;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::model_id::ModelId;

/// A new snapshot has at least this share of the models of those before. The Hub loses far fewer in a year;
/// of the bad weekly snapshots known, the fullest had 0.25.
const MIN_ROWS: f64 = 0.8;
/// At most this share of counts stays the same. In a week more than a third of those above zero change.
const MAX_SAME: f64 = 0.95;
/// Fewer models with downloads say nothing of a whole snapshot.
const FEW: usize = 20;

/// A reason not to trust a snapshot, found by comparing it with an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotFault {
    /// The new snapshot has far fewer models than the old one.
    Partial { old: usize, new: usize },
    /// The downloads of nearly all models are the same in both.
    Frozen { same: usize, of: usize },
    /// The downloads of all time of most models fell, though they count up.
    RolledBack { fallen: usize, of: usize },
    /// The new snapshot has no downloads: it is of another layout.
    NoDownloads,
}

impl SnapshotFault {
    /// Returns the fault of a snapshot with too few models.
    pub fn partial(old: usize, new: usize) -> Option<SnapshotFault> {
        (share(new, old) < MIN_ROWS).then_some(SnapshotFault::Partial { old, new })
    }

    /// Returns the fault of counts of which too many are as before.
    pub fn frozen(same: usize, of: usize) -> Option<SnapshotFault> {
        let is_frozen = of >= FEW && share(same, of) > MAX_SAME;
        is_frozen.then_some(SnapshotFault::Frozen { same, of })
    }

    /// Returns the fault of all-time counts of which most fell.
    pub fn rolled_back(fallen: usize, of: usize) -> Option<SnapshotFault> {
        let is_back = of >= FEW && share(fallen, of) > 0.5;
        is_back.then_some(SnapshotFault::RolledBack { fallen, of })
    }
}

#[expect(clippy::cast_precision_loss, reason = "compared roughly")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
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
