//! A bitmap of models, one bit each: the result of a filter or a query. Bitmaps are made and joined
//! a chunk of rows at a time, on all cores.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::model_id::ModelId;

/// Rows that are worked on between two looks at the cancel flag; a multiple of 64, so that no two
/// chunks share a word of a bitmap.
pub const CHUNK: usize = 4_096;

/// Cuts all rows into chunks of [`CHUNK`].
pub fn chunks(rows: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(CHUNK))
        .map(|c| c * CHUNK..rows.min((c + 1) * CHUNK))
        .collect()
}

/// A mask of 64 rows, the first a multiple of 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowMask {
    /// The first row, set or not.
    pub start: usize,
    /// The bits of the rows, the first lowest.
    pub bits: u64,
}

impl RowMask {
    /// Returns the intersection with other bits.
    #[must_use]
    pub fn and(self, bits: u64) -> RowMask {
        RowMask {
            bits: self.bits & bits,
            ..self
        }
    }

    /// Number of rows that are set.
    pub fn count(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Returns the models that are set, ascending.
    pub fn models(self) -> impl Iterator<Item = ModelId> + Clone {
        ones(self.bits).map(move |bit| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the loader refuses more rows"
            )]
            ModelId((self.start + bit) as u32)
        })
    }
}

/// Returns the positions of the bits that are set, ascending.
pub fn ones(mut bits: u64) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(place)
    })
}

/// A set of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelSet {
    words: Vec<u64>,
    rows: usize,
}

impl ModelSet {
    /// The empty set of a hub of this many models.
    pub fn none(rows: usize) -> ModelSet {
        ModelSet {
            words: vec![0; rows.div_ceil(64)],
            rows,
        }
    }

    /// The set of all models of a hub of this many.
    pub fn all(rows: usize) -> ModelSet {
        let mut set = ModelSet {
            words: vec![u64::MAX; rows.div_ceil(64)],
            rows,
        };
        set.cut();
        set
    }

    /// The set of the models for whose rows `wanted` holds.
    pub fn of(rows: usize, wanted: impl Fn(usize) -> bool + Sync) -> ModelSet {
        ModelSet::by_chunk(rows, |rows, add| {
            rows.filter(|row| wanted(*row)).for_each(add);
        })
    }

    /// The set of the models whose rows `find` adds, chunk by chunk.
    pub fn by_chunk(
        rows: usize,
        find: impl Fn(Range<usize>, &mut dyn FnMut(usize)) + Sync,
    ) -> ModelSet {
        let mut set = ModelSet::none(rows);
        set.words
            .par_chunks_mut(CHUNK / 64)
            .zip(chunks(rows))
            .for_each(|(words, rows)| {
                let start = rows.start;
                find(rows, &mut |row| {
                    words[(row - start) / 64] |= 1 << ((row - start) % 64);
                });
            });
        set
    }

    /// The set of the models whose byte, of one a model, is at most this.
    pub fn up_to(bytes: &[u8], most: u8) -> ModelSet {
        let mut set = ModelSet::none(bytes.len());
        set.words
            .par_chunks_mut(CHUNK / 64)
            .zip(bytes.par_chunks(CHUNK))
            .for_each(|(words, bytes)| {
                for (word, bytes) in words.iter_mut().zip(bytes.chunks(64)) {
                    *word = bits(bytes, most);
                }
            });
        set
    }

