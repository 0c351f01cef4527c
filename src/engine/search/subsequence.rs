//! Subsequence matching: whether an id contains the characters of a text in order, with any others
//! between them.

/// A text compiled for subsequence matching (Shift-And). One bit is set in the state: it marks the
/// character that is awaited, and adding the bit to itself advances to the next character. StringArena
/// of more than 63 bytes are matched block by block.
pub struct Subsequence {
    blocks: Vec<Block>,
    /// The text itself if it has characters of several bytes.
    wide: Option<String>,
}

/// At most 63 bytes of a text.
struct Block {
    /// The positions of each byte, as a bit set.
    positions: Box<[u64; 256]>,
    /// The state once all are matched.
    matched: u64,
}

impl Block {
    fn new(text: &[u8]) -> Block {
        let mut positions = Box::new([0; 256]);
        for (at, byte) in text.iter().enumerate() {
            positions[usize::from(*byte)] |= 1 << at;
        }
        Block {
            positions,
            matched: 1 << text.len(),
        }
    }

    fn next(&self, state: u64, byte: u8) -> u64 {
        state + (state & self.positions[usize::from(byte)])
    }

    fn run(&self, state: u64, id: &[u8]) -> u64 {
        id.iter().fold(state, |state, byte| self.next(state, *byte))
    }
}

impl Subsequence {
    /// Compiles a text.
    pub fn new(text: &[u8]) -> Subsequence {
        let wide = str::from_utf8(text).ok().filter(|text| !text.is_ascii());
        Subsequence {
            blocks: text.chunks(63).map(Block::new).collect(),
            wide: wide.map(str::to_owned),
        }
    }

    /// Returns true if the text is a subsequence of the id.
    pub fn is_in(&self, id: &[u8]) -> bool {
        if let Some(wide) = &self.wide {
            let mut chars = str::from_utf8(id).unwrap_or_default().chars();
            return wide.chars().all(|wanted| chars.any(|c| c == wanted));
        }
        if let [block] = self.blocks.as_slice() {
            return block.run(1, id) == block.matched;
        }
        let mut rest = id.iter();
        self.blocks.iter().all(|block| {
            let mut state = 1;
            rest.by_ref().any(|byte| {
                state = block.next(state, *byte);
                state == block.matched
            })
        })
    }

    /// Matches four ids at once, which takes little more time than one: each step has to wait for
    /// the step before it only.
    pub fn is_in_four(&self, ids: [&[u8]; 4]) -> [bool; 4] {
        let ([block], None) = (self.blocks.as_slice(), &self.wide) else {
            return ids.map(|id| self.is_in(id));
        };
        let shared = ids.iter().map(|id| id.len()).min().unwrap_or(0);
        let [a, b, c, d] = ids.map(|id| &id[..shared]);
        let mut states = [1; 4];
        for at in 0..shared {
            let bytes = [a[at], b[at], c[at], d[at]];
            states = std::array::from_fn(|id| block.next(states[id], bytes[id]));
        }
        std::array::from_fn(|id| block.run(states[id], &ids[id][shared..]) == block.matched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn subsequences_are_found(text in "[abc]{1,4}|[ab]{60,70}|[aé]{1,3}", ids in prop::array::uniform4("[abcé]{0,12}|[ab]{100,200}")) {
            let compiled = Subsequence::new(text.as_bytes());
            let naive = |id: &String| {
                let mut left = id.chars();
                text.chars().all(|wanted| left.any(|c| c == wanted))
            };
            let wanted = ids.each_ref().map(naive);
            let ids = ids.each_ref().map(|id| id.as_bytes());
            prop_assert_eq!(ids.map(|id| compiled.is_in(id)), wanted);
            prop_assert_eq!(compiled.is_in_four(ids), wanted);
        }
    }
}
