//! Every id in lower case, in one stretch of memory, and for every letter which ids have it: a
//! word is looked for in all ids at the speed of memory, instead of one string at a time.

use std::ops::Range;

use anyhow::{Context, Result};
use rayon::prelude::*;

use crate::engine::data::models::{ModelId, Models};
use crate::engine::data::set::{CHUNK, chunks};

/// Stands before the first id and after each: a byte that no cleaned id and no query contains.
pub const GAP: u8 = b'\n';

/// Letters and digits have a class each; all else, which nearly every id has, shares the last.
const CLASSES: usize = 37;

/// The bits of a chunk's rows for one class.
const WORDS: usize = CHUNK / 64;

/// The ids of all models, in lower case, in the order of the source.
pub struct Arena {
    text: Vec<u8>,
    /// Where each id starts, and one more: the end.
    starts: Vec<u32>,
    /// Chunk by chunk and class by class, which rows have a letter of the class.
    letters: Vec<u64>,
}

impl Arena {
    /// Copies the ids.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn new(models: &Models) -> Result<Arena> {
        let pieces: Vec<Piece> = chunks(models.len())
            .into_par_iter()
            .map(|c| Piece::of(models, c))
            .collect();
        let bytes: usize = pieces.iter().map(|p| p.text.len()).sum();
        u32::try_from(bytes + 1).context("the ids are longer than 4 GiB together")?;
        let mut text = Vec::with_capacity(bytes + 1);
        let mut starts = Vec::with_capacity(models.len() + 1);
        let mut letters = Vec::with_capacity(pieces.len() * CLASSES * WORDS);
        text.push(GAP);
        starts.push(1);
        for piece in pieces {
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let shift = text.len() as u32;
            text.extend_from_slice(&piece.text);
            starts.extend(piece.ends.iter().map(|end| end + shift));
            letters.extend_from_slice(&piece.letters);
        }
        Ok(Arena {
            text,
            starts,
            letters,
        })
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.starts.len() * 4 + self.letters.len() * 8
    }

    /// The id in lower case.
    pub fn id(&self, row: usize) -> &[u8] {
        &self.text[self.starts[row] as usize..self.starts[row + 1] as usize - 1]
    }

    /// The whole text, ids between gaps.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where the id of a row starts in the text.
    pub fn start(&self, row: usize) -> usize {
        self.starts[row] as usize
    }

    /// Every place in these rows' ids, or at the gaps around them, where the needle stands: the
    /// row and the place in the text, ascending. One that begins with a gap belongs to the row
    /// after it.
    pub fn each_place(
        &self,
        rows: Range<usize>,
        needle: &memchr::memmem::Finder<'_>,
        mut found: impl FnMut(usize, usize),
    ) {
        let lead = usize::from(needle.needle().first() == Some(&GAP));
        let first = self.starts[rows.start] as usize - 1;
        let text = &self.text[first..self.starts[rows.end] as usize];
        let mut row = rows.start;
        for at in needle.find_iter(text) {
            let place = first + at + lead;
            if place >= self.starts[rows.end] as usize {
                return;
            }
            row = self.row_at(place, row, rows.end);
            found(row, place);
        }
    }

    /// The row that the byte at `place` belongs to, at or after `from`: hits lie close together,
    /// so the search gallops instead of halving the whole range.
    pub fn row_at(&self, place: usize, from: usize, end: usize) -> usize {
        let mut step = 1;
        let mut low = from;
        while low + step < end && self.starts[low + step] as usize <= place {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(end);
        low + self.starts[low + 1..high].partition_point(|&start| start as usize <= place)
    }

    /// Which of the 64 rows from `64 * word` of a chunk on have every letter of these classes;
    /// see [`classes`]. Where the text has letters of the last class only, more rows than do.
    pub fn with_letters(&self, chunk: usize, word: usize, classes: u64) -> u64 {
        let mut rows = u64::MAX;
        let mut left = classes;
        while left != 0 {
            let class = left.trailing_zeros() as usize;
            left &= left - 1;
            rows &= self.letters[(chunk * CLASSES + class) * WORDS + word];
        }
        rows
    }
}

/// A stretch of the arena, made on one core.
struct Piece {
    text: Vec<u8>,
    ends: Vec<u32>,
    letters: Vec<u64>,
}

impl Piece {
    fn of(models: &Models, rows: Range<usize>) -> Piece {
        let mut piece = Piece {
            text: Vec::with_capacity(rows.len() * 40),
            ends: Vec::with_capacity(rows.len()),
            letters: vec![0; CLASSES * WORDS],
        };
        for (at, row) in rows.enumerate() {
            let start = piece.text.len();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the loader refuses more rows"
            )]
            let id = models.id(ModelId(row as u32));
            if id.is_ascii() {
                piece
                    .text
                    .extend(id.bytes().map(|b| b.to_ascii_lowercase()));
            } else {
                piece.text.extend_from_slice(id.to_lowercase().as_bytes());
            }
            let mut left = classes(&piece.text[start..]);
            while left != 0 {
                let class = left.trailing_zeros() as usize;
                left &= left - 1;
                piece.letters[class * WORDS + at / 64] |= 1 << (at % 64);
            }
            piece.text.push(GAP);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a chunk of ids is far from 4 GiB"
            )]
            piece.ends.push(piece.text.len() as u32);
        }
        piece
    }
}

/// The classes of a lower-case text's letters, a bit each.
pub fn classes(text: &[u8]) -> u64 {
    const CLASS: [u8; 256] = {
        let mut table = [CLASSES as u8 - 1; 256];
        let known = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut at = 0;
        while at < known.len() {
            table[known[at] as usize] = at as u8;
            at += 1;
        }
        table
    };
    text.iter()
        .fold(0, |bits, &b| bits | 1 << CLASS[usize::from(b)])
}
