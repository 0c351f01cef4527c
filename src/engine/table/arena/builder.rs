//! A builder of string arenas, part by part on all cores. Where the size of the parts is known
//! roughly, they are written side by side at once and not copied.

use anyhow::{Context, Result};

use crate::engine::table::arena::strings::{GAP, StringArena};
use crate::engine::table::clean::odd_bytes;

/// Memory for the parts of an arena, end to end.
pub struct ArenaBuilder {
    text: Vec<u8>,
    sizes: Vec<usize>,
}

impl ArenaBuilder {
    /// Memory for parts of these sizes in bytes, with a separator after each text; none where they
    /// exceed 4 GiB together, as a damaged file may claim.
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

    /// Returns the parts, empty.
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

    /// Joins the parts to an arena.
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

    /// Returns the start of each part.
    fn places(&self) -> impl Iterator<Item = usize> {
        let sizes = self.sizes.iter().chain(std::iter::repeat(&0));
        sizes.scan(1, |next, size| Some(std::mem::replace(next, *next + size)))
    }

    /// Closes the gaps between parts that all fit in their places.
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

    /// Copies parts of which some did not fit.
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

/// A part of an arena.
#[derive(Default)]
pub struct ArenaPart<'r> {
    /// Memory for the texts, as long as they fit.
    place: &'r mut [u8],
    /// All texts, once one did not fit.
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl ArenaPart<'_> {
    /// Appends a text; parts beyond 4 GiB are an error of [`ArenaBuilder::texts`].
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

    /// Returns true if all texts are printable ASCII.
    pub fn is_plain(&self) -> bool {
        let text = match self.own.is_empty() {
            true => &self.place[..self.end()],
            false => &self.own,
        };
        // The separator after each is not.
        odd_bytes(text) == self.ends.len()
    }

    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }

    /// Removes all texts.
    pub fn clear(&mut self) {
        self.own.clear();
        self.ends.clear();
    }

    /// Ends the part.
    pub fn filled(self) -> FilledPart {
        FilledPart {
            own: self.own,
            ends: self.ends,
        }
    }
}

/// A complete part, in its place or, where it did not fit, outside.
pub struct FilledPart {
    own: Vec<u8>,
    ends: Vec<u32>,
}

impl FilledPart {
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }

    /// Pretends that the part is this long.
    #[cfg(test)]
    pub fn set_end(&mut self, end: u32) {
        self.ends = vec![end];
    }
}

impl StringArena {
    /// Joins parts, in order.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn of(parts: Vec<ArenaPart>) -> Result<StringArena> {
        let parts = parts.into_iter().map(ArenaPart::filled).collect();
        ArenaBuilder::new(Vec::new()).texts(parts)
    }
}

impl<'a> FromIterator<&'a str> for StringArena {
    /// Collects up to 4 GiB of texts.
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> StringArena {
        let mut part = ArenaPart::default();
        texts
            .into_iter()
            .for_each(|text| part.push(text.as_bytes()));
        StringArena::of(vec![part]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_than_four_gibibytes_are_an_error() {
        let part = |end| {
            let mut part = ArenaPart::default();
            part.push(b"a");
            let mut filled = part.filled();
            filled.set_end(end);
            filled
        };
        let texts = |parts| ArenaBuilder::new(Vec::new()).texts(parts);
        assert!(texts(vec![part(u32::MAX)]).is_err());
        assert!(texts(vec![part(3 << 30), part(2 << 30)]).is_err());
    }

    proptest! {
        #[test]
        fn texts_are_what_went_in(texts in prop::collection::vec("[abAB模]{0,3}|[aÄİẞ]{0,3}", 0..40), cut in 0..40_usize, less in 0..9_usize) {
            let (first, second) = texts.split_at(cut.min(texts.len()));
            let part = |texts: &[String]| {
                let mut part = ArenaPart::default();
                texts.iter().for_each(|text| part.push(text.as_bytes()));
                part
            };
            let all = StringArena::of(vec![part(first), part(second)]).unwrap();
            // In memory of their own size, or of less.
            let length = |texts: &[String]| texts.iter().map(|text| text.len() + 1).sum::<usize>();
            let some = (length(first) + 3).saturating_sub(less);
            for sizes in [vec![some, length(second)], vec![usize::MAX, some]] {
                let mut room = ArenaBuilder::new(sizes);
                let parts = room.parts().into_iter().zip([first, second]);
                let filled = parts.map(|(mut part, texts)| {
                    part.push(b"not this");
                    part.clear();
                    texts.iter().for_each(|text| part.push(text.as_bytes()));
                    part.filled()
                });
                let filled = filled.collect();
                let beside = room.texts(filled).unwrap();
                prop_assert_eq!((beside.text(), beside.starts()), (all.text(), all.starts()));
            }
            let lower = all.lowercase().unwrap();
            prop_assert_eq!(lower.iter().collect::<Vec<_>>(), texts.iter().map(|t| t.to_lowercase()).collect::<Vec<_>>());
            for wanted in ["", "a", "ab", "模", "a\nb"] {
                let naive: Vec<usize> = (0..texts.len()).filter(|at| texts[*at] == wanted).collect();
                prop_assert_eq!(all.find(wanted).collect::<Vec<_>>(), naive);
            }
        }
    }
}
