//! The codes of short names that came a moment ago: most tags of a model are those of others, too. One is
//! told from the others word by word, whatever its length, in memory that is at hand: to look up names
//! of all lengths among all others takes twice the time.

/// Names up to this length, in bytes, are short.
const SHORT: usize = 31;

/// A short name and zeros up to its last byte, which is its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub struct Short([u64; 4]);

impl Short {
    /// The short name that bytes begin with; `None` where it is not short, or not so many follow.
    #[inline(always)]
    pub fn of(bytes: &[u8], length: usize) -> Option<Short> {
        let kept = KEPT.get(length)?;
        let (bytes, _) = bytes.first_chunk::<32>()?.as_chunks();
        let mut words = [0; 4];
        for ((word, bytes), kept) in words.iter_mut().zip(bytes).zip(kept) {
            *word = u64::from_le_bytes(*bytes) & kept;
        }
        words[3] |= (length as u64) << 56;
        Some(Short(words))
    }

    /// A number below `PLACES`.
    fn place(&self) -> usize {
        let [a, b, c, d] = self.0;
        let mixed = a ^ b.rotate_left(17) ^ c.rotate_left(31) ^ d.rotate_left(47);
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PLACES
    }
}

/// By the length of a name, which bits of its words are kept.
const KEPT: [[u64; 4]; SHORT + 1] = {
    let mut kept = [[0; 4]; SHORT + 1];
    let mut length = 0;
    while length <= SHORT {
        let mut byte = 0;
        while byte < length {
            kept[length][byte / 8] |= 0xFF << (byte % 8 * 8);
            byte += 1;
        }
        length += 1;
    }
    kept
};

/// So many names are remembered: hardly one that comes often is put out by another.
const PLACES: usize = 2048;

/// Stands where none is remembered: no name is so long.
const NONE: Short = Short([u64::MAX; 4]);

/// Short names and the code of each.
pub struct Recent {
    names: Box<[Short; PLACES]>,
    codes: Box<[u32; PLACES]>,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent {
            names: Box::new([NONE; PLACES]),
            codes: Box::new([0; PLACES]),
        }
    }
}

impl Recent {
    /// The code of this name, if it is remembered.
    #[inline(always)]
    pub fn get(&self, name: &Short) -> Option<u32> {
        let place = name.place();
        // One branch for all words, which is nearly always gone.
        let words = self.names[place].0.iter().zip(name.0);
        let differ = words.fold(0, |all, (a, b)| all | (a ^ b));
        (differ == 0).then_some(self.codes[place])
    }

    /// Remembers the code of this name, in place of another.
    pub fn put(&mut self, name: Short, code: u32) {
        let place = name.place();
        (self.names[place], self.codes[place]) = (name, code);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.names.fill(NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Names are the same where their bytes are, whatever follows.
        #[test]
        fn a_short_name_is_its_bytes(names in prop::collection::vec("[ab\u{0}]{0,3}|[a-c]{30,34}", 1..40), more in "[ab\u{0}]{32}") {
            let short = |name: &str| Short::of([name, more.as_str()].concat().as_bytes(), name.len());
            let mut recent = Recent::default();
            let mut known: Vec<&str> = Vec::new();
            for name in &names {
                prop_assert_eq!(short(name).is_some(), name.len() <= SHORT);
                let Some(short) = short(name) else {
                    continue;
                };
                let alone = [name.as_bytes(), &[0xFF; 32]].concat();
                prop_assert_eq!(Short::of(&alone, name.len()), Some(short));
                prop_assert_eq!(Short::of(name.as_bytes(), name.len()), None);
                // Another may have taken its place, but never its code.
                if let Some(code) = recent.get(&short) {
                    prop_assert_eq!(known[code as usize], name);
                }
                recent.put(short, u32::try_from(known.len()).unwrap());
                prop_assert!(recent.get(&short).is_some());
                known.push(name);
            }
            recent.clear();
            let mut known = known.into_iter().filter_map(short);
            prop_assert!(known.all(|name| recent.get(&name).is_none()));
        }
    }
}
