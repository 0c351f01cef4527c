//! Compiled patterns. They rank all ids in one scan of the index; where an earlier result is known to
//! include all matches, as for a word that only grew, no other id is looked at again.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use memchr::memmem::Finder;

use crate::engine::query::ast::{Anchor, Pattern};
use crate::engine::search::Corpus;
use crate::engine::search::index::{IdIndex, classes};
use crate::engine::search::rank::{MISS, Rank, Ranks, fill};
use crate::engine::search::subsequence::Subsequence;
use crate::engine::table::arena::{GAP, StringArena};
use crate::engine::table::bitset::{CHUNK, RowMask, bits};
use crate::engine::table::models::ModelId;

/// A pattern, compiled for the ids of one hub.
pub struct CompiledPattern<'h> {
    index: &'h IdIndex,
    /// The ids to search: in lower case, or as they are if the pattern is case-sensitive.
    ids: &'h StringArena,
    anchor: Anchor,
    is_case_sensitive: bool,
    lower: Vec<u8>,
    /// The text as it occurs in the ids.
    text: Finder<'static>,
    /// The text with the gaps that it must touch.
    anchored_text: Finder<'static>,
    subsequence: Subsequence,
    /// The subsequence with its capitals, where they count.
    cased_subsequence: Option<Subsequence>,
    /// The rank of ids that match as a subsequence only.
    subsequence_rank: Option<Rank>,
}

/// The masks of the 64-row words of a chunk.
type ChunkMask = [u64; CHUNK / 64];

