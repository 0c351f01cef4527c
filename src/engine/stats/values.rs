//! The known values of a field over a set of models, and what can be said of them without sorting
//! them: they are counted in some thousand fine steps, each at most 1/128 as wide as its values are
//! large, and only the few steps that a quantile lies in are looked at more closely.

use std::ops::Range;

use rayon::prelude::*;

use super::{each, reader};
use crate::engine::data::field::Field;
use crate::engine::data::models::Models;
use crate::engine::data::set::{ModelSet, chunks};

/// Steps of each power of two, as a power of two.
const FINE: u32 = 7;
/// All steps that offsets of 64 bits need.
const STEPS: usize = (65 - FINE as usize) << FINE;

/// The step that an offset lies in; steps are in the order of the offsets.
fn step(offset: u64) -> usize {
    let shift = shift(offset);
    ((shift as usize) << FINE) + (offset >> shift) as usize
}

/// How many of its last bits do not matter for the step: those after the first eight.
fn shift(offset: u64) -> u32 {
    (u64::BITS - offset.leading_zeros()).saturating_sub(FINE + 1)
}

/// The smallest offset of a step.
fn lowest(step: usize) -> u64 {
    let shift = (step >> FINE).saturating_sub(1);
    ((step - (shift << FINE)) as u64) << shift
}

/// Known values, in no order.
pub struct Values {
    parts: Vec<Vec<i64>>,
    /// The smallest and the largest.
    range: Option<(i64, i64)>,
    /// How many models are known to have none of it, where these are not wanted among the values.
    pub zero: usize,
}

/// Where values lie: the smallest, the largest, and between which values the quarters are parted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    pub min: i64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub max: i64,
}

impl Values {
    /// The wanted ones of a field's values that are known in a set of models.
    pub fn of(
        models: &Models,
        field: Field,
        set: &ModelSet,
        wanted: impl Fn(i64) -> bool + Sync,
    ) -> Values {
        let read = reader(models, field);
        let gather = |rows: Range<usize>| {
            let words = rows.clone().step_by(64).map(|row| set.word_of(row));
            let most: u32 = words.map(u64::count_ones).sum();
            // Written whether it is wanted or not: which one is next cannot be foretold.
            let mut part = vec![0; most as usize];
            let (mut len, mut zero) = (0, 0);
            each(set, rows, |model| {
                let value = read(model);
                let is_in = value.is_some_and(&wanted);
                part[len] = value.unwrap_or_default();
                len += usize::from(is_in);
                zero += usize::from(value == Some(0) && !is_in);
            });
            part.truncate(len);
            Values {
                range: part.iter().copied().min().zip(part.iter().copied().max()),
                parts: vec![part],
                zero,
            }
        };
        let parts: Vec<Values> = chunks(set.rows()).into_par_iter().map(gather).collect();
        let none = Values {
            parts: Vec::new(),
            range: None,
            zero: 0,
        };
        parts.into_iter().fold(none, Values::with)
    }

