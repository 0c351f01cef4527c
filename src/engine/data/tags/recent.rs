//! What was made of short names a moment ago: most tags of a model are those of the one before. A name
//! is told from the others without a look at its length or at memory that is not at hand, which is
//! what takes the time.

/// Names up to this length, in bytes, are short.
pub const SHORT: usize = 32;

/// A short name; behind its end are zeros.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Short {
    words: [u64; SHORT / 8],
    length: u32,
}

impl Short {
    /// The short name that bytes begin with; `None` where it is not short, or not so many follow.
    pub fn of(bytes: &[u8], length: usize) -> Option<Short> {
        let kept = KEPT.get(length)?;
        let (bytes, _) = bytes.first_chunk::<SHORT>()?.as_chunks();
        let mut words = *kept;
        for (word, bytes) in words.iter_mut().zip(bytes) {
            *word &= u64::from_le_bytes(*bytes);
        }
        Some(Short {
            words,
            length: length as u32,
        })
    }

    /// A number below `PLACES`.
    fn place(&self) -> usize {
        let [a, b, c, d] = self.words;
        let mixed = a ^ b.rotate_left(17) ^ c.rotate_left(31) ^ d.rotate_left(47);
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PLACES
    }
}

/// By the length of a name, which bits of its words are kept.
const KEPT: [[u64; SHORT / 8]; SHORT + 1] = {
    let mut kept = [[0; SHORT / 8]; SHORT + 1];
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

/// So many names are remembered: they fit the nearest cache of a processor.
const PLACES: usize = 2048;

/// Short names and the code of each.
pub struct Recent(Box<[(Short, u32); PLACES]>);

impl Default for Recent {
    fn default() -> Recent {
        // No name is like this one.
        let none = Short {
            length: u32::MAX,
            ..Short::default()
        };
        Recent(Box::new([(none, 0); PLACES]))
    }
}

impl Recent {
    /// The code of this name, if it is remembered.
    #[inline]
    pub fn get(&self, name: &Short) -> Option<u32> {
        let (known, code) = &self.0[name.place()];
        let differ = known
            .words
            .iter()
            .zip(name.words)
            .fold(u64::from(known.length ^ name.length), |all, (a, b)| {
                all | (a ^ b)
            });
        (differ == 0).then_some(*code)
    }

    /// Remembers the code of this name, in place of another.
    pub fn put(&mut self, name: Short, code: u32) {
        self.0[name.place()] = (name, code);
    }
}
