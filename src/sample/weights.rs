//! Weights: which models state parameter counts, in which dtypes, and which have a GGUF description.

use rand::Rng;

use crate::sample::plan::{Model, Plan};
use crate::sample::random::{percent, weighted};
use crate::sample::tables::{Mix, Tables};
use crate::sample::targets::{GGUF, QUARTERS, SAFETENSORS, year};

/// Decides the GGUF descriptions and the `safetensors` counts of all models, exactly as many as the
/// targets say, a quarter of the counts in each of [`QUARTERS`].
pub fn decide(plan: &mut Plan, rng: &mut impl Rng) {
    add_gguf(plan, rng);
    let counted = draw_counted(plan, rng);
    for model in &mut plan.models {
        model.mix = Some(draw_mix(plan.tables, model, rng));
        if model.known && has_params(model) && !model.is_packed() {
            model.total = Some(stored(model));
        }
    }
    for row in counted {
        plan[row].total = Some(stored(&plan[row]));
        plan[row].uneven = percent(rng, 0.3);
    }
}

/// Adds GGUF files to models that are not quantized, up to the target.
fn add_gguf(plan: &mut Plan, rng: &mut impl Rng) {
    let tables = plan.tables;
    let mut formats = tables.formats.iter();
    let packed = formats.find(|format| format.name == "gguf").expect("GGUF");
    let described = plan.models.iter().filter(|model| model.gguf).count();
    let count = plan.scaled(GGUF).saturating_sub(described);
    let weight = |model: &Model| match model.derivation {
        _ if model.architecture.gguf.is_empty() || !model.architecture.domain.counted => 0.0,
        _ if model.created < year(2023.4) => 0.0,
        Some(derivation) => derivation.gguf,
        None => 1.0,
    };
    for row in plan.draw(rng, count, weight) {
        plan[row].gguf = true;
        // Half of them keep the original weights as well.
        if percent(rng, 50.0) {
            plan[row].format = packed;
        }
    }
}

/// Draws the ordinary models with a `safetensors` count, in ascending order.
fn draw_counted(plan: &Plan, rng: &mut impl Rng) -> Vec<u32> {
    let total = plan.scaled(SAFETENSORS);
    // There are a few models less below a quartile, so that it falls on the many of exactly its size.
    let below = |quarter: usize| match quarter {
        1..=3 => total * quarter / 4 - total / 400,
        _ => total * quarter / 4,
    };
    let mut counted = Vec::with_capacity(total);
    for (quarter, from) in QUARTERS.into_iter().enumerate() {
        let to = QUARTERS.get(quarter + 1).copied().unwrap_or(u64::MAX);
        let is_within = |model: &Model| (from..to).contains(&stored(model));
        let is_counted = |model: &Model| has_params(model) && !model.is_packed();
        let count = below(quarter + 1) - below(quarter);
        let count = plan.remaining(count, |model| is_counted(model) && is_within(model));
        let weight = |model: &Model| f64::from(is_within(model)) * counted_weight(model);
        counted.extend(plan.draw(rng, count, weight));
    }
    counted.sort_unstable();
    counted
}

fn has_params(model: &Model) -> bool {
    model.params > 0 && model.architecture.domain.counted
}

/// Returns the weight with which an ordinary model gets a `safetensors` count.
fn counted_weight(model: &Model) -> f64 {
    let weight = match model.derivation {
        _ if !has_params(model) => 0.0,
        _ if model.is_packed() => 0.02,
        Some(derivation) => derivation.counted,
        None => 1.0,
    };
    let is_old = model.created < year(2023.0);
    weight * if is_old { 0.2 } else { 1.0 }
}

/// Returns what `safetensors.total` is: all parameters, or whole blocks of 64 packed numbers.
fn stored(model: &Model) -> u64 {
    match model.format.stored {
        100 => model.params,
        percent => model.params * percent / 100 / 64 * 64,
    }
}

/// Draws the dtypes of a model.
fn draw_mix<'t>(tables: &'t Tables, model: &Model, rng: &mut impl Rng) -> &'t Mix {
    let is_recent = model.created > year(2023.5);
    let list = match model.format.mixes {
        Some(list) => list,
        // The real ones are all BF16.
        None if model.known && is_recent => "known",
        None if model.architecture.domain.chats && is_recent => "chat",
        None => "other",
    };
    &tables.mixes[list][weighted(rng, &tables.mixes[list], |mix| mix.0)]
}
