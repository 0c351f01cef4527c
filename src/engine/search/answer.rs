//! A query to the list of models it finds: tests and words are answered apart, each remembered,
//! since the next query mostly shares all but one of them; then put together in order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Corpus;
use super::matcher;
use super::query::{Pattern, Place, Query, Test, Word};
use super::rank::{Order, arrange};
use super::select;
use super::words::{MISS, Seeker, Tier, Tiers, is_within};
use crate::engine::data::models::ModelId;
use crate::engine::data::set::ModelSet;

/// Patterns that are remembered, a byte a model each.
const PATTERNS: usize = 12;
/// Tests that are remembered, a bit a model each.
const TESTS: usize = 32;
/// Orders that are remembered beside the one by downloads, four bytes a model each.
const ORDERS: usize = 4;

/// The models that a query finds, the best first.
#[derive(Clone, Debug)]
pub struct Hits {
    pub models: Arc<[ModelId]>,
    /// How many of them are in each [`Tier`], in the order of tiers.
    pub tiers: [usize; Tier::COUNT],
    /// The models that are what was asked for: all but those offered beside it.
    pub set: Arc<ModelSet>,
    /// How many more have the words, but do not pass the tests.
    pub hidden: usize,
    /// The first test that alone lets nothing pass, by its place among the query's.
    pub barred: Option<usize>,
    /// Whether fuzzy matches have been looked for.
    pub complete: bool,
}

impl Hits {
    /// How many have every word.
    pub fn exact(&self) -> usize {
        self.models.len() - self.fuzzy()
    }

    /// How many only have its letters in order.
    pub fn fuzzy(&self) -> usize {
        self.tiers[Tier::Scattered as usize] + self.tiers[Tier::Fuzzy as usize]
    }

    /// How well the model at a place of the list matches.
    pub fn tier(&self, at: usize) -> Option<Tier> {
        let mut end = 0;
        let counted = Tier::ALL.into_iter().zip(self.tiers);
        let mut ends = counted.map(|(tier, count)| {
            end += count;
            (tier, end)
        });
        ends.find(|(_, end)| at < *end).map(|(tier, _)| tier)
    }
}

/// Answers queries on one hub at a time.
#[derive(Default)]
pub struct Searcher {
    patterns: VecDeque<(Pattern, Found)>,
    tests: VecDeque<(Test, Arc<ModelSet>)>,
    orders: HashMap<Order, Arc<[ModelId]>>,
}

/// The answer to a pattern.
#[derive(Clone)]
struct Found {
    tiers: Arc<Tiers>,
    /// Whether ids that only have the letters in order are among them.
    loosened: bool,
}

impl Searcher {
    /// Forgets what depends on more than the ids: more is known of the models now.
    pub fn forget_values(&mut self) {
        self.tests.clear();
        self.orders.clear();
    }

    /// Finds the models; those that have the words are told `early`, before the fuzzy matches are
    /// looked for, if that is still to be done. `None` when `stop` was set meanwhile.
    pub fn search(
        &mut self,
        corpus: Corpus,
        query: &Query,
        order: Order,
        stop: &AtomicBool,
        early: impl FnOnce(Hits),
    ) -> Option<Hits> {
        let mut gathering = Gathering::new(corpus, query, stop);
        gathering.order = self.order(corpus, order);
        gathering.by_default = order == Order::default();
        self.test(&mut gathering)?;
        let wanted: Vec<&Word> = query.wanted().collect();
        if wanted.is_empty() {
            return gathering.hits(None, true);
        }
        let mut more = false;
        let mut exact = Vec::new();
        for word in &wanted {
            exact.push(self.exact(corpus, word, stop)?);
            more |= exact.last().is_some_and(|found| !found.loosened);
        }
        let tiers = worst(exact.into_iter().map(|found| found.tiers).collect());
        if !more {
            return gathering.hits(Some(&tiers), true);
        }
        early(gathering.hits(Some(&tiers), false)?);
        let mut whole = Vec::new();
        for word in &wanted {
            whole.push(self.whole(corpus, word, stop)?);
        }
        gathering.hits(Some(&worst(whole)), true)
    }

    /// The models that are what was asked for, in no order. `None` when `stop` was set meanwhile.
    pub fn matching(
        &mut self,
        corpus: Corpus,
        query: &Query,
        stop: &AtomicBool,
    ) -> Option<ModelSet> {
        let mut gathering = Gathering::new(corpus, query, stop);
        self.test(&mut gathering)?;
        let mut all = Vec::new();
        for word in query.wanted() {
            all.push(self.asked(corpus, word, stop)?);
        }
        let tiers = (!all.is_empty()).then(|| worst(all));
        Some(gathering.set(tiers.as_deref()))
    }

