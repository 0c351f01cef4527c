//! The distribution of a field's known values over a set of models. Values are not sorted but
//! counted in log-linear buckets; only the buckets with an edge or a quantile are read again.

use std::ops::RangeInclusive;

use super::buckets::{BUCKETS, Bins, bucket, highest, lowest};
use super::fold::{Extent, Merge, extent, fold_values};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// The wanted values of a field over a set, counted.
pub struct Distribution<'s> {
    column: Option<Column<i64>>,
    set: &'s ModelSet,
    wanted: RangeInclusive<i64>,
    pub aggregates: Aggregates,
    /// The start of the first bucket; no wanted value is below.
    origin: i64,
    /// The number of wanted values in each bucket.
    counts: Vec<u32>,
}

/// Aggregates of all wanted values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aggregates {
    pub count: usize,
    /// The number of zeros, if those are not wanted.
    pub zero: usize,
    pub positive: usize,
    pub sum: i128,
    pub extent: Extent,
}

impl Merge for Aggregates {
    fn merge(&mut self, later: Aggregates) {
        self.count += later.count;
        self.zero += later.zero;
        self.positive += later.positive;
        self.sum += later.sum;
        self.extent.merge(later.extent);
    }
}

/// The smallest value, the quartiles, and the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    pub min: i64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub max: i64,
}

impl<'s> Distribution<'s> {
    /// Counts the wanted values of a field that are known over a set.
    pub fn of(
        models: &Models,
        field: Field,
        set: &'s ModelSet,
        wanted: RangeInclusive<i64>,
    ) -> Distribution<'s> {
        let column = Column::of_field(models, field, set);
        let origin = match *wanted.start() {
            start @ 0.. => start,
            // Hardly any number of a hub is negative.
            i64::MIN => 0,
            // Times lie close together, and far from the first that is wanted.
            _ => extent(column.as_ref(), set, &wanted).low,
        };
        let mut all = Distribution {
            column,
            set,
            wanted,
            aggregates: Aggregates::default(),
            origin,
            counts: Vec::new(),
        };
        all.count();
        let low = all.aggregates.extent.low;
        if low < all.origin {
            all.origin = low;
            all.count();
        }
        all
    }

    fn count(&mut self) {
        let start = || (Aggregates::default(), vec![0; BUCKETS]);
        let add = |(aggregates, counts): &mut (Aggregates, Vec<u32>), block: &[i64]| {
            self.add(aggregates, counts, block);
        };
        let column = self.column.as_ref();
        (self.aggregates, self.counts) = fold_values(column, self.set, start, add);
    }

    /// Counts a block of values. There are no branches, since they could not be predicted.
    fn add(&self, aggregates: &mut Aggregates, counts: &mut [u32], block: &[i64]) {
        let mut all = *aggregates;
        for value in block.iter().copied() {
            let is_wanted = self.wants(value);
            counts[self.bucket_of(value)] += u32::from(is_wanted);
            all.count += usize::from(is_wanted);
            all.zero += usize::from(!is_wanted & (value == 0));
            all.positive += usize::from(is_wanted & (value > 0));
            all.sum += i128::from(if is_wanted { value } else { 0 });
            all.extent.add_if(is_wanted, value);
        }
        *aggregates = all;
    }

    fn wants(&self, value: i64) -> bool {
        (*self.wanted.start() <= value) & (value <= *self.wanted.end())
    }

    fn bucket_of(&self, value: i64) -> usize {
        bucket(value.wrapping_sub(self.origin).cast_unsigned())
    }

    /// The quartiles, interpolated linearly: type 7 of Hyndman and Fan, "Sample Quantiles in
    /// Statistical Packages" (1996). `None` without values.
    pub fn quantiles(&self) -> Option<Quantiles> {
        self.spread(&[i64::MIN, i64::MAX]).1
    }

    /// The number of values in each of the [`Bins`] between some edges, and the quartiles.
    pub fn spread(&self, edges: &[i64]) -> (Vec<usize>, Option<Quantiles>) {
        let bins = Bins::between(edges.to_vec());
        let start = || SecondPass {
            bins: vec![0; bins.count()],
            ranked: Vec::new(),
        };
        let mut all = start();
        let Aggregates { count, extent, .. } = self.aggregates;
        if count == 0 || all.bins.is_empty() {
            return (all.bins, None);
        }
        let ranks = quartiles(count).map(|(rank, part)| rank..=rank + usize::from(part > 0));
        let mut marks = vec![0; BUCKETS];
        let mut picked: Vec<RankedBucket> = Vec::new();
        let (mut rank, mut read) = (0, 0);
        for (bucket, count) in self.counts.iter().map(|count| *count as usize).enumerate() {
            if count == 0 {
                continue;
            }
            let value = self.origin.saturating_add_unsigned(lowest(bucket));
            let last = self.origin.saturating_add_unsigned(highest(bucket));
            match (bins.of(value), bins.of(last.min(extent.high))) {
                (bin, last) if bin == last => all.bins[bin] += count,
                _ => marks[bucket] |= CUT,
            }
            let next = rank + count;
            if ranks.iter().any(|r| *r.start() < next && rank <= *r.end()) {
                let is_wide = value < last;
                let start = is_wide.then_some(read);
                picked.push(RankedBucket { rank, value, start });
                if is_wide {
                    marks[bucket] |= RANKED;
                    read += count;
                }
            }
            rank = next;
        }
        if marks.iter().any(|mark| *mark > 0) {
            let add = |all: &mut SecondPass, block: &[i64]| {
                for value in block.iter().copied() {
                    let mark = marks[self.bucket_of(value)];
                    if mark > 0 && self.wants(value) {
                        all.add(value, mark, &bins);
                    }
                }
            };
            all.merge(fold_values(self.column.as_ref(), self.set, start, add));
        }
        let value = |rank: usize| {
            let at = picked.partition_point(|bucket| bucket.rank <= rank) - 1;
            let picked = &picked[at];
            picked.start.map_or(picked.value, |start| {
                let nth = start + rank - picked.rank;
                *all.ranked.select_nth_unstable(nth).1
            })
        };
        let quantiles = Quantiles::of(count, extent, value);
        (all.bins, Some(quantiles))
    }
}

