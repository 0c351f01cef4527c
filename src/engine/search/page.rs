//! First pages that are known before all ids are looked through: among the few models that tests or
//! known words leave, among those that a known word matches best, or among the most downloaded, by
//! their words or by their letters.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::answer::Found;
use super::list::{Gathering, Hits, Known, PAGE, count, passed};
use super::matcher::SCORED;
use super::query::Word;
use super::words::{MISS, Seeker, Tier, Tiers};
use crate::engine::data::models::ModelId;
use crate::engine::data::order::arrange;
use crate::engine::data::set::{CHUNK, ModelSet, chunks};

/// A page of fewer fills no screen.
const ENOUGH: usize = 40;
/// One model in so many is sooner looked at by itself than all are looked through.
const FEW: usize = 12;
/// So many of the list's first models are looked at.
const LOOKED_AT: usize = 32_768;

/// The words that are to be looked for, and what is known of the other ones.
pub struct Beside<'w> {
    /// How well those that are known match together.
    pub known: Option<Found>,
    /// All that match the first of the others match this, too.
    pub wider: Option<Arc<Tiers>>,
    pub others: &'w [&'w Word],
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

    /// The models that the words may match.
    pub fn candidates(&self, beside: &Beside) -> ModelSet {
        let known = beside.known.as_ref().map(|known| &known.tiers);
        let having = |tiers: &Arc<Tiers>| ModelSet::up_to(tiers, Tier::Fuzzy as u8);
        let mut sets = known.into_iter().chain(&beside.wider).map(having);
        let first = sets.next();
        let mut all = first.unwrap_or_else(|| ModelSet::all(self.corpus.models.len()));
        sets.for_each(|set| all.and(&set));
        all
    }

    /// How well some models match all words, if they are few enough to look at each of them.
    pub fn tiers_of(&self, mut some: ModelSet, beside: &Beside) -> Option<Tiers> {
        let Beside {
            known,
            wider,
            others,
        } = beside;
        if known.as_ref().is_some_and(|known| !known.loosened) {
            return None;
        }
        let seekers = self.seekers(others);
        self.with_letters(&mut some, &seekers);
        let standing = wider.as_ref().map(|wider| standing(&some, wider));
        let standing = standing.as_ref().unwrap_or(&some);
        // To look for a text takes three times as long as for its letters.
        if some.count() + 2 * standing.count() > 3 * some.rows() / FEW {
            return None;
        }
        let mut tiers = vec![MISS; some.rows()];
        self.look(&some, &mut tiers, |row| {
            let may_stand = wider
                .as_ref()
                .is_none_or(|wider| wider[row] <= Tier::Substring as u8);
            let of_known = known.as_ref().map_or(0, |known| known.tiers[row]);
            loose_tier(&seekers, row, may_stand).max(of_known)
        });
        (!self.stop.load(Ordering::Relaxed)).then_some(tiers)
    }

    /// The first page of those of some models in which all words stand, where they are sooner looked at
    /// one by one; where there are none, of those that only have the letters of all `wanted` words.
    pub fn standing_page(
        &self,
        some: &ModelSet,
        beside: &Beside,
        wanted: &[&Word],
    ) -> Option<Hits> {
        let mut standing = standing(some, beside.wider.as_ref()?);
        if let Some(passing) = &self.passing {
            standing.and(passing);
        }
        let seekers = self.seekers(beside.others);
        self.with_letters(&mut standing, &seekers);
        if standing.count() > standing.rows() / FEW {
            return None;
        }
        let known = beside.known.as_ref().map(|known| &known.tiers);
        let mut tiers = vec![MISS; standing.rows()];
        self.look(&standing, &mut tiers, |row| {
            tier(&seekers, row).max(known.map_or(0, |known| known[row]))
        });
        let sure = ModelSet::up_to(&tiers, Tier::Substring as u8).count();
        match sure {
            0 => self.scattered(wanted),
            _ => self.first_page(&tiers),
        }
    }

    /// The first models, if they are known before all ids are looked through.
    pub fn page_beside(&self, beside: &Beside) -> Option<Hits> {
        let among_few = self.passing.as_ref().and_then(|passing| {
            let mut some = self.candidates(beside);
            some.and(passing);
            let tiers = self.tiers_of(some, beside)?;
            self.first_page(&tiers)
        });
        among_few.or_else(|| match &beside.known {
            Some(known) => self.best_of(&known.tiers, beside.others),
            None => self.glance(beside.others),
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
        let mut found = self.first(tiers, &counts, SCORED)?;
        // Of two tiers each would be put in order by itself.
        let tier_of = |m: Option<&ModelId>| m.map(|m| tiers[m.row()]);
        if tier_of(found.first()) != tier_of(found.last()) {
            return None;
        }
        self.score(&mut found);
        found.truncate(PAGE);
        Some(self.page(found.into()))
    }

    /// The first models, if one word is known: no id matches all words better than that one, so
    /// those it matches best are looked at first, until enough of them match as well.
    fn best_of(&self, known: &Tiers, others: &[&Word]) -> Option<Hits> {
        let most = known.len() / FEW;
        let seekers = self.seekers(others);
        let mut tiers = vec![MISS; known.len()];
        let mut left = self.passing.clone();
        let left = left.get_or_insert_with(|| ModelSet::all(known.len()));
        let mut looked_at = 0;
        for worst in [Tier::Prefix, Tier::Word, Tier::Substring] {
            let mut next = ModelSet::up_to(known, worst as u8);
            next.and(left);
            self.with_letters(&mut next, &seekers);
            looked_at += next.count();
            if looked_at > most || self.stop.load(Ordering::Relaxed) {
                return None;
            }
            self.look(&next, &mut tiers, |row| tier(&seekers, row).max(known[row]));
            let sure = ModelSet::up_to(&tiers, worst as u8).count();
            // After the last step there are no others.
            if sure >= ENOUGH || sure > 0 && worst == Tier::Substring {
                let (models, _) = self.list(&tiers, false)?;
                return Some(self.page(models[..sure.min(PAGE)].into()));
            }
            next.invert();
            left.and(&next);
        }
        None
    }

    /// The first models, where no id has all words but many have their letters: then the first of
    /// those are soon met in the list's order.
    pub fn scattered(&self, wanted: &[&Word]) -> Option<Hits> {
        let patterns = || wanted.iter().flat_map(|word| &word.any);
        let mut tiers = patterns().filter_map(super::words::loose_tier);
        let only = tiers.next()?;
        if tiers.any(|tier| tier != only) {
            return None;
        }
        let seekers = self.seekers(wanted);
        let fits = |m: &ModelId| self.passes(*m) && loose_tier(&seekers, m.row(), true) != MISS;
        let mut found: Vec<ModelId> = Vec::new();
        for some in self.in_order[..LOOKED_AT.min(self.in_order.len())].chunks(CHUNK) {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            found.par_extend(some.par_iter().copied().filter(fits));
            if found.len() >= SCORED {
                found.truncate(SCORED);
                self.score(&mut found);
                found.truncate(PAGE);
                return Some(self.page(found.into()));
            }
        }
        None
    }

    fn passes(&self, model: ModelId) -> bool {
        self.passing.as_ref().is_none_or(|set| set.has(model))
    }

    /// Leaves those that have the letters of all words, whatever their order.
    fn with_letters(&self, some: &mut ModelSet, seekers: &[Vec<Seeker>]) {
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
    fn look(&self, some: &ModelSet, tiers: &mut Tiers, of_row: impl Fn(usize) -> u8 + Sync) {
        tiers
            .par_chunks_mut(CHUNK)
            .zip(chunks(some.rows()))
            .filter(|_| !self.stop.load(Ordering::Relaxed))
            .for_each(|(tiers, rows)| {
                let start = rows.start;
                for model in some.within(rows) {
                    tiers[model.row() - start] = of_row(model.row());
                }
            });
    }

    /// What is looked for: of each word one pattern must be there.
    fn seekers(&self, wanted: &[&Word]) -> Vec<Vec<Seeker<'q>>> {
        let corpus = self.corpus;
        let seeker = |pattern| Seeker::new(corpus.arena, corpus.models, pattern);
        let words = wanted.iter();
        words
            .map(|word| word.any.iter().map(seeker).collect())
            .collect()
    }

    fn page(&self, models: Arc<[ModelId]>) -> Hits {
        Hits {
            models,
            tiers: [0; Tier::COUNT],
            set: Arc::new(ModelSet::none(0)),
            hidden: 0,
            barred: self.barred,
            known: Known::Page,
        }
    }

    /// The first models, if they are found among the most downloaded alone: enough of them begin
    /// with the words, and what is named so stands before them wherever it is.
    fn glance(&self, wanted: &[&Word]) -> Option<Hits> {
        let seekers = self.seekers(wanted);
        let slow = seekers.iter().flatten().any(Seeker::is_slow);
        let negated = self.query.words.iter().any(|w| w.negated);
        if !slow || negated {
            return None;
        }
        let tier = |row: usize| tier(&seekers, row);
        let stopped = || self.stop.load(Ordering::Relaxed);
        let first = &self.in_order[..LOOKED_AT.min(self.in_order.len())];
        let begins = |m: &ModelId| self.passes(*m) && tier(m.row()) == Tier::Prefix as u8;
        // A taste tells most texts that begin nothing.
        if !first.iter().take(LOOKED_AT / 16).any(begins) {
            return None;
        }
        let begun = first.par_iter().copied();
        let begun: Vec<ModelId> = begun.filter(|m| !stopped() && begins(m)).collect();
        if stopped() || begun.len() < ENOUGH {
            return None;
        }
        let mut models = Vec::new();
        let named: Vec<usize> = seekers
            .iter()
            .flatten()
            .flat_map(|seeker| seeker.named(self.stop))
            .collect();
        for wanted in [Tier::Id, Tier::Name] {
            let mut rows: Vec<usize> = named.clone();
            rows.retain(|row| tier(*row) == wanted as u8);
            rows.sort_unstable();
            rows.dedup();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the loader refuses more rows"
            )]
            let some = rows
                .into_iter()
                .map(|row| ModelId(row as u32))
                .filter(|m| self.passes(*m));
            models.extend_from_slice(&arrange(self.corpus.models, self.order, some, self.stop)?);
        }
        models.extend(begun);
        Some(self.page(models.into()))
    }
}

/// Those of some models in which a word may stand: where a wider text does not, it does not either.
fn standing(some: &ModelSet, wider: &Tiers) -> ModelSet {
    let mut standing = ModelSet::up_to(wider, Tier::Substring as u8);
    standing.and(some);
    standing
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
fn tier(seekers: &[Vec<Seeker>], row: usize) -> u8 {
    let of_word = |any: &Vec<Seeker>| any.iter().map(|s| s.tier(row)).min();
    seekers.iter().filter_map(of_word).max().unwrap_or(MISS)
}
