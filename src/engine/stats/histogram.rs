//! Histograms: bins over the known values of a field, with zero and unknown counted apart.

use std::ops::RangeInclusive;

use super::distribution::{Distribution, Quantiles};
use super::edges::{Scale, linear_edges, linear_edges_of, log_edges, log_edges_of, month_edges};
use super::fold::Extent;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::{BILLION, Models};

/// A range of values and the number of models in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The smallest value of the bin.
    pub from: i64,
    /// The smallest value above the bin; in the last bin its largest value.
    pub to: i64,
    pub count: usize,
}

/// A histogram of a field. Zero, unknown and all bins add up to the models of the set.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    pub field: Field,
    pub scale: Scale,
    /// The number of models of the set.
    pub models: usize,
    pub zero: usize,
    /// Models without a value, or with a negative one.
    pub unknown: usize,
    /// In ascending order, without gaps.
    pub bins: Vec<Bin>,
    /// Of the values in the bins; boxed, since histograms are sent between threads.
    pub quantiles: Option<Box<Quantiles>>,
    /// The number of bins of the scale before the first: from 1 on, or months from the year 0 on.
    before: usize,
}

/// The choice of bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binning {
    pub scale: Scale,
    /// The number of bins, or the maximum if there are fewer whole numbers or if months are merged
    /// evenly; `None` for round edges.
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

/// Counts all models by a field: in bins of half powers of ten (1, 3, 10, 30, …), or months.
pub fn histogram(models: &Models, field: Field) -> Histogram {
    let all = ModelSet::all(models.len());
    histogram_of(models, field, &all, Binning::of(field))
}

/// Counts the models of a set by a field. Only times have a calendar.
pub fn histogram_of(models: &Models, field: Field, set: &ModelSet, binning: Binning) -> Histogram {
    let values = Distribution::of(models, field, set, binned(field));
    let Binning { scale, bins } = binning;
    let whole_extent = values.aggregates.extent;
    let is_share = field.info().kind == Kind::Share;
    let has_over = is_share && whole_extent.high > BILLION;
    let extent = Extent {
        high: if has_over { BILLION } else { whole_extent.high },
        ..whole_extent
    };
    let bins = bins.map(|bins| bins - usize::from(has_over && bins > 1));
    let (before, edges) = match (scale, bins) {
        _ if extent.low > extent.high && has_over => (SHARES_BEFORE, Vec::new()),
        _ if extent.is_empty() => (0, Vec::new()),
        (Scale::Calendar, _) => month_edges(extent),
        (Scale::Log, None) => log_edges(extent),
        (Scale::Log, Some(bins)) => (0, log_edges_of(extent, bins)),
        (Scale::Linear, None) => (0, linear_edges(extent)),
        (Scale::Linear, Some(bins)) => (0, linear_edges_of(extent, bins)),
    };
    let edges = match is_share {
        true => edges_of_shares(edges, whole_extent),
        false => edges,
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
        before,
    };
    let whole = empty.filled(&values, set.count());
    match (scale, bins) {
        (Scale::Calendar, Some(bins)) => whole.coarser(bins),
        _ => whole,
    }
}

/// The number of half powers of ten up to the whole, in billionths.
const SHARES_BEFORE: usize = 18;

/// Ends the bins of shares at the whole, which is in the last of them: what is more than the whole,
/// which only the data's own contradictions are, has a bin of its own.
fn edges_of_shares(edges: Vec<i64>, extent: Extent) -> Vec<i64> {
    let has_over = extent.high > BILLION;
    if !has_over && edges.last().is_none_or(|last| *last <= BILLION) {
        return edges;
    }
    let mut kept: Vec<i64> = edges.into_iter().filter(|edge| *edge < BILLION).collect();
    if has_over {
        kept.extend([BILLION + 1, extent.high.max(BILLION + 2)]);
    } else {
        // Of one edge alone, there would be no bin.
        kept.extend(kept.is_empty().then_some(BILLION - 1));
        kept.push(BILLION);
    }
    kept
}

impl Histogram {
    /// Returns true if a bin is that of the shares above the whole.
    pub fn is_over(&self, bin: &Bin) -> bool {
        self.field.info().kind == Kind::Share && bin.from > BILLION
    }

    /// The bin of a value.
    pub fn bin_of(&self, value: i64) -> Option<usize> {
        let below = self.bins.partition_point(|bin| bin.from <= value);
        let is_in = value <= self.bins.last()?.to;
        below.checked_sub(1).filter(|_| is_in)
    }

    /// The edges of the bins, in ascending order.
    pub fn edges(&self) -> Vec<i64> {
        let end = self.bins.last().map(|last| last.to);
        self.bins.iter().map(|bin| bin.from).chain(end).collect()
    }

