//! The tags of a stretch of rows, on their way from a file: each name once, and the rows that have
//! it.

use std::borrow::Cow;
use std::ops::Range;

use super::super::clean::clean;
use super::super::names::{Names, range};
use super::{count_numbers, hash, number_len, put_number, rows_of};

/// Lineage is kept in the graph; its tags, two for most bases, would be the half of all names.
pub const LINEAGE: &str = "base_model:";

/// The code of every tag that is not kept.
const NO_CODE: u32 = u32::MAX;

/// In so many shares are hashes parted.
pub const SHARES: u32 = 64;

/// The tags of a stretch of rows.
#[derive(Default)]
pub struct PartTags {
    names: Names,
    /// By code, the hash of the name whatever its case.
    hashes: Vec<u64>,
    /// What stands in the lists, in the order of the rows: a tag, and how many rows after its last one
    /// (after none, for the first) is one that has it.
    pairs: Vec<(u32, u32)>,
    /// The last row of each tag, so that a row that repeats one counts once.
    last: Vec<u32>,
    tagged: Vec<u32>,
    /// By code, once all is taken in: where its steps from row to row end, and the steps.
    step_ends: Vec<u32>,
    steps: Vec<u8>,
    /// The codes by the upper bits of their hashes, and where those of each number end; filled then
    /// too.
    shared: Vec<u32>,
    share_ends: Vec<u32>,
}

impl PartTags {
    /// The code of a tag, for [`PartTags::push`]; `None` where it is no UTF-8, which a tag that is
    /// known already is known to be, and one that is not kept need not be.
    pub fn code(&mut self, tag: &[u8]) -> Option<u32> {
        if tag.starts_with(LINEAGE.as_bytes()) {
            return Some(NO_CODE);
        }
        let key = match self.names.find(tag) {
            Ok(code) => return Some(code),
            Err(key) => key,
        };
        match clean(std::str::from_utf8(tag).ok()?) {
            Cow::Borrowed(name) => {
                self.hashes.push(hash(name));
                self.last.push(u32::MAX);
                Some(self.names.add(key, name))
            }
            Cow::Owned(name) => self.code(name.as_bytes()),
        }
    }

    /// The name of a code, cleaned; `""` of the one for tags that are not kept.
    pub fn text_of(&self, code: u32) -> &str {
        self.names.get(code)
    }

    /// The hashes of all names, whatever their case, by code.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// A row has the tag of a code; rows come in ascending order.
    pub fn push(&mut self, row: u32, code: u32) {
        if self.tagged.last() != Some(&row) {
            self.tagged.push(row);
        }
        if let Some(last) = self.last.get_mut(code as usize)
            && *last != row
        {
            let from = if *last == u32::MAX { 0 } else { *last };
            *last = row;
            self.pairs.push((code, row - from));
        }
    }

    /// Brings the rows of each tag together; to be called when all rows are in.
    pub fn finish(mut self) -> PartTags {
        self.sort_steps();
        self.share_out();
        self.names.close();
        self.last = Vec::new();
        self
    }

    fn sort_steps(&mut self) {
        let pairs = std::mem::take(&mut self.pairs);
        self.step_ends = vec![0; self.hashes.len()];
        for (code, step) in &pairs {
            self.step_ends[*code as usize] += number_len(*step);
        }
        self.steps = vec![0; start(&mut self.step_ends)];
        for (code, step) in pairs {
            let end = &mut self.step_ends[code as usize];
            *end += put_number(&mut self.steps[*end as usize..], step);
        }
    }

    fn share_out(&mut self) {
        let share = |hash: &u64| (hash >> 58) as usize;
        self.share_ends = vec![0; SHARES as usize];
        for hash in &self.hashes {
            self.share_ends[share(hash)] += 1;
        }
        self.shared = vec![0; start(&mut self.share_ends)];
        for (code, hash) in (0..).zip(&self.hashes) {
            let end = &mut self.share_ends[share(hash)];
            self.shared[*end as usize] = code;
            *end += 1;
        }
    }

    /// The rows that have the tag of a code, ascending.
    pub fn rows(&self, code: u32) -> impl Iterator<Item = u32> {
        rows_of(&self.steps[range(&self.step_ends, code)])
    }

    /// How many those are.
    pub fn count(&self, code: u32) -> usize {
        count_numbers(&self.steps[range(&self.step_ends, code)])
    }

    /// The codes whose hashes have this number, below [`SHARES`], in their upper bits.
    pub fn share(&self, number: u32) -> &[u32] {
        &self.shared[range(&self.share_ends, number)]
    }

    /// Those of some rows that have any tag at all, ascending.
    pub fn tagged_in(&self, rows: Range<usize>) -> &[u32] {
        let before = |end: usize| self.tagged.partition_point(|row| (*row as usize) < end);
        &self.tagged[before(rows.start)..before(rows.end)]
    }
}

/// Makes of the sizes of groups where each starts, which becomes where it ends as it is filled; what
/// they add up to.
fn start(sizes: &mut [u32]) -> usize {
    let mut total = 0;
    for size in sizes {
        let own = std::mem::replace(size, total);
        total += own;
    }
    total as usize
}
