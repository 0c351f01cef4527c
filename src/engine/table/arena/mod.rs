//! A string arena: many short texts, such as ids and names, end to end in one buffer with the
//! offset of each, so that all of them can be searched at once.

mod builder;

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use memchr::memmem::Finder;
use polars::prelude::{ArrowDataType, Column, IntoColumn, NewChunkedArray, StringChunked};
use polars_arrow::array::{Utf8ViewArray, View};
use rayon::prelude::*;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::bitset::chunks;

pub use crate::engine::table::arena::builder::{ArenaBuilder, ArenaPart, FilledPart};

/// The separator before the first text and after each: a byte that no cleaned text and no query
/// contains.
pub const GAP: u8 = b'\n';

/// Texts numbered from 0. Clones share the memory.
#[derive(Clone)]
pub struct StringArena {
    text: Buffer<u8>,
    /// Start of each text, and the end of all.
    starts: Buffer<u32>,
}

impl Default for StringArena {
    fn default() -> StringArena {
        StringArena {
            text: vec![GAP].into(),
            starts: vec![1].into(),
        }
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

    /// Returns the texts in lower case.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together, which lower case may be where upper case was not.
    pub fn lowercase(&self) -> Result<StringArena> {
        let stretches = chunks(self.len());
        // Each core touches the memory that it fills first.
        let mut lower = vec![0; self.text.len()];
        lower[0] = GAP;
        let mut rest = &mut lower[1..];
        let mut places = Vec::new();
        for texts in &stretches {
            let len = self.starts[texts.end] - self.starts[texts.start];
            let (own, further) = rest.split_at_mut(len as usize);
            places.push((texts.clone(), own));
            rest = further;
        }
        // Hardly any letter changes its length in lower case.
        let places = places.into_par_iter();
        let fit = places.map(|(texts, place)| self.write_lower(texts, place));
        if fit.reduce(|| true, |a, b| a & b) {
            return Ok(StringArena {
                text: lower.into(),
                starts: self.starts.clone(),
            });
        }
        let part = |texts: Range<usize>| {
            let mut part = ArenaPart::default();
            for text in texts.filter_map(|at| self.get(at)) {
                part.push(text.to_lowercase().as_bytes());
            }
            part
        };
        let parts: Vec<ArenaPart> = stretches.into_par_iter().map(part).collect();
        StringArena::of(parts)
    }

    /// Writes some texts in lower case to memory of the same length; `false` where they do not fit.
    fn write_lower(&self, texts: Range<usize>, place: &mut [u8]) -> bool {
        let start = self.starts[texts.start] as usize;
        let own = &self.text[start..start + place.len()];
        if own.is_ascii() {
            place.copy_from_slice(own);
            place.make_ascii_lowercase();
            return true;
        }
        let mut lower = Vec::with_capacity(own.len());
        for text in texts.filter_map(|at| self.get(at)) {
            lower.extend_from_slice(text.to_lowercase().as_bytes());
            lower.push(GAP);
            if lower.len() > place.len() {
                return false;
            }
        }
        // Each at its own offset: together they might fit where one does not.
        let gaps = own
            .iter()
            .zip(&lower)
            .all(|(a, b)| (*a == GAP) == (*b == GAP));
        if lower.len() == place.len() && gaps {
            place.copy_from_slice(&lower);
            return true;
        }
        false
    }

    /// The buffer: texts between separators.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where each text starts, and one more: the end.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Writes the texts to an archive.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.text)?;
        to.put(&self.starts)
    }

    /// Reads texts from an archive.
    ///
    /// # Errors
    /// When the archive has other arrays there.
    pub fn read(from: &mut Reader) -> Result<StringArena> {
        let (text, starts) = (from.take()?, from.take()?);
        let ends = starts.first().zip(starts.last());
        let fits = ends.is_some_and(|(first, last)| *first == 1 && *last as usize == text.len());
        ensure!(fits, "texts without their ends");
        Ok(StringArena { text, starts })
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory of the texts, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.starts.len() * size_of::<u32>()
    }

