//! Edits of a query's text: filters added, removed and replaced.

use std::ops::Range;

use super::ast::{Filter, FilterValue};
use super::keys::FilterKey;
use super::parse::{Parsed, parse};

/// Returns the words that the filters of a key accept.
pub fn words_of(parsed: &Parsed, key: FilterKey) -> Vec<String> {
    let filters = parsed
        .query
        .filters
        .iter()
        .filter(|t| t.key == key && !t.negated);
    let words = filters
        .flat_map(|t| &t.values)
        .filter_map(|value| match value {
            FilterValue::Word(word) => Some(word.clone()),
            _ => None,
        });
    words.collect()
}

/// Returns the text with a word added to the filter of its key, or removed from it.
pub fn toggle_word(text: &str, parsed: &Parsed, key: FilterKey, word: &str) -> String {
    let filters = parsed.query.filters.iter().zip(&parsed.filter_places);
    let own = filters.rev().find(|(t, _)| t.key == key && !t.negated);
    let value = FilterValue::Word(word.to_owned());
    let Some((filter, place)) = own else {
        let filter = Filter {
            negated: false,
            key,
            values: vec![value],
        };
        return format!("{} {filter}", text.trim_end())
            .trim_start()
            .to_owned();
    };
    let mut filter = filter.clone();
    match filter.values.iter().position(|v| *v == value) {
        Some(at) => drop(filter.values.remove(at)),
        None => filter.values.push(value),
    }
    match filter.values.is_empty() {
        true => without_range(text, place.clone()),
        false => format!("{}{filter}{}", &text[..place.start], &text[place.end..]),
    }
}

/// Returns the text with a filter in place of those on the same subject, or without it where it is
/// set already.
fn toggle_filter(text: &str, filter: &str) -> Result<String, String> {
    let parsed = parse(text).map_err(|mistake| mistake.with_column(text))?;
    let new = parse(filter).map_err(|mistake| mistake.with_column(filter))?;
    let subject = |filter: &Filter| match filter.values.as_slice() {
        [FilterValue::Key(of)] if matches!(filter.key, FilterKey::No | FilterKey::Has) => *of,
        _ => filter.key,
    };
    let Some(wanted) = new.query.filters.first() else {
        return Ok(text.to_owned());
    };
    let rival = |filter: &&Filter| !filter.negated && subject(filter) == subject(wanted);
    let rivals: Vec<&Filter> = parsed.query.filters.iter().filter(rival).collect();
    let rest = rivals
        .iter()
        .fold(text.to_owned(), |text, rival| without_filter(&text, rival));
    match rivals.contains(&wanted) {
        true => Ok(rest),
        false => Ok(format!("{} {filter}", rest.trim_end())
            .trim_start()
            .to_owned()),
    }
}

/// Returns the text with filters in place of those on the same subjects, or without them where all
/// are set already; and whether any is added.
///
/// # Errors
/// With the place and the reason when the text or a filter is no query.
pub fn toggle_filters(text: &str, filters: &[String]) -> Result<(String, bool), String> {
    let (mut with, mut without) = (text.to_owned(), text.to_owned());
    let mut are_new = false;
    for filter in filters {
        let exchanged = toggle_filter(&with, filter)?;
        // A filter that is set already stays, unless all are.
        if exchanged.ends_with(filter.as_str()) {
            with = exchanged;
            are_new = true;
        } else if !are_new {
            without = toggle_filter(&without, filter)?;
        }
    }
    Ok((if are_new { with } else { without }, are_new))
}

/// Returns the text without a range of bytes and the spaces that it leaves.
pub fn without_range(text: &str, place: Range<usize>) -> String {
    let (before, after) = (
        text[..place.start].trim_end(),
        text[place.end..].trim_start(),
    );
    match before.is_empty() || after.is_empty() {
        true => format!("{before}{after}"),
        false => format!("{before} {after}"),
    }
}

