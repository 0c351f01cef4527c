//! The tags of a stretch of rows, on their way to those of all: each name once, and the rows that have
//! it. Every stretch is kept until the last is in, so they take no more than they must.

use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::interner::{Names, range};
use crate::engine::table::models::ModelId;
use crate::engine::tags::RARE;
use crate::engine::tags::lists::TagLists;
use crate::engine::tags::sighted::Sighted;
use crate::engine::tags::steps::{count_of, push_number, rows_of, take_number};

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
    /// The codes of tags that are neither rare nor dense, ascending, with the last row of each.
    lasts: Vec<(u32, u32)>,
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
    /// Those that stand in some lists. What was met in other stretches of the same rows is sighted.
    pub fn of(lists: &mut TagLists, sighted: &Sighted) -> PartTags {
        let counts = lists.rows.iter().map(|rows| u8::try_from(rows.count));
        let mut part = PartTags {
            hashes: lists.hashes.clone(),
            counts: counts.map(|count| count.unwrap_or(u8::MAX)).collect(),
            tagged: std::mem::take(&mut lists.tagged),
            ..PartTags::default()
        };
        part.keep_names(lists, sighted);
        part.keep_rows(lists);
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

    #[expect(clippy::cast_possible_truncation, reason = "a few bytes a row")]
    fn keep_rows(&mut self, lists: &TagLists) {
        self.step_ends.reserve_exact(lists.rows.len());
        // In two ascending runs, mostly: the later rows of those that have more than one come last.
        let (mut rare, mut later) = (Vec::new(), Vec::new());
        for (code, rows) in (0..).zip(&lists.rows) {
            let start = self.steps.len();
            lists.pieces.append(rows, &mut self.steps);
            let mut own = rows_of(&self.steps[start..]);
            if self.is_rare(code) {
                rare.extend(own.next().map(|row| (row, code)));
                later.extend(own.map(|row| (row, code)));
            } else if rows.count as usize > self.tagged.words.len() * 8 {
                self.dense.push((code, Bits::of(own)));
                self.steps.truncate(start);
            } else {
                self.lasts.push((code, rows.last));
            }
            self.step_ends.push(self.steps.len() as u32);
        }
        self.steps.shrink_to_fit();
        later.sort_unstable();
        rare.extend(later);
        rare.sort();
        self.keep_rare(&rare);
    }

    /// Keeps the rows that have rare tags, ascending, each with the code of one.
    fn keep_rare(&mut self, rows: &[(u32, u32)]) {
        self.rare = rows.iter().map(|(_, code)| *code).collect();
        let mut last = 0;
        for (row, _) in rows {
            push_number(&mut self.rare_steps, row - last);
            last = *row;
        }
        self.rare_steps.shrink_to_fit();
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

    /// About how many bytes [`PartTags::append_rows`] takes for them, hardly ever more.
    pub fn size(&self, code: u32) -> usize {
        let dense = self.dense(code).map_or(0, Bits::count);
        range(&self.step_ends, code).len() + dense
    }

    /// Puts those rows behind others, as steps from the last of these on.
    pub fn append_rows(&self, code: u32, steps: &mut Vec<u8>, last: &mut u32) {
        let known = self.lasts.binary_search_by_key(&code, |(code, _)| *code);
        let mut own = &self.steps[range(&self.step_ends, code)];
        if let Ok(at) = known
            && let Some(first) = take_number(&mut own)
        {
            push_number(steps, first - *last);
            steps.extend_from_slice(own);
            *last = self.lasts[at].1;
            return;
        }
        for row in self.rows(code) {
            push_number(steps, row - *last);
            *last = row;
        }
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

    /// How many there are of [`PartTags::rare`].
    pub fn count_rare(&self) -> usize {
        self.rare.len()
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
pub struct Bits {
    /// A row not after any of them, a multiple of 64.
    start: u32,
    words: Vec<u64>,
}

impl Bits {
    /// Those rows, which ascend.
    fn of(rows: impl Iterator<Item = u32>) -> Bits {
        let mut bits = Bits::default();
        rows.for_each(|row| bits.add(row));
        bits
    }

    /// Adds a row that is not before any of them.
    pub fn add(&mut self, row: u32) {
        if self.words.is_empty() {
            self.start = row / 64 * 64;
        }
        let at = ((row - self.start) / 64) as usize;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (row % 64);
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