    /// Returns the bytes of a text; `None` for a number out of range.
    pub fn get_bytes(&self, at: usize) -> Option<&[u8]> {
        let ends = self.starts.get(at..at + 2)?;
        self.text.get(ends[0] as usize..ends[1] as usize - 1)
    }

    /// Returns a text; `None` for a number out of range.
    pub fn get(&self, at: usize) -> Option<&str> {
        self.get_bytes(at)
            .and_then(|text| str::from_utf8(text).ok())
    }

    /// Prefetches texts: the loads of many overlap, whereas a reader that works on one after
    /// another waits for each.
    pub fn prefetch(&self, numbers: impl Iterator<Item = usize>) {
        let ends = numbers.map(|at| {
            let [start, end] = [self.starts[at], self.starts[at + 1] - 1];
            self.text[start as usize] ^ self.text[end as usize]
        });
        std::hint::black_box(ends.fold(0, |all, byte| all ^ byte));
    }

    /// Returns the texts as a column of views over this memory.
    pub fn column(&self, name: &'static str) -> Column {
        let view = |at: usize| {
            let text = self.get_bytes(at).unwrap_or_default();
            View::new_from_bytes(text, 0, self.starts[at])
        };
        let views: Vec<View> = (0..self.len()).into_par_iter().map(view).collect();
        let buffers = vec![self.text.clone()].into();
        let dtype = ArrowDataType::Utf8View;
        match Utf8ViewArray::try_new(dtype, views.into(), buffers, None) {
            Ok(texts) => StringChunked::with_chunk(name.into(), texts).into_column(),
            // A mapped archive that is no UTF-8 any more.
            Err(_) => StringChunked::from_iter_values(name.into(), self.iter()).into_column(),
        }
    }

    /// Returns every text, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }

    /// Returns the offset of a text.
    pub fn start(&self, at: usize) -> usize {
        self.starts[at] as usize
    }

    /// Finds the needle in these texts and the separators around them: hands the number of the text
    /// and the offset of each match to `found`, ascending. A match that begins with a separator
    /// belongs to the text after it.
    pub fn each_place(
        &self,
        texts: Range<usize>,
        needle: &Finder<'_>,
        mut found: impl FnMut(usize, usize),
    ) {
        let lead = usize::from(needle.needle().first() == Some(&GAP));
        let first = self.start(texts.start) - 1;
        let end = self.start(texts.end);
        let mut at = texts.start;
        for found_at in needle.find_iter(&self.text[first..end]) {
            let place = first + found_at + lead;
            if place >= end {
                return;
            }
            at = self.at_place(place, at, texts.end);
            found(at, place);
        }
    }

    /// Returns the text of the byte at `place`, at or after `from`. Matches are close together, so
    /// the search gallops instead of halving the whole range.
    pub fn at_place(&self, place: usize, from: usize, end: usize) -> usize {
        let mut step = 1;
        let mut low = from;
        while low + step < end && self.starts[low + step] as usize <= place {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(end);
        low + self.starts[low + 1..high].partition_point(|&start| start as usize <= place)
    }

    /// Returns the numbers of the texts that are exactly this, ascending.
    pub fn find(&self, wanted: &str) -> impl Iterator<Item = usize> {
        let needle = [&[GAP], wanted.as_bytes()].concat();
        let places: Vec<usize> = Finder::new(&needle).find_iter(&self.text).collect();
        let ends = move |place: &usize| self.text.get(place + needle.len()) == Some(&GAP);
        let number = |place: usize| {
            let before = |start: &u32| (*start as usize) <= place;
            self.starts.partition_point(before)
        };
        let whole = !wanted.as_bytes().contains(&GAP);
        places
            .into_iter()
            .filter(move |place| whole && ends(place))
            .map(number)
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