/// Returns the text without a filter.
pub fn without_filter(text: &str, filter: &Filter) -> String {
    let place = parse(text).ok().and_then(|parsed| {
        let mut places = parsed.query.filters.iter().zip(parsed.filter_places);
        places
            .find(|(other, _)| *other == filter)
            .map(|(_, place)| place)
    });
    place.map_or_else(|| text.to_owned(), |place| without_range(text, place))
}

/// Returns the text without the words that find models: its filters and its order, as they were typed.
pub fn without_words(text: &str) -> String {
    let Ok(parsed) = parse(text) else {
        return String::new();
    };
    let filters = parsed.filter_places.into_iter().map(|place| &text[place]);
    let order = text
        .split_whitespace()
        .filter(|piece| piece.starts_with("sort:"));
    filters.chain(order).collect::<Vec<_>>().join(" ")
}

/// Returns the text without its `sort:`.
pub fn without_sort(text: &str) -> String {
    if !parse(text).is_ok_and(|parsed| parsed.query.sort.is_some()) {
        return text.to_owned();
    }
    let pieces = text
        .split_whitespace()
        .filter(|piece| !piece.starts_with("sort:"));
    pieces.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toggle(text: &str, key: FilterKey, word: &str) -> String {
        toggle_word(text, &parse(text).unwrap(), key, word)
    }

    #[test]
    fn words_are_toggled() {
        let text = toggle("llama", FilterKey::Task, "text-generation");
        assert_eq!(text, "llama task:text-generation");
        let text = toggle(&text, FilterKey::Task, "a b");
        assert_eq!(text, "llama task:text-generation,\"a b\"");
        let text = toggle(
            &format!("{text} -task:x !y"),
            FilterKey::Task,
            "text-generation",
        );
        assert_eq!(text, "llama task:\"a b\" -task:x !y");
        assert_eq!(toggle(&text, FilterKey::Task, "a b"), "llama -task:x !y");
        assert_eq!(toggle("", FilterKey::Base, "a/b"), "base:a/b");
        assert_eq!(toggle("base:a/b", FilterKey::Base, "a/b"), "");
    }

    #[test]
    fn a_filter_replaces_those_on_the_same_subject() {
        let by = |text: &str, filter: &str| toggle_filter(text, filter).unwrap();
        let text = by("llama", "likes:1..9");
        assert_eq!(text, "llama likes:1..9");
        let text = by(&format!("{text} -likes:5 no:params"), "likes:0..0");
        assert_eq!(text, "llama -likes:5 no:params likes:0..0");
        let text = by(&text, "no:likes");
        assert_eq!(text, "llama -likes:5 no:params no:likes");
        assert_eq!(by(&text, "no:likes"), "llama -likes:5 no:params");
        let both = ["likes:1..9", "params:1K..2K"].map(str::to_owned);
        let by = |text: &str| toggle_filters(text, &both).unwrap().0;
        assert_eq!(by("llama likes:3"), "llama likes:1..9 params:1K..2K");
        assert_eq!(by("params:1K..2K a"), "params:1K..2K a likes:1..9");
        assert_eq!(by("a likes:1..9 params:1K..2K"), "a");
        assert!(toggle_filter("llama", "likes:9..1").is_err());
        assert!(toggle_filter("likes:", "likes:1..9").is_err());
    }

    #[test]
    fn words_are_taken_out() {
        let text = "^qwen/x$ !gguf license:mit,apache-2.0  -task:\"a b\" likes>3 sort:likes";
        assert_eq!(
            without_words(text),
            "license:mit,apache-2.0 -task:\"a b\" likes>3 sort:likes"
        );
        assert_eq!(without_words("llama"), "");
    }

    #[test]
    fn the_order_is_taken_out() {
        assert_eq!(without_sort("a  sort:likes b"), "a b");
        assert_eq!(without_sort("a  b"), "a  b");
    }
}
