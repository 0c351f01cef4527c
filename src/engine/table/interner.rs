//! Names that come again and again, such as tags and bases: each is kept once, behind the one before
//! it, and has a code. It is looked up by a hash, so that no second copy of it is needed. Names are UTF-8,
//! and handled as bytes, as most of them only ever are.

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

/// Names, each with a code: how many were there before it.
#[derive(Default)]
pub struct Names {
    /// All of them, behind one another.
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
    /// By the hash of the name, or by the next number that no other name has.
    places: FxHashMap<u64, Place>,
}

/// Where a name stands.
#[derive(Clone, Copy)]
struct Place {
    code: u32,
    /// Where it starts: so its end need not be waited for to look at it.
    start: u32,
}

impl Names {
    /// Makes room to look so many names up.
    pub fn reserve(&mut self, names: usize) {
        self.places.reserve(names);
    }

    /// What a name is looked up by first: its hash.
    pub fn key(name: &[u8]) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write(name);
        hasher.finish()
    }

    /// The code of a name, looked up by its key, else the key to add it by.
    pub fn find(&self, mut key: u64, name: &[u8]) -> Result<u32, u64> {
        while let Some(place) = self.places.get(&key) {
            let (start, code) = (place.start as usize, place.code);
            let end = start + name.len();
            let found = self.text.get(start..end);
            if found == Some(name) && self.ends[code as usize] as usize == end {
                return Ok(code);
            }
            key = key.wrapping_add(1);
        }
        Err(key)
    }

    /// Adds a name that was not found. Together they must be shorter than 4 GiB, which those of any hub
    /// are by far.
    pub fn add(&mut self, key: u64, name: &[u8]) -> u32 {
        let code = self.count();
        let start = self.ends.last().copied().unwrap_or(0);
        self.push(name);
        self.places.insert(key, Place { code, start });
        code
    }

    /// Adds a name that is not looked up.
    pub fn push(&mut self, name: &[u8]) {
        self.text.extend_from_slice(name);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The code of a name, which gets one if it has none.
    pub fn code(&mut self, name: &[u8]) -> u32 {
        match self.find(Names::key(name), name) {
            Ok(code) => code,
            Err(key) => self.add(key, name),
        }
    }

    /// How many there are.
    #[expect(clippy::cast_possible_truncation, reason = "see Names::add")]
    pub fn count(&self) -> u32 {
        self.ends.len() as u32
    }

    /// The name of a code; `""` of one that there is not.
    pub fn get(&self, code: u32) -> &str {
        str::from_utf8(self.get_bytes(code)).unwrap_or_default()
    }

    /// The same as bytes.
    pub fn get_bytes(&self, code: u32) -> &[u8] {
        &self.text[range(&self.ends, code)]
    }

    /// Every name, by its code.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count()).map(|code| self.get_bytes(code))
    }

    /// Forgets what names are looked up by, once no more come.
    pub fn close(&mut self) {
        self.places = FxHashMap::default();
    }

    /// Gives back the room for more.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Forgets all names; the room they had is there for others.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.places.clear();
    }

    /// Puts other names behind these, some of which may be there already; none of them is found any
    /// more. Their codes are raised by as many as are before them.
    pub fn append_all<'n>(&mut self, others: impl Iterator<Item = &'n Names> + Clone) {
        self.close();
        let bytes = others.clone().map(|names| names.text.len());
        self.text.reserve_exact(bytes.sum());
        self.ends
            .reserve_exact(others.clone().map(|names| names.ends.len()).sum());
        for names in others {
            let end = self.text.len();
            self.text.extend_from_slice(&names.text);
            let ends = names.ends.iter().map(|other| *other as usize + end);
            self.ends
                .extend(ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX)));
        }
    }
}

/// Where what belongs to a code stands; nowhere for a code that there is not.
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

    proptest! {
        #[test]
        fn each_name_has_one_code(first in prop::collection::vec("[ab模]{0,2}", 0..40), later in prop::collection::vec("[ab模]{0,2}", 0..40)) {
            let names_of = |list: &[String]| {
                let mut names = Names::default();
                let codes: Vec<u32> = list.iter().map(|name| names.code(name.as_bytes())).collect();
                for (name, code) in list.iter().zip(&codes) {
                    prop_assert_eq!(names.get(*code), name);
                    prop_assert_eq!(names.find(Names::key(name.as_bytes()), name.as_bytes()), Ok(*code));
                }
                let mut distinct = list.to_vec();
                distinct.sort();
                distinct.dedup();
                prop_assert_eq!(names.count() as usize, distinct.len());
                Ok(names)
            };
            let (mut names, others) = (names_of(&first)?, names_of(&later)?);
            let all: Vec<Vec<u8>> = names.iter().chain(others.iter()).map(<[u8]>::to_vec).collect();
            names.append_all([&others].into_iter());
            prop_assert_eq!(names.iter().collect::<Vec<_>>(), all);
            prop_assert_eq!(names.get(names.count()), "");
        }
    }
}
