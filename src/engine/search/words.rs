//! How well each id matches a pattern: a byte a model. The whole text is scanned once for a new
//! pattern; where an earlier answer is known to hold all matches, as for a word that only grew,
//! no other id is looked at again.

use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem::{self, Finder};
use rayon::prelude::*;

use super::arena::{Arena, GAP, classes};
use super::query::{Pattern, Place};
use crate::engine::data::models::{ModelId, Models};
use crate::engine::data::set::{CHUNK, chunks};

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

/// A tier for every model, or [`MISS`].
pub type Tiers = Vec<u8>;

/// A pattern, ready to be looked for.
pub struct Seeker<'h> {
    arena: &'h Arena,
    models: &'h Models,
    pattern: Pattern,
    lower: Vec<u8>,
    /// What stands in the arena wherever the pattern's text does at its place.
    needle: Finder<'static>,
    strict: bool,
}

impl<'h> Seeker<'h> {
    /// Looks for the pattern in these ids.
    pub fn new(arena: &'h Arena, models: &'h Models, pattern: &Pattern) -> Seeker<'h> {
        let lower = pattern.text.to_lowercase().into_bytes();
        let (before, after): (&[u8], &[u8]) = match pattern.place {
            Place::Start => (&[GAP], &[]),
            Place::End => (&[], &[GAP]),
            Place::Whole => (&[GAP], &[GAP]),
            _ => (&[], &[]),
        };
        let needle = [before, &lower, after].concat();
        Seeker {
            arena,
            models,
            pattern: pattern.clone(),
            needle: Finder::new(&needle).into_owned(),
            strict: pattern.is_strict(),
            lower,
        }
    }

    /// Whether there may be matches that [`Seeker::exact`] does not find.
    pub fn has_more(&self) -> bool {
        self.loose().is_some()
    }

    /// The tier of ids that only have the letters in order, if they match at all.
    fn loose(&self) -> Option<Tier> {
        match self.pattern.place {
            Place::Scattered => Some(Tier::Scattered),
            Place::Anywhere if self.lower.len() >= FUZZY_FROM => Some(Tier::Fuzzy),
            _ => None,
        }
    }

    /// The tiers of all ids in which the text stands. Where `within` is given, what it misses is
    /// known not to match. `None` when `stop` was set meanwhile.
    pub fn exact(&self, within: Option<&Tiers>, stop: &AtomicBool) -> Option<Tiers> {
        let mut tiers = vec![MISS; self.arena.len()];
        tiers
            .par_chunks_mut(CHUNK)
            .zip(chunks(self.arena.len()))
            .for_each(|(tiers, rows)| {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let start = rows.start;
                match within {
                    Some(within) => {
                        let known = &within[rows.clone()];
                        // What has the letters only can have no longer word.
                        let held = |tier: u8| tier <= Tier::Substring as u8;
                        for (row, _) in rows.zip(known).filter(|(_, tier)| held(**tier)) {
                            tiers[row - start] = self.tier(row);
                        }
                    }
                    None if self.strict || self.pattern.place != Place::Anywhere => {
                        let mut last = usize::MAX;
                        self.arena.each_place(rows, &self.needle, |row, _| {
                            if row != std::mem::replace(&mut last, row) {
                                tiers[row - start] = self.tier(row);
                            }
                        });
                    }
                    None => self.arena.each_place(rows, &self.needle, |row, place| {
                        let tier = self.tier_of_place(row, place) as u8;
                        let best = &mut tiers[row - start];
                        *best = tier.min(*best);
                    }),
                }
            });
        (!stop.load(Ordering::Relaxed)).then_some(tiers)
    }

    /// Adds the ids that only have the letters in order, whatever their case. Where `within` is
    /// given, what it misses is known not to match. `false` when `stop` was set meanwhile.
    pub fn loosen(&self, tiers: &mut Tiers, within: Option<&Tiers>, stop: &AtomicBool) -> bool {
        let Some(loose) = self.loose() else {
            return true;
        };
        let classes = classes(&self.lower);
        tiers
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, tiers)| {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let first = chunk * CHUNK;
                for (word, tiers) in tiers.chunks_mut(64).enumerate() {
                    let mut rows = self.arena.with_letters(chunk, word, classes);
                    while rows != 0 {
                        let at = rows.trailing_zeros() as usize;
                        rows &= rows - 1;
                        let row = first + word * 64 + at;
                        if tiers[at] == MISS
                            && within.is_none_or(|within| within[row] != MISS)
                            && is_scattered(&self.lower, self.arena.id(row))
                            && (loose == Tier::Fuzzy || self.case_fits(row))
                        {
                            tiers[at] = loose as u8;
                        }
                    }
                }
            });
        !stop.load(Ordering::Relaxed)
    }

    /// Whether the letters stand in order with their capitals, if those count.
    fn case_fits(&self, row: usize) -> bool {
        !self.strict || is_scattered(self.pattern.text.as_bytes(), self.id(row))
    }

    /// The tier of one id in which the text stands, else [`MISS`].
    fn tier(&self, row: usize) -> u8 {
        let place = self.pattern.place;
        let tier = match self.strict {
            true => tier_of(self.id(row), self.pattern.text.as_bytes(), place),
            false => tier_of(self.arena.id(row), &self.lower, place),
        };
        tier.map_or(MISS, |tier| tier as u8)
    }

    /// How well the text matches where it stands in the arena.
    fn tier_of_place(&self, row: usize, place: usize) -> Tier {
        let text = self.arena.text();
        let (before, after) = (text[place - 1], text[place + self.lower.len()]);
        let start = self.arena.start(row);
        let begins = place == start;
        // The name begins after the first slash.
        let names = before == b'/' && memchr::memchr(b'/', &text[start..place - 1]).is_none();
        match (begins || names, after == GAP) {
            (true, true) if begins => Tier::Id,
            (true, true) => Tier::Name,
            (true, false) => Tier::Prefix,
            _ if !is_letter(before) && !is_letter(after) => Tier::Word,
            _ => Tier::Substring,
        }
    }

    fn id(&self, row: usize) -> &'h [u8] {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the loader refuses more rows"
        )]
        let model = ModelId(row as u32);
        self.models.id(model).as_bytes()
    }
}

