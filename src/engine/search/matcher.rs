//! Fuzzy matches: which come first, and which letters of an id a query matches. Scores are those
//! of fuzzy-matcher, which only this file knows.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use rayon::prelude::*;

use crate::engine::query::query::{Pattern, Place, Query, Word};
use crate::engine::table::models::{ModelId, Models};

/// So many fuzzy matches are put in order by their score: the first ones in the list's own order.
/// To score them all would take longer than to find them, and nobody reads on so far.
pub const SCORED: usize = 1_000;

/// Puts the best of the first [`SCORED`] models first; equally good ones keep their order. Leaves
/// off when `stop` is set.
pub fn best_first(models: &Models, query: &Query, found: &mut [ModelId], stop: &AtomicBool) {
    let few = found.len().min(SCORED);
    let mut scored: Vec<(Reverse<i64>, usize, ModelId)> = found[..few]
        .par_iter()
        .enumerate()
        .map(|(at, model)| {
            if stop.load(Ordering::Relaxed) {
                return (Reverse(0), at, *model);
            }
            let id = models.id(*model);
            let score: i64 = query.wanted().map(|w| score(w, id)).sum();
            (Reverse(score), at, *model)
        })
        .collect();
    scored.par_sort_unstable();
    for (place, (_, _, model)) in found.iter_mut().zip(scored) {
        *place = model;
    }
}

/// A new one for each id: what it keeps of the one before can change the score of the next.
fn matcher() -> SkimMatcherV2 {
    SkimMatcherV2::default().ignore_case()
}

fn score(word: &Word, id: &str) -> i64 {
    let any = word.any.iter();
    let scores = any.filter_map(|p| matcher().fuzzy_match(id, &p.text));
    scores.max().unwrap_or(0)
}

/// The letters of an id that the query's words match, as places among its characters, ascending.
pub fn matched(query: &Query, id: &str) -> Vec<usize> {
    let mut places: Vec<usize> = query
        .wanted()
        .filter_map(|word| {
            let stands = word.any.iter().find_map(|p| standing(p, id));
            stands.or_else(|| word.any.iter().find_map(|p| scattered(p, id)))
        })
        .flatten()
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The letters where the pattern's text stands as a whole.
fn standing(pattern: &Pattern, id: &str) -> Option<Vec<usize>> {
    let folded = |text: &str| -> Vec<char> {
        let first_lower = |c: char| c.to_lowercase().next().unwrap_or(c);
        match pattern.is_strict() {
            true => text.chars().collect(),
            false => text.chars().map(first_lower).collect(),
        }
    };
    let (id_letters, letters) = (folded(id), folded(&pattern.text));
    let stretch = |at: usize| (at..at + letters.len()).collect::<Vec<_>>();
    // Of several places the one that counts most: as a word of its own where that is asked for,
    // then at a beginning.
    let part_of_word = |at: Option<usize>| {
        let letter = at.and_then(|at| id_letters.get(at));
        letter.is_some_and(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
    };
    let worth = |at: &usize| {
        let begins = *at == 0 || id_letters[at - 1] == '/';
        let alone = !part_of_word(at.checked_sub(1)) && !part_of_word(Some(at + letters.len()));
        (pattern.place == Place::Word && !alone, !begins, *at)
    };
    let windows = id_letters.windows(letters.len().max(1)).enumerate();
    let places = windows.filter(|(_, w)| *w == letters).map(|(at, _)| at);
    let found = match pattern.place {
        Place::Start | Place::Whole => places.min(),
        Place::End => places.max(),
        _ => places.min_by_key(worth),
    };
    found.map(stretch)
}

/// The letters of the pattern's text in their order, with others between.
fn scattered(pattern: &Pattern, id: &str) -> Option<Vec<usize>> {
    if !matches!(pattern.place, Place::Anywhere | Place::Scattered) {
        return None;
    }
    let (_, places) = matcher().fuzzy_indices(id, &pattern.text)?;
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::query::parse::parse;

    fn marked(query: &str, id: &str) -> String {
        let places = matched(&parse(query).unwrap().query, id);
        let mark = |(at, c): (usize, char)| if places.contains(&at) { c } else { '.' };
        id.chars().enumerate().map(mark).collect()
    }

    #[test]
    fn what_matches_is_marked_where_it_counts_most() {
        assert_eq!(marked("bert", "albert/bert-x"), ".......bert..");
        assert_eq!(marked("^al x$", "albert/x-x"), "al.......x");
        assert_eq!(marked("'bert", "albert/my-bert"), "..........bert");
        assert_eq!(marked("Bert|x", "bert/x"), ".....x");
        assert_eq!(marked("qn3", "a/qwen3"), "..q..n3");
        assert_eq!(marked("!bert é", "Éa/bert"), "É......");
        assert_eq!(marked("", "a/b"), "...");
    }
}
