//! The edges of histogram bins: round numbers or the first days of months, or edges for a given
//! number of bins.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

use super::fold::Extent;

/// The scale of histogram bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The widths grow by a factor.
    Log,
    /// All widths are equal.
    Linear,
    /// Months or multiples of months; for times only.
    Calendar,
}

impl Scale {
    /// Every scale.
    pub const ALL: [Scale; 3] = [Scale::Log, Scale::Linear, Scale::Calendar];

    /// Its name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Scale::Log => "log",
            Scale::Linear => "linear",
            Scale::Calendar => "calendar",
        }
    }
}

/// The approximate number of linear bins with round edges.
const LINEAR: i128 = 20;

/// The part of ascending edges around an extent of positive values: from the last edge at or below it
/// to the first above it. The last edge of all, the largest number there is, closes its bin.
pub fn around(edges: impl Iterator<Item = i64>, extent: Extent) -> (usize, Vec<i64>) {
    let mut edges: Vec<i64> = edges.chain([i64::MAX]).collect();
    let last = edges.partition_point(|edge| *edge <= extent.high);
    edges.truncate(last.min(edges.len() - 1) + 1);
    let below = edges.partition_point(|edge| *edge <= extent.low);
    let first = below.clamp(1, edges.len() - 1) - 1;
    (first, edges.split_off(first))
}

/// The edges 1, 3, 10, 30, … around an extent, and the number of them before the first.
pub fn log_edges(extent: Extent) -> (usize, Vec<i64>) {
    let powers = (0..19).map(|exponent| 10_i64.pow(exponent));
    around(powers.flat_map(|power| [power, 3 * power]), extent)
}

/// The edges of `bins` bins over an extent of positive values, each wider than the last by the same
/// factor; fewer where there are fewer whole numbers.
pub fn log_edges_of(extent: Extent, bins: usize) -> Vec<i64> {
    let Extent { low, high } = extent;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an edge near the right place will do"
    )]
    let at = |part: usize| {
        let share = part as f64 / bins as f64;
        (low as f64 * (high as f64 / low as f64).powf(share)).round() as i64
    };
    between(extent, bins, at)
}

/// The edges of `bins` bins of equal width over an extent; fewer where there are fewer whole numbers.
pub fn linear_edges_of(extent: Extent, bins: usize) -> Vec<i64> {
    let low = i128::from(extent.low);
    let width = i128::from(extent.high) - low;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between two numbers of 64 bits"
    )]
    let at = |part: usize| (low + width * part as i128 / bins as i128) as i64;
    between(extent, bins, at)
}

fn between(Extent { low, high }: Extent, bins: usize, at: impl Fn(usize) -> i64) -> Vec<i64> {
    let width = i128::from(high) - i128::from(low);
    // A bin a number: the last one ends before the next number, as all others do.
    if usize::try_from(width).is_ok_and(|width| width < bins) && high < i64::MAX {
        return (low..=high + 1).collect();
    }
    let inner = (1..bins).map(at).map(|edge| edge.clamp(low, high));
    let mut edges: Vec<i64> = [low].into_iter().chain(inner).collect();
    edges.dedup();
    edges.pop_if(|last| *last == high && high > low);
    edges.push(high);
    edges
}

/// The edges of about twenty bins around an extent of positive values, whose width is 1, 2 or 5 times
/// a power of ten; 1 takes the place of 0.
pub fn linear_edges(extent: Extent) -> Vec<i64> {
    let (low, high) = (i128::from(extent.low), i128::from(extent.high));
    let powers = (0..19).map(|exponent| 10_i128.pow(exponent));
    let mut widths = powers.flat_map(|power| [power, 2 * power, 5 * power]);
    let width = widths.find(|width| high / width - low / width < LINEAR);
    let width = width.unwrap_or(high);
    let edges = (low / width..=high / width + 1).map(|at| (at * width).max(1));
    let edges = edges.map(|edge| i64::try_from(edge).unwrap_or(i64::MAX));
    edges.collect()
}

/// The first moments of the months around an extent of times (microseconds since 1970 UTC, in the
/// years 1 to 9999), and the number of months from the year 0 to the first.
pub fn month_edges(extent: Extent) -> (usize, Vec<i64>) {
    let month = |micros: i64| {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        time.year() * 12 + time.month0().cast_signed()
    };
    let start = |month: i32| {
        let in_year = month.rem_euclid(12).cast_unsigned() + 1;
        let day = NaiveDate::from_ymd_opt(month.div_euclid(12), in_year, 1).unwrap_or_default();
        day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
    };
    let [first, last] = [month(extent.low), month(extent.high)];
    let before = usize::try_from(first).unwrap_or(0);
    (before, (first..=last + 1).map(start).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn extent(low: i64, high: i64) -> Extent {
        Extent { low, high }
    }

    #[test]
    fn edges_are_round() {
        assert_eq!(log_edges(extent(2, 29)), (0, vec![1, 3, 10, 30]));
        assert_eq!(
            linear_edges(extent(3, 90)),
            (0..=19).map(|n| (n * 5).max(1)).collect::<Vec<_>>()
        );
        assert_eq!(linear_edges(extent(7, 7)), [7, 8]);
        assert_eq!(log_edges_of(extent(1, 1_000), 3), [1, 10, 100, 1_000]);
        assert_eq!(linear_edges_of(extent(10, 50), 4), [10, 20, 30, 40, 50]);
        // There are no more numbers than these.
        assert_eq!(linear_edges_of(extent(1, 3), 9), [1, 2, 3, 4]);
        assert_eq!(log_edges_of(extent(5, 5), 2), [5, 6]);
        assert_eq!(log_edges_of(extent(i64::MAX, i64::MAX), 2), [i64::MAX; 2]);
    }

    proptest! {
        #[test]
        fn edges_ascend_around_all_values(a in 1..=i64::MAX, b in prop_oneof![1..2_000_i64, 1..=i64::MAX], bins in 1..90_usize) {
            let (low, high) = (a.min(b), a.max(b));
            let extent = extent(low, high);
            let all = [log_edges(extent).1, log_edges_of(extent, bins), linear_edges(extent), linear_edges_of(extent, bins)];
            for edges in &all {
                prop_assert!(edges.is_sorted_by(|a, b| a < b) || low == high || high == i64::MAX, "{edges:?}");
                prop_assert!(edges.len() > 1 && edges[0] <= low && high <= edges[edges.len() - 1], "{edges:?}");
            }
            if usize::try_from(high - low).is_ok_and(|extent| extent >= bins) {
                prop_assert_eq!(all[3].len(), bins + 1);
            }
            prop_assert!(all[1].len() <= bins + 1 && all[2].len() <= 21);
        }
    }
}
