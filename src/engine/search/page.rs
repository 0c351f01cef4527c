//! First pages that are known before all ids are looked through: among few models that pass the
//! tests, among those that a known word matches best, or among the most downloaded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::list::{Gathering, Hits, Known, PAGE};
use super::query::Word;
use super::words::{MISS, Seeker, Tier, Tiers};
use crate::engine::data::models::ModelId;
use crate::engine::data::order::arrange;
use crate::engine::data::set::{CHUNK, ModelSet, chunks};

/// A page of fewer fills no screen, and is not told.
const ENOUGH: usize = 40;

impl<'q> Gathering<'q> {
    /// The first models that pass, where so many do that they are soon met.
    pub fn passing_page(&self) -> Option<Hits> {
        let passing = self.passing.as_ref()?;
        let many = passing.count() > passing.rows() / 64;
        let first = self.in_order.iter().copied().filter(|m| passing.has(*m));
        let stopped = self.stop.load(Ordering::Relaxed);
        (many && !stopped).then(|| self.page(first.take(PAGE).collect()))
    }

    /// The first models, if few pass the tests: the words are looked for in those alone.
    pub fn among_few(&self, wanted: &[&Word]) -> Option<Hits> {
        let few = self.passing.as_ref()?;
        if few.count() > few.rows() / 16 {
            return None;
        }
        let seekers = self.seekers(wanted);
        let mut tiers = vec![MISS; few.rows()];
        self.look(few, &mut tiers, |row| tier(&seekers, row));
        let (models, _) = self.list(&tiers, false)?;
        (!models.is_empty()).then(|| self.page(models))
    }

    /// The first models, if one word is known: no id matches all words better than that one, so
    /// those it matches best are looked at first, until enough of them match as well.
    pub fn beside(&self, known: &Tiers, others: &[&Word]) -> Option<Hits> {
        let most = known.len() / 32;
        let seekers = self.seekers(others);
        let mut tiers = vec![MISS; known.len()];
        let mut left = self.passing.clone();
        let left = left.get_or_insert_with(|| ModelSet::all(known.len()));
        let mut looked_at = 0;
        for worst in [Tier::Prefix, Tier::Word, Tier::Substring] {
            let mut next = ModelSet::up_to(known, worst as u8);
            next.and(left);
            looked_at += next.count();
            if looked_at > most || self.stop.load(Ordering::Relaxed) {
                return None;
            }
            let of_row = |row: usize| tier(&seekers, row).max(known[row]);
            self.look(&next, &mut tiers, of_row);
            let sure = ModelSet::up_to(&tiers, worst as u8).count();
            if sure >= ENOUGH {
                let (models, _) = self.list(&tiers, false)?;
                return Some(self.page(models[..sure.min(PAGE)].into()));
            }
            next.invert();
            left.and(&next);
        }
        None
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
    pub fn glance(&self, wanted: &[&Word]) -> Option<Hits> {
        /// So many models are looked at.
        const LOOKED_AT: usize = 32_768;
        let seekers = self.seekers(wanted);
        let slow = seekers.iter().flatten().any(Seeker::is_slow);
        let negated = self.query.words.iter().any(|w| w.negated);
        if !slow || negated {
            return None;
        }
        let tier = |row: usize| tier(&seekers, row);
        let passes = |m: &ModelId| self.passing.as_ref().is_none_or(|set| set.has(*m));
        let stopped = || self.stop.load(Ordering::Relaxed);
        let first = &self.in_order[..LOOKED_AT.min(self.in_order.len())];
        let begins = |m: &ModelId| passes(m) && tier(m.row()) == Tier::Prefix as u8;
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
                .filter(passes);
            models.extend_from_slice(&arrange(self.corpus.models, self.order, some, self.stop)?);
        }
        models.extend(begun);
        Some(self.page(models.into()))
    }
}

/// How well an id matches all words.
fn tier(seekers: &[Vec<Seeker>], row: usize) -> u8 {
    let of_word = |any: &Vec<Seeker>| any.iter().map(|s| s.tier(row)).min();
    seekers.iter().filter_map(of_word).max().unwrap_or(MISS)
}
