//! The tags of a stretch of rows, on their way from a file: each name once, and the rows that have
//! it. A name is looked up for every tag of every model, so the table holds hashes, and the names
//! lie behind one another.

use std::borrow::Cow;
use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::super::clean::clean;
use super::hash;

/// Lineage is kept in the graph; its tags, two for most bases, would be the half of all names.
pub const LINEAGE: &str = "base_model:";

/// The code of every tag that is not kept.
const NO_CODE: u32 = u32::MAX;

/// In so many shares are hashes parted.
pub const SHARES: usize = 64;

/// The tags of a stretch of rows.
#[derive(Default)]
pub struct PartTags {
    /// All names, behind one another.
    text: String,
    text_ends: Vec<u32>,
    /// By code, the hash of the name whatever its case.
    hashes: Vec<u64>,
    /// By the hash of the name as it is, or by the next number that no other name has.
    codes: FxHashMap<u64, u32>,
    /// What stands in the lists: a tag and a row that has it, in the order of the rows.
    pairs: Vec<(u32, u32)>,
    /// The last row of each tag, so that a row that repeats one counts once.
    last: Vec<u32>,
    tagged: Vec<u32>,
    /// By code, once all is taken in: where its rows end, and the rows.
    row_ends: Vec<u32>,
    sorted: Vec<u32>,
    /// The hashes and codes of each number in the upper bits of the hash; filled then too.
    shares: Vec<Vec<(u64, u32)>>,
}

impl PartTags {
    /// The code of a tag, for [`PartTags::push`]; `None` where it is no UTF-8, which a tag that is
    /// known already is known to be.
    pub fn code(&mut self, tag: &[u8]) -> Option<u32> {
        if tag.starts_with(LINEAGE.as_bytes()) {
            return std::str::from_utf8(tag).ok().map(|_| NO_CODE);
        }
        let mut hasher = FxHasher::default();
        hasher.write(tag);
        let mut key = hasher.finish();
        while let Some(&code) = self.codes.get(&key) {
            if self.text_of(code).as_bytes() == tag {
                return Some(code);
            }
            key = key.wrapping_add(1);
        }
        match clean(std::str::from_utf8(tag).ok()?) {
            Cow::Borrowed(name) => Some(self.add(key, name)),
            Cow::Owned(name) => self.code(name.as_bytes()),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the names of a row group are far from 4 billion bytes"
    )]
    fn add(&mut self, key: u64, name: &str) -> u32 {
        let code = self.text_ends.len() as u32;
        self.text.push_str(name);
        self.text_ends.push(self.text.len() as u32);
        self.hashes.push(hash(name));
        self.last.push(u32::MAX);
        self.codes.insert(key, code);
        code
    }

    /// The name of a code, cleaned; `""` of the one for tags that are not kept.
    pub fn text_of(&self, code: u32) -> &str {
        &self.text[range(&self.text_ends, code)]
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
            *last = row;
            self.pairs.push((code, row));
        }
    }

    /// Brings the rows of each tag together; to be called when all rows are in.
    pub fn finish(mut self) -> PartTags {
        let mut ends = vec![0_u32; self.text_ends.len()];
        for (code, _) in &self.pairs {
            ends[*code as usize] += 1;
        }
        let mut total = 0;
        let mut next: Vec<u32> = Vec::with_capacity(ends.len());
        for end in &mut ends {
            next.push(total);
            total += *end;
            *end = total;
        }
        self.sorted = vec![0; total as usize];
        for (code, row) in std::mem::take(&mut self.pairs) {
            let place = &mut next[code as usize];
            self.sorted[*place as usize] = row;
            *place += 1;
        }
        self.row_ends = ends;
        self.shares.resize_with(SHARES, Vec::new);
        for (code, hash) in (0..).zip(&self.hashes) {
            self.shares[(*hash >> 58) as usize].push((*hash, code));
        }
        self.codes = FxHashMap::default();
        self.last = Vec::new();
        self
    }

    /// The rows that have the tag of a code, ascending.
    pub fn rows(&self, code: u32) -> &[u32] {
        &self.sorted[range(&self.row_ends, code)]
    }

    /// The hashes of a share, with their codes.
    pub fn share(&self, share: usize) -> &[(u64, u32)] {
        self.shares.get(share).map_or(&[], Vec::as_slice)
    }

    /// Those of some rows that have any tag at all, ascending.
    pub fn tagged_in(&self, rows: Range<usize>) -> &[u32] {
        let before = |end: usize| self.tagged.partition_point(|row| (*row as usize) < end);
        &self.tagged[before(rows.start)..before(rows.end)]
    }
}

/// Where what belongs to a code stands; nowhere for a code that there is not.
fn range(ends: &[u32], code: u32) -> Range<usize> {
    let at = code as usize;
    let Some(end) = ends.get(at) else {
        return 0..0;
    };
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..*end as usize
}
