//! Filters: the tests of the query, as things to choose, add and take away. They live in the text of
//! the query alone; what is done here changes that text.

use std::ops::Range;

use super::App;
use super::over::Over;
use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::keys::{FILTERS, FilterInfo, FilterKey};
use crate::engine::query::parse::{Parsed, parse};
use crate::engine::search::facets::FacetValue;
use crate::engine::table::field::Field;
use crate::present::format;
use crate::tui::action::Action;
use crate::tui::panes::overlay::{Choice, Item, Overlay};
use crate::tui::question::Topic;

impl App {
    /// Opens the picker of a key's words; they come as an answer.
    pub(super) fn pick_value(&mut self, key: FilterKey) {
        self.overlay = Some(Overlay::picker(key).into());
        self.ask_values(key);
    }

    /// Asks for the words that the models have which pass all other filters.
    fn ask_values(&mut self, key: FilterKey) {
        let mut query = self.list.parsed.query.clone();
        query.filters.retain(|test| test.key != key || test.negated);
        self.ask(Topic::Facet { key, query });
    }

    pub(super) fn fill_picker(&mut self, key: FilterKey, values: &[FacetValue]) {
        let Some(Over::Menu(overlay)) = &mut self.overlay else {
            return;
        };
        if overlay.picks != Some(key) {
            return;
        }
        let chosen = words_of(&self.list.parsed, key);
        let item = |value: &FacetValue| Item {
            name: value.word.clone(),
            about: String::new(),
            keys: match chosen.contains(&value.word) {
                true => format!("✓ {:>9}", format::count(value.models)),
                false => format::count(value.models),
            },
            choice: Choice::Toggle(key, value.word.clone()),
        };
        overlay.items = values.iter().map(item).collect();
        overlay.awaited = false;
    }

    /// Takes a word into the filter of its key, or out of it.
    pub(super) fn toggle(&mut self, key: FilterKey, word: &str) {
        let text = self.list.input.value();
        match parse(text) {
            Ok(parsed) => self.change_query(toggled(text, &parsed, key, word)),
            Err(mistake) => self.message = Some(mistake.with_column(text)),
        }
    }

    /// The same from the picker, which stays open and counts anew.
    pub(super) fn toggle_and_stay(&mut self) {
        let chosen = self.menu().and_then(Overlay::chosen);
        if let Some(Choice::Toggle(key, word)) = chosen {
            self.toggle(key, &word);
            self.ask_values(key);
        }
    }

    /// Filters by what the current model has: its author, task, licence, base, or its family.
    pub(super) fn filter_like(&mut self, key: FilterKey) {
        match self.word_of_current(key) {
            Some(word) => self.toggle(key, &word),
            None => {
                let name = key.info().name;
                self.message = Some(format!("no {name} is known of this model"));
            }
        }
    }

    fn word_of_current(&self, key: FilterKey) -> Option<String> {
        let hub = self.hub.as_ref()?;
        let node = self.current()?;
        let name = hub.name(node);
        let model = hub.graph.model(node);
        let word = match key {
            FilterKey::Family => Some(name),
            FilterKey::Author => name.split_once('/').map(|(author, _)| author),
            FilterKey::Base => {
                let mut bases = hub.graph.bases(node).iter();
                bases
                    .find(|base| **base != node)
                    .map(|base| hub.name(*base))
            }
            FilterKey::License => model.and_then(|m| hub.models.word(Field::License, m)),
            _ => key
                .info()
                .field
                .zip(model)
                .and_then(|(f, m)| hub.models.word(f, m)),
        };
        word.map(str::to_owned)
    }

