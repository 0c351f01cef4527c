//! A query to the list of models it finds: tests and words are answered apart, each remembered,
//! since the next query mostly shares all but one of them; then put together in order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Corpus;
use super::matcher;
use super::query::{Pattern, Place, Query, Test, Word};
use super::rank::{Order, arrange, arrange_some};
use super::select;
use super::words::{MISS, Seeker, Tier, Tiers, is_within, loose_tier};
use crate::engine::data::models::ModelId;
use crate::engine::data::set::{CHUNK, ModelSet};

/// Patterns that are remembered, a byte a model each.
const PATTERNS: usize = 12;
/// Tests that are remembered, a bit a model each.
const TESTS: usize = 32;
/// Orders that are remembered beside the one by downloads, four bytes a model each.
const ORDERS: usize = 4;

/// An early answer lists so many models at most: more than any screen shows.
const PAGE: usize = 512;
/// So few models are put in order by themselves; more are met sooner on the way through all.
const FEW: usize = 16_384;

/// The models that a query finds, the best first.
#[derive(Clone, Debug)]
pub struct Hits {
    /// All of them; the first ones only where they are not complete.
    pub models: Arc<[ModelId]>,
    /// How many are found in each [`Tier`], in the order of tiers.
    pub tiers: [usize; Tier::COUNT],
    /// The models that are what was asked for: all but those offered beside it.
    pub set: Arc<ModelSet>,
    /// How many more have the words, but do not pass the tests.
    pub hidden: usize,
    /// The first test that alone lets nothing pass, by its place among the query's.
    pub barred: Option<usize>,
    pub known: Known,
}

/// How much of an answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// The first models, and nothing else.
    Page,
    /// Also how many have the words.
    Exact,
    /// All.
    Whole,
}

impl Hits {
    /// How many are found.
    pub fn found(&self) -> usize {
        self.tiers.iter().sum()
    }

