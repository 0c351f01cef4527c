//! Hostile text, which must not reach a terminal unescaped: anyone can upload a model, so names,
//! tags and cards can contain anything.

use std::sync::LazyLock;

use rand::{Rng, RngExt};

use crate::sample::random::pick;
use crate::sample::tables::json;

/// Percent of rows and strings that are made hostile.
pub const SHARE: f64 = 33.0;

/// Escape sequences, control characters, bidirectional and zero-width characters, wide text.
static FRAGMENTS: LazyLock<Vec<String>> =
    LazyLock::new(|| json(include_str!("../../assets/sample/hostile.json")));

/// Inserts one to three hostile fragments into `text`.
pub fn text(text: &str, rng: &mut impl Rng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..*pick(rng, &[1, 1, 2, 3]) {
        let at = rng.random_range(0..=chars.len());
        chars.splice(at..at, pick(rng, &FRAGMENTS).chars());
    }
    chars.into_iter().collect()
}

/// Makes the owner or the name of an id hostile, without a further slash in the owner.
pub fn id(id: &str, rng: &mut impl Rng) -> String {
    match id.split_once('/') {
        Some((owner, name)) if rng.random_range(0..3) == 0 => {
            format!("{}/{name}", text(owner, rng).replace('/', ""))
        }
        Some((owner, name)) => format!("{owner}/{}", text(name, rng)),
        None => text(id, rng),
    }
}
