//! A query to what it finds: tests and words are answered apart, each remembered, since the next
//! query mostly shares all but one of them; `list.rs` puts them together.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Corpus;
use super::list::{Gathering, Hits};
use super::query::{Pattern, Place, Query, Test, Word};
use super::select;
use super::words::{Seeker, Tier, Tiers, is_within, loose_tier};
use crate::engine::data::models::ModelId;
use crate::engine::data::order::{Order, arrange};
use crate::engine::data::set::ModelSet;

/// Patterns that are remembered, a byte a model each.
const PATTERNS: usize = 12;
/// Tests that are remembered, a bit a model each.
const TESTS: usize = 32;
/// Orders that are remembered beside the one by downloads, four bytes a model each.
const ORDERS: usize = 4;

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
