//! Hostile text, which must not reach a terminal unescaped: anyone can upload a model, so names,
//! tags and cards can contain anything.

use rand::{Rng, RngExt};

use crate::sample::plan::Plan;
use crate::sample::random::{percent, pick};

/// Percent of rows and strings that are made hostile.
pub const SHARE: f64 = 33.0;

/// Inserts one to three escape sequences, control characters or other fragments into a text.
pub fn text(plan: &Plan, text: &str, rng: &mut impl Rng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..*pick(rng, &[1, 1, 2, 3]) {
        let at = rng.random_range(0..=chars.len());
        chars.splice(at..at, pick(rng, &plan.tables.hostile).chars());
    }
    chars.into_iter().collect()
}

/// Makes `share` percent of the texts hostile, if the recipe says so.
pub fn some(plan: &Plan, texts: &mut [String], share: f64, rng: &mut impl Rng) {
    for one in texts {
        if plan.recipe.hostile && percent(rng, share) {
            *one = text(plan, one, rng);
        }
    }
}

/// Makes the owner or the name of some ids hostile, with no further slash in the owner.
pub fn id(plan: &Plan, id: Box<str>, rng: &mut impl Rng) -> Box<str> {
    match id.split_once('/') {
        _ if !plan.recipe.hostile || !percent(rng, SHARE) => id,
        Some((owner, name)) if rng.random_range(0..3) == 0 => {
            format!("{}/{name}", text(plan, owner, rng).replace('/', "")).into()
        }
        Some((owner, name)) => format!("{owner}/{}", text(plan, name, rng)).into(),
        None => text(plan, &id, rng).into(),
    }
}