    /// Writes the set to an archive.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.words)?;
        to.put_number(self.rows as u64)
    }

    /// Reads a set from an archive. It is copied: sets change, and are small.
    ///
    /// # Errors
    /// When the archive has other arrays there.
    pub fn read(from: &mut Reader) -> Result<ModelSet> {
        let (words, rows) = (from.take()?.to_vec(), from.take_size()?);
        ensure!(words.len() == rows.div_ceil(64), "a set of another size");
        Ok(ModelSet { words, rows })
    }

    /// Returns the bits of the 64 rows around this one.
    pub fn word_of(&self, row: usize) -> u64 {
        self.words[row / 64]
    }

    /// Number of models of the hub.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of models in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Counts the models of the set that are set in a bitmap, too.
    pub fn count_of(&self, bits: &Bitmap) -> usize {
        let bits = bits.chunks::<u64>();
        let rest = bits.remainder();
        let words = bits.chain([rest]).zip(&self.words);
        words.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Returns true if the model is in the set; `false` for one that is not of this hub.
    pub fn has(&self, model: ModelId) -> bool {
        let row = model.row();
        let word = self.words.get(row / 64);
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Adds a model.
    pub fn add(&mut self, model: ModelId) {
        self.words[model.row() / 64] |= 1 << (model.row() % 64);
    }

    /// Removes a model.
    pub fn remove(&mut self, model: ModelId) {
        self.words[model.row() / 64] &= !(1 << (model.row() % 64));
    }

    /// Keeps the intersection with another set.
    pub fn and(&mut self, other: &ModelSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds the models of another set.
    pub fn or(&mut self, other: &ModelSet) {
        self.or_words(0, &other.words);
    }

    /// Adds the rows that are set in these words; the first is a multiple of 64.
    pub fn or_words(&mut self, start: usize, others: &[u64]) {
        for (word, other) in self.words[start / 64..].iter_mut().zip(others) {
            *word |= other;
        }
    }

    /// Keeps the rows that `wanted` returns for each 64 rows, by the first of them.
    pub fn retain_words(&mut self, wanted: impl Fn(usize) -> u64 + Sync) {
        let words = self.words.par_iter_mut().with_min_len(CHUNK / 64);
        let words = words.enumerate().filter(|(_, word)| **word != 0);
        words.for_each(|(at, word)| *word &= wanted(at * 64));
    }

    /// Keeps the models for whose rows `wanted` holds.
    pub fn retain(&mut self, wanted: impl Fn(usize) -> bool + Sync) {
        let words = self.words.par_iter_mut().with_min_len(CHUNK / 64);
        words.enumerate().for_each(|(at, word)| {
            let rows = RowMask {
                start: at * 64,
                bits: *word,
            };
            let kept = rows.models().map(ModelId::row).filter(|row| wanted(*row));
            *word = kept.fold(0, |bits, row| bits | 1 << (row - rows.start));
        });
    }

    /// Replaces the set by its complement.
    pub fn invert(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.cut();
    }

    /// Returns the models of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ModelId> {
        self.within(0..self.rows)
    }

    /// Returns those of a chunk of rows that begins at a multiple of 64.
    pub fn within(&self, rows: Range<usize>) -> impl Iterator<Item = ModelId> + Clone {
        self.rows_in(rows).flat_map(RowMask::models)
    }

    /// Returns the rows of such a chunk, 64 at a time, without empty masks.
    pub fn rows_in(&self, rows: Range<usize>) -> impl Iterator<Item = RowMask> + Clone {
        let some = rows.step_by(64).map(|start| self.rows_at(start));
        some.filter(|rows| rows.bits != 0)
    }

    /// Returns the mask of the 64 rows from a multiple of 64 on.
    pub fn rows_at(&self, start: usize) -> RowMask {
        RowMask {
            start,
            bits: self.word_of(start),
        }
    }

    /// Memory of the bits, in bytes.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    /// Clears the bits beyond the last row.
    fn cut(&mut self) {
        let beyond = self.words.len() * 64 - self.rows;
        if let Some(last) = self.words.last_mut() {
            *last &= u64::MAX >> beyond;
        }
    }
}

/// Returns which of at most 64 bytes are at most this. Sixteen are compared in one step, and one
/// multiplication gathers the marks of eight.
pub fn bits(bytes: &[u8], most: u8) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut marks = [0_u8; 64];
    for (mark, byte) in marks.iter_mut().zip(bytes) {
        *mark = u8::from(*byte <= most);
    }
    let (eights, _) = marks.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_set_is_a_set(rows in 1..300_usize, a in prop::collection::btree_set(0..300_u32, 0..40), b in prop::collection::btree_set(0..300_u32, 0..40)) {
            let inside = |s: &BTreeSet<u32>| s.iter().copied().filter(|r| (*r as usize) < rows).collect::<BTreeSet<_>>();
            let (a, b) = (inside(&a), inside(&b));
            let set = |s: &BTreeSet<u32>| ModelSet::of(rows, |row| s.contains(&u32::try_from(row).unwrap()));
            let list = |s: &ModelSet| s.iter().map(|m| m.0).collect::<BTreeSet<_>>();
            let mut both = set(&a);
            both.and(&set(&b));
            prop_assert_eq!(list(&both), &a & &b);
            let mut either = set(&a);
            either.or(&set(&b));
            prop_assert_eq!(list(&either), &a | &b);
            let mut others = set(&a);
            others.invert();
            prop_assert_eq!(others.count(), rows - a.len());
            others.or(&set(&a));
            prop_assert_eq!(others, ModelSet::all(rows));
            let mut added = ModelSet::none(rows);
            a.iter().for_each(|row| added.add(ModelId(*row)));
            prop_assert_eq!(&added, &set(&a));
            a.iter().for_each(|row| added.remove(ModelId(*row)));
            prop_assert_eq!(added, ModelSet::none(rows));
            let bytes: Vec<u8> = (0..).take(rows).map(|row: u32| if a.contains(&row) { 3 } else { 4 }).collect();
            prop_assert_eq!(ModelSet::up_to(&bytes, 3), set(&a));
        }
    }
}
