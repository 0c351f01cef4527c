//! Every id in lower case, in one stretch of memory: a word is looked for in all of them at the
//! speed of memory, instead of one string at a time.

use std::ops::Range;

use anyhow::{Context, Result};
use rayon::prelude::*;

use crate::engine::data::models::{ModelId, Models};

/// Between two ids stands a byte that no cleaned id and no query contains.
const GAP: u8 = b'\n';

/// So many ids are worked on between two looks at whether the answer is still wanted.
pub const CHUNK: usize = 32_768;

/// The ids of all models, in lower case, in the order of the source.
pub struct Arena {
    text: Vec<u8>,
    /// Where each id starts, and one more: the end.
    starts: Vec<u32>,
    /// For each id, which letters and digits occur in it: see [`letters`].
    masks: Vec<u64>,
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
        u32::try_from(bytes).context("the ids are longer than 4 GiB together")?;
        let mut text = Vec::with_capacity(bytes);
        let mut starts = Vec::with_capacity(models.len() + 1);
        let mut masks = Vec::with_capacity(models.len());
        starts.push(0);
        for piece in pieces {
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let shift = text.len() as u32;
            text.extend_from_slice(&piece.text);
            starts.extend(piece.ends.iter().map(|end| end + shift));
            masks.extend_from_slice(&piece.masks);
        }
        Ok(Arena {
            text,
            starts,
            masks,
        })
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.masks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.masks.is_empty()
    }

    /// The id in lower case.
    pub fn id(&self, row: usize) -> &[u8] {
        &self.text[self.starts[row] as usize..self.starts[row + 1] as usize - 1]
    }

    /// Which letters and digits the id has.
    pub fn mask(&self, row: usize) -> u64 {
        self.masks[row]
    }

    /// The rows in this range whose ids contain the word, ascending. `next` finds the word's first
    /// place in a text.
    pub fn rows_with(
        &self,
        rows: Range<usize>,
        next: &memchr::memmem::Finder<'_>,
        mut found: impl FnMut(usize),
    ) {
        let mut row = rows.start;
        let end = self.starts[rows.end] as usize;
        while row < rows.end {
            let from = self.starts[row] as usize;
            let Some(hit) = next.find(&self.text[from..end]) else {
                return;
            };
            row = self.row_at(from + hit, row, rows.end);
            found(row);
            row += 1;
        }
    }

    /// The row that the byte at `place` belongs to, at or after `from`: hits lie close together,
    /// so the search gallops instead of halving the whole range.
    fn row_at(&self, place: usize, from: usize, end: usize) -> usize {
        let mut step = 1;
        let mut low = from;
        while low + step < end && self.starts[low + step] as usize <= place {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(end);
        low + self.starts[low + 1..high].partition_point(|&start| start as usize <= place)
    }
}

/// A stretch of the arena, made on one core.
struct Piece {
    text: Vec<u8>,
    ends: Vec<u32>,
    masks: Vec<u64>,
}

impl Piece {
    fn of(models: &Models, rows: Range<usize>) -> Piece {
        let mut piece = Piece {
            text: Vec::with_capacity(rows.len() * 40),
            ends: Vec::with_capacity(rows.len()),
            masks: Vec::with_capacity(rows.len()),
        };
        for row in rows {
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
            piece.masks.push(letters(&piece.text[start..]));
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

/// All rows, cut into chunks.
pub fn chunks(rows: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(CHUNK))
        .map(|c| c * CHUNK..rows.min((c + 1) * CHUNK))
        .collect()
}

/// A bit for each different character of a lower-case text, by its last six bits: a text can only
/// contain what has no bit that it lacks.
pub fn letters(text: &[u8]) -> u64 {
    text.iter().fold(0, |mask, b| mask | 1 << (b & 63))
}
