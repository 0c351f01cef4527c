//! Texts end to end in one buffer, and how they are read and searched.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};
use memchr::memmem::Finder;
use polars::prelude::{ArrowDataType, Column, IntoColumn, NewChunkedArray, StringChunked};
use polars_arrow::array::{Utf8ViewArray, View};
use rayon::prelude::*;

use crate::engine::cache::archive::{Buffer, Reader, Writer};

/// The separator before the first text and after each: a byte that no cleaned text and no query
/// contains.
pub const GAP: u8 = b'\n';

/// Texts numbered from 0. Clones share the memory.
#[derive(Clone)]
pub struct StringArena {
    pub(super) text: Buffer<u8>,
    /// Start of each text, and the end of all.
    pub(super) starts: Buffer<u32>,
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
    /// The buffer: texts between separators.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The offset of each text, and the end of the last.
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

    /// Returns true if there is no text.
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
