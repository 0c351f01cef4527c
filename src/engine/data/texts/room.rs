//! Texts in the making, a stretch of them on each core. Where it is known about how long the stretches
//! will be, they are put side by side at once, so that they need not be in memory twice.

use anyhow::{Context, Result};

use super::{GAP, Texts};

/// Memory for stretches of texts, one behind the other.
pub struct Room {
    text: Vec<u8>,
    sizes: Vec<usize>,
}

impl Room {
    /// Room for stretches of so many bytes, with one behind each text; none where that is more than all
    /// texts together may take, as a damaged file may claim.
    pub fn new(mut sizes: Vec<usize>) -> Room {
        let mut total = sizes.iter().copied().fold(0, usize::saturating_add);
        if u32::try_from(total).is_err() {
            sizes.fill(0);
            total = 0;
        }
        Room {
            text: vec![0; 1 + total],
            sizes,
        }
    }

    /// The stretches, empty so far.
    pub fn parts(&mut self) -> Vec<Part<'_>> {
        let mut rest = &mut self.text[1..];
        let mut parts = Vec::new();
        for size in &self.sizes {
            let (place, further) = rest.split_at_mut(*size);
            parts.push(Part {
                place,
                ..Part::default()
            });
            rest = further;
        }
        parts
    }

    /// The texts of all stretches, in their order.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn texts(mut self, parts: Vec<Filled>) -> Result<Texts> {
        let bytes: usize = parts.iter().map(Filled::len).sum();
        u32::try_from(bytes + 1).context("the ids are longer than 4 GiB together")?;
        let has_all = parts.iter().all(|part| part.own.is_empty());
        let mut copy = Vec::with_capacity(if has_all { 0 } else { bytes + 1 });
        copy.push(GAP);
        let mut starts =
            Vec::with_capacity(parts.iter().map(|part| part.ends.len()).sum::<usize>() + 1);
        starts.push(1);
        let (mut from, mut to) = (1, 1);
        let sizes = self.sizes.into_iter().chain(std::iter::repeat(0));
        for (part, size) in parts.into_iter().zip(sizes) {
            let place = from..from + part.len();
            match part.own.is_empty() {
                true if has_all => self.text.copy_within(place, to),
                true => copy.extend_from_slice(&self.text[place]),
                false => copy.extend_from_slice(&part.own),
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let shift = to as u32;
            starts.extend(part.ends.iter().map(|end| shift + end));
            from += size;
            to += part.len();
        }
        if !has_all {
            self.text = copy;
        }
        self.text[0] = GAP;
        self.text.truncate(to);
        Ok(Texts {
            text: self.text.into(),
            starts: starts.into(),
        })
    }
}

/// A stretch of texts.
#[derive(Default)]
pub struct Part<'r> {
    /// Where the texts are put, as long as they fit.
    place: &'r mut [u8],
    /// Where all are once one did not.
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl Part<'_> {
    /// Takes one more in; a stretch is far from 4 GiB long.
    pub fn push(&mut self, text: &[u8]) {
        let start = self.ends.last().copied().unwrap_or(0) as usize;
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

    /// Begins anew.
    pub fn clear(&mut self) {
        self.own.clear();
        self.ends.clear();
    }

    /// What it took in.
    pub fn filled(self) -> Filled {
        Filled {
            own: self.own,
            ends: self.ends,
        }
    }
}

/// A stretch of texts that is complete, in its place or, where it did not fit, outside.
pub struct Filled {
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl Filled {
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }
}