    /// How many have every word.
    pub fn exact(&self) -> usize {
        self.found() - self.fuzzy()
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

    /// Finds the models; what is known of the first ones before all is done is told `early`, once
    /// or twice. `None` when `stop` was set meanwhile.
    pub fn search(
        &mut self,
        corpus: Corpus,
        query: &Query,
        order: Order,
        stop: &AtomicBool,
        mut early: impl FnMut(Hits),
    ) -> Option<Hits> {
        let mut gathering = Gathering::new(corpus, query, stop);
        gathering.order = order;
        gathering.in_order = self.order(corpus, order);
        self.test(&mut gathering)?;
        let wanted: Vec<&Word> = query.wanted().collect();
        if wanted.is_empty() {
            return gathering.hits(None, true);
        }
        let known = |word: &&&Word| word.any.iter().all(|p| self.recall(p).is_some());
        if !wanted.iter().all(|word| known(&word))
            && let Some(page) = gathering.glance(&wanted)
        {
            early(page);
        }
        // Beside longer words, one or two letters need not be looked for in all ids.
        let is_brief = |word: &&Word| word.any.iter().all(|p| p.text.len() <= 2);
        let (brief, long): (Vec<&Word>, Vec<&Word>) = wanted.into_iter().partition(is_brief);
        let (first, brief) = match (long.is_empty(), brief.split_first()) {
            (true, Some((first, rest))) => (Some(*first), rest),
            _ => (None, brief.as_slice()),
        };
        let long: Vec<&Word> = long.into_iter().chain(first).collect();
        let mut more = false;
        let mut exact = Vec::new();
        for word in &long {
            let found = self.exact(corpus, word, stop)?;
            more |= !found.loosened;
            exact.push(found.tiers);
        }
        let tiers = beside(corpus, brief, worst(exact), stop)?;
        if !more {
            return gathering.hits(Some(&tiers), true);
        }
        early(gathering.hits(Some(&tiers), false)?);
        let mut whole = Vec::new();
        for word in &long {
            whole.push(self.whole(corpus, word, stop)?);
        }
        let tiers = beside(corpus, brief, worst(whole), stop)?;
        gathering.hits(Some(&tiers), true)
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
                        loosened: loose_tier(pattern).is_none(),
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
            let loose = found.loosened && loose_tier(known).is_some();
            is_within(pattern, known) && (loose || !loosened)
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

/// The tiers of several words together, once some more words are looked for where the others are.
fn beside(
    corpus: Corpus,
    words: &[&Word],
    tiers: Arc<Tiers>,
    stop: &AtomicBool,
) -> Option<Arc<Tiers>> {
    let mut all = tiers;
    for word in words {
        let seekers = word
            .any
            .iter()
            .map(|p| Seeker::new(corpus.arena, corpus.models, p));
        let found: Option<Vec<Arc<Tiers>>> = seekers
            .map(|seeker| {
                let mut tiers = seeker.beside(&all, stop)?;
                seeker
                    .loosen(&mut tiers, Some(&all), stop)
                    .then(|| Arc::new(tiers))
            })
            .collect();
        all = worst(vec![all, best(found?)]);
    }
    Some(all)
}

/// What the lists of one query are made from.
struct Gathering<'q> {
    corpus: Corpus<'q>,
    query: &'q Query,
    order: Order,
    in_order: Arc<[ModelId]>,
    /// The models that pass the tests; all where there is none.
    passing: Option<ModelSet>,
    barred: Option<usize>,
    stop: &'q AtomicBool,
}

impl<'q> Gathering<'q> {
    fn new(corpus: Corpus<'q>, query: &'q Query, stop: &'q AtomicBool) -> Gathering<'q> {
        Gathering {
            corpus,
            query,
            order: Order::default(),
            in_order: corpus.by_downloads.clone(),
            passing: None,
            barred: None,
            stop,
        }
    }

    /// The models that are what was asked for.
    fn set(&self, tiers: Option<&Tiers>) -> ModelSet {
        let mut set = match tiers {
            Some(tiers) => ModelSet::up_to(tiers, Tier::Scattered as u8),
            None => ModelSet::all(self.corpus.models.len()),
        };
        if let Some(passing) = &self.passing {
            set.and(passing);
        }
        set
    }

    /// The list of what the tiers leave, all models where there are no words.
    fn hits(&self, tiers: Option<&Tiers>, whole: bool) -> Option<Hits> {
        let rows = self.corpus.models.len();
        let (models, counts, hidden) = match (tiers, &self.passing) {
            (None, None) => {
                let mut counts = [0; Tier::COUNT];
                counts[Tier::Substring as usize] = rows;
                (self.in_order.clone(), counts, 0)
            }
            (Some(tiers), None) => {
                let (models, counts) = self.list(tiers, whole)?;
                (models, counts, 0)
            }
            (tiers, Some(passing)) => {
                let (tiers, hidden) = passed(tiers, passing);
                let (models, counts) = self.list(&tiers, whole)?;
                (models, counts, hidden)
            }
        };
        Some(Hits {
            models,
            tiers: counts,
            set: Arc::new(self.set(tiers)),
            hidden,
            barred: self.barred,
            known: if whole { Known::Whole } else { Known::Exact },
        })
    }

    /// The models that have a tier, tier by tier, in each in the list's order: all of them, or the
    /// first ones. And how many there are.
    fn list(&self, tiers: &Tiers, whole: bool) -> Option<(Arc<[ModelId]>, [usize; Tier::COUNT])> {
        let counts = count(tiers);
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut models = match whole {
            true if counts.iter().sum::<usize>() > FEW => self.sorted(tiers)?,
            true => self.first(tiers, &counts, usize::MAX),
            false => self.first(tiers, &counts, PAGE),
        };
        // In any other order than the usual one, that order was asked for.
        if whole && self.order == Order::default() {
            let mut start = 0;
            for (tier, count) in Tier::ALL.into_iter().zip(counts) {
                if tier >= Tier::Scattered {
                    let some = &mut models[start..start + count];
                    matcher::best_first(self.corpus.models, self.query, some, self.stop);
                }
                start += count;
            }
        }
        let stopped = self.stop.load(Ordering::Relaxed);
        (!stopped).then(|| (models.into(), counts))
    }

    /// The first models, if they are found among the most downloaded alone: enough of them begin
    /// with the words, and what is named so stands before them wherever it is.
    fn glance(&self, wanted: &[&Word]) -> Option<Hits> {
        /// So many models are looked at, and so many must be found.
        const LOOKED_AT: usize = 32_768;
        const FOUND: usize = 40;
        let seekers: Vec<Vec<Seeker>> = wanted
            .iter()
            .map(|word| {
                let any = word.any.iter();
                any.map(|p| Seeker::new(self.corpus.arena, self.corpus.models, p))
                    .collect()
            })
            .collect();
        let slow = seekers.iter().flatten().any(Seeker::is_slow);
        let negated = self.query.words.iter().any(|w| w.negated);
        if !slow || negated {
            return None;
        }
        let tier = |row: usize| {
            let of_word = |any: &Vec<Seeker>| any.iter().map(|s| s.tier(row)).min();
            seekers.iter().filter_map(of_word).max().unwrap_or(MISS)
        };
        let passes = |m: &ModelId| self.passing.as_ref().is_none_or(|set| set.has(*m));
        let stopped = || self.stop.load(Ordering::Relaxed);
        let first = &self.in_order[..LOOKED_AT.min(self.in_order.len())];
        let begun: Vec<ModelId> = first
            .par_iter()
            .copied()
            .filter(|m| !stopped() && passes(m) && tier(m.row()) == Tier::Prefix as u8)
            .collect();
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
        Some(Hits {
            models: models.into(),
            tiers: [0; Tier::COUNT],
            set: Arc::new(ModelSet::none(0)),
            hidden: 0,
            barred: self.barred,
            known: Known::Page,
        })
    }

    /// So many of the first models: where a tier has few, they are put in order by themselves.
    fn first(&self, tiers: &Tiers, counts: &[usize; Tier::COUNT], most: usize) -> Vec<ModelId> {
        let mut first = Vec::new();
        for (tier, count) in (0_u8..).zip(counts) {
            let room = most.min(counts.iter().sum()) - first.len();
            if room == 0 {
                break;
            }
            if *count <= FEW {
                let rows = memchr::memchr_iter(tier, tiers);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the loader refuses more rows"
                )]
                let some = rows.map(|row| ModelId(row as u32));
                let some = arrange_some(self.corpus.models, self.order, some);
                first.extend(some.into_iter().take(room));
            } else {
                let all = self.in_order.iter().copied();
                first.extend(all.filter(|m| tiers[m.row()] == tier).take(room));
            }
        }
        first
    }

    fn sorted(&self, tiers: &Tiers) -> Option<Vec<ModelId>> {
        const STRETCH: usize = 16_384;
        let stretches: Vec<[Vec<ModelId>; Tier::COUNT]> = self
            .in_order
            .par_chunks(STRETCH)
            .map_init(Sorter::new, |sorter, models| {
                match self.stop.load(Ordering::Relaxed) {
                    true => Default::default(),
                    false => sorter.sort(models, tiers),
                }
            })
            .collect();
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut models = Vec::with_capacity(stretches.iter().flatten().map(Vec::len).sum());
        for tier in 0..Tier::COUNT {
            stretches
                .iter()
                .for_each(|s| models.extend_from_slice(&s[tier]));
        }
        Some(models)
    }
}

/// How many models have each tier.
fn count(tiers: &Tiers) -> [usize; Tier::COUNT] {
    let of_chunk = |tiers: &[u8]| {
        // Two counters in turn: one would wait for itself where a tier comes again.
        let mut counts = [[0_usize; Tier::COUNT + 1]; 2];
        for pair in tiers.chunks(2) {
            for (tier, counts) in pair.iter().zip(&mut counts) {
                counts[usize::from(*tier).min(Tier::COUNT)] += 1;
            }
        }
        std::array::from_fn(|tier| counts[0][tier] + counts[1][tier])
    };
    tiers
        .par_chunks(CHUNK)
        .map(of_chunk)
        .reduce(Default::default, |a, b| {
            std::array::from_fn(|tier| a[tier] + b[tier])
        })
}

/// Sorts stretches of the order by tier. A model goes to the end of its tier's row of cells, and
/// one without a tier to a place that the next one takes: without a branch to be guessed wrong,
/// this takes a third of the time.
struct Sorter {
    cells: Vec<[ModelId; Tier::COUNT + 1]>,
}

impl Sorter {
    fn new() -> Sorter {
        Sorter { cells: Vec::new() }
    }

