//! What a query without results would find with one filter less, and the values that its filters may
//! have meant.

use std::sync::atomic::AtomicBool;

use super::Corpus;
use super::facets;
use super::searcher::Searcher;
use crate::engine::query::ast::{Filter, FilterValue, Query};
use crate::engine::query::keys::FilterKey;

/// The number of values among which the nearest one is looked for.
const VALUES: usize = 50_000;

/// A query without one of its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxation {
    /// The index of the filter among those of the query.
    pub filter: usize,
    /// The number of models that match without it.
    pub models: usize,
    /// The nearest value that models have, and how many of those that match without the filter; `None`
    /// where the filter has a value that models have, or nothing is near to it.
    pub nearest: Option<(String, usize)>,
}

/// Returns the query without each of its filters in turn; `None` if cancelled.
pub fn relaxations(
    searcher: &mut Searcher,
    corpus: Corpus,
    query: &Query,
    cancel: &AtomicBool,
) -> Option<Vec<Relaxation>> {
    let mut all = Vec::new();
    for (at, filter) in query.filters.iter().enumerate() {
        let mut without = query.clone();
        without.filters.remove(at);
        let set = searcher.matching(corpus, &without, cancel)?;
        let values = match word_of(filter) {
            Some(_) => facets::values(corpus, filter.key, &set, VALUES),
            None => Vec::new(),
        };
        let nearest = word_of(filter).and_then(|word| {
            let near = values
                .iter()
                .filter_map(|v| Some((distance(&v.word, word)?, v)));
            // Of equals the most frequent, which comes first.
            let (_, value) = near.min_by_key(|(distance, _)| *distance)?;
            Some((value.word.clone(), value.models))
        });
        all.push(Relaxation {
            filter: at,
            models: set.count(),
            nearest,
        });
    }
    Some(all)
}

/// Returns the only word of a filter whose values are listed.
fn word_of(filter: &Filter) -> Option<&str> {
    match filter.values.as_slice() {
        [FilterValue::Word(word)] if !filter.negated && FilterKey::FACETS.contains(&filter.key) => {
            Some(word)
        }
        _ => None,
    }
}

/// Returns how far a value is from a word, ignoring case: a part of it is near, as are a few letters more,
/// less or exchanged. `None` if it is far, or the same.
fn distance(value: &str, word: &str) -> Option<usize> {
    let (value, word) = (value.to_lowercase(), word.to_lowercase());
    if value == word || word.is_empty() {
        return None;
    }
    if value.starts_with(&word) {
        return Some(0);
    }
    let is_part = value.contains(&word) || value.len() > 2 && word.contains(&value);
    let edits = strsim::damerau_levenshtein(&value, &word);
    match is_part {
        true => Some(1),
        false => (edits * 3 <= word.chars().count()).then_some(1 + edits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_or_a_slip_is_near() {
        assert_eq!(distance("apache-2.0", "apache"), Some(0));
        assert_eq!(distance("text-generation", "generation"), Some(1));
        assert_eq!(distance("gguf", "GGFU"), Some(2));
        for (value, word) in [
            ("mit", "MIT"),
            ("mit", "gpl"),
            ("other", "apache"),
            ("x", ""),
        ] {
            assert_eq!(distance(value, word), None, "{value} {word}");
        }
    }
}
