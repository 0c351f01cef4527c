//! Numbers that only some rows have, the others following a rule: what a family adds up to is its
//! own number for the few models that something was made from, and plain for all the others.

use std::io;
use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;

/// Stands for a number that is not known.
pub const UNKNOWN: i64 = i64::MIN;

/// Some of the rows, and the place of each among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    set: ModelSet,
    /// How many are held before each 64 rows.
    before: Vec<u32>,
}

impl Rows {
    /// The rows of a set.
    pub fn new(set: ModelSet) -> Rows {
        let mut held = 0;
        let words = (0..set.rows().div_ceil(64)).map(|word| set.word_of(word * 64));
        let before = words.map(|word| {
            let before = held;
            held += word.count_ones();
            before
        });
        Rows {
            before: before.collect(),
            set,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.set.count()
    }

    /// The rows as a set.
    pub fn set(&self) -> &ModelSet {
        &self.set
    }

    /// The place of a row among those held, counted from 0; `None` for one that is not.
    pub fn place(&self, row: u32) -> Option<usize> {
        if !self.set.has(ModelId(row)) {
            return None;
        }
        let below = self.set.word_of(row as usize) & ((1 << (row % 64)) - 1);
        Some((self.before[row as usize / 64] + below.count_ones()) as usize)
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.set.iter().map(|model| model.0)
    }

    /// What they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.set.bytes() + self.before.len() * size_of::<u32>()
    }
}

/// A number for each of some rows. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Sparse {
    rows: Arc<Rows>,
    values: Buffer<i64>,
}

impl Sparse {
    /// The rows' numbers, in their order; [`UNKNOWN`] where it is not known.
    pub fn new(rows: Arc<Rows>, values: Vec<i64>) -> Sparse {
        debug_assert_eq!(rows.count(), values.len());
        Sparse {
            rows,
            values: values.into(),
        }
    }

    /// Keeps the numbers in a file, without the rows.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.values)
    }

    /// Takes the numbers of these rows out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader, rows: &Arc<Rows>) -> Result<Sparse> {
        let values = from.take()?;
        ensure!(values.len() == rows.count(), "numbers of other rows");
        let rows = rows.clone();
        Ok(Sparse { rows, values })
    }

    /// The rows that have a number of their own.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The number of a row that has one of its own, or `Some(None)` where it is not known; `None`
    /// for all other rows.
    pub fn get(&self, row: u32) -> Option<Option<i64>> {
        let value = self.values[self.rows.place(row)?];
        Some((value != UNKNOWN).then_some(value))
    }

    /// What the numbers take, in bytes; rows, which several may share, are not counted.
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
            let rows = Arc::new(Rows::new(set));
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), held.keys().copied().collect::<Vec<_>>());
            let sparse = Sparse::new(rows, held.values().copied().collect());
            for row in 0..320 {
                let known = held.get(&row).map(|value| (*value != UNKNOWN).then_some(*value));
                prop_assert_eq!(sparse.get(row), known);
            }
        }
    }
}
