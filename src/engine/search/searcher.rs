//! The search for the models that a query finds. Filters and words are searched separately and
//! remembered, as the next query mostly shares all but one of them.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::cache::archive::Buffer;
use crate::engine::query::ast::{Anchor, Filter, Pattern, Query, Word};
use crate::engine::search::Corpus;
use crate::engine::search::context::QueryContext;
use crate::engine::search::filters;
use crate::engine::search::first_page::{
    Cost, PartialResult, WiderMatches, filtered_page, ranked_page,
};
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::search::pattern::CompiledPattern;
use crate::engine::search::rank::{Matches, Rank, Ranks};
use crate::engine::search::top_scan::subsequence_page;
use crate::engine::search::words::CompiledWords;
use crate::engine::table::arrange::arrange;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;

/// The number of patterns that are remembered, at one byte per model.
const PATTERNS: usize = 12;
/// The number of filters that are remembered, at one bit per model.
const FILTERS: usize = 32;
/// The number of orders that are remembered besides the default, at four bytes per model.
const ORDERS: usize = 4;

/// Searches one hub, and remembers parts of the latest results.
#[derive(Default)]
pub struct Searcher {
    patterns: VecDeque<(Pattern, Matches)>,
    filters: VecDeque<(Filter, Arc<ModelSet>)>,
    orders: HashMap<Order, Buffer<ModelId>>,
}

impl Searcher {
    /// Forgets all that depends on other columns than the ids, of which more have been loaded.
    pub fn forget_values(&mut self) {
        self.filters.clear();
        self.orders.clear();
    }

    /// Finds the models that match. `previews`, if given, receives up to two results of which a part
    /// is known earlier: the first page, or all models that contain the words. `None` if cancelled.
    pub fn search(
        &mut self,
        corpus: Corpus,
        query: &Query,
        order: Order,
        cancel: &AtomicBool,
        mut previews: Option<&mut dyn FnMut(Hits)>,
    ) -> Option<Hits> {
        // Returns whether there was a preview, and somebody to receive it.
        let mut send = |find: &dyn Fn() -> Option<Hits>| {
            let hits = previews
                .as_mut()
                .and_then(|receive| Some((receive, find()?)));
            hits.map(|(receive, hits)| receive(hits)).is_some()
        };
        let context = &self.context(corpus, query, order, cancel)?;
        let complete = Completeness::Complete;
        let mut words: Vec<&Word> = query.required().collect();
        if words.is_empty() {
            send(&|| filtered_page(context));
            return context.hits(None, complete);
        }
        // Known words cost nothing, and long words are rare: they leave few ids to search for the
        // others.
        let shortest = |word: &Word| word.any.iter().map(|p| p.text.len()).min();
        words.sort_by_key(|word| (!self.knows(word), Reverse(shortest(word))));
        let (known, others) = words.split_at(words.partition_point(|word| self.knows(word)));
        let mut has_preview = false;
        if !others.is_empty() {
            let partial = self.partial_result(context, known, others)?;
            let candidates = partial.candidates();
            let cost = partial.cost(&candidates);
            // The ranks of very few are known as soon as a first page.
            if cost > Cost::Minimal {
                has_preview = send(&|| partial.preview(&candidates, &words));
            }
            // To rank few candidates once is faster than to scan all ids for each word.
            if cost <= Cost::Low {
                let ranks = Arc::new(partial.ranks_of(&candidates)?);
                if let ([], [word]) = (known, others)
                    && let [pattern] = word.any.as_slice()
                {
                    let matches = Matches {
                        ranks: ranks.clone(),
                        is_complete: true,
                    };
                    remember(&mut self.patterns, PATTERNS, pattern, matches);
                }
                if !has_preview {
                    send(&|| ranked_page(context, &ranks));
                }
                return context.hits(Some(&ranks), complete);
            }
        }
        let mut matches = self.matches(context, &words, false)?;
        let exact = || {
            let hits = context.hits(Some(&matches.ranks), Completeness::Exact);
            hits.filter(|hits| hits.exact() > 0)
        };
        if !send(&exact) && !has_preview && !matches.is_complete {
            send(&|| subsequence_page(context, &words, None));
        }
        if !matches.is_complete {
            matches = self.matches(context, &words, true)?;
        }
        context.hits(Some(&matches.ranks), complete)
    }

