//! Fuzzy matches: which are listed first, and which characters of an id a query matches. Only this
//! file knows fuzzy-matcher, whose scores these are.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use rayon::prelude::*;

use crate::engine::query::ast::{Anchor, Pattern, Query, Word};
use crate::engine::table::models::{ModelId, Models};

/// The number of fuzzy matches that are sorted by score: the first in the order of the list. To
/// score them all would take longer than to find them.
pub const SCORED: usize = 1_000;

/// Sorts the first [`SCORED`] models by score, best first; equal ones keep their order. Stops when
/// cancelled.
pub fn best_first(models: &Models, query: &Query, found: &mut [ModelId], cancel: &AtomicBool) {
    let few = found.len().min(SCORED);
    let score = |model: ModelId| -> i64 {
        let id = models.id(model);
        query.required().map(|word| score(word, id)).sum()
    };
    let mut scored: Vec<(Reverse<i64>, usize, ModelId)> = found[..few]
        .par_iter()
        .enumerate()
        .map(|(at, model)| match cancel.load(Ordering::Relaxed) {
            true => (Reverse(0), at, *model),
            false => (Reverse(score(*model)), at, *model),
        })
        .collect();
    scored.par_sort_unstable();
    for (place, (_, _, model)) in found.iter_mut().zip(scored) {
        *place = model;
    }
}

/// Creates a matcher for one id: its cache of the one before can change the score of the next.
fn matcher() -> SkimMatcherV2 {
    SkimMatcherV2::default().ignore_case()
}

fn score(word: &Word, id: &str) -> i64 {
    let any = word.any.iter();
    let scores = any.filter_map(|p| matcher().fuzzy_match(id, &p.text));
    scores.max().unwrap_or(0)
}

/// Returns the characters of an id that the words of a query match, as ascending indices.
pub fn matched_chars(query: &Query, id: &str) -> Vec<usize> {
    let of_word = |word: &Word| {
        let substring = word.any.iter().find_map(|p| substring(p, id));
        substring.or_else(|| word.any.iter().find_map(|p| subsequence(p, id)))
    };
    let mut chars: Vec<usize> = query.required().filter_map(of_word).flatten().collect();
    chars.sort_unstable();
    chars.dedup();
    chars
}

/// Returns the characters where the text of a pattern occurs.
fn substring(pattern: &Pattern, id: &str) -> Option<Vec<usize>> {
    let folded = |text: &str| -> Vec<char> {
        let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
        match pattern.is_case_sensitive() {
            true => text.chars().collect(),
            false => text.chars().map(lower).collect(),
        }
    };
    let (id_chars, chars) = (folded(id), folded(&pattern.text));
    let is_in_word = |at: Option<usize>| {
        let char = at.and_then(|at| id_chars.get(at));
        char.is_some_and(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
    };
    // A whole word where the pattern asks for one, then the beginning of the id or the name.
    let preference = |at: &usize| {
        let begins = *at == 0 || id_chars[at - 1] == '/';
        let is_word = !is_in_word(at.checked_sub(1)) && !is_in_word(Some(at + chars.len()));
        (pattern.anchor == Anchor::Word && !is_word, !begins, *at)
    };
    let windows = id_chars.windows(chars.len().max(1)).enumerate();
    let mut places = windows.filter(|(_, w)| *w == chars).map(|(at, _)| at);
    let first = match pattern.anchor {
        Anchor::Start | Anchor::Whole => places.next(),
        Anchor::End => places.next_back(),
        _ => places.min_by_key(preference),
    }?;
    Some((first..first + chars.len()).collect())
}

/// Returns the characters that the text of a pattern matches as a subsequence.
fn subsequence(pattern: &Pattern, id: &str) -> Option<Vec<usize>> {
    if !matches!(pattern.anchor, Anchor::Anywhere | Anchor::Subsequence) {
        return None;
    }
    let (_, chars) = matcher().fuzzy_indices(id, &pattern.text)?;
    Some(chars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::query::parse::parse;

    fn marked(query: &str, id: &str) -> String {
        let chars = matched_chars(&parse(query).unwrap().query, id);
        let mark = |(at, c): (usize, char)| if chars.contains(&at) { c } else { '.' };
        id.chars().enumerate().map(mark).collect()
    }

    #[test]
    fn the_best_place_is_marked() {
        assert_eq!(marked("bert", "albert/bert-x"), ".......bert..");
        assert_eq!(marked("^al x$", "albert/x-x"), "al.......x");
        assert_eq!(marked("'bert", "albert/my-bert"), "..........bert");
        assert_eq!(marked("Bert|x", "bert/x"), ".....x");
        assert_eq!(marked("qn3", "a/qwen3"), "..q..n3");
        assert_eq!(marked("!bert é", "Éa/bert"), "É......");
        assert_eq!(marked("", "a/b"), "...");
    }
}
