//! Every id in lower case, in one stretch of memory, and for every letter which ids have it: a
//! word is looked for in all ids at the speed of memory, instead of one string at a time.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use rayon::prelude::*;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::{CHUNK, chunks, ones};
use crate::engine::table::models::Models;

pub use crate::engine::table::arena::GAP;

/// Letters and digits have a class each; all else, which nearly every id has, shares the last.
const CLASSES: usize = 37;

/// The bits of a chunk's rows for one class.
const WORDS: usize = CHUNK / 64;

/// The ids of all models, in lower case, in the order of the source.
pub struct Arena {
    ids: StringArena,
    /// Chunk by chunk and class by class, which rows have a letter of the class.
    letters: Buffer<u64>,
}

impl Arena {
    /// Copies the ids.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn new(models: &Models) -> Result<Arena> {
        let ids = models.texts().lowercase()?;
        let stretches = chunks(ids.len());
        let mut letters = vec![0; stretches.len() * CLASSES * WORDS];
        let places = letters.par_chunks_mut(CLASSES * WORDS).zip(stretches);
        places.for_each(|(place, rows)| put_letters(&ids, rows, place));
        Ok(Arena {
            ids,
            letters: letters.into(),
        })
    }

    /// Keeps it in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.ids.write(to)?;
        to.put(&self.letters)
    }

    /// Takes the arena of so many models out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader, models: usize) -> Result<Arena> {
        let (ids, letters) = (StringArena::read(from)?, from.take()?);
        let words = chunks(models).len() * CLASSES * WORDS;
        ensure!(
            ids.len() == models && letters.len() == words,
            "ids of other models"
        );
        Ok(Arena { ids, letters })
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.ids.bytes() + self.letters.len() * size_of::<u64>()
    }

    /// The id in lower case.
    pub fn id(&self, row: usize) -> &[u8] {
        let starts = self.ids.starts();
        &self.ids.text()[starts[row] as usize..starts[row + 1] as usize - 1]
    }

    /// The ids themselves, in lower case.
    pub fn texts(&self) -> &StringArena {
        &self.ids
    }

    /// Which of the 64 rows from `64 * word` of a chunk on have every letter of these classes;
    /// see [`classes`]. Where the text has letters of the last class only, more rows than do.
    pub fn with_letters(&self, chunk: usize, word: usize, classes: u64) -> u64 {
        let rows = |class| self.letters[(chunk * CLASSES + class) * WORDS + word];
        ones(classes).fold(u64::MAX, |all, class| all & rows(class))
    }
}

/// Puts the bits of a chunk's letters to their place.
fn put_letters(ids: &StringArena, rows: Range<usize>, place: &mut [u64]) {
    for (word, rows) in rows
        .clone()
        .step_by(64)
        .map(|at| at..rows.end.min(at + 64))
        .enumerate()
    {
        let mut bits = [0; 64];
        for (bits, row) in bits.iter_mut().zip(rows) {
            *bits = classes(ids.get_bytes(row).unwrap_or_default());
        }
        transpose(&mut bits);
        for (class, bits) in bits[..CLASSES].iter().enumerate() {
            place[class * WORDS + word] = *bits;
        }
    }
}

/// Makes columns of the rows of a square of bits, the lowest first: its quarters change places, and
/// theirs, down to single bits (Warren, "Hacker's Delight", 7-3).
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

/// The classes of a lower-case text's letters, a bit each.
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
    // Four at a time, or each would wait for the one before it.
    let (fours, rest) = text.as_chunks();
    let fours = fours
        .iter()
        .map(|[a, b, c, d]| (bit(*a) | bit(*b)) | (bit(*c) | bit(*d)));
    let rest = rest.iter().map(|byte| bit(*byte));
    fours.chain(rest).fold(0, |bits, more| bits | more)
}
