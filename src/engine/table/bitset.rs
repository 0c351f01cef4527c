//! A set of models, one bit each: what a filter leaves, what a query matches. Sets are made and
//! joined a stretch of rows at a time, on all cores.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::models::ModelId;

/// So many rows are worked on between two looks at whether the answer is still wanted; a multiple
/// of 64, so that no two stretches share a word of a set.
pub const CHUNK: usize = 4_096;

/// All rows, cut into stretches of [`CHUNK`].
pub fn chunks(rows: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(CHUNK))
        .map(|c| c * CHUNK..rows.min((c + 1) * CHUNK))
        .collect()
}

/// Some of the 64 rows from a multiple of 64 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The first row, whether it is among them or not.
    pub start: usize,
    /// A bit for each row that is.
    pub bits: u64,
}

impl Rows {
    /// Those of them that the bits have, too.
    #[must_use]
    pub fn and(self, bits: u64) -> Rows {
        Rows {
            bits: self.bits & bits,
            ..self
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// The models in them, by ascending row.
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

/// The places of the bits that are set, the lowest first.
pub fn ones(mut bits: u64) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(place)
    })
}

/// Some of the models of a hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelSet {
    words: Vec<u64>,
    rows: usize,
}

impl ModelSet {
    /// No model of a hub with so many.
    pub fn none(rows: usize) -> ModelSet {
        ModelSet {
            words: vec![0; rows.div_ceil(64)],
            rows,
        }
    }

    /// Every model of a hub with so many.
    pub fn all(rows: usize) -> ModelSet {
        let mut set = ModelSet {
            words: vec![u64::MAX; rows.div_ceil(64)],
            rows,
        };
        set.cut();
        set
    }

    /// The models whose row `wanted` holds for.
    pub fn of(rows: usize, wanted: impl Fn(usize) -> bool + Sync) -> ModelSet {
        ModelSet::by_chunk(rows, |rows, add| {
            rows.filter(|row| wanted(*row)).for_each(add);
        })
    }

    /// The models whose rows are found in each stretch of them.
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

    /// The models whose byte, of one for each, is no more than this.
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

    /// Keeps it in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.words)?;
        to.put_number(self.rows as u64)
    }

    /// Takes one out of a file. It is copied: sets change, and take little.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader) -> Result<ModelSet> {
        let (words, rows) = (from.take()?.to_vec(), from.take_size()?);
        ensure!(words.len() == rows.div_ceil(64), "a set of another size");
        Ok(ModelSet { words, rows })
    }

    /// The bits of the 64 rows around this one, to be tested one after another.
    pub fn word_of(&self, row: usize) -> u64 {
        self.words[row / 64]
    }

    /// How many models there are to choose from.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many it holds.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// How many of those with a bit, of one for each model of the hub, it holds.
    pub fn count_of(&self, bits: &Bitmap) -> usize {
        let bits = bits.chunks::<u64>();
        let rest = bits.remainder();
        let words = bits.chain([rest]).zip(&self.words);
        words.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Whether it holds the model; `false` for one that is not of this hub.
    pub fn has(&self, model: ModelId) -> bool {
        let row = model.row();
        let word = self.words.get(row / 64);
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Takes a model in.
    pub fn add(&mut self, model: ModelId) {
        self.words[model.row() / 64] |= 1 << (model.row() % 64);
    }

    /// Puts a model out.
    pub fn remove(&mut self, model: ModelId) {
        self.words[model.row() / 64] &= !(1 << (model.row() % 64));
    }

    /// Keeps what the other holds too.
    pub fn and(&mut self, other: &ModelSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Takes in all that the other holds.
    pub fn or(&mut self, other: &ModelSet) {
        self.or_words(0, &other.words);
    }

    /// Takes in the rows with a bit in these words, from a row on that is a multiple of 64.
    pub fn or_words(&mut self, start: usize, others: &[u64]) {
        for (word, other) in self.words[start / 64..].iter_mut().zip(others) {
            *word |= other;
        }
    }

    /// Keeps what `wanted` has too, which is asked for 64 rows at a time by the first of them.
    pub fn retain_words(&mut self, wanted: impl Fn(usize) -> u64 + Sync) {
        let words = self.words.par_iter_mut().with_min_len(CHUNK / 64);
        let words = words.enumerate().filter(|(_, word)| **word != 0);
        words.for_each(|(at, word)| *word &= wanted(at * 64));
    }

    /// Keeps the models whose row `wanted` holds for.
    pub fn retain(&mut self, wanted: impl Fn(usize) -> bool + Sync) {
        let words = self.words.par_iter_mut().with_min_len(CHUNK / 64);
        words.enumerate().for_each(|(at, word)| {
            let rows = Rows {
                start: at * 64,
                bits: *word,
            };
            let kept = rows.models().map(ModelId::row).filter(|row| wanted(*row));
            *word = kept.fold(0, |bits, row| bits | 1 << (row - rows.start));
        });
    }

    /// Every model that it does not hold.
    pub fn invert(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.cut();
    }

    /// The models it holds, by ascending row.
    pub fn iter(&self) -> impl Iterator<Item = ModelId> {
        self.within(0..self.rows)
    }

    /// The same of a stretch of rows that begins at a multiple of 64.
    pub fn within(&self, rows: Range<usize>) -> impl Iterator<Item = ModelId> + Clone {
        self.rows_in(rows).flat_map(Rows::models)
    }

    /// The rows it holds of such a stretch, 64 at a time.
    pub fn rows_in(&self, rows: Range<usize>) -> impl Iterator<Item = Rows> + Clone {
        let some = rows.step_by(64).map(|start| self.rows_at(start));
        some.filter(|rows| rows.bits != 0)
    }

    /// Those it holds of the 64 rows from a multiple of 64 on.
    pub fn rows_at(&self, start: usize) -> Rows {
        Rows {
            start,
            bits: self.word_of(start),
        }
    }

    /// What the bits take, in bytes.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    /// No bit stands for a row that there is not.
    fn cut(&mut self) {
        let beyond = self.words.len() * 64 - self.rows;
        if let Some(last) = self.words.last_mut() {
            *last &= u64::MAX >> beyond;
        }
    }
}

/// Which of at most 64 bytes are no more than this. Sixteen are compared in one step, and one
/// multiplication brings the marks of eight together.
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
