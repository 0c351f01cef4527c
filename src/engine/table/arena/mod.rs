//! Many short texts, such as ids and names, in one stretch of memory: a number each says where it
//! starts, and all of them can be looked through at once.

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

/// Stands before the first text and after each: a byte that no cleaned text and no query contains.
pub const GAP: u8 = b'\n';

/// StringArena numbered from 0. Cloning shares them.
#[derive(Clone)]
pub struct StringArena {
    text: Buffer<u8>,
    /// Where each starts, and one more: the end.
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
    /// Joins stretches of texts, in their order.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together.
    pub fn of(parts: Vec<ArenaPart>) -> Result<StringArena> {
        let parts = parts.into_iter().map(ArenaPart::filled).collect();
        ArenaBuilder::new(Vec::new()).texts(parts)
    }

    /// The same texts in lower case.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together, which lower case may be where upper case was not.
    pub fn lowercase(&self) -> Result<StringArena> {
        let stretches = chunks(self.len());
        // Written for the first time by those who fill it, on all cores.
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
        // Hardly any letter has another length in lower case.
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

    /// Writes some texts in lower case to a place of the same length; `false` where they do not fit.
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
        // Each at its own place: together they might fit where one does not.
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

    /// The whole text, texts between gaps.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where each text starts, and one more: the end.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Keeps them in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.text)?;
        to.put(&self.starts)
    }

    /// Takes them out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader) -> Result<StringArena> {
        let (text, starts) = (from.take()?, from.take()?);
        let ends = starts.first().zip(starts.last());
        let fits = ends.is_some_and(|(first, last)| *first == 1 && *last as usize == text.len());
        ensure!(fits, "texts without their ends");
        Ok(StringArena { text, starts })
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The memory they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.starts.len() * size_of::<u32>()
    }

    /// One of the texts, as bytes; none for a number that there is not.
    pub fn get_bytes(&self, at: usize) -> Option<&[u8]> {
        let ends = self.starts.get(at..at + 2)?;
        self.text.get(ends[0] as usize..ends[1] as usize - 1)
    }

    /// One of the texts; none for a number that there is not.
    pub fn get(&self, at: usize) -> Option<&str> {
        self.get_bytes(at)
            .and_then(|text| str::from_utf8(text).ok())
    }

    /// Has memory bring these texts. It brings many in the time of one, but only what is asked for at
    /// once: who reads them one after another, doing something with each, waits for each.
    pub fn fetch(&self, numbers: impl Iterator<Item = usize>) {
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
            // Memory of a mapped file that is no UTF-8 any more.
            Err(_) => StringChunked::from_iter_values(name.into(), self.iter()).into_column(),
        }
    }

    /// Every text, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }

    /// Where one of the texts starts among all.
    pub fn start(&self, at: usize) -> usize {
        self.starts[at] as usize
    }

    /// Every place in these texts, or at the gaps around them, where the needle stands: the number of
    /// the text and the place among all, ascending. One that begins with a gap belongs to the text
    /// after it.
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

    /// The text that the byte at `place` belongs to, at or after `from`: hits lie close together,
    /// so the search gallops instead of halving the whole range.
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

    /// The numbers of the texts that are exactly this, ascending.
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
    /// Up to 4 GiB of them.
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
            // Side by side, with room enough or not.
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
