//! StringArena in the making, a stretch of them on each core. Where it is known about how long the stretches
//! will be, they are put side by side at once, so that they need not be in memory twice.

use anyhow::{Context, Result};

use crate::engine::table::arena::{GAP, StringArena};
use crate::engine::table::clean::odd_bytes;

/// Memory for stretches of texts, one behind the other.
pub struct ArenaBuilder {
    text: Vec<u8>,
    sizes: Vec<usize>,
}

impl ArenaBuilder {
    /// ArenaBuilder for stretches of so many bytes, with one behind each text; none where that is more than all
    /// texts together may take, as a damaged file may claim.
    pub fn new(mut sizes: Vec<usize>) -> ArenaBuilder {
        let mut total = sizes.iter().copied().fold(0, usize::saturating_add);
        if u32::try_from(total).is_err() {
            sizes.fill(0);
            total = 0;
        }
        ArenaBuilder {
            text: vec![0; 1 + total],
            sizes,
        }
    }

    /// The stretches, empty so far.
    pub fn parts(&mut self) -> Vec<ArenaPart<'_>> {
        let mut rest = &mut self.text[1..];
        let mut parts = Vec::new();
        for size in &self.sizes {
            let (place, further) = rest.split_at_mut(*size);
            parts.push(ArenaPart {
                place,
                ..ArenaPart::default()
            });
            rest = further;
        }
        parts
    }

    /// The texts of all stretches, in their order.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn texts(self, parts: Vec<FilledPart>) -> Result<StringArena> {
        let bytes: usize = parts.iter().map(FilledPart::len).sum();
        u32::try_from(bytes + 1).context("the ids are longer than 4 GiB together")?;
        let starts = || {
            let count: usize = parts.iter().map(|part| part.ends.len()).sum();
            let mut starts = Vec::with_capacity(count + 1);
            starts.push(1);
            let mut shift = 1;
            for part in &parts {
                starts.extend(part.ends.iter().map(|end| shift + end));
                shift = starts.last().copied().unwrap_or(1);
            }
            starts
        };
        let text = || match parts.iter().all(|part| part.own.is_empty()) {
            true => self.closed_up(&parts),
            false => self.copied(&parts),
        };
        let (starts, text) = rayon::join(starts, text);
        Ok(StringArena {
            text: text.into(),
            starts: starts.into(),
        })
    }

    /// Where each stretch starts.
    fn places(&self) -> impl Iterator<Item = usize> {
        let sizes = self.sizes.iter().chain(std::iter::repeat(&0));
        sizes.scan(1, |next, size| Some(std::mem::replace(next, *next + size)))
    }

    /// The text of stretches that are all in their places.
    fn closed_up(mut self, parts: &[FilledPart]) -> Vec<u8> {
        let places: Vec<usize> = self.places().take(parts.len()).collect();
        let mut end = 1;
        for (part, start) in parts.iter().zip(places) {
            self.text.copy_within(start..start + part.len(), end);
            end += part.len();
        }
        self.text[0] = GAP;
        self.text.truncate(end);
        self.text
    }

    /// The same where some did not fit.
    fn copied(&self, parts: &[FilledPart]) -> Vec<u8> {
        let mut text = vec![GAP];
        for (part, start) in parts.iter().zip(self.places()) {
            text.extend_from_slice(match part.own.is_empty() {
                true => &self.text[start..start + part.len()],
                false => &part.own,
            });
        }
        text
    }
}

/// A stretch of texts.
#[derive(Default)]
pub struct ArenaPart<'r> {
    /// Where the texts are put, as long as they fit.
    place: &'r mut [u8],
    /// Where all are once one did not.
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl ArenaPart<'_> {
    /// Takes one more in; a stretch is far from 4 GiB long.
    pub fn push(&mut self, text: &[u8]) {
        let start = self.end();
        let end = start + text.len() + 1;
        if self.own.is_empty()
            && let Some([letters @ .., last]) = self.place.get_mut(start..end)
        {
            letters.copy_from_slice(text);
            *last = GAP;
        } else {
            if self.own.is_empty() {
                self.own.extend_from_slice(&self.place[..start]);
            }
            self.own.extend_from_slice(text);
            self.own.push(GAP);
        }
        self.ends.push(u32::try_from(end).unwrap_or(u32::MAX));
    }

    /// Whether all are in printable ASCII.
    pub fn is_plain(&self) -> bool {
        let text = match self.own.is_empty() {
            true => &self.place[..self.end()],
            false => &self.own,
        };
        // What stands behind each is none.
        odd_bytes(text) == self.ends.len()
    }

    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.own.clear();
        self.ends.clear();
    }

    /// What it took in.
    pub fn filled(self) -> FilledPart {
        FilledPart {
            own: self.own,
            ends: self.ends,
        }
    }
}

/// A stretch of texts that is complete, in its place or, where it did not fit, outside.
pub struct FilledPart {
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl FilledPart {
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }
}