impl<'h> CompiledPattern<'h> {
    /// Compiles a pattern.
    pub fn new(corpus: Corpus<'h>, pattern: &Pattern) -> CompiledPattern<'h> {
        let lower = pattern.text.to_lowercase().into_bytes();
        let is_case_sensitive = pattern.is_case_sensitive();
        let (ids, text) = match is_case_sensitive {
            true => (corpus.models.texts(), pattern.text.as_bytes()),
            false => (corpus.index.texts(), lower.as_slice()),
        };
        let (before, after): (&[u8], &[u8]) = match pattern.anchor {
            // With gaps at both ends, an id equal to the one before it would be missed: they share
            // a gap.
            Anchor::Start | Anchor::Whole => (&[GAP], &[]),
            Anchor::End => (&[], &[GAP]),
            _ => (&[], &[]),
        };
        let anchored_text = [before, text, after].concat();
        let subsequence_rank = Rank::of_subsequence(pattern);
        let has_cased = is_case_sensitive && subsequence_rank == Some(Rank::Subsequence);
        CompiledPattern {
            index: corpus.index,
            ids,
            anchor: pattern.anchor,
            is_case_sensitive,
            text: Finder::new(text).into_owned(),
            anchored_text: Finder::new(&anchored_text).into_owned(),
            subsequence: Subsequence::new(&lower),
            cased_subsequence: has_cased.then(|| Subsequence::new(pattern.text.as_bytes())),
            subsequence_rank,
            lower,
        }
    }

    /// Ranks all ids that contain the text. With `within`, only the models that have this rank there
    /// or a better one matter. `None` if cancelled.
    pub fn scan(&self, within: Option<(&Ranks, Rank)>, cancel: &AtomicBool) -> Option<Ranks> {
        let mut ranks = vec![MISS; self.ids.len()];
        fill(&mut ranks, cancel, |rows, ranks| {
            let candidates = self.candidates(&rows, within);
            let count: u32 = candidates.iter().map(|mask| mask.count_ones()).sum();
            // To scan all ids of a chunk takes as long as to look at one in twelve.
            if count as usize * 12 < rows.len() {
                let some = rows_of(rows.start, &candidates);
                self.prefetch(some.clone());
                some.for_each(|row| ranks[row - rows.start] = self.rank(row));
            } else if self.is_short() {
                self.scan_short(rows, &candidates, ranks);
            } else {
                self.scan_chunk(rows, ranks);
            }
        })?;
        Some(ranks)
    }

    /// Prefetches ids that are about to be looked at, see [`StringArena::prefetch`].
    pub fn prefetch(&self, rows: impl Iterator<Item = usize> + Clone) {
        if self.is_case_sensitive {
            self.ids.prefetch(rows.clone());
        }
        self.index.texts().prefetch(rows);
    }

    /// Returns the rows of a chunk that contain all characters of the text, in any order, and have
    /// a rank in `within`.
    fn candidates(&self, rows: &Range<usize>, within: Option<(&Ranks, Rank)>) -> ChunkMask {
        let classes = self.classes();
        let mut masks = [0; CHUNK / 64];
        for (mask, start) in masks.iter_mut().zip(rows.clone().step_by(64)) {
            *mask = self.index.having(start, classes);
            if let Some((within, worst)) = within
                && *mask != 0
            {
                let end = rows.end.min(start + 64);
                *mask &= bits(&within[start..end], worst as u8);
            }
        }
        masks
    }

    /// Ranks a chunk by scanning all its ids for the text.
    fn scan_chunk(&self, rows: Range<usize>, ranks: &mut [u8]) {
        let start = rows.start;
        let mut last = usize::MAX;
        let by_place = self.is_ranked_by_place();
        self.ids
            .each_place(rows, &self.anchored_text, |row, place| {
                let best = &mut ranks[row - start];
                if by_place {
                    *best = self.rank_at(row, place).min(*best);
                } else if row != std::mem::replace(&mut last, row) {
                    *best = self.rank(row);
                }
            });
    }

    /// Returns true if the places of the text found in a scan, which do not overlap, are enough to
    /// rank an id. In `a/a/a` the place that is skipped may be the better one: a whole word.
    fn is_ranked_by_place(&self) -> bool {
        let text = self.text.needle();
        let overlaps = (1..text.len()).any(|len| text.starts_with(&text[text.len() - len..]));
        let has_boundary = text.iter().any(|byte| !is_word_byte(*byte));
        self.anchor == Anchor::Anywhere && !(overlaps && has_boundary)
    }

    /// Ranks a chunk for one or two letters. As most ids contain them, the places are first marked
    /// many bytes at a time, and then visited. Which ids contain a single letter is known from the
    /// index; only places where it begins a word are visited.
    fn scan_short(&self, rows: Range<usize>, candidates: &ChunkMask, ranks: &mut [u8]) {
        const BLOCK: usize = 4_096;
        let (text, sought) = (self.ids.text(), self.text.needle());
        let (first, second) = (sought[0], sought.get(1));
        let is_indexed = second.is_none() && !self.is_case_sensitive;
        if is_indexed {
            rows_of(0, candidates).for_each(|row| ranks[row] = Rank::Substring as u8);
        }
        let end = self.ids.start(rows.end) - 1;
        let (mut start, mut row) = (self.ids.start(rows.start), rows.start);
        let mut marks = [0_u8; BLOCK];
        while start < end {
            let len = BLOCK.min(end - start);
            let here = &text[start..start + len];
            // The byte beside decides: the one before a single letter, else the second letter.
            let beside = if is_indexed { start - 1 } else { start + 1 };
            let beside = &text[beside..beside + len];
            let bytes = here.iter().zip(beside).zip(&mut marks);
            match second {
                Some(second) => {
                    bytes
                        .for_each(|((a, b), mark)| *mark = u8::from((*a == first) & (b == second)));
                }
                None if is_indexed => bytes
                    .for_each(|((a, b), mark)| *mark = u8::from((*a == first) & !is_word_byte(*b))),
                None => bytes.for_each(|((a, _), mark)| *mark = u8::from(*a == first)),
            }
            for at in memchr::memchr_iter(1, &marks[..len]) {
                let place = start + at;
                row = self.ids.at_place(place, row, rows.end);
                let best = &mut ranks[row - rows.start];
                *best = self.rank_at(row, place).min(*best);
            }
            start += len;
        }
    }

    /// Adds the ids that match as a subsequence only. Ids that `within` misses are known not to.
    /// `None` if cancelled.
    pub fn add_subsequences(
        &self,
        ranks: &mut Ranks,
        within: Option<&Ranks>,
        cancel: &AtomicBool,
    ) -> Option<()> {
        let Some(rank) = self.subsequence_rank else {
            return Some(());
        };
        let within = within.map(|within| (within, Rank::Fuzzy));
        fill(ranks, cancel, |rows, ranks| {
            let mut candidates = self.candidates(&rows, within);
            for (mask, ranks) in candidates.iter_mut().zip(ranks.chunks(64)) {
                *mask &= !bits(ranks, Rank::Fuzzy as u8);
            }
            let some: Vec<usize> = rows_of(rows.start, &candidates).collect();
            self.prefetch(some.iter().copied());
            let (fours, rest) = some.as_chunks::<4>();
            for four in fours {
                let found = self
                    .subsequence
                    .is_in_four(four.map(|row| self.index.id(row)));
                for (row, found) in four.iter().zip(found) {
                    if found && self.has_case(*row) {
                        ranks[row - rows.start] = rank as u8;
                    }
                }
            }
            for row in rest {
                ranks[row - rows.start] = self.rank_of_subsequence(*row);
            }
        })
    }

    /// Returns true if a scan of all ids is slow.
    pub fn is_slow(&self) -> bool {
        self.is_short() || self.is_case_sensitive
    }

    /// Returns true if the text is one or two letters or digits, which most ids contain.
    fn is_short(&self) -> bool {
        let text = self.text.needle();
        let is_plain = text.iter().all(u8::is_ascii_alphanumeric);
        text.len() <= 2 && is_plain && self.anchor == Anchor::Anywhere
    }

    /// Returns the set of the character classes that a matching id contains, see [`classes`].
    pub fn classes(&self) -> u64 {
        classes(&self.lower)
    }

    /// Returns true if the id or the name begins with the text, ignoring case.
    pub fn is_prefix(&self, row: usize) -> bool {
        let id = self.index.id(row);
        [id, name_of(id)].iter().any(|t| t.starts_with(&self.lower))
    }

    /// Returns true if the id or a name after a slash may be the text, ignoring case.
    pub fn may_be_name(&self, row: usize) -> bool {
        let id = self.index.id(row);
        // The last byte rules out most ids without a call.
        let same_end = id.last() == self.lower.last();
        let before = id.strip_suffix(self.lower.as_slice()).filter(|_| same_end);
        before.is_some_and(|before| before.last().is_none_or(|last| *last == b'/'))
    }

    /// Returns true if the id may match: as a subsequence, if the pattern allows that.
    pub fn may_match(&self, row: usize) -> bool {
        MISS != match self.subsequence_rank {
            Some(_) => self.rank_of_subsequence(row),
            None => self.rank(row),
        }
    }

    /// Returns the rank of one id as a subsequence, or [`MISS`].
    pub fn rank_of_subsequence(&self, row: usize) -> u8 {
        match self.subsequence_rank {
            Some(rank) if self.subsequence.is_in(self.index.id(row)) && self.has_case(row) => {
                rank as u8
            }
            _ => MISS,
        }
    }

    /// Returns true if an id that contains the subsequence in some case has its capitals, where
    /// they count.
    fn has_case(&self, row: usize) -> bool {
        let cased = self.cased_subsequence.as_ref();
        cased.is_none_or(|cased| cased.is_in(self.id(row)))
    }

    /// Returns the rank of one id that contains the text, else [`MISS`].
    pub fn rank(&self, row: usize) -> u8 {
        let rank = rank_of(self.id(row), &self.text, self.anchor);
        rank.map_or(MISS, |rank| rank as u8)
    }

    /// Returns the rank of an id for one place of the text, a byte of all ids.
    fn rank_at(&self, row: usize, place: usize) -> u8 {
        let (text, sought) = (self.ids.text(), self.text.needle());
        let (before, after) = (text[place - 1], text[place + sought.len()]);
        let start = self.ids.start(row);
        let begins_id = place == start;
        let begins_name = before == b'/' && memchr::memchr(b'/', &text[start..place - 1]).is_none();
        let rank = match (begins_id || begins_name, after == GAP) {
            (true, true) if begins_id => Rank::Id,
            (true, true) => Rank::Name,
            (true, false) => Rank::Prefix,
            _ if !is_word_byte(before) && !is_word_byte(after) => Rank::Word,
            _ => Rank::Substring,
        };
        rank as u8
    }

    fn id(&self, row: usize) -> &'h [u8] {
        self.ids.get_bytes(row).unwrap_or_default()
    }
}

