//! Parallel folds over the rows of a set.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::engine::table::bitset::{ModelSet, RowMask, chunks};
use crate::engine::table::column::Column;

/// The minimum size of a task in chunks of rows, since starting and merging a task has a cost.
const MIN_CHUNKS: usize = 8;

/// A partial result that is merged with that of later rows.
pub trait Merge: Send {
    fn merge(&mut self, later: Self);
}

impl Merge for usize {
    fn merge(&mut self, later: usize) {
        *self += later;
    }
}

impl Merge for u32 {
    fn merge(&mut self, later: u32) {
        *self += later;
    }
}

/// Merges element by element.
impl<T: Merge> Merge for Vec<T> {
    fn merge(&mut self, later: Vec<T>) {
        let both = self.iter_mut().zip(later);
        both.for_each(|(all, later)| all.merge(later));
    }
}

/// Merges element by element.
impl<T: Merge, const N: usize> Merge for [T; N] {
    fn merge(&mut self, later: [T; N]) {
        let both = self.iter_mut().zip(later);
        both.for_each(|(all, later)| all.merge(later));
    }
}

impl<A: Merge, B: Merge> Merge for (A, B) {
    fn merge(&mut self, later: (A, B)) {
        self.0.merge(later.0);
        self.1.merge(later.1);
    }
}

/// The smallest and the largest of some values; `low` is above `high` where there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub low: i64,
    pub high: i64,
}

impl Default for Extent {
    fn default() -> Extent {
        Extent {
            low: i64::MAX,
            high: i64::MIN,
        }
    }
}

impl Extent {
    /// Returns true if there are no values.
    pub fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// Adds a value if it is wanted, without a branch.
    pub fn add_if(&mut self, is_wanted: bool, value: i64) {
        let none = Extent::default();
        self.low = self.low.min(if is_wanted { value } else { none.low });
        self.high = self.high.max(if is_wanted { value } else { none.high });
    }
}

impl Merge for Extent {
    fn merge(&mut self, later: Extent) {
        self.low = self.low.min(later.low);
        self.high = self.high.max(later.high);
    }
}

/// Folds the 64-row masks of a set, in ascending order, about four tasks a core.
pub fn fold<T: Merge>(
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    add: impl Fn(&mut T, RowMask) + Send + Sync,
) -> T {
    fold_in(4, set, start, add)
}

/// Folds as [`fold`], with about this number of tasks a core.
pub fn fold_in<T: Merge>(
    tasks: usize,
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    add: impl Fn(&mut T, RowMask) + Send + Sync,
) -> T {
    let chunks = chunks(set.rows());
    let size = chunks.len() / (rayon::current_num_threads() * tasks) + 1;
    let chunks = chunks.into_par_iter().with_min_len(size.max(MIN_CHUNKS));
    let parts = chunks.fold(&start, |mut part, chunk| {
        set.rows_in(chunk).for_each(|rows| add(&mut part, rows));
        part
    });
    parts.reduce(&start, |mut all, later| {
        all.merge(later);
        all
    })
}

/// Folds the known values of a set, in blocks of at most 64.
pub fn fold_values<T: Merge>(
    column: Option<&Column<i64>>,
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    add: impl Fn(&mut T, &[i64]) + Send + Sync,
) -> T {
    let Some(column) = column else {
        return start();
    };
    fold(set, start, |all, rows| {
        let rows = column.known(rows);
        let mut block = [0; 64];
        column.put(rows, 0, &mut block);
        add(all, &block[..rows.count()]);
    })
}

/// The extent of the wanted values of a set.
pub fn extent(
    column: Option<&Column<i64>>,
    set: &ModelSet,
    wanted: &RangeInclusive<i64>,
) -> Extent {
    fold_values(column, set, Extent::default, |extent, block| {
        let values = block.iter().copied();
        values.for_each(|value| extent.add_if(wanted.contains(&value), value));
    })
}
