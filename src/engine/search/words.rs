//! How well each id matches a pattern: a byte a model. The whole text is scanned once for a new
//! pattern; where an earlier answer is known to hold all matches, as for a word that only grew,
//! no other id is looked at again.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem::Finder;
use rayon::prelude::*;

use crate::engine::query::query::{Pattern, Place};
use crate::engine::search::index::{Arena, GAP, classes};
use crate::engine::search::subsequence::Letters;
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::{CHUNK, Rows, bits, chunks, ones};
use crate::engine::table::models::{ModelId, Models};

/// How well an id matches; the best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    /// The id is what was typed.
    Id,
    /// The name after the slash is.
    Name,
    /// Either begins with it.
    Prefix,
    /// It stands in the id as a whole word.
    Word,
    /// It stands somewhere in the id.
    Substring,
    /// The id has its letters in order, with others between, and that is what was asked for.
    Scattered,
    /// The same, offered beside what was asked for.
    Fuzzy,
}

impl Tier {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All of them, the best first.
    pub const ALL: [Tier; Tier::COUNT] = [
        Tier::Id,
        Tier::Name,
        Tier::Prefix,
        Tier::Word,
        Tier::Substring,
        Tier::Scattered,
        Tier::Fuzzy,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Id => "id",
            Tier::Name => "name",
            Tier::Prefix => "prefix",
            Tier::Word => "word",
            Tier::Substring => "substring",
            Tier::Scattered | Tier::Fuzzy => "fuzzy",
        }
    }
}

/// In place of a tier: the id does not match.
pub const MISS: u8 = Tier::COUNT as u8;

/// Shorter words than this bring no fuzzy matches: nearly every id has two letters in order.
const FUZZY_FROM: usize = 3;

/// The tier of ids that only have a pattern's letters in order, if they match at all.
pub fn loose_tier(pattern: &Pattern) -> Option<Tier> {
    match pattern.place {
        Place::Scattered => Some(Tier::Scattered),
        Place::Anywhere if pattern.text.chars().count() >= FUZZY_FROM => Some(Tier::Fuzzy),
        _ => None,
    }
}

/// A tier for every model, or [`MISS`].
pub type Tiers = Vec<u8>;

/// A pattern, ready to be looked for.
pub struct Seeker<'h> {
    arena: &'h Arena,
    /// The ids to look in: as they are where capitals count, else in lower case.
    ids: &'h StringArena,
    pattern: Pattern,
    lower: Vec<u8>,
    /// The text as it must stand in them.
    text: Finder<'static>,
    /// What stands in them wherever the text does at its place.
    needle: Finder<'static>,
    /// The text's letters in lower case, and as they are where capitals count.
    letters: Letters,
    cased: Option<Letters>,
    loose: Option<Tier>,
}