/// Returns the rows of the masks of a chunk, ascending.
fn rows_of(start: usize, masks: &ChunkMask) -> impl Iterator<Item = usize> + Clone {
    let masks = (start..).step_by(64).zip(masks.iter().copied());
    let models = masks.flat_map(|(start, bits)| RowMask { start, bits }.models());
    models.map(ModelId::row)
}

/// Returns the rank of an id for a text, `None` if it does not match.
fn rank_of(id: &[u8], finder: &Finder, anchor: Anchor) -> Option<Rank> {
    let text = finder.needle();
    let is_whole_word = |at: usize| {
        let is_in_word = |byte: Option<&u8>| byte.is_some_and(|byte| is_word_byte(*byte));
        let before = at.checked_sub(1).and_then(|at| id.get(at));
        !is_in_word(before) && !is_in_word(id.get(at + text.len()))
    };
    let first = finder.find(id)?;
    // The next place may overlap this one.
    let next = |at: usize| finder.find(&id[at + 1..]).map(|further| at + 1 + further);
    let has_whole_word = || std::iter::successors(Some(first), |at| next(*at)).any(is_whole_word);
    let matches = match anchor {
        Anchor::Anywhere | Anchor::Subsequence => true,
        Anchor::Start => first == 0,
        Anchor::End => id.ends_with(text),
        Anchor::Whole => id == text,
        Anchor::Word => has_whole_word(),
    };
    let name = name_of(id);
    Some(if !matches {
        return None;
    } else if id == text {
        Rank::Id
    } else if name == text {
        Rank::Name
    } else if first == 0 || name.starts_with(text) {
        Rank::Prefix
    } else if has_whole_word() {
        Rank::Word
    } else {
        Rank::Substring
    })
}

/// Returns the name after the first slash of an id.
fn name_of(id: &[u8]) -> &[u8] {
    memchr::memchr(b'/', id).map_or(id, |slash| &id[slash + 1..])
}

/// Returns true if a byte is part of a word: a letter, a digit, or not ASCII.
fn is_word_byte(byte: u8) -> bool {
    // Without `||`, so that many bytes are tested in one instruction.
    byte.is_ascii_lowercase() | byte.is_ascii_uppercase() | byte.is_ascii_digit() | !byte.is_ascii()
}
