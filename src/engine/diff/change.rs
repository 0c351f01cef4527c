//! How one number changed between two snapshots, and lists of what changed most.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::engine::lineage::graph::Node;

/// A number in the old snapshot and in the new one; `None` where it is not known, or nothing is
/// there to have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl Change {
    /// How much more it is now.
    pub fn delta(&self) -> Option<i64> {
        Some(self.after?.saturating_sub(self.before?))
    }

    /// How much more it is now in what it was, 0.5 for half as much again; `None` where it was
    /// nothing.
    pub fn growth(&self) -> Option<f64> {
        let (delta, before) = (self.delta()?, self.before?);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share is shown to three digits"
        )]
        (before > 0).then(|| delta as f64 / before as f64)
    }

    /// Whether it became more (1), less (-1) or neither; `None` where that is not known.
    pub fn direction(&self) -> Option<i64> {
        self.delta().map(i64::signum)
    }
}

/// By what changes are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How much more or less it is.
    Delta,
    /// The same in what it was.
    Growth,
    /// How much it is, whatever it was.
    Now,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Measure; 3] = [Measure::Delta, Measure::Growth, Measure::Now];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Delta => "delta",
            Measure::Growth => "growth",
            Measure::Now => "now",
        }
    }

    /// The greater change first, up or down; what is not known last.
    fn compare(self, a: &Change, b: &Change) -> Ordering {
        match self {
            Measure::Delta => {
                let size = |change: &Change| change.delta().map(i64::unsigned_abs);
                size(b).cmp(&size(a))
            }
            Measure::Growth => {
                let size = |change: &Change| change.growth().map_or(-1.0, f64::abs);
                size(b).total_cmp(&size(a))
            }
            Measure::Now => {
                let size = |change: &Change| change.after.or(change.before);
                size(b).cmp(&size(a))
            }
        }
    }
}

/// What changed, in one snapshot and in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A node of the old snapshot.
    pub before: Option<Node>,
    /// A node of the new snapshot.
    pub after: Option<Node>,
    pub change: Change,
}

/// What changed most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// How many changed.
    pub total: usize,
    /// The first of them.
    pub first: Vec<Entry>,
}

impl List {
    /// The greatest of some changes, `limit` at most; equals as the nodes are numbered.
    pub fn of(
        entries: impl ParallelIterator<Item = Entry>,
        measure: Measure,
        limit: usize,
    ) -> List {
        let room = limit.saturating_mul(2).max(1_024);
        let with = |mut list: List, entry| {
            list.total += 1;
            list.first.push(entry);
            if list.first.len() > room {
                list.cut(measure, limit);
            }
            list
        };
        let mut all = entries
            .fold(List::default, with)
            .reduce(List::default, |mut list, other| {
                list.total += other.total;
                list.first.extend(other.first);
                list.cut(measure, limit);
                list
            });
        all.first
            .par_sort_unstable_by(|a, b| compare(measure, a, b));
        all.first.truncate(limit);
        all
    }

    /// Forgets what cannot be among the first.
    fn cut(&mut self, measure: Measure, limit: usize) {
        if limit < self.first.len() {
            let order = |a: &Entry, b: &Entry| compare(measure, a, b);
            self.first.select_nth_unstable_by(limit, order);
            self.first.truncate(limit);
        }
    }
}

fn compare(measure: Measure, a: &Entry, b: &Entry) -> Ordering {
    let nodes = |entry: &Entry| (entry.after, entry.before);
    let by_measure = measure.compare(&a.change, &b.change);
    by_measure.then_with(|| nodes(a).cmp(&nodes(b)))
}
