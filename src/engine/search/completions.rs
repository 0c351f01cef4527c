//! Completions of the word that is being typed: values of filters and ids, the most frequent first.

use std::sync::atomic::AtomicBool;

use super::Corpus;
use super::facets::{self, FacetValue};
use super::searcher::Searcher;
use crate::engine::query::ast::{Anchor, Filter, Pattern, Query, Word};
use crate::engine::query::keys::{FilterKey, Flag, ValueType};
use crate::engine::query::partial::{Partial, Subject};
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;

/// The maximum number of completions.
const LIMIT: usize = 100;

/// A word that completes a partial one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub word: String,
    /// The number of models of the rest of the query that have the value; of an id, those derived from
    /// it. `None` for words that are no values.
    pub models: Option<usize>,
}

/// Finds completions, and keeps the values of a filter while more of one is typed.
#[derive(Default)]
pub struct Completer {
    values: Option<(FilterKey, Query, Vec<FacetValue>)>,
}

impl Completer {
    /// Returns the completions of a partial word, beginning with those that begin with it; `rest` is the
    /// query without it. `None` if cancelled.
    pub fn completions(
        &mut self,
        searcher: &mut Searcher,
        corpus: Corpus,
        partial: &Partial,
        rest: &Query,
        cancel: &AtomicBool,
    ) -> Option<Vec<Completion>> {
        if let Some(words) = partial.fixed_words(corpus.comparison.is_some()) {
            let words = words.into_iter().map(|word| Completion {
                word: word.to_owned(),
                models: match partial.subject {
                    Subject::Value(FilterKey::Is) => {
                        with_flag(searcher, corpus, word, rest, cancel)
                    }
                    _ => None,
                },
            });
            return Some(typed_first(words, &partial.typed));
        }
        match partial.subject {
            Subject::Value(FilterKey::Family) => {
                ids(searcher, corpus, &partial.typed, Field::Descendants, cancel)
            }
            Subject::Value(key) if key.info().value_type == ValueType::Model => {
                ids(searcher, corpus, &partial.typed, Field::Children, cancel)
            }
            Subject::Value(key) => {
                let values = self.values(searcher, corpus, key, rest, cancel)?.iter();
                let values = values.map(|value| Completion {
                    word: value.word.clone(),
                    models: Some(value.models),
                });
                Some(typed_first(values, &partial.typed))
            }
            Subject::Key | Subject::Sort => Some(Vec::new()),
        }
    }

    /// Returns the values of a key that the models of a query have.
    fn values(
        &mut self,
        searcher: &mut Searcher,
        corpus: Corpus,
        key: FilterKey,
        rest: &Query,
        cancel: &AtomicBool,
    ) -> Option<&[FacetValue]> {
        let known = self.values.take();
        let known = known.filter(|(of, query, _)| *of == key && query == rest);
        let found = match known {
            Some(known) => known,
            None => {
                let set = searcher.matching(corpus, rest, cancel)?;
                let values = facets::values(corpus, key, &set, usize::MAX);
                (key, rest.clone(), values)
            }
        };
        let (_, _, values) = self.values.insert(found);
        Some(values)
    }
}

/// Returns the ids that contain a text, in the order of a search for it, by a count of models; before
/// them the text itself if it is a missing base.
fn ids(
    searcher: &mut Searcher,
    corpus: Corpus,
    typed: &str,
    by: Field,
    cancel: &AtomicBool,
) -> Option<Vec<Completion>> {
    let pattern = Pattern {
        // Without capitals, case does not count.
        text: typed.to_lowercase(),
        anchor: Anchor::Anywhere,
    };
    let word = Word {
        negated: false,
        any: vec![pattern],
    };
    let query = Query {
        words: Some(word)
            .filter(|_| !typed.is_empty())
            .into_iter()
            .collect(),
        ..Query::default()
    };
    let hits = searcher.search(corpus, &query, Order::by(by, false), cancel, None)?;
    let models = hits.models.iter().take(hits.exact().min(LIMIT));
    let completion = |model| Completion {
        word: corpus.models.id(model).to_owned(),
        models: corpus.models.number(by, model).map(|count| count as usize),
    };
    let ghost = corpus.graph.ghost(typed).map(|_| Completion {
        word: typed.to_owned(),
        models: None,
    });
    Some(
        ghost
            .into_iter()
            .chain(models.copied().map(completion))
            .collect(),
    )
}

/// Returns the number of models of a query that have a flag; `None` if cancelled.
fn with_flag(
    searcher: &mut Searcher,
    corpus: Corpus,
    name: &str,
    rest: &Query,
    cancel: &AtomicBool,
) -> Option<usize> {
    let (_, flag) = Flag::ALL.into_iter().find(|(of, _)| *of == name)?;
    let mut query = rest.clone();
    query.filters.push(Filter::of_flag(flag));
    Some(searcher.matching(corpus, &query, cancel)?.count())
}

/// Returns the word that is a text, then those that begin with it and those that contain it, up to the
/// limit.
fn typed_first(words: impl Iterator<Item = Completion>, typed: &str) -> Vec<Completion> {
    let typed = typed.to_lowercase();
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for completion in words {
        let word = completion.word.to_lowercase();
        match word.find(&typed) {
            Some(0) if word.len() == typed.len() => first.insert(0, completion),
            Some(0) if first.len() < LIMIT => first.push(completion),
            Some(_) if others.len() < LIMIT => others.push(completion),
            _ => {}
        }
    }
    first.extend(others);
    first.truncate(LIMIT);
    first
}