    /// The median of the values in the bins, rounded down.
    pub fn median(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "between two of 64 bits")]
        self.quantiles.as_ref().map(|q| q.p50.floor() as i64)
    }

    /// The same bins, counted over a subset of the models.
    pub fn within(&self, models: &Models, set: &ModelSet) -> Histogram {
        let values = Distribution::of(models, self.field, set, binned(self.field));
        self.filled(&values, set.count())
    }

    /// The same bins with other values.
    fn filled(&self, values: &Distribution, models: usize) -> Histogram {
        let all = values.aggregates;
        let (counts, quantiles) = values.spread(&self.edges());
        let bins = self.bins.iter().zip(counts);
        Histogram {
            models,
            zero: all.zero,
            unknown: models - all.zero - all.count,
            bins: bins.map(|(bin, count)| Bin { count, ..*bin }).collect(),
            quantiles: quantiles.map(Box::new),
            ..*self
        }
    }

    /// The numbers of bins that merging can give with round edges, the most first: two per power of
    /// ten, months to quarters, halves and years. Shares above the whole are not merged.
    pub fn groupings(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.merges().map(|(_, groups)| groups).collect();
        all.dedup();
        all
    }

    /// The numbers of bins that may be merged into one, and the number of bins after that.
    fn merges(&self) -> impl Iterator<Item = (usize, usize)> {
        let sizes: &[usize] = match self.field.info().kind {
            Kind::Time => &[1, 3, 6, 12, 24, 60, 120, 600, 1_200],
            _ => &[1, 2, 4, 6, 12, 18, 36],
        };
        let over = usize::from(self.bins.last().is_some_and(|bin| self.is_over(bin)));
        let scaled = self.bins.len() - over;
        let groups = move |size: usize| match scaled {
            0 => over,
            _ => (self.before % size + scaled).div_ceil(size) + over,
        };
        sizes.iter().map(move |&size| (size, groups(size)))
    }

    /// The histogram with at most `room` bins, as few merged as possible.
    pub fn coarser(&self, room: usize) -> Histogram {
        let fits = |(_, groups): &(usize, usize)| *groups <= room.max(1);
        let size = self
            .merges()
            .find(fits)
            .map_or(usize::MAX, |(size, _)| size);
        let mut bins: Vec<Bin> = Vec::new();
        for (place, bin) in (self.before..).zip(&self.bins) {
            match bins.last_mut() {
                Some(last) if !place.is_multiple_of(size) && !self.is_over(bin) => {
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

/// The values that belong in bins: positive counts, and times in the years 1 to 9999.
pub fn binned(field: Field) -> RangeInclusive<i64> {
    match field.info().kind {
        Kind::Time => -62_135_596_800_000_000..=253_402_300_799_999_999,
        _ => 1..=i64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stats::fixture::models;
    use proptest::prelude::*;

    fn histogram(field: Field, values: &[Option<i64>]) -> Histogram {
        let rows: Vec<[Option<i64>; 1]> = values.iter().map(|value| [*value]).collect();
        super::histogram(&models([field], &rows), field)
    }

    fn counts(histogram: &Histogram) -> Vec<(i64, i64, usize)> {
        let bins = histogram.bins.iter();
        bins.map(|bin| (bin.from, bin.to, bin.count)).collect()
    }

    #[test]
    fn powers_of_ten_cut_in_two() {
        let values = [0, 1, 2, 3, 29, 30, -4].map(Some);
        let histogram = histogram(Field::Likes, &[&values[..], &[None]].concat());
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
    fn shares_above_the_whole_have_a_bin_of_their_own() {
        let percent = BILLION / 100;
        let values = [40, 100, 100, 101, 700_000].map(|share| share * percent);
        let whole = ModelSet::all(5);
        let counted = |scale, bins, values: &[i64]| {
            // The recent downloads of 100 of all time.
            let rows = values
                .iter()
                .map(|share| [Some(share / percent), Some(100)]);
            let rows: Vec<[Option<i64>; 2]> = rows.collect();
            let models = models([Field::Downloads, Field::DownloadsAllTime], &rows);
            let set = ModelSet::all(rows.len());
            histogram_of(&models, Field::RecentShare, &set, Binning { scale, bins })
        };
        assert_eq!(whole.count(), 5);
        let round = counted(Scale::Log, None, &values);
        let tenth = BILLION / 10;
        let over = (BILLION + 1, 700_000 * percent, 2);
        assert_eq!(counts(&round), [(3 * tenth, BILLION + 1, 3), over]);
        for room in 1..9 {
            assert_eq!(counts(&round.coarser(room)).last(), Some(&over), "{room}");
        }
        let linear = counted(Scale::Linear, None, &values);
        assert_eq!(counts(&linear).last(), Some(&over));
        assert!(linear.bins.len() > 5, "{linear:?}");
        for bins in 2..20 {
            for scale in [Scale::Log, Scale::Linear] {
                let some = counted(scale, Some(bins), &values);
                assert_eq!(counts(&some).last(), Some(&over), "{bins}");
                assert!(some.bins.len() <= bins);
            }
        }
        // The whole is in the last bin of those below it, also where nothing is above.
        let below = counted(Scale::Log, None, &values[..3]);
        assert_eq!(counts(&below), [(3 * tenth, BILLION, 3)]);
        let only_whole = counted(Scale::Log, None, &values[1..3]);
        assert_eq!(
            counts(&only_whole).iter().map(|bin| bin.2).sum::<usize>(),
            2
        );
        let only_over = counted(Scale::Log, None, &values[3..]);
        assert_eq!(counts(&only_over), [over]);
    }

    #[test]
    fn months_become_quarters() {
        // 2024-02-15, 2024-03-31T23:59:59, 2024-04-01, 2024-05-20
        let days = [1_707_955_200, 1_711_929_599, 1_711_929_600, 1_716_163_200]
            .map(|s: i64| Some(s * 1_000_000));
        let months = histogram(Field::CreatedAt, &days);
        let counts = |histogram: &Histogram| counts(histogram).into_iter().map(|bin| bin.2);
        assert!(counts(&months).eq([1; 4]));
        assert!(counts(&months.coarser(2)).eq([2; 2]));
    }

    proptest! {
        #[test]
        fn every_model_is_counted_once_however_coarse(
            values in prop::collection::vec(prop::option::of(prop_oneof![0..50_i64, any::<i64>()]), 0..40),
            room in 0..30_usize,
            field in prop::sample::select(&[Field::CreatedAt, Field::Downloads]),
        ) {
            let fine = histogram(field, &values);
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
