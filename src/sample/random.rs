//! Random choices. Samples have an exact size; weights decide only which items are in them.

use rand::{Rng, RngExt};

/// Orders the items of positive weight at random, heavier ones likely first.
pub fn shuffle(rng: &mut impl Rng, weights: impl Iterator<Item = (u32, f64)>) -> Vec<u32> {
    let mut keys = keys(rng, weights);
    keys.sort_unstable_by(by_key);
    keys.into_iter().map(|(_, item)| item).collect()
}

/// Draws exactly `n` items, or all those of positive weight if they are fewer, and returns them in
/// ascending order.
pub fn draw(rng: &mut impl Rng, n: usize, weights: impl Iterator<Item = (u32, f64)>) -> Vec<u32> {
    let mut keys = keys(rng, weights);
    if n < keys.len() {
        keys.select_nth_unstable_by(n, by_key);
        keys.truncate(n);
    }
    let mut drawn: Vec<u32> = keys.into_iter().map(|(_, item)| item).collect();
    drawn.sort_unstable();
    drawn
}

/// Returns an exponential key for each item of positive weight. The items of the `n` smallest keys
/// are a weighted sample without replacement (Efraimidis and Spirakis).
fn keys(rng: &mut impl Rng, weights: impl Iterator<Item = (u32, f64)>) -> Vec<(f64, u32)> {
    let key = |(item, weight)| {
        let uniform = 1.0 - rng.random::<f64>();
        (weight > 0.0).then(|| (-uniform.ln() / weight, item))
    };
    weights.filter_map(key).collect()
}

fn by_key(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// Returns an approximately normal number of mean 0 and standard deviation 1, within ±3.5.
pub fn normal(rng: &mut impl Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| rng.random::<f64>()).sum();
    (sum - 2.0) * 3f64.sqrt()
}

/// Returns one of `choices`, each equally likely.
pub fn pick<'a, T>(rng: &mut impl Rng, choices: &'a [T]) -> &'a T {
    &choices[rng.random_range(0..choices.len())]
}

/// Returns true in `percent` of 100 cases.
pub fn percent(rng: &mut impl Rng, percent: f64) -> bool {
    rng.random::<f64>() * 100.0 < percent
}

/// Returns the index of one of `items`, likelier the greater its weight.
pub fn weighted<T>(rng: &mut impl Rng, items: &[T], weight: impl Fn(&T) -> f64) -> usize {
    let mut rest = rng.random::<f64>() * items.iter().map(&weight).sum::<f64>();
    let found = items.iter().position(|item| {
        rest -= weight(item);
        rest < 0.0
    });
    found.unwrap_or(items.len() - 1)
}

/// FNV-1a, a hash that is the same on every platform and in every release.
pub fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
