//! The tags of hardly any model, which are the most by far: of each only a hash is kept, and they stand
//! in the order of the models.

use std::io;

use anyhow::Result;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::models::ModelId;
use crate::engine::tags::steps::{push_number, take_number};

/// The rare tags, one model after another.
#[derive(Default)]
pub struct Rare {
    /// Forty bits of each tag's hash: of two million tags, one in half a million that is asked for
    /// would be taken for another.
    hashes: Buffer<u32>,
    more: Buffer<u8>,
    steps: Buffer<u8>,
}

impl Rare {
    /// Hands every row that has a tag of this hash to `found`.
    pub fn each_row(&self, hash: u64, mut found: impl FnMut(ModelId)) {
        let (high, low) = ((hash >> 32) as u32, (hash >> 24) as u8);
        let is = |at: &usize| self.hashes[*at] == high && self.more[*at] == low;
        let places: Vec<usize> = (0..self.hashes.len()).filter(is).collect();
        let mut places = places.into_iter().peekable();
        let mut steps = &self.steps[..];
        let mut row = 0;
        let mut at = 0;
        while places.peek().is_some() {
            row += take_number(&mut steps).unwrap_or_default();
            if places.next_if_eq(&at).is_some() {
                found(ModelId(row));
            }
            at += 1;
        }
    }

    /// Keeps them in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.hashes)?;
        to.put(&self.more)?;
        to.put(&self.steps)
    }

    /// Takes them out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader) -> Result<Rare> {
        Ok(Rare {
            hashes: from.take()?,
            more: from.take()?,
            steps: from.take()?,
        })
    }

    /// What they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.hashes.len() * 5 + self.steps.len()
    }

    /// Puts those of later rows behind those of earlier ones.
    pub fn joined(parts: Vec<RarePart>) -> Rare {
        let count = parts.iter().map(|part| part.hashes.len()).sum();
        let (mut hashes, mut more) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut steps = Vec::with_capacity(count + count / 8);
        let mut before = 0;
        for part in parts {
            let Some((first, last)) = part.ends else {
                continue;
            };
            push_number(&mut steps, first - before);
            before = last;
            hashes.extend(part.hashes);
            more.extend(part.more);
            steps.extend(part.steps);
        }
        Rare {
            hashes: hashes.into(),
            more: more.into(),
            steps: steps.into(),
        }
    }
}

/// The rare tags of a stretch of rows.
#[derive(Default)]
pub struct RarePart {
    hashes: Vec<u32>,
    more: Vec<u8>,
    /// From the first row on, which has no step, to the last.
    steps: Vec<u8>,
    ends: Option<(u32, u32)>,
}

impl RarePart {
    /// None yet, with room for so many.
    pub fn with_capacity(count: usize) -> RarePart {
        RarePart {
            hashes: Vec::with_capacity(count),
            more: Vec::with_capacity(count),
            steps: Vec::with_capacity(count + count / 8),
            ends: None,
        }
    }

    /// Adds a tag of this hash; rows come in ascending order.
    pub fn push(&mut self, row: u32, hash: u64) {
        self.hashes.push((hash >> 32) as u32);
        self.more.push((hash >> 24) as u8);
        match &mut self.ends {
            None => self.ends = Some((row, row)),
            Some((_, last)) => {
                push_number(&mut self.steps, row - *last);
                *last = row;
            }
        }
    }
}