/// The rank of each quartile of `count` values, and the fourths of the way to the next rank.
fn quartiles(count: usize) -> [(usize, usize); 3] {
    [1, 2, 3].map(|q| ((count - 1) * q / 4, (count - 1) * q % 4))
}

impl Quantiles {
    /// Interpolates the quartiles of `count` values between the values of their ranks.
    fn of(count: usize, extent: Extent, mut value: impl FnMut(usize) -> i64) -> Quantiles {
        let [p25, p50, p75] = quartiles(count).map(|(rank, part)| {
            let [lower, upper] = [rank, rank + usize::from(part > 0)].map(&mut value);
            let (lower, upper, part) = (i128::from(lower), i128::from(upper), part as i128);
            #[expect(clippy::cast_precision_loss, reason = "rounded once, at the end")]
            let quarters = (lower * (4 - part) + upper * part) as f64;
            quarters / 4.0
        });
        Quantiles {
            min: extent.low,
            p25,
            p50,
            p75,
            max: extent.high,
        }
    }
}

/// The mark of a bucket with an edge between its values.
const CUT: u8 = 1;
/// The mark of a bucket of several values with the rank of a quantile.
const RANKED: u8 = 2;

/// A bucket with the rank of a quantile.
struct RankedBucket {
    /// The rank of its smallest value.
    rank: usize,
    /// The smallest value that it can have.
    value: i64,
    /// The number of values in [`SecondPass::ranked`] from lower buckets; `None` if it has just one
    /// value.
    start: Option<usize>,
}

