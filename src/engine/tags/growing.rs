//! The rows of many tags, written down as they are met. Each list lies in pieces of one memory that is
//! used again for the next lists: every piece is twice as long as the one before it, and its last bytes
//! tell where the next begins.

use crate::engine::tags::steps::each_byte;

/// The first piece of a list, in bytes: the row of a tag that is met once fits in.
const FIRST: u32 = 8;

/// No piece is longer.
const MOST: u32 = 4096;

/// What a piece has behind its steps.
const LINK: u32 = 4;

/// No row has this number.
const NO_ROW: u32 = u32::MAX;

/// A list of rows.
pub struct Growing {
    pub count: u32,
    /// The last row, or [`NO_ROW`].
    pub last: u32,
    first_piece: u32,
    /// Where the next step comes, and where the steps of the piece end.
    at: u32,
    end: u32,
    /// The length of the piece, in bytes.
    length: u32,
}

/// The memory that lists grow in.
#[derive(Default)]
pub struct Pieces {
    bytes: Vec<u8>,
}

impl Pieces {
    /// Forgets all lists.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// A list without any rows.
    pub fn list(&mut self) -> Growing {
        let first_piece = self.piece(FIRST);
        Growing {
            count: 0,
            last: NO_ROW,
            first_piece,
            at: first_piece,
            end: first_piece + FIRST - LINK,
            length: FIRST,
        }
    }

    /// Adds a row to a list, once, however often it comes. Rows ascend.
    #[inline(always)]
    pub fn push(&mut self, list: &mut Growing, row: u32) {
        if list.last == row {
            return;
        }
        let before = if list.count == 0 { 0 } else { list.last };
        list.last = row;
        list.count += 1;
        each_byte(row - before, |byte| self.push_byte(list, byte));
    }

    #[inline(always)]
    fn push_byte(&mut self, list: &mut Growing, byte: u8) {
        if list.at == list.end {
            self.go_on(list);
        }
        self.bytes[list.at as usize] = byte;
        list.at += 1;
    }

    #[cold]
    fn go_on(&mut self, list: &mut Growing) {
        list.length = MOST.min(list.length * 2);
        let next = self.piece(list.length);
        let link = &mut self.bytes[list.end as usize..][..LINK as usize];
        link.copy_from_slice(&next.to_le_bytes());
        list.at = next;
        list.end = next + list.length - LINK;
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "they take less than the tags do in a file"
    )]
    fn piece(&mut self, length: u32) -> u32 {
        let start = self.bytes.len();
        self.bytes.resize(start + length as usize, 0);
        start as u32
    }

    /// Puts the rows of a list behind other bytes, as steps from 0 to the first, and on from each to the
    /// next.
    pub fn append(&self, list: &Growing, steps: &mut Vec<u8>) {
        let (mut start, mut length) = (list.first_piece, FIRST);
        while start + length - LINK != list.end {
            let (own, further) = self.bytes[start as usize..].split_at((length - LINK) as usize);
            steps.extend_from_slice(own);
            let link = further.first_chunk().copied().unwrap_or_default();
            start = u32::from_le_bytes(link);
            length = MOST.min(length * 2);
        }
        steps.extend_from_slice(&self.bytes[start as usize..list.at as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tags::steps::rows_of;
    use proptest::prelude::*;

    proptest! {
        /// Lists that grow side by side are what each is alone.
        #[test]
        fn lists_grow_apart(rows in prop::collection::vec((0..4_usize, prop_oneof![9 => 0..3_u32, 1 => 0..3_000_000_u32]), 0..9_000)) {
            let mut pieces = Pieces::default();
            for _ in 0..2 {
                pieces.clear();
                let mut lists = [(); 4].map(|()| (pieces.list(), Vec::new()));
                let mut row = 0_u32;
                for (list, step) in &rows {
                    row = row.saturating_add(*step).min(u32::MAX - 1);
                    let (growing, naive) = &mut lists[*list];
                    pieces.push(growing, row);
                    if naive.last() != Some(&row) {
                        naive.push(row);
                    }
                }
                for (growing, naive) in &lists {
                    let mut steps = vec![0];
                    pieces.append(growing, &mut steps);
                    prop_assert_eq!(&rows_of(&steps[1..]).collect::<Vec<_>>(), naive);
                    prop_assert_eq!(growing.count as usize, naive.len());
                }
            }
        }
    }
}
