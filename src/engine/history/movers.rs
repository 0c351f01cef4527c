//! Movers: what rose and fell between two snapshots.

use std::cmp::Reverse;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::file::History;
use super::slot::Slot;
use super::snapshot::{Counter, HistorySnapshot};

/// The change of a group of models between two snapshots: the sums over those that each has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mover {
    /// The index of the group.
    pub group: usize,
    pub before: i64,
    pub after: i64,
}

impl Mover {
    /// Returns the difference.
    pub fn delta(&self) -> i64 {
        self.after.saturating_sub(self.before)
    }

    /// Sorts movers: the largest rise first, the largest fall last.
    pub fn sort(movers: &mut [Mover]) {
        movers.par_sort_by_key(|mover| (Reverse(mover.delta()), mover.group));
    }
}

impl History {
    /// Returns the two snapshots without a fault that are nearest to the ends of a span: the last one, and
    /// the one before it that is nearest to the first day. `None` with fewer than two.
    pub fn ends(&self, first: NaiveDate) -> Option<[&HistorySnapshot; 2]> {
        let mut sound: Vec<&HistorySnapshot> = self.sound().collect();
        let last = sound.pop()?;
        let distance = |own: &&HistorySnapshot| (own.day - first).num_days().abs();
        let from = sound.into_iter().min_by_key(distance)?;
        Some([from, last])
    }

    /// Returns the groups whose downloads differ between two snapshots, the largest rise first. `groups`
    /// has the index of the group of each model, by slots; models without one are in none.
    pub fn movers(
        &self,
        [from, to]: [&HistorySnapshot; 2],
        groups: &[Option<u32>],
        count: usize,
    ) -> Vec<Mover> {
        let sums = |snapshot: &HistorySnapshot| {
            let column = snapshot.column(Counter::Downloads);
            let mut sums = vec![0_i64; count];
            for (slot, group) in (0..).map(Slot).zip(groups) {
                if let Some((group, number)) = group.zip(column.get(slot)) {
                    let sum = &mut sums[group as usize];
                    *sum = sum.saturating_add(number);
                }
            }
            sums
        };
        let (before, after) = rayon::join(|| sums(from), || sums(to));
        let pairs = before.into_iter().zip(after).enumerate();
        let mut movers: Vec<Mover> = pairs
            .filter(|(_, (before, after))| before != after)
            .map(|(group, (before, after))| Mover {
                group,
                before,
                after,
            })
            .collect();
        Mover::sort(&mut movers);
        movers
    }
}
