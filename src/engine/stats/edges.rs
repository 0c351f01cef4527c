//! Where the bins of a histogram begin and end: round numbers or the first days of months, unless
//! a number of bins is asked for.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

/// How the bins of a histogram grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Each so many times as wide as the one before.
    Log,
    /// All of one width.
    Linear,
    /// Months, or several of them together; for times only.
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

/// Linear bins, about, where no number of them is asked for.
const LINEAR: i128 = 20;

/// 1, 3, 10, 30, … from the last one at or below `low` to the first above `high`, and how many
/// come before them.
pub fn log_edges(low: i64, high: i64) -> (usize, Vec<i64>) {
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

/// The edges of so many bins from `low`, which is above zero, to `high`, each the same number of
/// times as wide as the one before; of fewer where there are not so many whole numbers.
pub fn log_edges_of(low: i64, high: i64, bins: usize) -> Vec<i64> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an edge near the right place will do"
    )]
    let at = |part: usize| {
        let share = part as f64 / bins as f64;
        (low as f64 * (high as f64 / low as f64).powf(share)).round() as i64
    };
    between(low, high, bins, at)
}

/// The edges of so many bins of one width; of fewer where there are not so many whole numbers.
pub fn linear_edges_of(low: i64, high: i64, bins: usize) -> Vec<i64> {
    let span = i128::from(high) - i128::from(low);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between two numbers of 64 bits"
    )]
    let at = |part: usize| (i128::from(low) + span * part as i128 / bins as i128) as i64;
    between(low, high, bins, at)
}

fn between(low: i64, high: i64, bins: usize, at: impl Fn(usize) -> i64) -> Vec<i64> {
    let span = i128::from(high) - i128::from(low);
    // One bin for each number: the last one ends before the next number, as all others do.
    if usize::try_from(span).is_ok_and(|span| span < bins) && high < i64::MAX {
        return (low..=high + 1).collect();
    }
    let inner = (1..bins).map(at).map(|edge| edge.clamp(low, high));
    let mut edges: Vec<i64> = [low].into_iter().chain(inner).collect();
    edges.dedup();
    edges.pop_if(|last| *last == high && high > low);
    edges.push(high);
    edges
}

/// The edges of about twenty bins whose width is 1, 2 or 5 times a power of ten, from the last one
/// at or below `low`, which is above zero, but not zero itself, to the first above `high`.
pub fn linear_edges(low: i64, high: i64) -> Vec<i64> {
    let (low, high) = (i128::from(low), i128::from(high));
    let powers = (0..19).map(|e| 10_i128.pow(e));
    let widths = powers.flat_map(|p| [p, 2 * p, 5 * p]);
    let mut few = widths.filter(|width| high / width - low / width < LINEAR);
    let width = few.next().unwrap_or(high);
    let edges = (low / width..=high / width + 1).map(|at| (at * width).max(1));
    edges
        .map(|edge| i64::try_from(edge).unwrap_or(i64::MAX))
        .collect()
}

/// The first days of the months around two times (microseconds since 1970, in the years 1 to
/// 9999), and how many months of the calendar come before them.
pub fn month_edges(low: i64, high: i64) -> (usize, Vec<i64>) {
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
    use proptest::prelude::*;

    #[test]
    fn edges_are_round() {
        assert_eq!(log_edges(2, 29), (0, vec![1, 3, 10, 30]));
        assert_eq!(
            linear_edges(3, 90),
            (0..=19).map(|n| (n * 5).max(1)).collect::<Vec<_>>()
        );
        assert_eq!(linear_edges(7, 7), [7, 8]);
        assert_eq!(log_edges_of(1, 1_000, 3), [1, 10, 100, 1_000]);
        assert_eq!(linear_edges_of(10, 50, 4), [10, 20, 30, 40, 50]);
        // There are no more numbers than these.
        assert_eq!(linear_edges_of(1, 3, 9), [1, 2, 3, 4]);
        assert_eq!(log_edges_of(5, 5, 2), [5, 6]);
        assert_eq!(log_edges_of(i64::MAX, i64::MAX, 2), [i64::MAX; 2]);
    }

    proptest! {
        #[test]
        fn edges_ascend_around_all_values(a in 1..=i64::MAX, b in prop_oneof![1..2_000_i64, 1..=i64::MAX], bins in 1..90_usize) {
            let (low, high) = (a.min(b), a.max(b));
            let all = [log_edges(low, high).1, log_edges_of(low, high, bins), linear_edges(low, high), linear_edges_of(low, high, bins)];
            for edges in &all {
                prop_assert!(edges.is_sorted_by(|a, b| a < b) || low == high || high == i64::MAX, "{edges:?}");
                prop_assert!(edges.len() > 1 && edges[0] <= low && high <= edges[edges.len() - 1], "{edges:?}");
            }
            if usize::try_from(high - low).is_ok_and(|span| span >= bins) {
                prop_assert_eq!(all[3].len(), bins + 1);
            }
            prop_assert!(all[1].len() <= bins + 1 && all[2].len() <= 21);
        }
    }
}