    /// Returns the models that the query asks for, without those of [`Rank::Fuzzy`]. `None` if
    /// cancelled.
    pub fn matching(
        &mut self,
        corpus: Corpus,
        query: &Query,
        cancel: &AtomicBool,
    ) -> Option<ModelSet> {
        let context = self.context(corpus, query, Order::default(), cancel)?;
        let words = query.required();
        let words = words.map(|word| self.requested(&context, word));
        let all = Matches::all(words.collect::<Option<Vec<_>>>()?);
        Some(context.set(all.as_ref().map(|all| &*all.ranks)))
    }

    /// Applies the filters and establishes the order of a query.
    fn context<'q>(
        &mut self,
        corpus: Corpus<'q>,
        query: &'q Query,
        order: Order,
        cancel: &'q AtomicBool,
    ) -> Option<QueryContext<'q>> {
        let mut context = QueryContext {
            corpus,
            query,
            order,
            list: self.list(corpus, order, cancel)?,
            passing: None,
            blocking_filter: None,
            cancel,
        };
        for (at, filter) in query.filters.iter().enumerate() {
            if context.is_cancelled() {
                return None;
            }
            let known = self.filters.iter().find(|(known, _)| known == filter);
            let set = match known {
                Some((_, set)) => set.clone(),
                None => Arc::new(filters::passing(corpus, filter, cancel)?),
            };
            if set.count() == 0 {
                context.blocking_filter.get_or_insert(at);
            }
            context.restrict(&set);
            remember(&mut self.filters, FILTERS, filter, set);
        }
        for word in query.words.iter().filter(|word| word.negated) {
            let matches = self.requested(&context, word)?;
            let mut others = ModelSet::up_to(&matches.ranks, Rank::Subsequence as u8);
            others.invert();
            context.restrict(&others);
        }
        Some(context)
    }

    /// Returns all models in an order.
    fn list(
        &mut self,
        corpus: Corpus,
        order: Order,
        cancel: &AtomicBool,
    ) -> Option<Buffer<ModelId>> {
        if order == Order::default() {
            return Some(corpus.by_downloads.clone());
        }
        if let Some(known) = self.orders.get(&order) {
            return Some(known.clone());
        }
        let list = arrange(corpus.models, order, corpus.models.par_all(), cancel)?;
        let list = Buffer::from(list);
        if self.orders.len() >= ORDERS {
            self.orders.clear();
        }
        self.orders.insert(order, list.clone());
        Some(list)
    }

    /// Gathers what is known of some words that are not in memory.
    fn partial_result<'q>(
        &mut self,
        context: &'q QueryContext<'q>,
        known: &[&Word],
        others: &[&Word],
    ) -> Option<PartialResult<'q>> {
        let known = match known {
            [] => None,
            known => Some(self.matches(context, known, false)?),
        };
        let (wider, wider_exact) = match others[0].any.as_slice() {
            [only] => (self.wider(only, true), self.wider(only, false)),
            _ => (None, None),
        };
        Some(PartialResult {
            context,
            known,
            wider: wider.map(|(_, ranks)| ranks.clone()),
            wider_exact: wider_exact.map(|(pattern, ranks)| WiderMatches {
                ranks: ranks.clone(),
                is_prefix: others[0].any[0].extends(pattern),
            }),
            others: CompiledWords::new(context.corpus, others),
        })
    }

    /// Returns the matches of a word that the query asks for, and possibly fuzzy ones.
    fn requested(&mut self, context: &QueryContext, word: &Word) -> Option<Matches> {
        let mut patterns = word.any.iter();
        let is_complete = patterns.any(|pattern| pattern.anchor == Anchor::Subsequence);
        self.matches_of_word(context, word, is_complete, None)
    }

    /// Returns the matches of several words together, with those as subsequences if they are to be
    /// complete. Once the first words leave few ids, only these are searched for the next.
    fn matches(
        &mut self,
        context: &QueryContext,
        words: &[&Word],
        is_complete: bool,
    ) -> Option<Matches> {
        let mut all: Option<Matches> = None;
        for word in words {
            let few = all.as_ref().filter(|all| all.are_sparse());
            let few = few.filter(|_| !self.knows(word)).map(|few| &*few.ranks);
            let matches = self.matches_of_word(context, word, is_complete, few)?;
            all = Matches::all(all.into_iter().chain([matches]));
        }
        all
    }

    /// Returns the matches of a word: in all ids, or within others and then not remembered.
    fn matches_of_word(
        &mut self,
        context: &QueryContext,
        word: &Word,
        is_complete: bool,
        within: Option<&Ranks>,
    ) -> Option<Matches> {
        let mut all = Vec::new();
        for pattern in &word.any {
            let matches = self.scan(context, pattern, is_complete, within)?;
            if within.is_none() {
                remember(&mut self.patterns, PATTERNS, pattern, matches.clone());
            }
            all.push(matches);
        }
        Matches::any(all)
    }

    /// Returns the matches of a pattern, if it is not known by scanning ids.
    fn scan(
        &self,
        context: &QueryContext,
        pattern: &Pattern,
        is_complete: bool,
        within: Option<&Ranks>,
    ) -> Option<Matches> {
        let cancel = context.cancel;
        let compiled = CompiledPattern::new(context.corpus, pattern);
        let known = self.known(pattern).filter(|_| within.is_none());
        let mut matches = match known {
            Some(known) => known,
            None => {
                // Ids with a part of the text as a subsequence only cannot contain the whole.
                let wider = || Some((&**self.wider(pattern, false)?.1, Rank::Substring));
                let within = within.map(|ranks| (ranks, Rank::Fuzzy)).or_else(wider);
                Matches {
                    ranks: Arc::new(compiled.scan(within, cancel)?),
                    is_complete: Rank::of_subsequence(pattern).is_none(),
                }
            }
        };
        if is_complete && !matches.is_complete {
            let wider = || self.wider(pattern, true).map(|(_, ranks)| &**ranks);
            let ranks = Arc::make_mut(&mut matches.ranks);
            compiled.add_subsequences(ranks, within.or_else(wider), cancel)?;
            matches.is_complete = true;
        }
        Some(matches)
    }

    /// Returns true if the matches of a word in all ids are known.
    fn knows(&self, word: &Word) -> bool {
        word.any.iter().all(|pattern| self.known(pattern).is_some())
    }

    fn known(&self, pattern: &Pattern) -> Option<Matches> {
        let known = self.patterns.iter().find(|(known, _)| known == pattern);
        known.map(|(_, matches)| matches.clone())
    }

    /// Returns the longest known pattern that this one narrows, and its ranks; with those of
    /// subsequences where asked for.
    fn wider(&self, pattern: &Pattern, is_complete: bool) -> Option<(&Pattern, &Arc<Ranks>)> {
        let is_wider = |(known, matches): &&(Pattern, Matches)| {
            let has_all = matches.is_complete && Rank::of_subsequence(known).is_some();
            pattern.narrows(known) && (has_all || !is_complete)
        };
        let known = self.patterns.iter().filter(is_wider);
        let longest = known.max_by_key(|(known, _)| known.text.len());
        longest.map(|(known, matches)| (known, &matches.ranks))
    }
}

/// Moves an entry to the front, and drops the last one if there are too many.
fn remember<K: PartialEq + Clone, V>(
    entries: &mut VecDeque<(K, V)>,
    limit: usize,
    key: &K,
    value: V,
) {
    entries.retain(|(known, _)| known != key);
    entries.push_front((key.clone(), value));
    entries.truncate(limit);
}
