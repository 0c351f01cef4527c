//! A query to what it finds: tests and words are answered apart, each remembered, since the next
//! query mostly shares all but one of them; `list.rs` puts them together.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Corpus;
use super::list::{Gathering, Hits};
use super::page::{Beside, Shorter};
use super::select;
use super::words::{Seeker, Tier, Tiers, is_sparse, loose_tier};
use crate::engine::cache::archive::Buffer;
use crate::engine::query::query::{Pattern, Place, Query, Test, Word};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::{Order, arrange};

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
    orders: HashMap<Order, Buffer<ModelId>>,
}

/// The answer to a pattern.
#[derive(Clone)]
pub struct Found {
    pub tiers: Arc<Tiers>,
    /// Whether ids that only have the letters in order are among them.
    pub loosened: bool,
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
        self.find(corpus, query, order, stop, Early(Some(&mut early)))
    }

    /// The same where nobody waits for the first ones.
    pub fn answer(
        &mut self,
        corpus: Corpus,
        query: &Query,
        order: Order,
        stop: &AtomicBool,
    ) -> Option<Hits> {
        self.find(corpus, query, order, stop, Early(None))
    }

    fn find(
        &mut self,
        corpus: Corpus,
        query: &Query,
        order: Order,
        stop: &AtomicBool,
        mut early: Early,
    ) -> Option<Hits> {
        let mut gathering = Gathering::new(corpus, query, stop);
        gathering.order = order;
        gathering.in_order = self.order(corpus, order, stop)?;
        self.test(&mut gathering)?;
        let mut wanted: Vec<&Word> = query.wanted().collect();
        if wanted.is_empty() {
            early.tell(|| gathering.passing_page());
            return gathering.hits(None, true);
        }
        // What is known costs nothing, and long words are rare: beside either, other words need not
        // be looked for in all ids.
        let shortest = |word: &Word| word.any.iter().map(|p| p.text.len()).min();
        wanted.sort_by_key(|word| (!self.knows(word), Reverse(shortest(word))));
        let mut is_told = false;
        let unknown = wanted.partition_point(|word| self.knows(word));
        if unknown < wanted.len() {
            let beside = self.beside(corpus, wanted.split_at(unknown), stop)?;
            let candidates = gathering.candidates(&beside);
            let looks = beside.looks(&candidates);
            // The tiers of very few are known as soon as a page of them.
            if !looks.is_some_and(|looks| looks.are_soon_done()) {
                is_told = early.tell(|| gathering.page_beside(&candidates, &beside, &wanted));
            }
            // One look at each of few is sooner done than one at all and another at some.
            if looks.is_some_and(|looks| looks.are_few()) {
                let tiers = Arc::new(gathering.tiers_of(&candidates, &beside)?);
                self.learn(&beside, &tiers);
                if !is_told {
                    early.tell(|| gathering.first_page(&tiers));
                }
                return gathering.hits(Some(&tiers), true);
            }
        }
        let found = self.together(corpus, &wanted, false, stop)?;
        let exact = || gathering.hits(Some(&found.tiers), false);
        if !early.tell(|| exact().filter(|exact| exact.exact() > 0)) && !is_told && !found.loosened
        {
            early.tell(|| gathering.scattered(None, &wanted));
        }
        if found.loosened {
            return gathering.hits(Some(&found.tiers), true);
        }
        let found = self.together(corpus, &wanted, true, stop)?;
        gathering.hits(Some(&found.tiers), true)
    }

    /// What is known of some words when the others are to be looked for.
    fn beside<'w>(
        &mut self,
        corpus: Corpus,
        (known, others): (&[&Word], &'w [&'w Word]),
        stop: &AtomicBool,
    ) -> Option<Beside<'w>> {
        let known = match known {
            [] => None,
            known => Some(self.together(corpus, known, false, stop)?),
        };
        let (wider, shorter) = match others[0].any.as_slice() {
            [only] => (self.wider(only, true), self.wider(only, false)),
            _ => (None, None),
        };
        Some(Beside {
            known,
            wider: wider.map(|(_, tiers)| tiers.clone()),
            shorter: shorter.map(|(pattern, tiers)| Shorter {
                tiers: tiers.clone(),
                begins: others[0].any[0].begins_with(pattern),
            }),
            others,
        })
    }

    /// Remembers the tiers of a word that was looked for alone.
    fn learn(&mut self, beside: &Beside, tiers: &Arc<Tiers>) {
        if let (None, [word]) = (&beside.known, beside.others)
            && let [pattern] = word.any.as_slice()
        {
            let found = Found {
                tiers: tiers.clone(),
                loosened: true,
            };
            keep(&mut self.patterns, PATTERNS, pattern, found);
        }
    }

    /// The tiers of several words together. Once the words so far leave few ids, the next ones are
    /// looked for in those alone.
    fn together(
        &mut self,
        corpus: Corpus,
        words: &[&Word],
        loosened: bool,
        stop: &AtomicBool,
    ) -> Option<Found> {
        let mut all: Option<Found> = None;
        for word in words {
            let few = all
                .as_ref()
                .filter(|all| is_sparse(&all.tiers, Tier::Fuzzy, 6));
            let found = match few.filter(|_| !self.knows(word)) {
                Some(few) => beside(corpus, word, &few.tiers, loosened, stop)?,
                None if loosened => self.whole(corpus, word, stop)?,
                None => self.exact(corpus, word, stop)?,
            };
            all = Some(match all {
                None => found,
                Some(all) => Found {
                    tiers: worst(vec![all.tiers, found.tiers]),
                    loosened: all.loosened && found.loosened,
                },
            });
        }
        all
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
                None => Arc::new(select::passing(corpus, test, stop)?),
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
        let found = match word.any.iter().any(|p| p.place == Place::Scattered) {
            true => self.whole(corpus, word, stop),
            false => self.exact(corpus, word, stop),
        };
        found.map(|found| found.tiers)
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
                    // What has the letters only can have no longer word.
                    let within = wider.map(|(_, tiers)| (&**tiers, Tier::Substring));
                    Found {
                        tiers: Arc::new(seeker.exact(within, stop)?),
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
    fn whole(&mut self, corpus: Corpus, word: &Word, stop: &AtomicBool) -> Option<Found> {
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
                let wider = wider.map(|(_, tiers)| &**tiers);
                if !seeker.loosen(&mut tiers, wider, stop) {
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
        Some(Found {
            tiers: best(all),
            loosened: true,
        })
    }

    /// Whether a word has been looked for in all ids.
    fn knows(&self, word: &Word) -> bool {
        word.any.iter().all(|p| self.recall(p).is_some())
    }

    fn recall(&self, pattern: &Pattern) -> Option<Found> {
        let known = self.patterns.iter().find(|(known, _)| known == pattern);
        known.map(|(_, found)| found.clone())
    }

    /// The answer to the longest pattern whose matches hold all of this one's.
    fn wider(&self, pattern: &Pattern, loosened: bool) -> Option<(&Pattern, &Arc<Tiers>)> {
        let fits = |(known, found): &&(Pattern, Found)| {
            let loose = found.loosened && loose_tier(known).is_some();
            pattern.is_within(known) && (loose || !loosened)
        };
        let known = self.patterns.iter().filter(fits);
        let longest = known.max_by_key(|(known, _)| known.text.len());
        longest.map(|(known, found)| (known, &found.tiers))
    }

    fn order(
        &mut self,
        corpus: Corpus,
        order: Order,
        stop: &AtomicBool,
    ) -> Option<Buffer<ModelId>> {
        if order == Order::default() {
            return Some(corpus.by_downloads.clone());
        }
        if let Some(known) = self.orders.get(&order) {
            return Some(known.clone());
        }
        let list = arrange(corpus.models, order, corpus.models.par_all(), stop)?;
        let list = Buffer::from(list);
        if self.orders.len() >= ORDERS {
            self.orders.clear();
        }
        self.orders.insert(order, list.clone());
        Some(list)
    }
}

/// Who hears of the first models before all is done, if somebody does.
struct Early<'e>(Option<&'e mut dyn FnMut(Hits)>);

impl Early<'_> {
    /// Tells what is found; whether there was something, and somebody to hear of it.
    fn tell(&mut self, find: impl FnOnce() -> Option<Hits>) -> bool {
        let Some(early) = &mut self.0 else {
            return false;
        };
        find().map(early).is_some()
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

/// The tiers of a word in ids that have one already.
fn beside(
    corpus: Corpus,
    word: &Word,
    all: &Tiers,
    loosened: bool,
    stop: &AtomicBool,
) -> Option<Found> {
    let tiers = |pattern: &Pattern| {
        let seeker = Seeker::new(corpus.arena, corpus.models, pattern);
        let mut tiers = seeker.exact(Some((all, Tier::Fuzzy)), stop)?;
        let done = !loosened || seeker.loosen(&mut tiers, Some(all), stop);
        done.then(|| Arc::new(tiers))
    };
    let found: Option<Vec<Arc<Tiers>>> = word.any.iter().map(tiers).collect();
    Some(Found {
        tiers: best(found?),
        loosened: loosened || word.any.iter().all(|p| loose_tier(p).is_none()),
    })
}