impl<'h> Seeker<'h> {
    /// Looks for the pattern in these ids.
    pub fn new(arena: &'h Arena, models: &'h Models, pattern: &Pattern) -> Seeker<'h> {
        let lower = pattern.text.to_lowercase().into_bytes();
        let (ids, text) = match pattern.is_strict() {
            true => (models.texts(), pattern.text.as_bytes()),
            false => (arena.texts(), lower.as_slice()),
        };
        let (before, after): (&[u8], &[u8]) = match pattern.place {
            // A gap at both ends would be missed where the id before is the same: they share one.
            Place::Start | Place::Whole => (&[GAP], &[]),
            Place::End => (&[], &[GAP]),
            _ => (&[], &[]),
        };
        let needle = [before, text, after].concat();
        Seeker {
            arena,
            ids,
            pattern: pattern.clone(),
            text: Finder::new(text).into_owned(),
            needle: Finder::new(&needle).into_owned(),
            letters: Letters::new(&lower),
            loose: loose_tier(pattern),
            cased: pattern
                .is_strict()
                .then(|| Letters::new(pattern.text.as_bytes())),
            lower,
        }
    }

    /// The tiers of all ids in which the text stands. Where `within` is given, only those are asked
    /// for that have a tier there, this one or better. `None` when `stop` was set meanwhile.
    pub fn exact(&self, within: Option<(&Tiers, Tier)>, stop: &AtomicBool) -> Option<Tiers> {
        let mut tiers = vec![MISS; self.arena.len()];
        tiers
            .par_chunks_mut(CHUNK)
            .zip(chunks(self.arena.len()))
            .filter(|_| !stop.load(Ordering::Relaxed))
            .for_each(|(tiers, rows)| {
                let known = within.map(|(within, worst)| (&within[rows.clone()], worst));
                let candidates = self.candidates(rows.clone(), known);
                let count: u32 = candidates.iter().map(|word| word.count_ones()).sum();
                // To look through all ids of a chunk takes no longer than to look at many alone.
                if count as usize * 12 < rows.len() {
                    self.exact_among(rows, &candidates, tiers);
                } else if self.is_short() {
                    self.exact_short(rows, tiers);
                } else {
                    self.exact_anywhere(rows, tiers);
                }
            });
        (!stop.load(Ordering::Relaxed)).then_some(tiers)
    }

    /// Has memory bring the ids that are to be looked at, see [`StringArena::fetch`].
    pub fn fetch(&self, rows: impl Iterator<Item = usize> + Clone) {
        if self.is_strict() {
            self.ids.fetch(rows.clone());
        }
        self.arena.texts().fetch(rows);
    }

    /// The rows of a chunk that have all letters of the text, and a tier already, no worse than this,
    /// if any are known.
    fn candidates(&self, rows: Range<usize>, known: Option<(&[u8], Tier)>) -> [u64; CHUNK / 64] {
        let (chunk, classes) = (rows.start / CHUNK, self.classes());
        let mut all = [0; CHUNK / 64];
        for (word, all) in all.iter_mut().enumerate().take(rows.len().div_ceil(64)) {
            *all = self.arena.with_letters(chunk, word, classes);
            if let Some((known, worst)) = known
                && *all != 0
            {
                let known = &known[word * 64..known.len().min(word * 64 + 64)];
                *all &= bits(known, worst as u8);
            }
        }
        all
    }

    /// The tiers of some of a chunk's ids.
    fn exact_among(&self, rows: Range<usize>, some: &[u64], tiers: &mut [u8]) {
        let words = rows.step_by(64).zip(some.iter().copied());
        let some = words.flat_map(|(start, bits)| Rows { start, bits }.models());
        let some = some.map(ModelId::row);
        self.fetch(some.clone());
        some.for_each(|row| tiers[row % CHUNK] = self.tier(row));
    }

    fn exact_anywhere(&self, rows: Range<usize>, tiers: &mut [u8]) {
        let start = rows.start;
        if self.is_told_by_places() {
            return self.ids.each_place(rows, &self.needle, |row, place| {
                let best = &mut tiers[row - start];
                *best = self.tier_at(row, place).min(*best);
            });
        }
        let mut last = usize::MAX;
        self.ids.each_place(rows, &self.needle, |row, _| {
            if row != std::mem::replace(&mut last, row) {
                tiers[row - start] = self.tier(row);
            }
        });
    }

    /// Adds the ids that only have the letters in order, whatever their case. Where `within` is
    /// given, what it misses is known not to match. `false` when `stop` was set meanwhile.
    pub fn loosen(&self, tiers: &mut Tiers, within: Option<&Tiers>, stop: &AtomicBool) -> bool {
        if self.loose.is_none() {
            return true;
        }
        tiers
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, tiers)| {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let first = chunk * CHUNK;
                let mut rows = Vec::with_capacity(tiers.len());
                self.each_with_letters(chunk, tiers.len(), |at| {
                    let row = first + at;
                    if tiers[at] == MISS && within.is_none_or(|within| within[row] != MISS) {
                        rows.push(row);
                    }
                });
                self.fetch(rows.iter().copied());
                let (fours, rest) = rows.as_chunks::<4>();
                for four in fours {
                    let fit = self.letters.are_in_four(four.map(|row| self.arena.id(row)));
                    for (row, fits) in four.iter().zip(fit) {
                        tiers[row - first] = if fits { self.loose_case(*row) } else { MISS };
                    }
                }
                for row in rest {
                    tiers[row - first] = self.loose(*row);
                }
            });
        !stop.load(Ordering::Relaxed)
    }

    /// Every row of a chunk, counted from its first, that has all letters of the text, if not in
    /// this order.
    fn each_with_letters(&self, chunk: usize, rows: usize, mut found: impl FnMut(usize)) {
        let classes = classes(&self.lower);
        for word in 0..rows.div_ceil(64) {
            let rows = self.arena.with_letters(chunk, word, classes);
            ones(rows).for_each(|row| found(word * 64 + row));
        }
    }

    /// Whether the places where the text stands tell how well an id matches. Where one place can lie
    /// across another, as in `a/a/a`, the one that is passed over may be the better: the one that
    /// stands between marks.
    fn is_told_by_places(&self) -> bool {
        let text = self.text.needle();
        let overlaps = (1..text.len()).any(|len| text.starts_with(&text[text.len() - len..]));
        let marks = text.iter().any(|b| !is_letter(*b));
        self.pattern.place == Place::Anywhere && !(overlaps && marks)
    }

    /// Whether it takes long to look for the text in all ids.
    pub fn is_slow(&self) -> bool {
        self.is_short() || self.is_strict()
    }

    /// Whether nearly every id has a part of the text.
    fn is_short(&self) -> bool {
        let plain = self.pattern.text.bytes().all(|b| b.is_ascii_alphanumeric());
        self.lower.len() <= 2 && plain && self.pattern.place == Place::Anywhere
    }

    /// The tiers of a chunk for one or two letters. They stand nearly everywhere, so the places
    /// are marked first, many bytes at a time, and then visited. Which ids have one letter is known
    /// already: only where it begins a word is looked at.
    fn exact_short(&self, rows: Range<usize>, tiers: &mut [u8]) {
        const BLOCK: usize = 4_096;
        let (text, sought) = (self.ids.text(), self.text.needle());
        let (first, second) = (sought[0], sought.get(1));
        let everywhere = second.is_none() && !self.is_strict();
        if everywhere {
            self.each_with_letters(rows.start / CHUNK, rows.len(), |at| {
                tiers[at] = Tier::Substring as u8;
            });
        }
        // What ends with a gap needs no place in it, and beside the last one stands nothing.
        let end = self.ids.start(rows.end) - 1;
        let (mut start, mut row) = (self.ids.start(rows.start), rows.start);
        let mut marks = [0_u8; BLOCK];
        while start < end {
            let len = BLOCK.min(end - start);
            let here = &text[start..start + len];
            // A neighbour decides: the one before a letter alone, else the second letter.
            let beside = if everywhere { start - 1 } else { start + 1 };
            let beside = &text[beside..beside + len];
            let bytes = here.iter().zip(beside).zip(&mut marks);
            match second {
                Some(second) => {
                    bytes.for_each(|((a, b), mark)| *mark = u8::from((*a == first) & (b == second)))
                }
                None if everywhere => bytes
                    .for_each(|((a, b), mark)| *mark = u8::from((*a == first) & !is_letter(*b))),
                None => bytes.for_each(|((a, _), mark)| *mark = u8::from(*a == first)),
            }
            for at in memchr::memchr_iter(1, &marks[..len]) {
                let place = start + at;
                row = self.ids.at_place(place, row, rows.end);
                let best = &mut tiers[row - rows.start];
                *best = self.tier_at(row, place).min(*best);
            }
            start += len;
        }
    }

    /// The tier of one id that only has the letters in order, else [`MISS`]. Offered beside what was
    /// asked for, their case does not count.
    pub fn loose(&self, row: usize) -> u8 {
        match self.loose.is_some() && self.letters.are_in(self.arena.id(row)) {
            true => self.loose_case(row),
            false => MISS,
        }
    }

    /// The same where it is known that the letters stand in order, whatever their case.
    fn loose_case(&self, row: usize) -> u8 {
        let Some(loose) = self.loose else {
            return MISS;
        };
        let cased = self.cased.as_ref().filter(|_| loose != Tier::Fuzzy);
        match cased.is_none_or(|cased| cased.are_in(self.id(row))) {
            true => loose as u8,
            false => MISS,
        }
    }

    /// The letters that an id must have to match, see [`classes`].
    pub fn classes(&self) -> u64 {
        classes(&self.lower)
    }

    fn is_strict(&self) -> bool {
        self.cased.is_some()
    }

    /// Whether the id, or the name in it, begins with the text but for its capitals.
    pub fn begins(&self, row: usize) -> bool {
        let id = self.arena.id(row);
        let name = memchr::memchr(b'/', id).map_or(id, |slash| &id[slash + 1..]);
        [id, name].iter().any(|text| text.starts_with(&self.lower))
    }

    /// Whether the id, or the name in it, may be the text: it ends with it, after nothing or a slash.
    pub fn may_name(&self, row: usize) -> bool {
        let id = self.arena.id(row);
        let before = id.strip_suffix(self.lower.as_slice());
        // Most are told apart by the last letter, without a call.
        id.last() == self.lower.last()
            && before.is_some_and(|before| before.last().is_none_or(|last| *last == b'/'))
    }

    /// Whether the id is at least offered: the letters are there in order, where that is enough.
    pub fn may_have(&self, row: usize) -> bool {
        match self.loose {
            Some(_) => self.loose(row) != MISS,
            None => self.tier(row) != MISS,
        }
    }

    /// The tier of one id in which the text stands, else [`MISS`].
    pub fn tier(&self, row: usize) -> u8 {
        let tier = tier_of(self.id(row), &self.text, self.pattern.place);
        tier.map_or(MISS, |tier| tier as u8)
    }

    /// The tier of an id for a place, among all, where the text stands in it.
    fn tier_at(&self, row: usize, place: usize) -> u8 {
        let (text, sought) = (self.ids.text(), self.text.needle());
        let (before, after) = (text[place - 1], text[place + sought.len()]);
        let start = self.ids.start(row);
        let begins = place == start;
        // The name begins after the first slash.
        let names = before == b'/' && memchr::memchr(b'/', &text[start..place - 1]).is_none();
        let tier = match (begins || names, after == GAP) {
            (true, true) if begins => Tier::Id,
            (true, true) => Tier::Name,
            (true, false) => Tier::Prefix,
            _ if !is_letter(before) && !is_letter(after) => Tier::Word,
            _ => Tier::Substring,
        };
        tier as u8
    }

    fn id(&self, row: usize) -> &'h [u8] {
        self.ids.get_bytes(row).unwrap_or_default()
    }
}

