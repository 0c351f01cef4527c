//! How a field's values are spread: bins over the known values, zero and unknown counted apart.

use std::ops::RangeInclusive;

use super::edges::{Scale, linear_edges, linear_edges_of, log_edges, log_edges_of, month_edges};
use super::values::{Quantiles, Values};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::Models;

/// How many values lie in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The smallest value that counts.
    pub from: i64,
    /// The first value that does not count any more; in the last bin the largest that does.
    pub to: i64,
    pub count: usize,
}

/// The spread of one field. Zero, unknown and all bins together are all models.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    pub field: Field,
    pub scale: Scale,
    /// How many models were counted.
    pub models: usize,
    pub zero: usize,
    /// Not in the file, or below zero.
    pub unknown: usize,
    /// In ascending order, without gaps.
    pub bins: Vec<Bin>,
    /// Those of the values in the bins; boxed, for histograms are handed from thread to thread.
    pub quantiles: Option<Box<Quantiles>>,
    /// Where the first bin stands among all that the scale has: edges since 1, or months since
    /// the year 0.
    place: usize,
}

/// Into which bins a field is to be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binning {
    pub scale: Scale,
    /// So many bins, or fewer where there are not so many whole numbers; on a calendar the most of
    /// which each is as many months as the others. Without it the edges are round numbers.
    pub bins: Option<usize>,
}

impl Binning {
    /// Round edges on the scale that suits a field.
    pub fn of(field: Field) -> Binning {
        let scale = match field.info().kind {
            Kind::Time => Scale::Calendar,
            _ => Scale::Log,
        };
        Binning { scale, bins: None }
    }
}

/// Counts the field's values over all models: in powers of ten, cut in two (1, 3, 10, 30, …), or
/// for times in months.
pub fn histogram(models: &Models, field: Field) -> Histogram {
    let all = ModelSet::all(models.len());
    histogram_of(models, field, &all, Binning::of(field))
}

/// Counts the field's values over the models of a set. Counts cannot be on a calendar.
pub fn histogram_of(models: &Models, field: Field, set: &ModelSet, binning: Binning) -> Histogram {
    let values = Values::of(models, field, set, binned(field));
    let Binning { scale, bins } = binning;
    let (place, edges) = match (values.about().range, scale) {
        (None, _) => (0, Vec::new()),
        (Some((low, high)), Scale::Calendar) => month_edges(low, high),
        (Some((low, high)), Scale::Log) => match bins {
            Some(bins) => (0, log_edges_of(low, high, bins)),
            None => log_edges(low, high),
        },
        (Some((low, high)), Scale::Linear) => match bins {
            Some(bins) => (0, linear_edges_of(low, high, bins)),
            None => (0, linear_edges(low, high)),
        },
    };
    let bin = |pair: &[i64]| Bin {
        from: pair[0],
        to: pair[1],
        count: 0,
    };
    let empty = Histogram {
        field,
        scale,
        models: 0,
        zero: 0,
        unknown: 0,
        bins: edges.windows(2).map(bin).collect(),
        quantiles: None,
        place,
    };
    let whole = empty.filled(&values, set.count());
    match (scale, bins) {
        (Scale::Calendar, Some(bins)) => whole.coarser(bins),
        _ => whole,
    }
}

impl Histogram {
    /// The bin that a value lies in.
    pub fn bin_of(&self, value: i64) -> Option<usize> {
        let at = self
            .bins
            .partition_point(|b| b.from <= value)
            .checked_sub(1)?;
        (value <= self.bins.last()?.to).then_some(at)
    }

    /// Where the bins begin, and the last one ends; nothing where there is no bin.
    pub fn edges(&self) -> Vec<i64> {
        let end = self.bins.last().map(|last| last.to);
        self.bins.iter().map(|bin| bin.from).chain(end).collect()
    }