    /// The models that pass all tests, if there are any.
    fn test(&mut self, gathering: &mut Gathering) -> Option<()> {
        let mut join = |set: &ModelSet| match &mut gathering.passing {
            Some(passing) => passing.and(set),
            none => *none = Some(set.clone()),
        };
        let (corpus, query, stop) = (gathering.corpus, gathering.query, gathering.stop);
        for (at, test) in query.tests.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let known = self.tests.iter().find(|(known, _)| known == test);
            let set = match known {
                Some((_, set)) => set.clone(),
                None => Arc::new(select::passing(corpus, test)),
            };
            if set.count() == 0 {
                gathering.barred.get_or_insert(at);
            }
            join(&set);
            keep(&mut self.tests, TESTS, test, set);
        }
        for word in query.words.iter().filter(|w| w.negated) {
            let tiers = self.asked(corpus, word, stop)?;
            let rows = corpus.models.len();
            join(&ModelSet::of(rows, |row| {
                tiers[row] > Tier::Scattered as u8
            }));
        }
        Some(())
    }

    /// The tiers of all ids that are what a word asks for, and perhaps of others beside.
    fn asked(&mut self, corpus: Corpus, word: &Word, stop: &AtomicBool) -> Option<Arc<Tiers>> {
        match word.any.iter().any(|p| p.place == Place::Scattered) {
            true => self.whole(corpus, word, stop),
            false => self.exact(corpus, word, stop).map(|found| found.tiers),
        }
    }

    /// The tiers of a word's patterns where they stand; loosened if there is no more to find.
    fn exact(&mut self, corpus: Corpus, word: &Word, stop: &AtomicBool) -> Option<Found> {
        let mut all = Vec::new();
        let mut loosened = true;
        for pattern in &word.any {
            let found = match self.recall(pattern) {
                Some(found) => found,
                None => {
                    let seeker = Seeker::new(corpus.arena, corpus.models, pattern);
                    let wider = self.wider(pattern, false);
                    Found {
                        tiers: Arc::new(seeker.exact(wider.as_deref(), stop)?),
                        loosened: !seeker.has_more(),
                    }
                }
            };
            loosened &= found.loosened;
            all.push(found.tiers.clone());
            keep(&mut self.patterns, PATTERNS, pattern, found);
        }
        Some(Found {
            tiers: best(all),
            loosened,
        })
    }

    /// The same with the ids that only have the letters in order.
    fn whole(&mut self, corpus: Corpus, word: &Word, stop: &AtomicBool) -> Option<Arc<Tiers>> {
        let mut all = Vec::new();
        for pattern in &word.any {
            let mut found = match self.recall(pattern) {
                Some(found) => found,
                // More patterns than are remembered.
                None => self.exact(
                    corpus,
                    &Word {
                        negated: false,
                        any: vec![pattern.clone()],
                    },
                    stop,
                )?,
            };
            if !found.loosened {
                let seeker = Seeker::new(corpus.arena, corpus.models, pattern);
                let wider = self.wider(pattern, true);
                let mut tiers = found.tiers.to_vec();
                if !seeker.loosen(&mut tiers, wider.as_deref(), stop) {
                    return None;
                }
                found = Found {
                    tiers: Arc::new(tiers),
                    loosened: true,
                };
            }
            all.push(found.tiers.clone());
            keep(&mut self.patterns, PATTERNS, pattern, found);
        }
        Some(best(all))
    }

    fn recall(&self, pattern: &Pattern) -> Option<Found> {
        let known = self.patterns.iter().find(|(known, _)| known == pattern);
        known.map(|(_, found)| found.clone())
    }

    /// The answer to the longest pattern whose matches hold all of this one's.
    fn wider(&self, pattern: &Pattern, loosened: bool) -> Option<Arc<Tiers>> {
        let fits = |(known, found): &&(Pattern, Found)| {
            is_within(pattern, known) && (!loosened || found.loosened)
        };
        let known = self.patterns.iter().filter(fits);
        let longest = known.max_by_key(|(known, _)| known.text.len());
        longest.map(|(_, found)| found.tiers.clone())
    }

    fn order(&mut self, corpus: Corpus, order: Order) -> Arc<[ModelId]> {
        if order == Order::default() {
            return corpus.by_downloads.clone();
        }
        if self.orders.len() >= ORDERS && !self.orders.contains_key(&order) {
            self.orders.clear();
        }
        let make = || arrange(corpus.models, order).into();
        self.orders.entry(order).or_insert_with(make).clone()
    }
}

