//! Weights: which models state parameter counts, in which dtypes, and which have a GGUF description.

use std::sync::LazyLock;

use rand::Rng;
use serde::Deserialize;

use crate::sample::plan::{Model, Plan};
use crate::sample::random::{percent, weighted};
use crate::sample::tables::{Named, json};
use crate::sample::targets::{GGUF, QUARTERS, SAFETENSORS, year};

/// The dtypes of the real file, in its order.
pub const DTYPES: [&str; 20] = [
    "BF16", "F32", "F8_E4M3", "U8", "I64", "F8_E8M0", "I8", "I32", "F16", "U32", "BOOL", "I16",
    "U16", "C64", "F64", "miku", "fastllm", "F8_E5M2", "U64", "F6_E2M3",
];

/// A weight among the mixes of its list, then dtypes and their shares of the total. The first dtype
/// gets what rounding leaves.
pub type Mix = (f64, Vec<(&'static str, f64)>);

/// The combinations of dtypes that models are stored in, by the name of their list.
pub static MIXES: LazyLock<Named<Mix>> =
    LazyLock::new(|| json(include_str!("../../assets/sample/mixes.json")));

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum WeightFormat {
    #[default]
    Plain,
    Gguf,
    Awq,
    Gptq,
    Bnb4,
    Bnb8,
    Fp8,
    Mlx4,
    Mxfp4,
}

/// A weight format: a row of `formats.json`, in the order of [`WeightFormat`].
#[derive(Deserialize)]
pub struct FormatFacts {
    pub format: WeightFormat,
    /// Weight among quantized models.
    pub share: f64,
    /// `safetensors.total` in percent of the parameters: packed weights count as fewer.
    stored: u64,
    /// The list of [`MIXES`], empty if it depends on the model.
    mixes: &'static str,
    /// Ends of the names of quantized models.
    #[serde(borrow)]
    pub endings: Vec<&'static str>,
}

pub static FORMATS: LazyLock<Vec<FormatFacts>> =
    LazyLock::new(|| json(include_str!("../../assets/sample/formats.json")));

impl WeightFormat {
    pub fn facts(self) -> &'static FormatFacts {
        &FORMATS[self as usize]
    }
}

/// Percent of totals to which the counts of the dtypes do not add up.
const UNEVEN: f64 = 0.3;

/// Decides the GGUF descriptions and the `safetensors` counts of all models, exactly as many as the
/// targets say, a quarter of the counts in each of [`QUARTERS`].
pub fn decide(plan: &mut Plan, rng: &mut impl Rng) {
    add_gguf(plan, rng);
    let counted = draw_counted(plan, rng);
    for model in &mut plan.models {
        model.mix = Some(draw_mix(model, rng));
        if model.known && can_be_counted(model) {
            model.total = Some(stored(model));
        }
    }
    for row in counted {
        plan[row].total = Some(stored(&plan[row]));
        plan[row].uneven = percent(rng, UNEVEN);
    }
}

/// Adds GGUF files to models that are not quantized, up to the target.
fn add_gguf(plan: &mut Plan, rng: &mut impl Rng) {
    let described = plan.models.iter().filter(|model| model.gguf).count();
    let count = plan.scaled(GGUF).saturating_sub(described);
    let weight = |model: &Model| {
        let can_be_gguf = model.domain().counted && !model.architecture().gguf.is_empty();
        match can_be_gguf && model.created >= year(2023.4) {
            true => model
                .derivation
                .map_or(1.0, |derivation| derivation.facts().gguf),
            false => 0.0,
        }
    };
    for row in plan.draw(rng, count, weight) {
        plan[row].gguf = true;
        // Half of them keep the original weights as well.
        if percent(rng, 50.0) {
            plan[row].format = WeightFormat::Gguf;
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
        let count = below(quarter + 1) - below(quarter);
        let count = plan.remaining(count, |model| can_be_counted(model) && is_within(model));
        let weight = |model: &Model| f64::from(is_within(model)) * counted_weight(model);
        counted.extend(plan.draw(rng, count, weight));
    }
    counted.sort_unstable();
    counted
}

fn has_params(model: &Model) -> bool {
    model.params > 0 && model.domain().counted
}

/// Reports if a well-known model has a `safetensors` count.
fn can_be_counted(model: &Model) -> bool {
    has_params(model) && model.format != WeightFormat::Gguf
}

/// Returns the weight with which an ordinary model gets a `safetensors` count.
fn counted_weight(model: &Model) -> f64 {
    let weight = match model.derivation {
        _ if !has_params(model) => 0.0,
        _ if model.format == WeightFormat::Gguf => 0.02,
        Some(derivation) => derivation.facts().counted,
        None => 1.0,
    };
    let is_old = model.created < year(2023.0);
    weight * if is_old { 0.2 } else { 1.0 }
}

/// Returns what `safetensors.total` is: all parameters, or whole blocks of 64 packed numbers.
fn stored(model: &Model) -> u64 {
    match model.format.facts().stored {
        100 => model.params,
        percent => model.params * percent / 100 / 64 * 64,
    }
}

/// Draws the dtypes of a model.
fn draw_mix(model: &Model, rng: &mut impl Rng) -> &'static Mix {
    let is_recent = model.created > year(2023.5);
    let list = match model.format.facts().mixes {
        // The real ones are all BF16.
        "" if model.known && is_recent => "known",
        "" if model.domain().chats && is_recent => "chat",
        "" => "other",
        list => list,
    };
    &MIXES[list][weighted(rng, &MIXES[list], |mix| mix.0)]
}
