//! Weights: who states parameter counts, in which dtypes, and who has a GGUF description.

use rand::Rng;

use crate::sample::families::Kind;
use crate::sample::plan::{Model, Plan};
use crate::sample::shape;
use crate::sample::shape::{GGUF, QUARTERS, SAFETENSORS, percent, weighted, year};
use crate::sample::{Format, Relation};

/// The dtypes of the real file, in its order.
pub const DTYPES: [&str; 20] = [
    "BF16", "F32", "F8_E4M3", "U8", "I64", "F8_E8M0", "I8", "I32", "F16", "U32", "BOOL", "I16",
    "U16", "C64", "F64", "miku", "fastllm", "F8_E5M2", "U64", "F6_E2M3",
];

/// Dtypes of one model, each by its place in [`DTYPES`] and its share of the total; the first gets what
/// rounding leaves.
pub type Mix = &'static [(usize, f64)];

const BF16: usize = 0;
const F32: usize = 1;
const F8: usize = 2;
const U8: usize = 3;
const I64: usize = 4;
const F8_SCALE: usize = 5;
const I8: usize = 6;
const I32: usize = 7;
const F16: usize = 8;
const U32: usize = 9;

/// Combinations that models are stored in. From [`RARE`] on each shows a dtype hardly anybody uses.
pub const MIXES: [Mix; 29] = [
    &[(BF16, 1.0)],
    &[(F16, 1.0)],
    &[(F32, 1.0)],
    &[(BF16, 0.999), (F32, 0.001)],
    &[(F32, 0.9999), (I64, 0.0001)],
    &[(F16, 0.55), (I32, 0.45)],
    &[(BF16, 0.5), (I32, 0.48), (I64, 0.02)],
    &[(U8, 0.79), (BF16, 0.2), (F32, 0.01)],
    &[(U8, 0.8), (F16, 0.19), (F32, 0.01)],
    &[(I8, 0.85), (F16, 0.15)],
    &[(F8, 0.95), (BF16, 0.05)],
    &[(F8, 0.97), (BF16, 0.02), (F32, 0.01)],
    &[(U32, 0.6), (BF16, 0.4)],
    &[(U32, 0.6), (F16, 0.4)],
    &[(U8, 0.7), (BF16, 0.25), (F8_SCALE, 0.05)],
    // Rare ones.
    &[(BF16, 0.9), (10, 0.1)],
    &[(F32, 0.9), (11, 0.1)],
    &[(F16, 0.8), (12, 0.2)],
    &[(F32, 0.9), (13, 0.1)],
    &[(14, 1.0)],
    &[(15, 1.0)],
    &[(16, 1.0)],
    &[(17, 0.9), (BF16, 0.1)],
    &[(F32, 0.8), (18, 0.2)],
    &[(19, 0.9), (BF16, 0.1)],
    &[(I64, 1.0)],
    &[(F8_SCALE, 0.1), (U8, 0.9)],
    &[(I8, 1.0)],
    &[(U32, 1.0)],
];
/// Place of the first rare combination among [`MIXES`].
pub const RARE: usize = 15;

/// Percent of counts whose dtypes do not add up to their total.
const UNEVEN: f64 = 0.3;

/// Decides GGUF descriptions and `safetensors` of every model, exactly as many as the report counts, a
/// quarter of them between each two of the report's quartiles.
pub fn weigh(plan: &mut Plan, rng: &mut impl Rng) {
    describe(plan, rng);
    let counted = count(plan, rng);
    for model in &mut plan.models {
        model.mix = mix(model, rng);
        if model.known && states(model) {
            model.total = Some(stored(model));
        }
    }
    for row in counted {
        let model = &mut plan.models[row as usize];
        model.total = Some(stored(model));
        model.uneven = percent(rng, UNEVEN);
    }
}

