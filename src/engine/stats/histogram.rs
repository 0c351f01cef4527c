//! How a field's values are spread: bins over the known values, zero and unknown counted apart.

use chrono::{DateTime, Datelike, NaiveDate};
use rayon::prelude::*;

use crate::engine::data::field::{Field, Kind};
use crate::engine::data::models::{ModelId, Models};

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
    /// The median of the values in the bins.
    pub median: Option<i64>,
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
    /// The same with at most `room` bins, as many put together as are needed: two to a power of
    /// ten, months to quarters, halves and years, so that the edges stay round.
    pub fn coarser(&self, room: usize) -> Histogram {
        let (steps, place): (&[usize], _) = match self.field.info().kind {
            Kind::Time => (
                &[1, 3, 6, 12, 24, 60, 120],
                self.bins.first().map_or(0, quarter_place),
            ),
            _ => (
                &[1, 2, 4, 6, 12, 18, 36],
                self.bins.first().map_or(0, |b| log_place(b.from)),
            ),
        };
        let groups = |step: usize| (place % step + self.bins.len()).div_ceil(step);
        let step = steps
            .iter()
            .copied()
            .find(|&step| groups(step) <= room.max(1));
        let step = step.unwrap_or(self.bins.len().max(1));
        let shift = if steps.contains(&step) {
            place % step
        } else {
            0
        };
        let mut bins: Vec<Bin> = Vec::new();
        for (at, bin) in self.bins.iter().enumerate() {
            match bins.last_mut() {
                Some(last) if (at + shift) % step != 0 => {
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

/// Which of the edges 1, 3, 10, 30, … this is, from 0.
fn log_place(edge: i64) -> usize {
    let digits = edge.to_string();
    (digits.len() - 1) * 2 + usize::from(digits.starts_with('3'))
}

/// How many months, quarters or years (whatever the bin spans) lie before the bin in its year.
fn quarter_place(bin: &Bin) -> usize {
    let month0 =
        |micros| DateTime::from_timestamp_micros(micros).map_or(0, |t| t.month0() as usize);
    let months = bin.to.saturating_sub(bin.from) / (28 * 86_400_000_000);
    match months {
        0 | 1 => month0(bin.from),
        _ => 0,
    }
}

/// Counts the field's values over all models: in powers of ten, cut in two (1, 3, 10, 30, …), or
/// for times in months, quarters or years, whichever gives at most 40 bins.
pub fn histogram(models: &Models, field: Field) -> Histogram {
    let values = known_values(models, field);
    let (zero, unknown) = apart(models, field);
    let range = values.first().copied().zip(values.last().copied());
    let edges = match (range, field.info().kind) {
        (None, _) => Vec::new(),
        (Some((low, high)), Kind::Time) => calendar_edges(low, high),
        (Some((low, high)), _) => log_edges(low, high),
    };
    Histogram {
        field,
        models: models.len(),
        zero,
        unknown,
        bins: bins(&values, &edges),
        median: (!values.is_empty()).then(|| values[(values.len() - 1) / 2]),
    }
}

/// The values above zero (any, for times), sorted.
fn known_values(models: &Models, field: Field) -> Vec<i64> {
    let from = least(field);
    let column = models.numbers(field).into_iter();
    let mut values: Vec<i64> = column
        .flat_map(|c| c.iter())
        .flatten()
        .filter(|v| *v >= from)
        .collect();
    values.par_sort_unstable();
    values
}

/// The smallest value that goes into the bins.
fn least(field: Field) -> i64 {
    match field.info().kind {
        Kind::Time => i64::MIN,
        _ => 1,
    }
}

fn apart(models: &Models, field: Field) -> (usize, usize) {
    let binned = least(field);
    let Some(column) = models.numbers(field) else {
        return (0, models.len());
    };
    column
        .iter()
        .fold((0, 0), |(zero, unknown), value| match value {
            Some(value) if value >= binned => (zero, unknown),
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

/// 1, 3, 10, 30, … from the last one at or below `low` to the first above `high`.
fn log_edges(low: i64, high: i64) -> Vec<i64> {
    let steps = (0..19)
        .map(|e| 10_i64.pow(e))
        .flat_map(|p| [p, p.saturating_mul(3)]);
    let mut edges: Vec<i64> = steps.take_while(|&e| e <= high).collect();
    let first = edges.partition_point(|&e| e <= low).saturating_sub(1);
    edges.drain(..first);
    let next = edges
        .last()
        .map_or(1, |&e| match e.to_string().starts_with('1') {
            true => e.saturating_mul(3),
            false => (e / 3).saturating_mul(10),
        });
    edges.push(next);
    edges
}

/// The first days of months, quarters or years around the two times (microseconds).
fn calendar_edges(low: i64, high: i64) -> Vec<i64> {
    let day = |micros: i64| DateTime::from_timestamp_micros(micros).map(|t| t.date_naive());
    let (Some(first), Some(last)) = (day(low), day(high)) else {
        return vec![low, high];
    };
    let month_number = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
    let (first, last) = (month_number(first), month_number(last));
    let step = [1, 3, 12, 120, 1_200, 12_000]
        .into_iter()
        .find(|s| (last - first) / s < 40)
        .unwrap_or(120_000);
    let start = |month: i64| {
        let year = i32::try_from(month.div_euclid(12)).ok()?;
        let month = u32::try_from(month.rem_euclid(12)).ok()? + 1;
        let midnight = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?;
        Some(midnight.and_utc().timestamp_micros())
    };
    let mut edges = Vec::new();
    let mut month = first.div_euclid(step) * step;
    while month <= last {
        edges.extend(start(month));
        month += step;
    }
    edges.push(start(month).unwrap_or(high));
    edges
}

/// The share of known, positive values that are below the model's own, from 0 to 1.
pub fn percentile(models: &Models, field: Field, model: ModelId) -> Option<f64> {
    let own = models.number(field, model)?;
    let (mut below, mut all) = (0_u32, 0_u32);
    for value in models
        .numbers(field)?
        .iter()
        .flatten()
        .filter(|v| *v >= least(field))
    {
        all += 1;
        below += u32::from(value < own);
    }
    (all > 0 && own >= least(field)).then(|| f64::from(below) / f64::from(all))
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
                for value in values.iter().flatten().filter(|v| **v > 0) {
                    let bin = histogram.bins[histogram.bin_of(*value).unwrap()];
                    prop_assert!(bin.from <= *value && *value <= bin.to);
                }
            }
        }
    }
}
