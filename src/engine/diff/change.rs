//! The change of one number between two snapshots, and the largest of many changes.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::engine::lineage::graph::Node;

/// A number in the old and in the new snapshot; `None` where it is unknown or its node is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl Change {
    /// The difference, positive for a rise.
    pub fn delta(&self) -> Option<i64> {
        Some(self.after?.saturating_sub(self.before?))
    }

    /// The difference relative to the old number, 0.5 for half as much again; `None` if that was 0.
    pub fn growth(&self) -> Option<f64> {
        let (delta, before) = (self.delta()?, self.before?);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share is shown to three digits"
        )]
        (before > 0).then(|| delta as f64 / before as f64)
    }

    /// 1 for a rise, -1 for a fall, 0 for no change; `None` where it is unknown.
    pub fn direction(&self) -> Option<i64> {
        self.delta().map(i64::signum)
    }
}

/// The sort key of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The size of the difference.
    Delta,
    /// The size of the relative difference.
    Growth,
    /// The number itself: the new one, or the old one where there is no new one.
    Now,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Measure; 3] = [Measure::Delta, Measure::Growth, Measure::Now];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Delta => "delta",
            Measure::Growth => "growth",
            Measure::Now => "now",
        }
    }

    /// Orders changes from the largest to the smallest, unknown ones last, equals by their nodes.
    fn key(self, entry: &NodeChange) -> impl Ord + use<> {
        let change = &entry.change;
        let size = match self {
            Measure::Delta => change.delta().map(|delta| delta.unsigned_abs().into()),
            // The bits of floats that are not negative have the order of the floats.
            Measure::Growth => change.growth().map(|growth| growth.abs().to_bits().into()),
            Measure::Now => change.after.or(change.before).map(i128::from),
        };
        (Reverse(size), entry.after, entry.before)
    }
}

/// A change of a node, which may be a ghost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeChange {
    /// The node in the old snapshot.
    pub before: Option<Node>,
    /// The node in the new snapshot.
    pub after: Option<Node>,
    pub change: Change,
}

/// The largest of some changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopChanges {
    /// The number of all changes.
    pub total: usize,
    /// The largest changes, in order.
    pub first: Vec<NodeChange>,
}

impl TopChanges {
    /// Returns the `limit` largest changes.
    pub fn of(
        changes: impl ParallelIterator<Item = NodeChange>,
        measure: Measure,
        limit: usize,
    ) -> TopChanges {
        let capacity = limit.saturating_mul(2).max(1_024);
        let push = |mut top: TopChanges, change| {
            top.total += 1;
            top.first.push(change);
            if top.first.len() > capacity {
                top.truncate(measure, limit);
            }
            top
        };
        let merge = |mut top: TopChanges, other: TopChanges| {
            top.total += other.total;
            top.first.extend(other.first);
            top.truncate(measure, limit);
            top
        };
        let mut top = changes
            .fold(TopChanges::default, push)
            .reduce(TopChanges::default, merge);
        top.first.par_sort_unstable_by_key(|c| measure.key(c));
        top.first.truncate(limit);
        top
    }

    /// Keeps the `limit` largest changes, in any order.
    fn truncate(&mut self, measure: Measure, limit: usize) {
        if limit < self.first.len() {
            self.first
                .select_nth_unstable_by_key(limit, |c| measure.key(c));
            self.first.truncate(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = Option<i64>> {
        prop::option::of(prop_oneof![-3..9_i64, any::<i64>()])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn the_largest_changes_come_first(numbers in prop::collection::vec((number(), number()), 0..3_000), limit in 0..9_usize) {
            let change = |(at, (before, after)): (u32, &(Option<i64>, Option<i64>))| NodeChange {
                before: None,
                after: Some(Node(at)),
                change: Change { before: *before, after: *after },
            };
            let all: Vec<NodeChange> = (0..).zip(&numbers).map(change).collect();
            for measure in Measure::ALL {
                let size = |c: &NodeChange| match measure {
                    Measure::Delta => c.change.delta().map_or(-1.0, |delta| (delta as f64).abs()),
                    Measure::Growth => c.change.growth().map_or(-1.0, f64::abs),
                    Measure::Now => c.change.after.or(c.change.before).map_or(f64::MIN, |n| n as f64),
                };
                let top = TopChanges::of(all.par_iter().copied(), measure, limit);
                prop_assert_eq!((top.total, top.first.len()), (all.len(), limit.min(all.len())));
                let mut sizes: Vec<f64> = all.iter().map(size).collect();
                sizes.sort_by(|a, b| b.total_cmp(a));
                prop_assert_eq!(top.first.iter().map(size).collect::<Vec<_>>(), &sizes[..top.first.len()]);
            }
        }
    }
}
