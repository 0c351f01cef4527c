//! The tags of a stretch of rows, on their way to those of all: each name once, and the rows that have
//! it. Every stretch is kept until the last is in, so they take no more than they must.

use super::super::models::ModelId;
use super::super::names::{Names, range};
use super::super::set::{ModelSet, Rows};
use super::RARE;
use super::lists::TagLists;
use super::sighted::Sighted;
use super::steps::{count_of, push_number, push_steps, rows_of};

/// In so many shares are hashes parted.
pub const SHARES: u32 = 64;

/// The tags of a stretch of rows.
#[derive(Default)]
pub struct PartTags {
    /// By code, the hash of the name whatever its case.
    hashes: Vec<u64>,
    /// By code, how many rows have it, or 255 of more.
    counts: Vec<u8>,
    /// The codes whose names are kept, ascending, and those names.
    named: Vec<u32>,
    names: Names,
    /// By code, where its steps from row to row end, and the steps.
    step_ends: Vec<u32>,
    steps: Vec<u8>,
    /// Those that a good part of the rows have take a bit a row instead.
    dense: Vec<(u32, Bits)>,
    /// The tags that no more than [`RARE`] rows have here, for each of these rows, and the steps from row
    /// to row.
    rare: Vec<u32>,
    rare_steps: Vec<u8>,
    tagged: Bits,
    /// The codes by the upper bits of their hashes, and where those of each number end.
    shared: Vec<u32>,
    share_ends: Vec<u32>,
}

impl PartTags {
    /// Those that stand in some lists; the rows are sorted in `rows`.
    pub(super) fn of(lists: &TagLists, sighted: &Sighted, rows: &mut Vec<u32>) -> PartTags {
        let mut part = PartTags {
            hashes: lists.hashes.clone(),
            tagged: Bits::of(lists.each_row().map(|(row, _)| row)),
            ..PartTags::default()
        };
        let counts = lists.counts();
        let up_to_most = counts.iter().map(|count| u8::try_from(*count));
        part.counts = up_to_most.map(|count| count.unwrap_or(u8::MAX)).collect();
        part.keep_names(lists, sighted);
        part.sort(lists, &counts, rows);
        part.share_out();
        part
    }

    /// Keeps the names but for those of rare tags in lower case that are met for the first time. Where one
    /// of them comes again, in another stretch or another case, it is kept, and tells of the first.
    fn keep_names(&mut self, lists: &TagLists, sighted: &Sighted) {
        let mut mixed = lists.mixed.iter().copied().peekable();
        let mut codes = 0..;
        for hashes in self.hashes.chunks(64) {
            sighted.fetch(hashes);
            for (hash, code) in hashes.iter().zip(&mut codes) {
                let is_mixed = mixed.next_if_eq(&code).is_some();
                if is_mixed || !self.is_rare(code) || sighted.meet(*hash) {
                    self.named.push(code);
                    self.names.push(lists.name(code));
                }
            }
        }
        self.named.shrink_to_fit();
        self.names.shrink();
    }

    fn sort(&mut self, lists: &TagLists, counts: &[u32], rows: &mut Vec<u32>) {
        let mut ends = counts.to_vec();
        rows.clear();
        rows.resize(start(&mut ends), 0);
        let mut last = 0;
        for (row, codes) in lists.each_row() {
            for code in codes {
                let end = &mut ends[*code as usize];
                rows[*end as usize] = row;
                *end += 1;
                if self.is_rare(*code) {
                    self.rare.push(*code);
                    push_number(&mut self.rare_steps, row - last);
                    last = row;
                }
            }
        }
        self.rare.shrink_to_fit();
        self.rare_steps.shrink_to_fit();
        self.step_ends.reserve_exact(ends.len());
        for code in (0..).take(ends.len()) {
            self.keep_rows(code, &rows[range(&ends, code)]);
        }
        self.steps.shrink_to_fit();
    }

    /// Keeps the rows of the next tag.
    #[expect(clippy::cast_possible_truncation, reason = "a few bytes a row")]
    fn keep_rows(&mut self, code: u32, rows: &[u32]) {
        if rows.len() > self.tagged.words.len() * 8 {
            self.dense.push((code, Bits::of(rows.iter().copied())));
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

    /// The name of a code, cleaned, if it is kept.
    pub fn name(&self, code: u32) -> Option<&str> {
        let at = self.named.binary_search(&code).ok()?;
        Some(self.names.get(u32::try_from(at).ok()?))
    }

    /// The hashes of all names, whatever their case, by code.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The rows that have the tag of a code, ascending.
    pub fn rows(&self, code: u32) -> impl Iterator<Item = u32> {
        let dense = self.dense(code).into_iter().flat_map(Bits::iter);
        rows_of(&self.steps[range(&self.step_ends, code)]).chain(dense)
    }

    /// Adds those rows to a set.
    pub fn add_rows(&self, code: u32, set: &mut ModelSet) {
        match self.dense(code) {
            Some(bits) => bits.add_to(set),
            None => self.rows(code).for_each(|row| set.add(ModelId(row))),
        }
    }

    fn is_rare(&self, code: u32) -> bool {
        usize::from(self.counts[code as usize]) <= RARE
    }

    /// How many those are, or 255 if they are more.
    pub fn count_few(&self, code: u32) -> u8 {
        self.counts[code as usize]
    }

    /// How many those are.
    pub fn count(&self, code: u32) -> usize {
        let steps = &self.steps[range(&self.step_ends, code)];
        count_of(steps) + self.dense(code).map_or(0, Bits::count)
    }

    /// The tags of hardly any row, with each of these, by ascending row.
    pub fn rare(&self) -> impl Iterator<Item = (u32, u32)> {
        self.rare.iter().copied().zip(rows_of(&self.rare_steps))
    }

    fn dense(&self, code: u32) -> Option<&Bits> {
        let at = self.dense.binary_search_by_key(&code, |(code, _)| *code);
        at.ok().map(|at| &self.dense[at].1)
    }

    /// The codes whose hashes have this number, below [`SHARES`], in their upper bits.
    pub fn share(&self, number: u32) -> &[u32] {
        &self.shared[range(&self.share_ends, number)]
    }

    /// Adds the rows that have any tag at all to a set.
    pub fn add_tagged(&self, set: &mut ModelSet) {
        self.tagged.add_to(set);
    }
}

/// Some of the rows of a stretch.
#[derive(Default)]
struct Bits {
    /// A row not after any of them, a multiple of 64.
    start: u32,
    words: Vec<u64>,
}

impl Bits {
    /// Those rows, which ascend.
    fn of(rows: impl Iterator<Item = u32>) -> Bits {
        let mut rows = rows.peekable();
        let start = rows.peek().map_or(0, |row| row / 64 * 64);
        let mut words = Vec::new();
        for row in rows {
            let at = ((row - start) / 64) as usize;
            if at >= words.len() {
                words.resize(at + 1, 0);
            }
            words[at] |= 1 << (row % 64);
        }
        Bits { start, words }
    }

    fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (self.start as usize..).step_by(64).zip(&self.words);
        let rows = words.map(|(start, bits)| Rows { start, bits: *bits });
        rows.flat_map(Rows::models).map(|model| model.0)
    }

    fn count(&self) -> usize {
        self.words
            .iter()
            .map(|bits| bits.count_ones() as usize)
            .sum()
    }

    fn add_to(&self, set: &mut ModelSet) {
        set.or_words(self.start as usize, &self.words);
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