/// Adds GGUF files to text generators that are not mere quantizations, until the quota is full.
fn describe(plan: &mut Plan, rng: &mut impl Rng) {
    let quota = shape::scaled(GGUF, plan.models.len());
    let packed = plan.models.iter().filter(|model| model.gguf).count();
    let chance = |row: u32| {
        let model = &plan.models[row as usize];
        match (model.family().gguf.is_empty(), model.relation) {
            (true, _) | (_, Some(Relation::Quantized | Relation::Adapter)) => 0.0,
            _ if model.family().kind == Kind::Painter || model.created < year(2023.4) => 0.0,
            (_, Some(Relation::Finetune)) => 2.0,
            _ => 1.0,
        }
    };
    for row in shape::draw(rng, quota.saturating_sub(packed), plan.ordinary(), chance) {
        let model = &mut plan.models[row as usize];
        model.gguf = true;
        // Half of them keep the original weights beside the packed ones.
        if percent(rng, 50.0) {
            model.format = Format::Gguf;
        }
    }
}

/// The ordinary models that get a `safetensors` count.
fn count(plan: &Plan, rng: &mut impl Rng) -> Vec<u32> {
    let quota = shape::scaled(SAFETENSORS, plan.models.len());
    let mut counted = Vec::with_capacity(quota);
    for (quarter, floor) in QUARTERS.iter().enumerate() {
        let ceiling = QUARTERS.get(quarter + 1).copied().unwrap_or(u64::MAX);
        let within = |model: &Model| (*floor..ceiling).contains(&stored(model));
        // The models below a quartile are a little fewer than they should be, so that the quartile falls
        // on the many that are exactly of its size.
        let below = |quarter: usize| match quarter {
            1..=3 => quota * quarter / 4 - quota / 400,
            _ => quota * quarter / 4,
        };
        let share = below(quarter + 1) - below(quarter);
        let share = plan.open(share, |model| states(model) && within(model));
        let chance = |row: u32| {
            let model = &plan.models[row as usize];
            match within(model) {
                true => stating(model),
                false => 0.0,
            }
        };
        counted.extend(shape::draw(rng, share, plan.ordinary(), chance));
    }
    counted.sort_unstable();
    counted
}

/// Can a model have a `safetensors` count at all?
fn states(model: &Model) -> bool {
    model.params > 0 && model.family().kind != Kind::Painter && model.format != Format::Gguf
}

/// How likely an ordinary model states its parameters.
fn stating(model: &Model) -> f64 {
    if model.params == 0 || model.family().kind == Kind::Painter {
        return 0.0;
    }
    let young = if model.created < year(2023.0) {
        0.2
    } else {
        1.0
    };
    young
        * match (model.format, model.relation) {
            (Format::Gguf, _) => 0.02,
            (_, Some(Relation::Adapter)) => 0.02,
            (_, Some(Relation::Quantized)) => 200.0,
            (_, Some(Relation::Merge)) => 20.0,
            (_, Some(_)) => 5.0,
            (_, None) => 1.0,
        }
}

/// What `safetensors.total` says: packed weights count several parameters as one number.
fn stored(model: &Model) -> u64 {
    let (times, by) = match model.format {
        Format::Plain | Format::Gguf | Format::Fp8 | Format::Bnb8 => (1, 1),
        Format::Awq | Format::Gptq => (26, 100),
        Format::Bnb4 => (58, 100),
        Format::Mlx4 => (16, 100),
        Format::Mxfp4 => (56, 100),
    };
    match by {
        1 => model.params,
        // Whole blocks of 64 numbers.
        _ => model.params * times / by / 64 * 64,
    }
}

/// A usual combination of dtypes for a model.
fn mix(model: &Model, rng: &mut impl Rng) -> usize {
    let (mixes, weights): (&[usize], &[f64]) = match (model.format, model.family().kind) {
        (Format::Awq | Format::Gptq, _) => (&[5, 6], &[8.0, 2.0]),
        (Format::Bnb4, _) => (&[7, 8], &[6.0, 4.0]),
        (Format::Bnb8, _) => (&[9], &[1.0]),
        (Format::Fp8, _) => (&[10, 11], &[7.0, 3.0]),
        (Format::Mlx4, _) => (&[12, 13], &[7.0, 3.0]),
        (Format::Mxfp4, _) => (&[14], &[1.0]),
        // The report: all of it BF16.
        _ if model.known && model.created > year(2023.5) => (&[0], &[1.0]),
        (_, Kind::Chat | Kind::Sight) if model.created > year(2023.5) => {
            (&[0, 1, 2, 3], &[74.0, 15.0, 9.0, 2.0])
        }
        _ => (&[2, 4, 1], &[90.0, 5.0, 5.0]),
    };
    mixes[weighted(rng, weights)]
}
