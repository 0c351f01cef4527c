//! How a field's values are spread: bins over the known values, zero and unknown counted apart.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use rayon::prelude::*;

use crate::engine::data::field::{Field, Kind};
use crate::engine::data::models::Models;
use crate::engine::data::set::ModelSet;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    pub field: Field,
    /// How many models were counted.
    pub models: usize,
    pub zero: usize,
    /// Not in the file, or below zero.
    pub unknown: usize,
    /// In ascending order, without gaps.
    pub bins: Vec<Bin>,
    /// The median of the values in the bins; between two of them, their middle.
    pub median: Option<i64>,
    /// Where the first bin stands among all that the scale has: edges since 1, or months since
    /// the year 0.
    place: usize,
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
}

impl Histogram {
    /// The same bins, counted over the models of a set.
    pub fn within(&self, models: &Models, set: &ModelSet) -> Histogram {
        let mut some = Histogram {
            models: set.count(),
            ..self.clone()
        };
        (some.zero, some.unknown) = (0, 0);
        some.bins.iter_mut().for_each(|bin| bin.count = 0);
        let mut values = Vec::new();
        for model in set.iter() {
            match models.number(self.field, model) {
                Some(value) if is_binned(self.field, value) => {
                    values.push(value);
                    let bin = self.bin_of(value).and_then(|at| some.bins.get_mut(at));
                    bin.into_iter().for_each(|bin| bin.count += 1);
                }
                Some(0) => some.zero += 1,
                _ => some.unknown += 1,
            }
        }
        values.par_sort_unstable();
        some.median = median(&values);
        some
    }

    /// The same with at most `room` bins, as many put together as are needed: two to a power of
    /// ten, months to quarters, halves and years, so that the edges stay round.
    pub fn coarser(&self, room: usize) -> Histogram {
        let steps: &[usize] = match self.field.info().kind {
            Kind::Time => &[1, 3, 6, 12, 24, 60, 120, 600, 1_200],
            _ => &[1, 2, 4, 6, 12, 18, 36],
        };
        let groups = |step: usize| (self.place % step + self.bins.len()).div_ceil(step);
        let step = steps
            .iter()
            .copied()
            .find(|&step| groups(step) <= room.max(1));
        let (step, shift) = match step {
            Some(step) => (step, self.place % step),
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

/// Counts the field's values over all models: in powers of ten, cut in two (1, 3, 10, 30, …), or
/// for times in months.
pub fn histogram(models: &Models, field: Field) -> Histogram {
    let values = known_values(models, field);
    let (zero, unknown) = apart(models, field);
    let range = values.first().copied().zip(values.last().copied());
    let (place, edges) = match (range, field.info().kind) {
        (None, _) => (0, Vec::new()),
        (Some((low, high)), Kind::Time) => month_edges(low, high),
        (Some((low, high)), _) => log_edges(low, high),
    };
    Histogram {
        field,
        models: models.len(),
        zero,
        unknown,
        bins: bins(&values, &edges),
        median: median(&values),
        place,
    }
}

/// The middle of sorted values.
fn median(values: &[i64]) -> Option<i64> {
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(lower + (upper - lower) / 2)
}

/// The values that go into the bins, sorted.
fn known_values(models: &Models, field: Field) -> Vec<i64> {
    let column = models.numbers(field);
    let mut values: Vec<i64> = column
        .iter()
        .flat_map(|c| c.iter())
        .flatten()
        .filter(|value| is_binned(field, *value))
        .collect();
    values.par_sort_unstable();
    values
}

/// Whether a value goes into the bins: a count above zero, or a time in the years 1 to 9999.
fn is_binned(field: Field, value: i64) -> bool {
    match field.info().kind {
        Kind::Time => (-62_135_596_800_000_000..253_402_300_800_000_000).contains(&value),
        _ => value > 0,
    }
}

fn apart(models: &Models, field: Field) -> (usize, usize) {
    let Some(column) = models.numbers(field) else {
        return (0, models.len());
    };
    column
        .iter()
        .fold((0, 0), |(zero, unknown), value| match value {
            Some(value) if is_binned(field, value) => (zero, unknown),
            Some(0) => (zero + 1, unknown),
            _ => (zero, unknown + 1),
        })
}

/// The bins between these edges over sorted values.
fn bins(values: &[i64], edges: &[i64]) -> Vec<Bin> {
    let mut before = 0;
    let pairs = edges.windows(2).enumerate();
    let bin = |(at, pair): (usize, &[i64])| {
        let last = at + 2 == edges.len();
        let up_to = if last {
            values.len()
        } else {
            values.partition_point(|&v| v < pair[1])
        };
        let count = up_to - before;
        before = up_to;
        Bin {
            from: pair[0],
            to: pair[1],
            count,
        }
    };
    pairs.map(bin).collect()
}

/// 1, 3, 10, 30, … from the last one at or below `low` to the first above `high`, and how many
/// come before them.
fn log_edges(low: i64, high: i64) -> (usize, Vec<i64>) {
    let powers = (0..19).map(|e| 10_i64.pow(e));
    let mut edges: Vec<i64> = powers.flat_map(|p| [p, p.saturating_mul(3)]).collect();
    edges.dedup();
    let first = edges.partition_point(|&e| e <= low).saturating_sub(1);
    let last = edges.partition_point(|&e| e <= high);
    match last < edges.len() {
        true => (first, edges[first..=last].to_vec()),
        // The last bin is closed: it holds the largest number there is.
        false => (
            first,
            edges[first..].iter().copied().chain([i64::MAX]).collect(),
        ),
    }
}

/// The first days of the months around two times (microseconds), and how many months of the
/// calendar come before them.
fn month_edges(low: i64, high: i64) -> (usize, Vec<i64>) {
    let month = |micros: i64| {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        time.year() * 12 + time.month0().cast_signed()
    };
    let start = |month: i32| {
        let in_year = month.rem_euclid(12).cast_unsigned() + 1;
        let day = NaiveDate::from_ymd_opt(month.div_euclid(12), in_year, 1).unwrap_or_default();
        day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
    };
    let place = usize::try_from(month(low)).unwrap_or(0);
    (place, (month(low)..=month(high) + 1).map(start).collect())
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
        Models::new(ids).unwrap().with(field, &column).unwrap()
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
            (histogram.zero, histogram.unknown, histogram.median),
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
                let binned: usize = histogram.bins.iter().map(|b| b.count).sum();
                prop_assert_eq!(histogram.zero + histogram.unknown + binned, values.len());
                for pair in histogram.bins.windows(2) {
                    prop_assert_eq!(pair[0].to, pair[1].from);
                }
                for value in values.iter().flatten().filter(|v| is_binned(field, **v)) {
                    let bin = histogram.bins[histogram.bin_of(*value).unwrap()];
                    prop_assert!(bin.from <= *value && *value <= bin.to);
                }
            }
        }
    }
}
