//! Spans of time, as people name them: `4w`, `90d`, `6m`, `2y`, or a first day.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};

/// The beginning of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This many days before the end.
    Days(u32),
    /// This many months before the end.
    Months(u32),
    Day(NaiveDate),
}

impl Since {
    /// Returns the first day of a span that ends on a day.
    pub fn before(self, end: NaiveDate) -> NaiveDate {
        match self {
            Since::Days(days) => end.checked_sub_days(Days::new(days.into())).unwrap_or(end),
            Since::Months(months) => end.checked_sub_months(Months::new(months)).unwrap_or(end),
            Since::Day(day) => day,
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Since, String> {
        let wrong = || {
            format!(
                "{text}: not a span such as 4w, 90d, 6m or 2y, nor a day such as 2026-05 or 2026-05-04"
            )
        };
        if let Ok(day) = text.parse().or_else(|_| format!("{text}-01").parse()) {
            return Ok(Since::Day(day));
        }
        let unit = text.chars().last().ok_or_else(wrong)?;
        let number = text
            .strip_suffix(unit)
            .and_then(|number| number.parse().ok());
        let number: u32 = number
            .filter(|number| *number <= 100_000)
            .ok_or_else(wrong)?;
        match unit {
            'd' => Ok(Since::Days(number)),
            'w' => Ok(Since::Days(7 * number)),
            'm' => Ok(Since::Months(number)),
            'y' => Ok(Since::Months(12 * number)),
            _ => Err(wrong()),
        }
    }
}

/// A distance between points of a curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// All points.
    #[default]
    Day,
    Week,
    Month,
}

impl Every {
    pub const ALL: [Every; 3] = [Every::Day, Every::Week, Every::Month];

    /// Returns the last item of each period, of items in the order of their days.
    pub fn thinned<T>(self, items: Vec<T>, of: impl Fn(&T) -> NaiveDate) -> Vec<T> {
        let period = |day: NaiveDate| match self {
            Every::Day => (day.year(), day.ordinal()),
            Every::Week => (day.iso_week().year(), day.iso_week().week()),
            Every::Month => (day.year(), day.month()),
        };
        let mut thinned: Vec<T> = Vec::with_capacity(items.len());
        for item in items {
            thinned.pop_if(|last| period(of(last)) == period(of(&item)));
            thinned.push(item);
        }
        thinned
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Every::Day => "day",
            Every::Week => "week",
            Every::Month => "month",
        })
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Every, String> {
        let mut all = Every::ALL.into_iter();
        all.find(|every| every.to_string() == text)
            .ok_or_else(|| "one of day, week, month".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn spans_end_on_a_day() {
        let end = day("2026-03-31");
        for (text, first) in [
            ("4w", "2026-03-03"),
            ("90d", "2025-12-31"),
            ("1m", "2026-02-28"),
            ("2y", "2024-03-31"),
            ("2025-06", "2025-06-01"),
            ("2025-06-07", "2025-06-07"),
        ] {
            assert_eq!(
                text.parse::<Since>().unwrap().before(end),
                day(first),
                "{text}"
            );
        }
        for bad in ["", "w", "4", "4x", "-4w", "4.5w", "2025-13", "99999999999w"] {
            assert!(bad.parse::<Since>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_point_of_each_period_stays() {
        let days = [
            "2025-12-29",
            "2025-12-31",
            "2026-01-02",
            "2026-01-05",
            "2026-01-31",
        ];
        let thinned = |every: Every| every.thinned(days.to_vec(), |text| day(text));
        assert_eq!(thinned(Every::Day), days);
        // The first three are of the first week of 2026.
        assert_eq!(
            thinned(Every::Week),
            ["2026-01-02", "2026-01-05", "2026-01-31"]
        );
        assert_eq!(thinned(Every::Month), ["2025-12-31", "2026-01-31"]);
    }
}