/// The values of marked buckets.
struct SecondPass {
    bins: Vec<usize>,
    /// All values of [`RANKED`] buckets, in any order.
    ranked: Vec<i64>,
}

impl SecondPass {
    fn add(&mut self, value: i64, mark: u8, bins: &Bins) {
        if mark & CUT > 0 {
            self.bins[bins.of(value)] += 1;
        }
        if mark & RANKED > 0 {
            self.ranked.push(value);
        }
    }
}

impl Merge for SecondPass {
    fn merge(&mut self, mut later: SecondPass) {
        self.bins.merge(later.bins);
        self.ranked.append(&mut later.ranked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stats::fixture::models;
    use proptest::prelude::*;

    /// The formula as it is written in books.
    fn type_7(sorted: &[i64], p: f64) -> f64 {
        let h = (sorted.len() - 1) as f64 * p;
        let (lower, upper) = (sorted[h.floor() as usize], sorted[h.ceil() as usize]);
        lower as f64 + (upper as f64 - lower as f64) * h.fract()
    }

    proptest! {
        #[test]
        fn quantiles_and_bins_are_those_of_the_sorted_values(
            all in prop::collection::vec(prop_oneof![0..9_i64, -5_000..90_000_i64, any::<i64>()], 1..160),
            picked in prop::collection::vec(any::<bool>(), 160),
            wanted in prop_oneof![Just(i64::MIN..=i64::MAX), Just(1..=i64::MAX), Just(-4_000..=4_000_i64)],
            edges in prop::collection::btree_set(prop_oneof![-9..90_000_i64, any::<i64>()], 2..30),
        ) {
            let set = ModelSet::of(all.len(), |row| picked[row]);
            let in_set = || all.iter().zip(&picked).filter(|(_, picked)| **picked).map(|(value, _)| *value);
            let mut sorted: Vec<i64> = in_set().filter(|value| wanted.contains(value)).collect();
            sorted.sort_unstable();
            let rows: Vec<[Option<i64>; 1]> = all.iter().map(|value| [Some(*value)]).collect();
            let models = models([Field::Likes], &rows);
            let values = Distribution::of(&models, Field::Likes, &set, wanted);
            let aggregates = Aggregates {
                count: sorted.len(),
                zero: in_set().filter(|v| *v == 0).count() - sorted.iter().filter(|v| **v == 0).count(),
                positive: sorted.iter().filter(|v| **v > 0).count(),
                sum: sorted.iter().map(|v| i128::from(*v)).sum(),
                extent: sorted.first().zip(sorted.last()).map_or(Extent::default(), |(low, high)| Extent { low: *low, high: *high }),
            };
            prop_assert_eq!(values.aggregates, aggregates);
            prop_assert_eq!(values.quantiles().is_none(), sorted.is_empty());
            if let Some(found) = values.quantiles() {
                prop_assert_eq!((found.min, found.max), (sorted[0], sorted[sorted.len() - 1]));
                for (p, found) in [(0.25, found.p25), (0.5, found.p50), (0.75, found.p75)] {
                    let wanted = type_7(&sorted, p);
                    prop_assert!((found - wanted).abs() <= 1e-9 * (sorted[0] as f64).abs().max(wanted.abs()).max(1.0) , "{found} {wanted}");
                }
            }
            let edges: Vec<i64> = edges.into_iter().collect();
            let bins = edges.len() - 1;
            let mut counts = vec![0; bins];
            for value in &sorted {
                counts[edges.iter().filter(|edge| *edge <= value).count().clamp(1, bins) - 1] += 1;
            }
            let own = Bins::between(edges.clone());
            let mut by_value = vec![0; bins];
            sorted.iter().for_each(|value| by_value[own.of(*value)] += 1);
            prop_assert_eq!(&by_value, &counts);
            prop_assert_eq!(values.spread(&edges).0, counts);
        }
    }
}
