//! Hostile text, which must not reach a terminal unescaped: anyone can upload a model, so names,
//! tags and cards can contain anything.

use std::sync::LazyLock;

use rand::{Rng, RngExt};

use crate::sample::random::{percent, pick};
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

/// Makes `share` percent of the texts hostile.
pub fn some(texts: &mut [String], share: f64, rng: &mut impl Rng) {
    for one in texts {
        if percent(rng, share) {
            *one = text(one, rng);
        }
    }
}

/// Makes the owner or the name of some ids hostile if `enabled`, with no further slash in the owner.
pub fn id(enabled: bool, id: Box<str>, rng: &mut impl Rng) -> Box<str> {
    match id.split_once('/') {
        _ if !enabled || !percent(rng, SHARE) => id,
        Some((owner, name)) if rng.random_range(0..3) == 0 => {
            format!("{}/{name}", text(owner, rng).replace('/', "")).into()
        }
        Some((owner, name)) => format!("{owner}/{}", text(name, rng)).into(),
        None => text(&id, rng).into(),
    }
}
