//! First pages that are known before all ids are looked through: among the few models that tests or
//! known words leave, or among those that a known word matches best. `glance.rs` has those that are
//! met on the way through the list.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::answer::Found;
use super::list::{Gathering, Hits, Known, PAGE, count, passed};
use super::matcher::SCORED;
use super::words::{MISS, Seeker, Tier, Tiers};
use crate::engine::cache::archive::Buffer;
use crate::engine::query::query::Word;
use crate::engine::table::bitset::{CHUNK, ModelSet, chunks};
use crate::engine::table::models::ModelId;

/// A page of fewer fills no screen.
const ENOUGH: usize = 40;
/// One model in so many is sooner looked at by itself than all are looked through.
const FEW: usize = 12;

/// The words that are to be looked for, and what is known of the other ones.
pub struct Beside<'w> {
    /// How well those that are known match together.
    pub known: Option<Found>,
    /// All that match the first of the others match this, too.
    pub wider: Option<Arc<Tiers>>,
    /// Where the first of the others stands, this does, too.
    pub shorter: Option<Shorter>,
    pub others: &'w [&'w Word],
}

/// What a part of a word matches.
pub struct Shorter {
    pub tiers: Arc<Tiers>,
    /// Whether the word begins with it.
    pub begins: bool,
}

/// How many models are looked at, of how many.
#[derive(Clone, Copy)]
pub struct Looks {
    some: usize,
    all: usize,
}

impl Looks {
    /// Whether all are sooner looked at by themselves than all ids are looked through.
    pub fn are_few(self) -> bool {
        self.some <= 3 * self.all / FEW
    }

    /// Whether that is done in the time that a page may take.
    pub fn are_soon_done(self) -> bool {
        self.some <= self.all / 32
    }
}

impl Beside<'_> {
    /// What it takes to tell how well some models match; `None` where those that only have the
    /// letters of the known words are not known.
    pub fn looks(&self, some: &ModelSet) -> Option<Looks> {
        if self.known.as_ref().is_some_and(|known| !known.loosened) {
            return None;
        }
        let standing = self.standing(some, Tier::Substring);
        let standing = standing.map_or(some.count(), |standing| standing.count());
        Some(Looks {
            // To look for a text takes three times as long as for its letters.
            some: some.count() + 2 * standing,
            all: some.rows(),
        })
    }

    /// Those of some models that the shorter word matches so well.
    fn standing(&self, some: &ModelSet, worst: Tier) -> Option<ModelSet> {
        let mut standing = ModelSet::up_to(&self.shorter.as_ref()?.tiers, worst as u8);
        standing.and(some);
        Some(standing)
    }

    fn known(&self) -> Option<&Tiers> {
        self.known.as_ref().map(|known| &*known.tiers)
    }
}

impl<'q> Gathering<'q> {
    /// The first models that pass, where so many do that they are soon met.
    pub fn passing_page(&self) -> Option<Hits> {
        let passing = self.passing.as_ref()?;
        let many = passing.count() > passing.rows() / 64;
        let first = self.in_order.iter().copied().filter(|m| passing.has(*m));
        let stopped = self.stop.load(Ordering::Relaxed);
        (many && !stopped).then(|| self.page(first.take(PAGE).collect()))
    }

    /// The models that the words may match. Of known words those that only have their letters may be
    /// left out.
    pub fn candidates(&self, beside: &Beside) -> ModelSet {
        let having = |tiers: &Tiers| ModelSet::up_to(tiers, Tier::Fuzzy as u8);
        let mut sets = beside.known().into_iter().chain(beside.wider.as_deref());
        let first = sets.next().map(having);
        let mut all = first.unwrap_or_else(|| ModelSet::all(self.corpus.models.len()));
        sets.for_each(|tiers| all.and(&having(tiers)));
        self.with_letters(&mut all, &self.seekers(beside.others));
        all
    }

    /// How well the candidates match all words.
    pub fn tiers_of(&self, some: &ModelSet, beside: &Beside) -> Option<Tiers> {
        let seekers = self.seekers(beside.others);
        let mut tiers = vec![MISS; some.rows()];
        self.look(some, &seekers, &mut tiers, |row| {
            let may_stand = beside
                .shorter
                .as_ref()
                .is_none_or(|shorter| shorter.tiers[row] <= Tier::Substring as u8);
            let of_known = beside.known().map_or(0, |known| known[row]);
            loose_tier(&seekers, row, may_stand).max(of_known)
        })?;
        Some(tiers)
    }

