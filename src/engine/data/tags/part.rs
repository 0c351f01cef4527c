//! The tags of a stretch of rows, on their way from a file: each name once, and the rows that have
//! it.

use std::borrow::Cow;

use super::super::clean::clean;
use super::super::models::ModelId;
use super::super::names::{Names, range};
use super::super::set::ModelSet;
use super::{RARE, hash, push_steps, rows_of};

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
    /// By code, the rows that were seen to have it.
    seen: Vec<Seen>,
    /// What stands in the lists, in the order of the rows: a tag, and a row that has it.
    pairs: Vec<(u32, u32)>,
    tagged: Bits,
    /// By code, once all is taken in: where its steps from row to row end, and the steps.
    step_ends: Vec<u32>,
    steps: Vec<u8>,
    /// Those that a good part of the rows have take a bit a row instead.
    dense: Vec<(u32, Bits)>,
    /// The codes by the upper bits of their hashes, and where those of each number end; filled then
    /// too.
    shared: Vec<u32>,
    share_ends: Vec<u32>,
}

/// The rows that have a tag.
#[derive(Clone, Copy)]
struct Seen {
    count: u32,
    /// The last of them: a row that repeats a tag counts once.
    last: u32,
}

/// Some of the rows of a stretch.
#[derive(Clone, Default)]
struct Bits {
    /// A row not after any of them, a multiple of 64.
    start: u32,
    words: Vec<u64>,
}

impl Bits {
    /// Adds a row; none may be before the 64 rows around the first.
    fn add(&mut self, row: u32) {
        if self.words.is_empty() {
            self.start = row / 64 * 64;
        }
        let at = ((row - self.start) / 64) as usize;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (row % 64);
    }

    /// As many words for the same rows, none of which is in.
    fn emptied(&self) -> Bits {
        Bits {
            start: self.start,
            words: vec![0; self.words.len()],
        }
    }

    fn rows(&self) -> usize {
        self.words.len() * 64
    }

    fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (self.start..).step_by(64).zip(&self.words);
        words.flat_map(|(start, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| start + bit)
        })
    }
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
                self.seen.push(Seen { count: 0, last: 0 });
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
        self.tagged.add(row);
        if let Some(seen) = self.seen.get_mut(code as usize)
            && (seen.last != row || seen.count == 0)
        {
            seen.last = row;
            seen.count += 1;
            self.pairs.push((code, row));
        }
    }

    /// Brings the rows of each tag together; to be called when all rows are in.
    pub fn finish(mut self) -> PartTags {
        self.sort_rows();
        self.share_out();
        self.names.close();
        self
    }

    /// Brings the rows of each tag together; of the pairs those that are rare here stay.
    fn sort_rows(&mut self) {
        let mut pairs = std::mem::take(&mut self.pairs);
        let mut ends: Vec<u32> = self.seen.iter().map(|seen| seen.count).collect();
        let mut rows = vec![0; start(&mut ends)];
        for (code, row) in &pairs {
            let end = &mut ends[*code as usize];
            rows[*end as usize] = *row;
            *end += 1;
        }
        for code in 0..self.names.count() {
            self.keep_rows(code, &rows[range(&ends, code)]);
        }
        pairs.retain(|(code, _)| self.count(*code) <= RARE);
        pairs.shrink_to_fit();
        self.pairs = pairs;
    }

    /// Keeps the rows of the next tag.
    #[expect(clippy::cast_possible_truncation, reason = "a few bytes a row")]
    fn keep_rows(&mut self, code: u32, rows: &[u32]) {
        if rows.len() > self.tagged.rows() / 8 {
            let mut bits = self.tagged.emptied();
            rows.iter().for_each(|row| bits.add(*row));
            self.dense.push((code, bits));
        } else {
            push_steps(&mut self.steps, rows);
        }
        self.step_ends.push(self.steps.len() as u32);
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
        let dense = self.dense(code).into_iter().flat_map(Bits::iter);
        rows_of(&self.steps[range(&self.step_ends, code)]).chain(dense)
    }

    /// Adds those rows to a set.
    pub fn add_rows(&self, code: u32, set: &mut ModelSet) {
        match self.dense(code) {
            Some(bits) => set.or_words(bits.start as usize, &bits.words),
            None => self.rows(code).for_each(|row| set.add(ModelId(row))),
        }
    }

    /// How many those are.
    pub fn count(&self, code: u32) -> usize {
        self.seen[code as usize].count as usize
    }

    fn dense(&self, code: u32) -> Option<&Bits> {
        let at = self.dense.binary_search_by_key(&code, |(code, _)| *code);
        at.ok().map(|at| &self.dense[at].1)
    }

    /// The tags that no more than [`RARE`] rows have here, each with such a row, by ascending row.
    pub fn rare(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// The codes whose hashes have this number, below [`SHARES`], in their upper bits.
    pub fn share(&self, number: u32) -> &[u32] {
        &self.shared[range(&self.share_ends, number)]
    }

    /// Adds the rows that have any tag at all to a set.
    pub fn add_tagged(&self, set: &mut ModelSet) {
        set.or_words(self.tagged.start as usize, &self.tagged.words);
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