    /// Takes the only filter away, or asks which.
    pub(super) fn remove_some_filter(&mut self) {
        let text = self.list.input.value();
        let parsed = match parse(text) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                self.message = Some(mistake.with_column(text));
                return;
            }
        };
        match parsed.conditions.as_slice() {
            [] => self.message = Some("there is no filter".to_owned()),
            [only] => self.remove_filter(only.clone()),
            several => {
                let item = |place: &Range<usize>| Item {
                    name: text[place.clone()].to_owned(),
                    about: String::new(),
                    keys: String::new(),
                    choice: Choice::Remove(place.clone()),
                };
                let items = several.iter().map(item).collect();
                self.overlay = Some(Overlay::new("Remove a filter", items).into());
            }
        }
    }

    pub(super) fn remove_filter(&mut self, place: Range<usize>) {
        let text = without(self.list.input.value(), place);
        self.change_query(text);
    }

    pub(super) fn change_query(&mut self, text: String) {
        self.remember();
        self.list.input = text.into();
        self.ask_list_anew();
        self.remember();
    }

    /// Filters by a test, which takes the place of another one of the same; takes it away where it
    /// is there already.
    pub(super) fn filter_by(&mut self, test: &str) {
        let text = self.list.input.value();
        match exchanged(text, test) {
            Ok(text) => {
                self.message = Some(match text.ends_with(test) {
                    true => format!("filtered by {test}"),
                    false => format!("no more filtered by {test}"),
                });
                self.change_query(text);
            }
            Err(mistake) => self.message = Some(mistake),
        }
    }

    /// Filters by several tests, each of which takes the place of others of the same; takes them
    /// away where all are there already.
    pub(super) fn filter_by_all(&mut self, tests: &[String]) {
        let text = self.list.input.value();
        match exchanged_all(text, tests) {
            Ok((text, are_new)) => {
                let told = if are_new {
                    "filtered by"
                } else {
                    "no more filtered by"
                };
                self.message = Some(format!("{told} {}", tests.join(" ")));
                self.change_query(text);
            }
            Err(mistake) => self.message = Some(mistake),
        }
    }

    /// All actions, and all tests that a query can make.
    pub(super) fn help(&self) -> Overlay {
        let mut help = self.actions("Help");
        let offered = |info: &&FilterInfo| info.field.is_none_or(|field| self.offers(field));
        help.items
            .extend(FILTERS.iter().filter(offered).map(item_of));
        help
    }

    /// Goes to the query line with this text at its end.
    pub(super) fn type_on(&mut self, text: &str) {
        self.act(Action::Query);
        let typed = self.list.input.value().trim_end();
        let typed = format!("{typed} {text}");
        self.list.input = typed.trim_start().to_owned().into();
        self.ask_list_anew();
    }

    /// Folds what does not match the query out of the tree, or shows it again.
    pub(super) fn turn_fold(&mut self) {
        self.tree.folds = !self.tree.folds;
        self.ask_kin();
        let told = match (self.tree.folds, self.tree.matching.is_some()) {
            (true, true) => "only what matches the query, and what leads to it",
            (true, false) => "what does not match a query will be folded away",
            (false, _) => "everything",
        };
        self.message = Some(format!("the tree shows {told}"));
    }
}

/// The keys to filter by.
pub(super) fn keys() -> Overlay {
    let item = |key: &FilterKey| Item {
        name: key.info().name.to_owned(),
        about: key.info().about.to_owned(),
        keys: key.info().example.to_owned(),
        choice: Choice::Pick(*key),
    };
    Overlay::new("Filter by", FilterKey::FACETS.iter().map(item).collect())
}

/// A test that a query can make, for the help.
fn item_of(info: &FilterInfo) -> Item {
    Item {
        name: format!("{}:", info.name),
        about: format!("query: {}", info.about),
        keys: info.example.to_owned(),
        choice: Choice::Type(format!("{}:", info.name)),
    }
}

/// The words that a query's filter of a key lets through.
fn words_of(parsed: &Parsed, key: FilterKey) -> Vec<String> {
    let tests = parsed
        .query
        .filters
        .iter()
        .filter(|t| t.key == key && !t.negated);
    let words = tests
        .flat_map(|t| &t.values)
        .filter_map(|value| match value {
            FilterValue::Word(word) => Some(word.clone()),
            _ => None,
        });
    words.collect()
}

/// The text with a word in the filter of its key, or out of it where it was in.
fn toggled(text: &str, parsed: &Parsed, key: FilterKey, word: &str) -> String {
    let tests = parsed.query.filters.iter().zip(&parsed.filter_places);
    let own = tests.rev().find(|(t, _)| t.key == key && !t.negated);
    let value = FilterValue::Word(word.to_owned());
    let Some((test, place)) = own else {
        let test = Filter {
            negated: false,
            key,
            values: vec![value],
        };
        return format!("{} {test}", text.trim_end())
            .trim_start()
            .to_owned();
    };
    let mut test = test.clone();
    match test.values.iter().position(|v| *v == value) {
        Some(at) => drop(test.values.remove(at)),
        None => test.values.push(value),
    }
    match test.values.is_empty() {
        true => without(text, place.clone()),
        false => format!("{}{test}{}", &text[..place.start], &text[place.end..]),
    }
}

