//! An interner: distinct byte strings, such as tags and bases, each with a code.

use std::hash::Hasher;
use std::ops::Range;

use anyhow::{Context, Result};
use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// Distinct values, stored once and end to end. The code of a value is the number of values before
/// it. Values are UTF-8, and handled as bytes.
#[derive(Default)]
pub struct Interner {
    text: Vec<u8>,
    /// End of each value in `text`.
    ends: Vec<u32>,
    /// Codes by the hashes of their values.
    codes: HashTable<u32>,
}

impl Interner {
    /// An interner with room for this many values of usual length. Memory that no value touches is
    /// never backed, whereas growing would copy all of them.
    pub fn with_capacity(values: usize) -> Interner {
        const USUAL: usize = 48;
        Interner {
            text: Vec::with_capacity(values.saturating_mul(USUAL).min(1 << 30)),
            ends: Vec::with_capacity(values),
            codes: HashTable::with_capacity(values),
        }
    }

    /// Returns the code of a value, and adds the value if it is new.
    ///
    /// # Errors
    /// When all values together are longer than 4 GiB.
    pub fn intern(&mut self, value: &[u8]) -> Result<u32> {
        let hash = hash(value);
        let (text, ends) = (&self.text, &self.ends);
        let is_same = |code: &u32| &text[range(ends, *code)] == value;
        if let Some(code) = self.codes.find(hash, is_same) {
            return Ok(*code);
        }
        let code = self.push(value)?;
        let (text, ends) = (&self.text, &self.ends);
        let rehash = |code: &u32| self::hash(&text[range(ends, *code)]);
        self.codes.insert_unique(hash, code, rehash);
        Ok(code)
    }

    /// Adds a value that is not looked up, and may be there already.
    ///
    /// # Errors
    /// As [`Interner::intern`].
    pub fn push(&mut self, value: &[u8]) -> Result<u32> {
        let code = self.count();
        let start = self.ends.last().copied().unwrap_or(0);
        let length = u32::try_from(value.len()).ok();
        let end = length.and_then(|length| start.checked_add(length));
        let end = end.context("names are longer than 4 GiB together")?;
        self.ends.push(end);
        self.text.extend_from_slice(value);
        Ok(code)
    }

    /// Number of values.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than their bytes")]
    pub fn count(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Returns the value of a code; `""` for a code out of range.
    pub fn get(&self, code: u32) -> &str {
        str::from_utf8(self.get_bytes(code)).unwrap_or_default()
    }

    /// Returns the bytes of [`Interner::get`].
    pub fn get_bytes(&self, code: u32) -> &[u8] {
        &self.text[range(&self.ends, code)]
    }

    /// Returns all values, by code.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|code| {
            let start = code.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.text[start as usize..self.ends[code] as usize]
        })
    }

    /// Returns all values, end to end, and the end of each.
    pub fn into_parts(self) -> (Vec<u8>, Vec<u32>) {
        (self.text, self.ends)
    }

    /// Frees the memory that only look-ups need.
    pub fn close(&mut self) {
        self.codes = HashTable::new();
    }

    /// Appends the values of other interners. Codes of theirs are raised by the number of values
    /// before them; none is looked up afterwards, and a value may be there several times.
    ///
    /// # Errors
    /// As [`Interner::intern`].
    pub fn append_all<'n>(
        &mut self,
        others: impl Iterator<Item = &'n Interner> + Clone,
    ) -> Result<()> {
        self.close();
        let bytes = others.clone().map(|other| other.text.len()).sum();
        self.text.reserve_exact(bytes);
        u32::try_from(self.text.len() + bytes).context("names are longer than 4 GiB together")?;
        self.ends
            .reserve_exact(others.clone().map(|other| other.ends.len()).sum());
        for other in others {
            #[expect(clippy::cast_possible_truncation, reason = "checked for the sum")]
            let start = self.text.len() as u32;
            self.text.extend_from_slice(&other.text);
            self.ends.extend(other.ends.iter().map(|end| start + end));
        }
        Ok(())
    }
}

fn hash(value: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(value);
    hasher.finish()
}

/// The range of a code's items among those of all, by the ends of all ranges; empty for a code out
/// of range.
pub fn range(ends: &[u32], code: u32) -> Range<usize> {
    let at = code as usize;
    let Some(end) = ends.get(at) else {
        return 0..0;
    };
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..*end as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_than_can_be_numbered_is_an_error() {
        let mut full = Interner {
            ends: vec![u32::MAX - 1],
            ..Interner::default()
        };
        assert!(full.push(b"ab").is_err());
        assert_eq!(full.count(), 1);
        assert!(full.push(b"a").is_ok());
    }

    proptest! {
        #[test]
        fn each_value_has_one_code(first in prop::collection::vec("[ab模]{0,2}", 0..40), later in prop::collection::vec("[ab模]{0,2}", 0..40)) {
            let interner_of = |list: &[String]| {
                let mut interner = Interner::default();
                let codes: Vec<u32> = list.iter().map(|value| interner.intern(value.as_bytes()).unwrap()).collect();
                for (value, code) in list.iter().zip(&codes) {
                    prop_assert_eq!(interner.get(*code), value);
                    prop_assert_eq!(interner.intern(value.as_bytes()).unwrap(), *code);
                }
                let mut distinct = list.to_vec();
                distinct.sort();
                distinct.dedup();
                prop_assert_eq!(interner.count() as usize, distinct.len());
                Ok(interner)
            };
            let (mut interner, others) = (interner_of(&first)?, interner_of(&later)?);
            let all: Vec<Vec<u8>> = interner.iter().chain(others.iter()).map(<[u8]>::to_vec).collect();
            interner.append_all([&others].into_iter()).unwrap();
            prop_assert_eq!(interner.iter().collect::<Vec<_>>(), all);
            prop_assert_eq!(interner.get(interner.count()), "");
        }
    }
}