/// How well an id matches a text at a place; `None` where the text does not stand there.
pub fn tier_of(id: &[u8], text: &[u8], place: Place) -> Option<Tier> {
    let alone = |at: usize| {
        let letter = |b: Option<&u8>| b.is_some_and(|b| is_letter(*b));
        let before = at.checked_sub(1).and_then(|at| id.get(at));
        !letter(before) && !letter(id.get(at + text.len()))
    };
    let stands_alone = || memmem::find_iter(id, text).any(alone);
    let fits = match place {
        Place::Anywhere | Place::Scattered => true,
        Place::Start => id.starts_with(text),
        Place::End => id.ends_with(text),
        Place::Whole => id == text,
        Place::Word => stands_alone(),
    };
    if !fits {
        return None;
    }
    let name = memchr::memchr(b'/', id).map_or(id, |slash| &id[slash + 1..]);
    if id == text {
        Some(Tier::Id)
    } else if name == text {
        Some(Tier::Name)
    } else if id.starts_with(text) || name.starts_with(text) {
        Some(Tier::Prefix)
    } else if stands_alone() {
        Some(Tier::Word)
    } else {
        memmem::find(id, text).map(|_| Tier::Substring)
    }
}

/// Whether a byte is part of a word: letters, digits, and all that is not ASCII.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Whether the letters of a text stand in the id in order.
pub fn is_scattered(text: &[u8], id: &[u8]) -> bool {
    let mut left = text;
    for &byte in id {
        match left.split_first() {
            Some((next, rest)) if *next == byte => left = rest,
            Some(_) => {}
            None => return true,
        }
    }
    left.is_empty()
}

/// Whether every id that `longer` matches is matched by `shorter` too, so that the answer to one
/// can be looked for within the answer to the other.
pub fn is_within(longer: &Pattern, shorter: &Pattern) -> bool {
    let plain = |p: &Pattern| matches!(p.place, Place::Anywhere);
    plain(shorter)
        && !shorter.is_strict()
        && longer != shorter
        && longer.text.to_lowercase().contains(&shorter.text)
        && (plain(longer) || !matches!(longer.place, Place::Scattered))
}