/// Puts an entry first, and forgets the last one where there are too many.
fn keep<K: PartialEq + Clone, V>(kept: &mut VecDeque<(K, V)>, most: usize, key: &K, value: V) {
    kept.retain(|(known, _)| known != key);
    kept.push_front((key.clone(), value));
    kept.truncate(most);
}

/// Of several patterns of which one will do, the best tier of each model.
fn best(all: Vec<Arc<Tiers>>) -> Arc<Tiers> {
    join(all, |a, b| a.min(b))
}

/// Of several words that must all be there, the worst tier of each model.
fn worst(all: Vec<Arc<Tiers>>) -> Arc<Tiers> {
    join(all, |a, b| a.max(b))
}

fn join(mut all: Vec<Arc<Tiers>>, of: impl Fn(u8, u8) -> u8) -> Arc<Tiers> {
    let Some(first) = all.pop() else {
        return Arc::default();
    };
    if all.is_empty() {
        return first;
    }
    let mut joined = first.to_vec();
    for tiers in all {
        for (tier, other) in joined.iter_mut().zip(tiers.iter()) {
            *tier = of(*tier, *other);
        }
    }
    Arc::new(joined)
}

/// What the lists of one query are made from.
struct Gathering<'q> {
    corpus: Corpus<'q>,
    query: &'q Query,
    order: Arc<[ModelId]>,
    by_default: bool,
    /// The models that pass the tests; all where there is none.
    passing: Option<ModelSet>,
    barred: Option<usize>,
    stop: &'q AtomicBool,
}

/// A stretch of the order, tier by tier.
#[derive(Default)]
struct Stretch {
    models: [Vec<ModelId>; Tier::COUNT],
    hidden: usize,
}

impl<'q> Gathering<'q> {
    fn new(corpus: Corpus<'q>, query: &'q Query, stop: &'q AtomicBool) -> Gathering<'q> {
        Gathering {
            corpus,
            query,
            order: corpus.by_downloads.clone(),
            by_default: true,
            passing: None,
            barred: None,
            stop,
        }
    }

    /// The models that are what was asked for.
    fn set(&self, tiers: Option<&Tiers>) -> ModelSet {
        let rows = self.corpus.models.len();
        let asked = |tier: u8| tier <= Tier::Scattered as u8;
        let mut set = match tiers {
            Some(tiers) => ModelSet::of(rows, |row| asked(tiers[row])),
            None => ModelSet::all(rows),
        };
        if let Some(passing) = &self.passing {
            set.and(passing);
        }
        set
    }

    /// The list of what the tiers leave, all models where there are no words.
    fn hits(&self, tiers: Option<&Tiers>, complete: bool) -> Option<Hits> {
        let rows = self.corpus.models.len();
        let (models, counts, hidden) = match (tiers, &self.passing) {
            (None, None) => {
                let mut counts = [0; Tier::COUNT];
                counts[Tier::Substring as usize] = rows;
                (self.order.clone(), counts, 0)
            }
            _ => self.list(tiers)?,
        };
        Some(Hits {
            models,
            tiers: counts,
            set: Arc::new(self.set(tiers)),
            hidden,
            barred: self.barred,
            complete,
        })
    }

    fn list(&self, tiers: Option<&Tiers>) -> Option<(Arc<[ModelId]>, [usize; Tier::COUNT], usize)> {
        const STRETCH: usize = 65_536;
        let sort = |models: &[ModelId]| {
            let mut stretch = Stretch::default();
            if self.stop.load(Ordering::Relaxed) {
                return stretch;
            }
            for model in models {
                let tier = tiers.map_or(Tier::Substring as u8, |t| t[model.row()]);
                if tier == MISS {
                    continue;
                }
                match self.passing.as_ref().is_none_or(|set| set.has(*model)) {
                    true => stretch.models[tier as usize].push(*model),
                    false => stretch.hidden += 1,
                }
            }
            stretch
        };
        let stretches: Vec<Stretch> = self.order.par_chunks(STRETCH).map(sort).collect();
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let of_tier = |tier: usize| stretches.iter().map(move |s| s.models[tier].as_slice());
        let counts = std::array::from_fn(|tier| of_tier(tier).map(<[_]>::len).sum());
        let mut models = Vec::with_capacity(counts.iter().sum());
        for tier in Tier::ALL {
            let start = models.len();
            of_tier(tier as usize).for_each(|some| models.extend_from_slice(some));
            // In any other order than the usual one, that order was asked for.
            if tier >= Tier::Scattered && self.by_default {
                matcher::best_first(self.corpus.models, self.query, &mut models[start..]);
            }
        }
        let hidden = stretches.iter().map(|s| s.hidden).sum();
        Some((models.into(), counts, hidden))
    }
}