    fn with(mut self, other: Values) -> Values {
        let ranges = [self.range, other.range].into_iter().flatten();
        self.range = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        self.parts.extend(other.parts);
        self.zero += other.zero;
        self
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    /// How many of them are above zero, and all of them together.
    pub fn totals(&self) -> (usize, i128) {
        let of = |part: &Vec<i64>| {
            let add = |(positive, sum): (usize, i128), value: &i64| {
                (positive + usize::from(*value > 0), sum + i128::from(*value))
            };
            part.iter().fold((0, 0), add)
        };
        let add = |a: (usize, i128), b: (usize, i128)| (a.0 + b.0, a.1 + b.1);
        self.parts.par_iter().map(of).reduce(|| (0, 0), add)
    }

    /// The smallest and the largest.
    pub fn range(&self) -> Option<(i64, i64)> {
        self.range
    }

    /// How many lie in each bin.
    pub fn counted(&self, bins: &Bins) -> Vec<usize> {
        let count = |mut counts: Vec<usize>, part: &Vec<i64>| {
            part.iter().for_each(|value| counts[bins.of(*value)] += 1);
            counts
        };
        if bins.count() == 0 {
            return Vec::new();
        }
        let none = || vec![0; bins.count()];
        let parts = self.parts.par_iter().with_min_len(super::PORTION);
        parts.fold(none, count).reduce(none, added)
    }

    /// The quartiles, between two values in proportion: type 7 of Hyndman and Fan, "Sample
    /// Quantiles in Statistical Packages" (1996). Nothing where no value is known.
    pub fn quantiles(&self) -> Option<Quantiles> {
        let (min, max) = self.range?;
        let offset = |value: i64| value.wrapping_sub(min).cast_unsigned();
        let count = |mut counts: Vec<usize>, part: &Vec<i64>| {
            part.iter().for_each(|v| counts[step(offset(*v))] += 1);
            counts
        };
        let parts = || self.parts.par_iter().with_min_len(super::PORTION);
        let none = || vec![0; STEPS];
        let counts = parts().fold(none, count).reduce(none, added);
        let last = self.count() - 1;
        let places = [1, 2, 3].map(|quarters| (last * quarters / 4, last * quarters % 4));
        let ranks = places
            .iter()
            .flat_map(|(rank, part)| [*rank, rank + usize::from(*part > 0)]);
        let picked = Picked::new(&counts, ranks);
        let pick = |part: &Vec<i64>| -> Vec<i64> {
            let near = part.iter().filter(|v| picked.steps[step(offset(**v))]);
            near.copied().collect()
        };
        let mut near: Vec<i64> = parts().flat_map_iter(pick).collect();
        near.par_sort_unstable();
        let [p25, p50, p75] = places.map(|(rank, part)| {
            let value = |rank: usize| i128::from(near[rank - picked.before(rank)]);
            let upper = value(rank + usize::from(part > 0));
            let part = part as i128;
            #[expect(clippy::cast_precision_loss, reason = "rounded once, at the end")]
            let quarters = (value(rank) * (4 - part) + upper * part) as f64;
            quarters / 4.0
        });
        Some(Quantiles {
            min,
            p25,
            p50,
            p75,
            max,
        })
    }
}

/// Bins between edges, and for each step which of them its smallest value lies in.
pub struct Bins {
    edges: Vec<i64>,
    begins: Vec<u32>,
}

impl Bins {
    /// The bins between ascending edges.
    pub fn between(edges: Vec<i64>) -> Bins {
        let bins = edges.len().saturating_sub(1);
        let begin = |step: usize| {
            let value = i128::from(edges[0]) + i128::from(lowest(step));
            let below = edges.partition_point(|edge| i128::from(*edge) <= value);
            u32::try_from(below.clamp(1, bins) - 1).unwrap_or(u32::MAX)
        };
        let steps = if bins > 0 { STEPS } else { 0 };
        let begins = (0..steps).map(begin).collect();
        Bins { edges, begins }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The bin that a value lies in: the first edge of a bin is in it, the second only in the last.
    /// What lies beyond the outer edges is counted next to them. There must be a bin.
    pub fn of(&self, value: i64) -> usize {
        let first = self.edges[0];
        let offset = value.max(first).wrapping_sub(first).cast_unsigned();
        let mut bin = self.begins[step(offset)] as usize;
        while bin + 1 < self.count() && self.edges[bin + 1] <= value {
            bin += 1;
        }
        bin
    }
}

/// The steps that some ranks lie in.
struct Picked {
    steps: Vec<bool>,
    /// For each of them the first rank in it, and how many ranks before that are in none.
    skipped: Vec<(usize, usize)>,
}

impl Picked {
    /// `ranks` ascend.
    fn new(counts: &[usize], ranks: impl Iterator<Item = usize>) -> Picked {
        let mut ranks = ranks.peekable();
        let mut picked = Picked {
            steps: vec![false; counts.len()],
            skipped: Vec::new(),
        };
        let (mut before, mut skipped) = (0, 0);
        for (step, count) in counts.iter().enumerate() {
            let end = before + count;
            match ranks.next_if(|rank| *rank < end) {
                Some(_) => {
                    while ranks.next_if(|rank| *rank < end).is_some() {}
                    picked.steps[step] = true;
                    picked.skipped.push((before, skipped));
                }
                None => skipped += count,
            }
            before = end;
        }
        picked
    }

    /// How many ranks before this one are in no step that was picked.
    fn before(&self, rank: usize) -> usize {
        let at = self.skipped.partition_point(|(first, _)| *first <= rank);
        self.skipped[at - 1].1
    }
}

fn added(mut all: Vec<usize>, more: Vec<usize>) -> Vec<usize> {
    all.iter_mut()
        .zip(more)
        .for_each(|(all, more)| *all += more);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(parts: Vec<Vec<i64>>) -> Values {
        let all = || parts.iter().flatten().copied();
        Values {
            range: all().min().zip(all().max()),
            parts,
            zero: 0,
        }
    }

    /// The formula as it is written in books.
    fn type_7(sorted: &[i64], p: f64) -> f64 {
        let h = (sorted.len() - 1) as f64 * p;
        let (lower, upper) = (sorted[h.floor() as usize], sorted[h.ceil() as usize]);
        lower as f64 + (upper as f64 - lower as f64) * h.fract()
    }

    #[test]
    fn steps_are_in_order_and_narrow() {
        for at in 0..STEPS {
            let from = lowest(at);
            assert_eq!(step(from), at);
            if at > 0 {
                assert_eq!(step(from - 1), at - 1);
                assert!(from - lowest(at - 1) <= 1 + from / 128);
            }
        }
        assert_eq!(step(u64::MAX), STEPS - 1);
    }

    proptest! {
        #[test]
        fn quantiles_and_bins_are_those_of_the_sorted_values(
            parts in prop::collection::vec(prop::collection::vec(prop_oneof![0..9_i64, -5_000..90_000_i64, any::<i64>()], 0..40), 1..5),
            edges in prop::collection::btree_set(prop_oneof![-9..90_000_i64, any::<i64>()], 2..30),
        ) {
            let mut sorted = parts.concat();
            sorted.sort_unstable();
            let values = values(parts);
            prop_assert_eq!(values.count(), sorted.len());
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
            prop_assert_eq!(values.counted(&Bins::between(edges)), counts);
        }
    }
}