/// How well an id matches a text at a place; `None` where the text does not stand there.
fn tier_of(id: &[u8], finder: &Finder, place: Place) -> Option<Tier> {
    let text = finder.needle();
    let alone = |at: usize| {
        let letter = |b: Option<&u8>| b.is_some_and(|b| is_letter(*b));
        let before = at.checked_sub(1).and_then(|at| id.get(at));
        !letter(before) && !letter(id.get(at + text.len()))
    };
    let first = finder.find(id)?;
    // The next place may lie across the one before it.
    let next = |at: usize| finder.find(&id[at + 1..]).map(|further| at + 1 + further);
    let stands_alone = || std::iter::successors(Some(first), |at| next(*at)).any(alone);
    let fits = match place {
        Place::Anywhere | Place::Scattered => true,
        Place::Start => first == 0,
        Place::End => id.ends_with(text),
        Place::Whole => id == text,
        Place::Word => stands_alone(),
    };
    if !fits {
        return None;
    }
    let name = memchr::memchr(b'/', id).map_or(id, |slash| &id[slash + 1..]);
    Some(if id == text {
        Tier::Id
    } else if name == text {
        Tier::Name
    } else if first == 0 || name.starts_with(text) {
        Tier::Prefix
    } else if stands_alone() {
        Tier::Word
    } else {
        Tier::Substring
    })
}

/// Whether a byte is part of a word: letters, digits, and all that is not ASCII.
fn is_letter(byte: u8) -> bool {
    // Without `||`, many bytes can be looked at in one step.
    byte.is_ascii_lowercase() | byte.is_ascii_uppercase() | byte.is_ascii_digit() | !byte.is_ascii()
}

/// Whether fewer than one in so many have a tier, this one or better.
pub fn is_sparse(tiers: &[u8], worst: Tier, one_in: usize) -> bool {
    let counts = tiers
        .chunks(64)
        .map(|tiers| bits(tiers, worst as u8).count_ones() as usize);
    counts.sum::<usize>() < tiers.len() / one_in
}
