//! Filters: each becomes the set of the models that pass it.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem::Finder;

use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::keys::{FilterKey, Flag, ValueType};
use crate::engine::query::language::languages;
use crate::engine::query::range::{NANO, ValueRange};
use crate::engine::search::{Corpus, model_at};
use crate::engine::table::arena::GAP;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;

/// Returns the models that pass a filter. `None` if cancelled.
pub fn passing(corpus: Corpus, filter: &Filter, cancel: &AtomicBool) -> Option<ModelSet> {
    let scan = Scan { corpus, cancel };
    let mut set = scan.none();
    for value in &filter.values {
        set.or(&scan.having(filter.key, value));
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
    }
    if filter.negated {
        set.invert();
    }
    Some(set)
}

/// Returns the node of an id: the one that is spelled so, else one that differs in case only; of several
/// the most downloaded.
pub fn node(corpus: Corpus, id: &str) -> Option<Node> {
    let cancel = &AtomicBool::new(false);
    Scan { corpus, cancel }.node(id)
}

/// Scans of all models. Once cancelled, they return what they have found so far.
#[derive(Clone, Copy)]
struct Scan<'a> {
    corpus: Corpus<'a>,
    cancel: &'a AtomicBool,
}

impl Scan<'_> {
    fn none(self) -> ModelSet {
        ModelSet::none(self.corpus.models.len())
    }

    /// Returns the models for which the condition holds.
    fn models(self, holds: impl Fn(ModelId) -> bool + Sync) -> ModelSet {
        ModelSet::by_chunk(self.corpus.models.len(), |rows, add| {
            if !self.cancel.load(Ordering::Relaxed) {
                rows.filter(|row| holds(model_at(*row))).for_each(add);
            }
        })
    }

    /// Returns the models whose ids in lower case begin with a text, and for which the condition on
    /// the row holds.
    fn with_prefix(self, prefix: &str, holds: impl Fn(usize) -> bool + Sync) -> ModelSet {
        let anchored = [&[GAP], prefix.as_bytes()].concat();
        let finder = Finder::new(&anchored);
        let ids = self.corpus.index.texts();
        ModelSet::by_chunk(ids.len(), |rows, add| {
            if !self.cancel.load(Ordering::Relaxed) {
                ids.each_place(rows, &finder, |row, _| {
                    if holds(row) {
                        add(row);
                    }
                });
            }
        })
    }

    /// Returns the models that have one value of a filter.
    fn having(self, key: FilterKey, value: &FilterValue) -> ModelSet {
        match value {
            FilterValue::Word(word) => self.with_word(key, word),
            FilterValue::Range(range) => self.in_range(key, range),
            FilterValue::Memory(fit) => self.with_number(Field::Params, |params| fit.holds(params)),
            FilterValue::Flag(flag) => self.models(|model| has_flag(self.corpus, model, *flag)),
            FilterValue::Key(known) => {
                let mut set = self.knowing(*known);
                if key == FilterKey::No {
                    set.invert();
                }
                set
            }
        }
    }

    /// Returns the models that have a word, ignoring case.
    fn with_word(self, key: FilterKey, word: &str) -> ModelSet {
        let corpus = self.corpus;
        match key {
            FilterKey::Base => self.related(word, |node| corpus.graph.children(node).to_vec()),
            FilterKey::Family => self.related(word, |node| family::descendants(corpus.graph, node)),
            FilterKey::Copies => self.related(word, |node| {
                let model = corpus.graph.model(node);
                let copies = model.map(|model| corpus.quantizations.of(corpus.graph, model));
                copies.into_iter().flatten().map(Node::from).collect()
            }),
            // The rest of an id would be part of the name.
            FilterKey::Author if word.contains('/') => self.none(),
            FilterKey::Author => self.with_prefix(&format!("{}/", word.to_lowercase()), |_| true),
            FilterKey::Tag => corpus.tags.models(word),
            FilterKey::Lang => corpus.tags.models(word),
            _ => {
                let words = key.info().field.and_then(|f| corpus.models.words(f));
                let Some(words) = words else {
                    return self.none();
                };
                let matches = |name: &str| {
                    name.eq_ignore_ascii_case(word) || name.to_lowercase() == word.to_lowercase()
                };
                let names = words.names();
                let matching: Vec<bool> = names.map(|name| name.is_some_and(matches)).collect();
                Column::codes(words).set(|code| matching.get(code as usize) == Some(&true))
            }
        }
    }

    /// Returns the models related to the one of this id.
    fn related(self, id: &str, relatives: impl Fn(Node) -> Vec<Node>) -> ModelSet {
        let mut set = self.none();
        let nodes = self.node(id).map(relatives).unwrap_or_default();
        let models = nodes
            .into_iter()
            .filter_map(|node| self.corpus.graph.model(node));
        models.for_each(|model| set.add(model));
        set
    }

    /// Returns the node of an id: the one that is spelled so, else one that differs in case only;
    /// of several the most downloaded.
    fn node(self, id: &str) -> Option<Node> {
        let Corpus {
            models,
            graph,
            index,
            ..
        } = self.corpus;
        let lower = id.to_lowercase();
        let same = self.with_prefix(&lower, |row| index.id(row) == lower.as_bytes());
        let downloads = |m: &ModelId| (models.number(Field::Downloads, *m), Reverse(m.0));
        let spelled_so = same.iter().filter(|m| models.id(*m) == id);
        let most = spelled_so.max_by_key(downloads).map(Node::from);
        most.or_else(|| graph.ghost(id))
            .or_else(|| same.iter().max_by_key(downloads).map(Node::from))
    }

    fn in_range(self, key: FilterKey, range: &ValueRange) -> ModelSet {
        let info = key.info();
        let Some(field) = info.field else {
            return self.none();
        };
        // Times and shares are compared as they are, counts in billionths.
        let unit = match info.value_type {
            ValueType::Count | ValueType::Change => NANO,
            _ => 1,
        };
        let round_up = |end: i128| end.div_euclid(unit) + i128::from(end.rem_euclid(unit) > 0);
        let values = range.values_at(self.corpus.newest);
        let (from, to) = (round_up(values.start), round_up(values.end));
        self.with_number(field, |value| (from..to).contains(&i128::from(value)))
    }

    /// Returns the models with a number for which the condition holds.
    fn with_number(self, field: Field, holds: impl Fn(i64) -> bool + Sync) -> ModelSet {
        let models = self.corpus.models;
        match Column::kept(models, field) {
            Some(column) => column.set(holds),
            None if !models.has(field) => self.none(),
            // To materialize the column would take longer.
            None => self.models(|model| models.number(field, model).is_some_and(&holds)),
        }
    }

    /// Returns the models of which the value of a key is known.
    fn knowing(self, key: FilterKey) -> ModelSet {
        let Corpus { models, graph, .. } = self.corpus;
        match key {
            FilterKey::Tag => self.corpus.tags.tagged().clone(),
            FilterKey::Lang => {
                let mut set = self.none();
                languages()
                    .take_while(|_| !self.cancel.load(Ordering::Relaxed))
                    .for_each(|code| set.or(&self.corpus.tags.models(code)));
                set
            }
            FilterKey::Author => self.models(|model| models.author(model).is_some()),
            FilterKey::Base => self.models(|model| !graph.bases(model.into()).is_empty()),
            // Known for all, so `has:` means more than none.
            FilterKey::Children | FilterKey::Descendants => {
                self.models(|model| graph.has_children(model.into()))
            }
            _ => {
                let Some(field) = key.info().field else {
                    return self.none();
                };
                match models.words(field) {
                    Some(words) => self.models(|model| words.code(model.row()).is_some()),
                    None => self.models(|model| models.number(field, model).is_some()),
                }
            }
        }
    }
}

fn has_flag(corpus: Corpus, model: ModelId, flag: Flag) -> bool {
    let node = Node::from(model);
    let bases = corpus.graph.bases(node);
    let mut others = bases.iter().filter(|base| **base != node);
    let has_children = || corpus.graph.has_children(node);
    match flag {
        Flag::Root => others.next().is_none() && has_children(),
        Flag::Copy => corpus.quantizations.set.has(model),
        // Without any edge nothing is known of a model's relations.
        Flag::Unrelated => {
            corpus.graph.edge_count() > 0 && others.next().is_none() && !has_children()
        }
        Flag::Suspect => corpus.suspects.has(model),
        Flag::New => corpus.comparison.is_some_and(|a| a.is_new(model)),
        Flag::Renamed => corpus
            .comparison
            .is_some_and(|a| a.former_name(model).is_some()),
        Flag::Ghost => others.any(|base| corpus.graph.model(*base).is_none()),
        Flag::Merge => corpus.graph.distinct_bases(node).nth(1).is_some(),
    }
}
