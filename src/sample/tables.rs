//! Readers of the tables under `assets/sample`, which are compiled into the program.
//!
//! A table that does not fit its type is a panic. Every sample reads every table, so any test of
//! the sample finds a damaged one.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sample::random::pick;

/// Lists that are looked up by name.
pub type Named<T> = FxHashMap<&'static str, Vec<T>>;

/// Words and patterns of names.
static WORDS: LazyLock<Named<&str>> = LazyLock::new(|| {
    let mut words: Named<&str> = json(include_str!("../../assets/sample/words.json"));
    let names: Named<&str> = json(include_str!("../../assets/sample/names.json"));
    words.extend(names);
    words
});

/// Parses a CSV table with a header line.
pub fn csv<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().expect("a CSV table")
}

/// Parses a JSON table, whose strings may be borrowed.
pub fn json<T: Deserialize<'static>>(text: &'static str) -> T {
    serde_json::from_str(text).expect("a JSON table")
}

/// Returns a word of the list called `list`, each equally likely.
pub fn pick_word(rng: &mut impl Rng, list: &str) -> &'static str {
    match WORDS[list].as_slice() {
        [only] => only,
        several => *pick(rng, several),
    }
}

/// Values that a pattern of names refers to.
pub type Values = Vec<(&'static str, String)>;

/// Picks a pattern of `list` and replaces its placeholders from left to right: `{stem}` by that
/// value or by an expanded pattern of that list, `{^stem}` by the same capitalized, `{1..9}` by a
/// number. `{topic=topics}` defines a value and is replaced by nothing.
pub fn expand(rng: &mut impl Rng, list: &str, values: &mut Values) -> String {
    let mut text = String::new();
    for (at, part) in pick_word(rng, list).split(['{', '}']).enumerate() {
        let name = part.trim_start_matches('^');
        if at % 2 == 0 {
            text += part;
        } else if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text += value;
        } else if let Some((name, list)) = part.split_once('=') {
            let value = expand(rng, list, values);
            values.push((name, value));
        } else if let Some((from, to)) = part.split_once("..") {
            let number = |text: &str| text.parse::<u32>().expect("a number");
            text += &rng.random_range(number(from)..number(to)).to_string();
        } else {
            let start = text.len();
            text += &expand(rng, name, values);
            if part != name {
                text[start..=start].make_ascii_uppercase();
            }
        }
    }
    text
}
