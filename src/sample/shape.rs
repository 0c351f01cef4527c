//! The shape of the hub: the report's counts, and the few tools that reproduce them at any size.
//!
//! Counts come from quotas, never from luck: [`draw`] picks exactly as many rows as a quota says and
//! lets weights decide which. A sample of 20,000 rows therefore has the same shares as the full one.

use rand::{Rng, RngExt};

/// Models in the hub the report describes.
pub const FULL: usize = 2_161_698;
/// Rows with `downloads` above zero, of [`FULL`].
pub const RECENT: usize = 767_610;
/// Rows with `downloadsAllTime` above zero, of [`FULL`].
pub const EVER: usize = 1_290_554;
/// Rows of each relation, of [`FULL`], in the order of `Relation::slot`.
pub const RELATIONS: [usize; 4] = [258_462, 218_000, 116_696, 13_990];
/// Rows with a `safetensors` count, of [`FULL`].
pub const SAFETENSORS: usize = 505_406;
/// Rows with a `gguf` description, of [`FULL`].
pub const GGUF: usize = FULL / 100 * 7;
/// Rows without a `pipeline_tag`, of [`FULL`].
pub const TASKLESS: usize = FULL / 100 * 12;
/// Rows without a `library_name`, of [`FULL`].
pub const LIBRARYLESS: usize = FULL / 100 * 13;
/// Children of the most popular base, of [`FULL`].
pub const CROWD: usize = 52_000;
/// Sum of `downloads` over sum of `downloadsAllTime`.
pub const RECENT_SHARE: f64 = 0.0375;
/// Lower ends of the four quarters of the parameter counts (the report's quartiles, each the size of
/// a model that is copied very often: GPT-2, Whisper medium, Llama 2 7B).
pub const QUARTERS: [u64; 4] = [0, 124_439_808, 763_857_920, 6_738_415_616];

/// 2022-03-02 23:29:04 UTC in Unix seconds: the day the hub began to note creation dates.
pub const START: i64 = 1_646_263_744;
/// 2025-10-23 00:00:00 UTC in Unix seconds: the day of the report.
pub const END: i64 = 1_761_177_600;
/// Share of models older than [`START`], which all carry it as their date.
const OLD: f64 = 0.013;

/// `count` of [`FULL`] rows, scaled to a hub of `rows`.
pub fn scaled(count: usize, rows: usize) -> usize {
    ((count as u128 * rows as u128 + FULL as u128 / 2) / FULL as u128) as usize
}

/// Unix seconds of birth of the model that stands at `share` (0..=1) of the hub's history. The hub
/// has grown with the square of its age.
pub fn born(share: f64) -> i64 {
    let grown = ((share - OLD) / (1.0 - OLD)).max(0.0).sqrt();
    START + ((END - START) as f64 * grown).round() as i64
}

/// All `items` with a weight, heavier ones likely earlier.
pub fn rank(
    rng: &mut impl Rng,
    items: impl IntoIterator<Item = u32>,
    weight: impl Fn(u32) -> f64,
) -> Vec<u32> {
    let mut keys = keyed(rng, items, weight);
    keys.sort_unstable_by(by_key);
    keys.into_iter().map(|(_, item)| item).collect()
}

/// Exactly `count` of `items`, in their order, each with a chance that grows with its weight; items of
/// weight zero are never drawn, so there can be fewer.
pub fn draw(
    rng: &mut impl Rng,
    count: usize,
    items: impl IntoIterator<Item = u32>,
    weight: impl Fn(u32) -> f64,
) -> Vec<u32> {
    let mut keys = keyed(rng, items, weight);
    if count < keys.len() {
        keys.select_nth_unstable_by(count, by_key);
        keys.truncate(count);
    }
    let mut drawn: Vec<u32> = keys.into_iter().map(|(_, item)| item).collect();
    drawn.sort_unstable();
    drawn
}

/// Exponential keys: the `n` smallest are a weighted sample without replacement (Efraimidis, Spirakis).
fn keyed(
    rng: &mut impl Rng,
    items: impl IntoIterator<Item = u32>,
    weight: impl Fn(u32) -> f64,
) -> Vec<(f64, u32)> {
    let key = |item| {
        let weight = weight(item);
        let chance: f64 = 1.0 - rng.random::<f64>();
        (weight > 0.0).then(|| (-chance.ln() / weight, item))
    };
    items.into_iter().filter_map(key).collect()
}

fn by_key(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// A bell-shaped number around 0 with a standard deviation of 1, never beyond ±3.5.
pub fn bell(rng: &mut impl Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| rng.random::<f64>()).sum();
    (sum - 2.0) * 3f64.sqrt()
}

/// One of `choices`.
pub fn pick<'a, T>(rng: &mut impl Rng, choices: &'a [T]) -> &'a T {
    &choices[rng.random_range(0..choices.len())]
}

/// True in `percent` of 100 cases.
pub fn percent(rng: &mut impl Rng, percent: f64) -> bool {
    rng.random::<f64>() * 100.0 < percent
}

/// An index into `weights`, likelier the heavier.
pub fn weighted(rng: &mut impl Rng, weights: &[f64]) -> usize {
    let mut rest = rng.random::<f64>() * weights.iter().sum::<f64>();
    for (index, weight) in weights.iter().enumerate() {
        rest -= weight;
        if rest < 0.0 {
            return index;
        }
    }
    weights.len() - 1
}

/// All-time downloads by rank among the ordinary models with any: (share of them ranked above, downloads).
/// Between the points the curve is a power law. The second point is the hub's median; the last ones are
/// such that the full hub, well-known models included, has the report's mean.
const CURVE: [(f64, f64); 9] = [
    (1.0, 1.0),
    (0.8375, 19.5),
    (0.5, 110.0),
    (0.2, 800.0),
    (0.05, 9_000.0),
    (0.01, 100_000.0),
    (0.001, 3_100_000.0),
    (0.0001, 47_500_000.0),
    (0.000_000_3, 640_000_000.0),
];

/// All-time downloads of the ordinary model that ranks `rank`th (from 0) of `count` with any.
pub fn all_time(rank: usize, count: usize) -> u64 {
    let share = (rank as f64 + 0.5) / count as f64;
    let after = CURVE.iter().position(|point| point.0 <= share);
    let after = after.unwrap_or(CURVE.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (CURVE[after - 1], CURVE[after]);
    let along = (share / x0).ln() / (x1 / x0).ln();
    (y0 * (y1 / y0).powf(along)) as u64
}

/// Unix seconds of a year with fraction.
pub fn year(year: f64) -> i64 {
    ((year - 1970.0) * 31_556_952.0) as i64
}

/// FNV-1a: a hash that is the same everywhere.
pub fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
