//! First pages that are known before all ids are looked through: among few models that pass the
//! tests, or among the most downloaded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::list::{Gathering, Hits, Known, PAGE};
use super::query::Word;
use super::words::{MISS, Seeker, Tier};
use crate::engine::data::models::ModelId;
use crate::engine::data::order::arrange_some;
use crate::engine::data::set::{CHUNK, ModelSet, chunks};

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
        tiers
            .par_chunks_mut(CHUNK)
            .zip(chunks(few.rows()))
            .filter(|_| !self.stop.load(Ordering::Relaxed))
            .for_each(|(tiers, rows)| {
                let start = rows.start;
                for model in few.within(rows) {
                    tiers[model.row() - start] = tier(&seekers, model.row());
                }
            });
        let (models, _) = self.list(&tiers, false)?;
        (!models.is_empty()).then(|| self.page(models))
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
        /// So many models are looked at, and so many must be found.
        const LOOKED_AT: usize = 32_768;
        const FOUND: usize = 40;
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
        if stopped() || begun.len() < FOUND {
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
            models.extend(arrange_some(self.corpus.models, self.order, some));
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
