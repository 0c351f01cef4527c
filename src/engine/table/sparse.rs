//! SparseColumn columns: numbers that only some rows have, the others following a rule. The total of a
//! family differs from a model's own number only for the few models that have children.

use std::io;
use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::model_id::ModelId;

/// The value of an unknown number.
pub const UNKNOWN: i64 = i64::MIN;

/// Adds two counts, of which an unknown one counts as 0; [`UNKNOWN`] where both are.
pub fn sum_of_known(a: i64, b: i64) -> i64 {
    match (a, b) {
        (UNKNOWN, other) | (other, UNKNOWN) => other,
        (a, b) => a.saturating_add(b),
    }
}

/// A bitmap of rows with a rank index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RankIndex {
    set: ModelSet,
    /// Number of rows that are set before each 64.
    before: Vec<u32>,
}

impl RankIndex {
    /// The rank index of a set.
    pub fn new(set: ModelSet) -> RankIndex {
        let mut held = 0;
        let words = (0..set.rows().div_ceil(64)).map(|word| set.word_of(word * 64));
        let before = words.map(|word| {
            let before = held;
            held += word.count_ones();
            before
        });
        RankIndex {
            before: before.collect(),
            set,
        }
    }

    /// Number of rows that are set.
    pub fn count(&self) -> usize {
        self.set.count()
    }

    /// The rows as a bitmap.
    pub fn set(&self) -> &ModelSet {
        &self.set
    }

    /// Returns the rank of a row among those that are set, from 0; `None` for any other.
    pub fn rank(&self, row: u32) -> Option<usize> {
        if !self.set.has(ModelId(row)) {
            return None;
        }
        let below = self.set.word_of(row as usize) & ((1 << (row % 64)) - 1);
        Some((self.before[row as usize / 64] + below.count_ones()) as usize)
    }

    /// Returns the rows that are set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.set.iter().map(|model| model.0)
    }

    /// Memory of the index, in bytes.
    pub fn bytes(&self) -> usize {
        self.set.bytes() + self.before.len() * size_of::<u32>()
    }
}

/// A number for each of some rows. Clones share the memory.
#[derive(Clone, Debug, Default)]
pub struct SparseColumn {
    rows: Arc<RankIndex>,
    values: Buffer<i64>,
}

impl SparseColumn {
    /// The column of these rows' numbers, in order; [`UNKNOWN`] for an unknown one.
    pub fn new(rows: Arc<RankIndex>, values: Vec<i64>) -> SparseColumn {
        debug_assert_eq!(rows.count(), values.len());
        SparseColumn {
            rows,
            values: values.into(),
        }
    }

    /// Writes the numbers to an archive, without the rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.values)
    }

    /// Reads the numbers of these rows from an archive.
    ///
    /// # Errors
    /// When the archive has other arrays there.
    pub fn read(from: &mut Reader, rows: &Arc<RankIndex>) -> Result<SparseColumn> {
        let values = from.take()?;
        ensure!(values.len() == rows.count(), "numbers of other rows");
        let rows = rows.clone();
        Ok(SparseColumn { rows, values })
    }

    /// The rows with a number of their own.
    pub fn rows(&self) -> &RankIndex {
        &self.rows
    }

    /// Returns the number of a row that has one of its own, `Some(None)` where it is unknown;
    /// `None` for all other rows.
    pub fn get(&self, row: u32) -> Option<Option<i64>> {
        let value = self.values[self.rows.rank(row)?];
        Some((value != UNKNOWN).then_some(value))
    }

    /// Memory of the numbers, in bytes, without the rows, which several columns may share.
    pub fn bytes(&self) -> usize {
        self.values.len() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_has_the_number_it_was_given(held in prop::collection::btree_map(0..300_u32, any::<i64>(), 0..60)) {
            let set = ModelSet::of(300, |row| held.contains_key(&u32::try_from(row).unwrap()));
            let rows = Arc::new(RankIndex::new(set));
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), held.keys().copied().collect::<Vec<_>>());
            let sparse = SparseColumn::new(rows, held.values().copied().collect());
            for row in 0..320 {
                let known = held.get(&row).map(|value| (*value != UNKNOWN).then_some(*value));
                prop_assert_eq!(sparse.get(row), known);
            }
        }
    }
}
