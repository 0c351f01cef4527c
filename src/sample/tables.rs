//! Readers of the tables under `assets/sample`, which are compiled into the program.
//!
//! The readers panic on a table that does not fit its type. Every table is read by every sample,
//! so the tests find a damaged one.

use std::sync::LazyLock;

use rand::Rng;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sample::random::pick;

/// Lists that are looked up by name.
pub type Named<T> = FxHashMap<&'static str, Vec<T>>;

static WORDS: LazyLock<Named<&str>> =
    LazyLock::new(|| json(include_str!("../../assets/sample/words.json")));

/// Parses a CSV table with a header line.
pub fn csv<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().expect("a CSV table")
}

/// Parses a JSON table, whose strings may be borrowed.
pub fn json<T: Deserialize<'static>>(text: &'static str) -> T {
    serde_json::from_str(text).expect("a JSON table")
}

/// Returns the list of `words.json` called `list`.
pub fn words(list: &str) -> Option<&'static [&'static str]> {
    WORDS.get(list).map(Vec::as_slice)
}

/// Returns a word of the list called `list`, each equally likely.
pub fn pick_word(rng: &mut impl Rng, list: &str) -> &'static str {
    *pick(rng, words(list).expect("a list of words"))
}