    /// The first of the candidates, if they are known before all of these are looked at.
    pub fn page_beside(
        &self,
        candidates: &ModelSet,
        beside: &Beside,
        wanted: &[&Word],
    ) -> Option<Hits> {
        let mut some = candidates.clone();
        if let Some(passing) = &self.passing {
            some.and(passing);
        }
        let looks = beside.looks(&some).filter(|_| self.passing.is_some());
        let among_all = || self.first_page(&self.tiers_of(&some, beside)?);
        if looks.is_some_and(Looks::are_soon_done) {
            return among_all();
        }
        if let Some(page) = self.begun_page(&some, beside) {
            return Some(page);
        }
        let standing = self.standing_page(&some, beside);
        let first = match standing.or_else(|| self.best_page(&some, beside)) {
            Some(page) => page.or_else(|| {
                // Beside known words, the candidates may be too few for that.
                let some = beside.looks(&some).map(|_| &some);
                self.scattered(some, wanted)
            }),
            None => self.glance(&some, beside.others),
        };
        first.or_else(|| {
            let are_few = looks.is_some_and(Looks::are_few);
            are_few.then(among_all).flatten()
        })
    }

    /// The first models by the tiers of all, or of all that pass.
    pub fn first_page(&self, tiers: &Tiers) -> Option<Hits> {
        let passed = self.passing.as_ref().map(|set| passed(Some(tiers), set).0);
        let tiers = passed.as_ref().unwrap_or(tiers);
        let counts = count(tiers);
        let sure: usize = counts[..Tier::Scattered as usize].iter().sum();
        if sure > 0 {
            let first = self.first(tiers, &counts, sure.min(PAGE))?;
            return Some(self.page(first.into()));
        }
        let found = self.first(tiers, &counts, SCORED)?;
        // Of two tiers each would be put in order by itself.
        let tier_of = |m: Option<&ModelId>| m.map(|m| tiers[m.row()]);
        let is_one = tier_of(found.first()) == tier_of(found.last());
        is_one.then(|| self.scored_page(found))
    }

    /// The first of some models, where the only word begins with a known one: those that begin with
    /// it begin with that, too, and nothing else stands before them.
    fn begun_page(&self, some: &ModelSet, beside: &Beside) -> Option<Hits> {
        let begins = beside.shorter.as_ref().is_some_and(|s| s.begins);
        if !begins || beside.known.is_some() || beside.others.len() > 1 {
            return None;
        }
        let begun = beside.standing(some, Tier::Prefix)?;
        let seekers = self.seekers(beside.others);
        let begins = |row| seekers.iter().flatten().all(|s| s.begins(row));
        let mut tiers = vec![MISS; some.rows()];
        // Told sooner than a tier.
        self.look(few(&begun)?, &seekers, &mut tiers, |row| {
            match begins(row) {
                true => tier(&seekers, row),
                false => MISS,
            }
        })?;
        self.page_up_to(&tiers, Tier::Prefix, ENOUGH)
    }

    /// The first of those of some models in which all words stand: no page where none does, and
    /// nothing at all where they are too many.
    fn standing_page(&self, some: &ModelSet, beside: &Beside) -> Option<Option<Hits>> {
        let standing = beside.standing(some, Tier::Substring)?;
        // Of more, a page is met sooner on the way through all.
        if standing.count() > some.rows() / (2 * FEW) {
            return None;
        }
        let seekers = self.seekers(beside.others);
        let mut tiers = vec![MISS; some.rows()];
        self.look(&standing, &seekers, &mut tiers, |row| {
            let of_known = beside.known().map_or(0, |known| known[row]);
            tier(&seekers, row).max(of_known)
        })?;
        Some(self.page_up_to(&tiers, Tier::Substring, 1))
    }

    /// The same, where a word is known: no id matches all words better than that one, so those that
    /// it matches best are looked at first, until enough of them match as well.
    fn best_page(&self, some: &ModelSet, beside: &Beside) -> Option<Option<Hits>> {
        let known = beside.known()?;
        let seekers = self.seekers(beside.others);
        let mut tiers = vec![MISS; some.rows()];
        let mut left = some.clone();
        for worst in [Tier::Prefix, Tier::Word, Tier::Substring] {
            let mut best = ModelSet::up_to(known, worst as u8);
            best.and(&left);
            let tier = |row: usize| tier(&seekers, row).max(known[row]);
            self.look(few(&best)?, &seekers, &mut tiers, tier)?;
            let page = self.page_up_to(&tiers, worst, ENOUGH);
            if page.is_some() {
                return Some(page);
            }
            best.invert();
            left.and(&best);
        }
        Some(self.page_up_to(&tiers, Tier::Substring, 1))
    }