/// The text with this test in the place of others of the same; without it where it was there.
fn exchanged(text: &str, test: &str) -> Result<String, String> {
    let parsed = parse(text).map_err(|mistake| mistake.with_column(text))?;
    let new = parse(test).map_err(|mistake| mistake.with_column(test))?;
    let subject = |test: &Filter| match test.values.as_slice() {
        [FilterValue::Key(of)] if matches!(test.key, FilterKey::No | FilterKey::Has) => *of,
        _ => test.key,
    };
    let Some(wanted) = new.query.filters.first() else {
        return Ok(text.to_owned());
    };
    let rival = |test: &&Filter| !test.negated && subject(test) == subject(wanted);
    let rivals: Vec<&Filter> = parsed.query.filters.iter().filter(rival).collect();
    let rest = rivals
        .iter()
        .fold(text.to_owned(), |text, rival| without_test(&text, rival));
    match rivals.contains(&wanted) {
        true => Ok(rest),
        false => Ok(format!("{} {test}", rest.trim_end())
            .trim_start()
            .to_owned()),
    }
}

/// The same with several tests; without them where all were there. Also whether any is new.
fn exchanged_all(text: &str, tests: &[String]) -> Result<(String, bool), String> {
    let (mut with, mut without) = (text.to_owned(), text.to_owned());
    let mut are_new = false;
    for test in tests {
        let exchanged = exchanged(&with, test)?;
        // What was there already stays, unless all were.
        if exchanged.ends_with(test.as_str()) {
            with = exchanged;
            are_new = true;
        } else if !are_new {
            without = self::exchanged(&without, test)?;
        }
    }
    Ok((if are_new { with } else { without }, are_new))
}

/// The text without a piece, and without the blanks that it leaves.
fn without(text: &str, place: Range<usize>) -> String {
    let (before, after) = (
        text[..place.start].trim_end(),
        text[place.end..].trim_start(),
    );
    match before.is_empty() || after.is_empty() {
        true => format!("{before}{after}"),
        false => format!("{before} {after}"),
    }
}

/// The text of a query without a test that it makes.
pub(super) fn without_test(text: &str, test: &Filter) -> String {
    let place = parse(text).ok().and_then(|parsed| {
        let mut places = parsed.query.filters.iter().zip(parsed.filter_places);
        places
            .find(|(other, _)| *other == test)
            .map(|(_, place)| place)
    });
    place.map_or_else(|| text.to_owned(), |place| without(text, place))
}

/// The text of a query without the order that it asks for.
pub(super) fn without_sort(text: &str) -> String {
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
        toggled(text, &parse(text).unwrap(), key, word)
    }

    #[test]
    fn words_come_into_filters_and_go() {
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
    fn a_test_takes_the_place_of_others_of_the_same() {
        let by = |text: &str, test: &str| exchanged(text, test).unwrap();
        let text = by("llama", "likes:1..9");
        assert_eq!(text, "llama likes:1..9");
        let text = by(&format!("{text} -likes:5 no:params"), "likes:0..0");
        assert_eq!(text, "llama -likes:5 no:params likes:0..0");
        let text = by(&text, "no:likes");
        assert_eq!(text, "llama -likes:5 no:params no:likes");
        assert_eq!(by(&text, "no:likes"), "llama -likes:5 no:params");
        let both = ["likes:1..9", "params:1K..2K"].map(str::to_owned);
        let by = |text: &str| exchanged_all(text, &both).unwrap().0;
        assert_eq!(by("llama likes:3"), "llama likes:1..9 params:1K..2K");
        assert_eq!(by("params:1K..2K a"), "params:1K..2K a likes:1..9");
        assert_eq!(by("a likes:1..9 params:1K..2K"), "a");
        assert!(exchanged("llama", "likes:9..1").is_err());
        assert!(exchanged("likes:", "likes:1..9").is_err());
    }

    #[test]
    fn the_order_is_taken_out() {
        assert_eq!(without_sort("a  sort:likes b"), "a b");
        assert_eq!(without_sort("a  b"), "a  b");
    }
}
