//! The texts of an arena in lower case.

use std::ops::Range;

use anyhow::Result;
use rayon::prelude::*;

use crate::engine::table::arena::builder::ArenaPart;
use crate::engine::table::arena::strings::{GAP, StringArena};
use crate::engine::table::bitset::chunks;

impl StringArena {
    /// Returns the texts in lower case.
    ///
    /// # Errors
    /// When they are longer than 4 GiB together, which lower case may be where upper case was not.
    pub fn lowercase(&self) -> Result<StringArena> {
        let ranges = chunks(self.len());
        // Each core touches the memory that it fills first.
        let mut lower = vec![0; self.text.len()];
        lower[0] = GAP;
        let mut rest = &mut lower[1..];
        let mut places = Vec::new();
        for texts in &ranges {
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
        let parts: Vec<ArenaPart> = ranges.into_par_iter().map(part).collect();
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
}
