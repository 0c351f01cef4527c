//! The index that words are searched in: all ids in lower case in one buffer, and for every class of
//! characters a bitmap of the ids that contain one.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use rayon::prelude::*;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::{CHUNK, chunks, ones};
use crate::engine::table::models::Models;

/// One class for each letter and digit; all other characters, which nearly every id contains, share
/// the last.
const CLASSES: usize = 37;

/// The 64-bit words of a chunk's bitmap.
const WORDS: usize = CHUNK / 64;

/// The ids of all models in lower case, in row order, with a character-class bitmap index.
pub struct IdIndex {
    ids: StringArena,
    /// The bitmaps of each chunk of rows, class by class.
    bitmaps: Buffer<u64>,
}

impl IdIndex {
    /// Builds the index.
    ///
    /// # Errors
    /// When the ids in lower case exceed 4 GiB.
    pub fn new(models: &Models) -> Result<IdIndex> {
        let ids = models.texts().lowercase()?;
        let chunks = chunks(ids.len());
        let mut bitmaps = vec![0; chunks.len() * CLASSES * WORDS];
        let of_chunks = bitmaps.par_chunks_mut(CLASSES * WORDS).zip(chunks);
        of_chunks.for_each(|(bitmaps, rows)| put_bitmaps(&ids, rows, bitmaps));
        Ok(IdIndex {
            ids,
            bitmaps: bitmaps.into(),
        })
    }

    /// Writes the index to an archive.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.ids.write(to)?;
        to.put(&self.bitmaps)
    }

    /// Reads the index of a given number of models from an archive.
    ///
    /// # Errors
    /// When the archive has something else there.
    pub fn read(from: &mut Reader, models: usize) -> Result<IdIndex> {
        let (ids, bitmaps) = (StringArena::read(from)?, from.take()?);
        let words = chunks(models).len() * CLASSES * WORDS;
        let fits = ids.len() == models && bitmaps.len() == words;
        ensure!(fits, "ids of other models");
        Ok(IdIndex { ids, bitmaps })
    }

    /// Returns the memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.ids.bytes() + self.bitmaps.len() * size_of::<u64>()
    }

    /// Returns an id in lower case.
    pub fn id(&self, row: usize) -> &[u8] {
        let starts = self.ids.starts();
        &self.ids.text()[starts[row] as usize..starts[row + 1] as usize - 1]
    }

    /// Returns all ids in lower case.
    pub fn texts(&self) -> &StringArena {
        &self.ids
    }

    /// Returns the mask of those of the 64 rows from `start`, a multiple of 64, that have every
    /// class in the set of [`classes`].
    pub fn having(&self, start: usize, classes: u64) -> u64 {
        let (chunk, word) = (start / CHUNK, start % CHUNK / 64);
        let mask = |class| self.bitmaps[(chunk * CLASSES + class) * WORDS + word];
        ones(classes).fold(u64::MAX, |all, class| all & mask(class))
    }
}

/// Fills in the bitmaps of a chunk.
fn put_bitmaps(ids: &StringArena, rows: Range<usize>, bitmaps: &mut [u64]) {
    let end = rows.end;
    for (word, start) in rows.step_by(64).enumerate() {
        let mut square = [0; 64];
        for (classes_of, row) in square.iter_mut().zip(start..end) {
            *classes_of = classes(ids.get_bytes(row).unwrap_or_default());
        }
        transpose(&mut square);
        for (class, mask) in square[..CLASSES].iter().enumerate() {
            bitmaps[class * WORDS + word] = *mask;
        }
    }
}

/// Transposes a square of bits, lowest first: swaps its quarters, then theirs, down to single bits
/// (Warren, "Hacker's Delight", 7-3).
fn transpose(square: &mut [u64; 64]) {
    let mut mask = u64::MAX >> 32;
    let mut side = 32;
    while side > 0 {
        for at in (0..64).filter(|at| at & side == 0) {
            let swap = (square[at] >> side ^ square[at + side]) & mask;
            square[at] ^= swap << side;
            square[at + side] ^= swap;
        }
        side /= 2;
        mask ^= mask << side;
    }
}

/// Returns the set of the classes of a lower-case text's characters, one bit each.
pub fn classes(text: &[u8]) -> u64 {
    const BIT: [u64; 256] = {
        let mut table = [1 << (CLASSES - 1); 256];
        let known = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut at = 0;
        while at < known.len() {
            table[known[at] as usize] = 1 << at;
            at += 1;
        }
        table
    };
    let bit = |byte: u8| BIT[usize::from(byte)];
    // Four at a time, so that they need not wait for each other.
    let (fours, rest) = text.as_chunks();
    let fours = fours
        .iter()
        .map(|[a, b, c, d]| (bit(*a) | bit(*b)) | (bit(*c) | bit(*d)));
    let rest = rest.iter().map(|byte| bit(*byte));
    fours.chain(rest).fold(0, |bits, more| bits | more)
}