    /// The models that match so well, if there are enough.
    fn page_up_to(&self, tiers: &Tiers, worst: Tier, enough: usize) -> Option<Hits> {
        let counts = count(tiers);
        let sure: usize = counts[..=worst as usize].iter().sum();
        if sure < enough {
            return None;
        }
        let first = self.first(tiers, &counts, sure.min(PAGE))?;
        Some(self.page(first.into()))
    }

    /// Leaves those that have the letters of all words, whatever their order.
    pub fn with_letters(&self, some: &mut ModelSet, seekers: &[Vec<Seeker>]) {
        // Of several patterns any will do, and none must.
        let of_word = |any: &Vec<Seeker>| match any.as_slice() {
            [only] => only.classes(),
            _ => 0,
        };
        let classes = seekers.iter().map(of_word).fold(0, |a, b| a | b);
        let arena = self.corpus.arena;
        some.retain_words(|row| arena.with_letters(row / CHUNK, row % CHUNK / 64, classes));
    }

    /// Finds the tiers of some models.
    fn look(
        &self,
        some: &ModelSet,
        seekers: &[Vec<Seeker>],
        tiers: &mut Tiers,
        of_row: impl Fn(usize) -> u8 + Sync,
    ) -> Option<()> {
        let stopped = || self.stop.load(Ordering::Relaxed);
        tiers
            .par_chunks_mut(CHUNK)
            .zip(chunks(some.rows()))
            .filter(|_| !stopped())
            .for_each(|(tiers, rows)| {
                let start = rows.start;
                let some = some.within(rows).map(ModelId::row);
                fetch(seekers, some.clone());
                some.for_each(|row| tiers[row - start] = of_row(row));
            });
        (!stopped()).then_some(())
    }

    /// What is looked for: of each word one pattern must be there.
    pub fn seekers(&self, wanted: &[&Word]) -> Vec<Vec<Seeker<'q>>> {
        let corpus = self.corpus;
        let seeker = |pattern| Seeker::new(corpus.arena, corpus.models, pattern);
        let words = wanted.iter();
        words
            .map(|word| word.any.iter().map(seeker).collect())
            .collect()
    }

    /// The page of models that all match equally well, the first ones of the list.
    pub fn scored_page(&self, mut found: Vec<ModelId>) -> Hits {
        found.truncate(SCORED);
        self.score(&mut found);
        found.truncate(PAGE);
        self.page(found.into())
    }

    /// A page of these.
    pub fn page(&self, models: Buffer<ModelId>) -> Hits {
        Hits {
            models,
            tiers: [0; Tier::COUNT],
            set: Arc::new(ModelSet::none(0)),
            hidden: 0,
            barred: self.barred,
            known: Known::Page,
        }
    }
}

/// Some models, unless all are sooner looked through.
fn few(some: &ModelSet) -> Option<&ModelSet> {
    (some.count() <= some.rows() / FEW).then_some(some)
}

/// Has memory bring the ids that are to be looked at, see [`Seeker::fetch`].
pub fn fetch(seekers: &[Vec<Seeker>], rows: impl Iterator<Item = usize> + Clone) {
    let seekers = seekers.iter().flatten();
    seekers.for_each(|seeker| seeker.fetch(rows.clone()));
}

/// How well an id matches all words, if only their letters are there in order. Of the first it may be
/// known that it does not stand there.
fn loose_tier(seekers: &[Vec<Seeker>], row: usize, first_may_stand: bool) -> u8 {
    let of_word = |(at, any): (usize, &Vec<Seeker>)| {
        let of_pattern = |seeker: &Seeker| match at > 0 || first_may_stand {
            true => seeker.tier(row).min(seeker.loose(row)),
            false => seeker.loose(row),
        };
        any.iter().map(of_pattern).min()
    };
    let words = seekers.iter().enumerate();
    words.filter_map(of_word).max().unwrap_or(MISS)
}

/// How well an id matches all words.
pub fn tier(seekers: &[Vec<Seeker>], row: usize) -> u8 {
    let of_word = |any: &Vec<Seeker>| any.iter().map(|s| s.tier(row)).min();
    seekers.iter().filter_map(of_word).max().unwrap_or(MISS)
}