    /// The middle of the values in the bins, rounded down to a whole number.
    pub fn median(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "between two of 64 bits")]
        self.quantiles.as_ref().map(|q| q.p50.floor() as i64)
    }

    /// The same bins, counted over the models of a set, which are among those counted here.
    pub fn within(&self, models: &Models, set: &ModelSet) -> Histogram {
        let values = Values::of(models, self.field, set, binned(self.field));
        self.filled(&values, set.count())
    }

    /// The same bins with other values in them.
    fn filled(&self, values: &Values, models: usize) -> Histogram {
        let about = values.about();
        let (counts, quantiles) = values.spread(&self.edges());
        let bins = self.bins.iter().zip(counts);
        Histogram {
            models,
            zero: about.zero,
            unknown: models - about.zero - about.count,
            bins: bins.map(|(bin, count)| Bin { count, ..*bin }).collect(),
            quantiles: quantiles.map(Box::new),
            ..*self
        }
    }

    /// How many bins the ones here can be put together to, with edges that stay round, the most
    /// first: two to a power of ten, months to quarters, halves and years.
    pub fn groupings(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.steps().map(|(_, groups)| groups).collect();
        all.dedup();
        all
    }

    /// How many bins may be put together, and how many groups that makes.
    fn steps(&self) -> impl Iterator<Item = (usize, usize)> {
        let steps: &[usize] = match self.field.info().kind {
            Kind::Time => &[1, 3, 6, 12, 24, 60, 120, 600, 1_200],
            _ => &[1, 2, 4, 6, 12, 18, 36],
        };
        let groups = |step: usize| (self.place % step + self.bins.len()).div_ceil(step);
        steps.iter().map(move |&step| (step, groups(step)))
    }

    /// The same with at most `room` bins, as many put together as are needed.
    pub fn coarser(&self, room: usize) -> Histogram {
        let mut steps = self.steps();
        let step = steps.find(|(_, groups)| *groups <= room.max(1));
        let (step, shift) = match step {
            Some((step, _)) => (step, self.place % step),
            None => (self.bins.len().max(1), 0),
        };
        let mut bins: Vec<Bin> = Vec::new();
        for (at, bin) in self.bins.iter().enumerate() {
            match bins.last_mut() {
                Some(last) if !(at + shift).is_multiple_of(step) => {
                    last.to = bin.to;
                    last.count += bin.count;
                }
                _ => bins.push(*bin),
            }
        }
        Histogram {
            bins,
            ..self.clone()
        }
    }
}

/// The values that go into the bins: counts above zero, times in the years 1 to 9999.
pub(super) fn binned(field: Field) -> RangeInclusive<i64> {
    match field.info().kind {
        Kind::Time => -62_135_596_800_000_000..=253_402_300_799_999_999,
        _ => 1..=i64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};
    use proptest::prelude::*;

    fn models(field: Field, values: &[Option<i64>]) -> Models {
        let ids = (0..values.len()).map(|n| n.to_string());
        let ids = StringChunked::from_iter_values("id".into(), ids);
        let column = Series::new("values".into(), values);
        Models::new(&ids).unwrap().with(field, &column).unwrap()
    }

    fn counts(histogram: &Histogram) -> Vec<(i64, i64, usize)> {
        histogram
            .bins
            .iter()
            .map(|b| (b.from, b.to, b.count))
            .collect()
    }

    #[test]
    fn powers_of_ten_cut_in_two() {
        let values = [
            Some(0),
            None,
            Some(1),
            Some(2),
            Some(3),
            Some(29),
            Some(30),
            Some(-4),
        ];
        let histogram = histogram(&models(Field::Likes, &values), Field::Likes);
        assert_eq!(
            counts(&histogram),
            [(1, 3, 2), (3, 10, 1), (10, 30, 1), (30, 100, 1)]
        );
        assert_eq!(
            (histogram.zero, histogram.unknown, histogram.median()),
            (1, 2, Some(3))
        );
        assert_eq!(counts(&histogram.coarser(2)), [(1, 10, 3), (10, 100, 2)]);
        assert_eq!(histogram.bin_of(29), Some(2));
        assert_eq!(histogram.bin_of(0), None);
    }

    #[test]
    fn months_become_quarters() {
        // 2024-02-15, 2024-03-31T23:59:59, 2024-04-01, 2024-05-20
        let days = [1_707_955_200, 1_711_929_599, 1_711_929_600, 1_716_163_200]
            .map(|s: i64| Some(s * 1_000_000));
        let histogram = histogram(&models(Field::CreatedAt, &days), Field::CreatedAt);
        assert_eq!(
            histogram.bins.iter().map(|b| b.count).collect::<Vec<_>>(),
            [1, 1, 1, 1]
        );
        assert_eq!(
            histogram
                .coarser(2)
                .bins
                .iter()
                .map(|b| b.count)
                .collect::<Vec<_>>(),
            [2, 2]
        );
    }

    proptest! {
        #[test]
        fn every_model_is_counted_once_however_coarse(
            values in prop::collection::vec(prop::option::of(prop_oneof![0..50_i64, any::<i64>()]), 0..40),
            room in 0..30_usize,
            time: bool,
        ) {
            let field = if time { Field::CreatedAt } else { Field::Downloads };
            let models = models(field, &values);
            let fine = histogram(&models, field);
            for histogram in [fine.coarser(room), fine] {
                let in_bins: usize = histogram.bins.iter().map(|b| b.count).sum();
                prop_assert_eq!(histogram.zero + histogram.unknown + in_bins, values.len());
                for pair in histogram.bins.windows(2) {
                    prop_assert_eq!(pair[0].to, pair[1].from);
                }
                for value in values.iter().flatten().filter(|v| binned(field).contains(v)) {
                    let bin = histogram.bins[histogram.bin_of(*value).unwrap()];
                    prop_assert!(bin.from <= *value && *value <= bin.to);
                }
            }
        }
    }
}