    fn sort(&mut self, models: &[ModelId], tiers: &Tiers) -> [Vec<ModelId>; Tier::COUNT] {
        self.cells
            .resize(models.len(), [ModelId(0); Tier::COUNT + 1]);
        let mut ends = [0_usize; Tier::COUNT + 1];
        for model in models {
            let tier = usize::from(tiers[model.row()].min(MISS));
            self.cells[ends[tier]][tier] = *model;
            ends[tier] += usize::from(tier < Tier::COUNT);
        }
        std::array::from_fn(|tier| self.cells[..ends[tier]].iter().map(|c| c[tier]).collect())
    }
}

/// The tiers of those that pass, and how many others have one.
fn passed(tiers: Option<&Tiers>, passing: &ModelSet) -> (Tiers, usize) {
    let mut passed = match tiers {
        Some(tiers) => tiers.clone(),
        None => vec![Tier::Substring as u8; passing.rows()],
    };
    let hidden = passed
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, tiers)| {
            let mut hidden = 0;
            for (at, tiers) in tiers.chunks_mut(64).enumerate() {
                let bits = passing.word_of(chunk * CHUNK + at * 64);
                for (bit, tier) in tiers.iter_mut().enumerate() {
                    let passes = bits >> bit & 1 == 1;
                    hidden += usize::from(!passes && *tier != MISS);
                    *tier = if passes { *tier } else { MISS };
                }
            }
            hidden
        })
        .sum();
    (passed, hidden)
}
