//! Numbers, shares and times as they are typed in tests, and the ranges they make. A number stands
//! for what rounds to it (`8B`: 7.5 to 8.5 billion) where it is asked for alone, and for itself
//! where it is an end of a range; a year or month stands for all its days in both.

use std::fmt;
use std::ops::Range;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

use crate::engine::query::keys::Takes;

/// Counts and shares are compared in parts of a billion, so that shares are whole numbers too.
pub const NANO: i128 = 1_000_000_000;

/// One number or time, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    text: String,
    /// The values it stands for alone: counts and shares in [`NANO`], times in microseconds since
    /// 1970 UTC.
    about: Range<i128>,
    /// The values that are neither below nor above it.
    exactly: Range<i128>,
}

/// What a test on a number or a time lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    About(Limit),
    Above(Limit),
    AtLeast(Limit),
    Below(Limit),
    AtMost(Limit),
    /// Both ends count; at least one is there.
    Between(Option<Limit>, Option<Limit>),
}

impl Span {
    /// Reads a range: `7B..15B`, `7B..`, `..15B`, `>70B`, `<=8`, `8B`.
    ///
    /// # Errors
    /// With the reason, in words for the person who typed it.
    pub fn parse(text: &str, takes: Takes) -> Result<Span, String> {
        let limit = |text: &str| Limit::parse(text, takes);
        if let Some((from, to)) = text.split_once("..") {
            let end = |text: &str| match text {
                "" => Ok(None),
                text => limit(text).map(Some),
            };
            let span = Span::Between(end(from)?, end(to)?);
            return match &span {
                Span::Between(None, None) => {
                    Err("a range needs an end, such as `7B..15B`".to_owned())
                }
                _ if span.values().is_empty() => {
                    Err(format!("nothing lies between {from} and {to}"))
                }
                _ => Ok(span),
            };
        }
        type Form = fn(Limit) -> Span;
        let operators: [(&str, Form); 5] = [
            (">=", Span::AtLeast),
            ("<=", Span::AtMost),
            (">", Span::Above),
            ("<", Span::Below),
            ("=", Span::About),
        ];
        for (operator, span) in operators {
            if let Some(rest) = text.strip_prefix(operator) {
                return limit(rest).map(span);
            }
        }
        limit(text).map(Span::About)
    }

    /// The values it lets through, in the unit of its limits.
    pub fn values(&self) -> Range<i128> {
        match self {
            Span::About(l) => l.about.clone(),
            Span::Above(l) => l.exactly.end..i128::MAX,
            Span::AtLeast(l) => l.exactly.start..i128::MAX,
            Span::Below(l) => i128::MIN..l.exactly.start,
            Span::AtMost(l) => i128::MIN..l.exactly.end,
            Span::Between(from, to) => {
                let start = from.as_ref().map_or(i128::MIN, |l| l.exactly.start);
                start..to.as_ref().map_or(i128::MAX, |l| l.exactly.end)
            }
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::About(l) => write!(f, "{}", l.text),
            Span::Above(l) => write!(f, ">{}", l.text),
            Span::AtLeast(l) => write!(f, ">={}", l.text),
            Span::Below(l) => write!(f, "<{}", l.text),
            Span::AtMost(l) => write!(f, "<={}", l.text),
            Span::Between(from, to) => {
                let text = |l: &Option<Limit>| l.as_ref().map_or(String::new(), |l| l.text.clone());
                write!(f, "{}..{}", text(from), text(to))
            }
        }
    }
}

impl Limit {
    fn parse(text: &str, takes: Takes) -> Result<Limit, String> {
        match takes {
            Takes::Time => Limit::of_time(text),
            _ => Limit::of_number(text, takes),
        }
    }

    /// `12`, `1.5M`, `10%`, where it may be below 0 also `-5K`: digits, and a unit or a percent sign.
    fn of_number(text: &str, takes: Takes) -> Result<Limit, String> {
        let wrong = || match takes {
            Takes::Share => format!("`{text}` is not a share, such as 10% or 0.1"),
            Takes::Growth => format!("`{text}` is not a share, such as 50%, -10% or 0.5"),
            Takes::Change => format!("`{text}` is not a number, such as 300, -1.5K or 7M"),
            _ => format!("`{text}` is not a number, such as 300, 1.5M or 7B"),
        };
        let is_signed = matches!(takes, Takes::Change | Takes::Growth);
        let is_below_0 = is_signed && text.starts_with('-');
        let unsigned = text.strip_prefix(['+', '-']).filter(|_| is_signed);
        let unsigned = unsigned.unwrap_or(text);
        let digits_end = unsigned
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(unsigned.len());
        let (digits, unit) = unsigned.split_at(digits_end);
        let power: i32 = match (unit, takes) {
            ("", _) => 0,
            ("%", Takes::Share | Takes::Growth) => -2,
            (_, Takes::Share | Takes::Growth) => return Err(wrong()),
            ("k" | "K", _) => 3,
            ("m" | "M", _) => 6,
            ("b" | "B" | "g" | "G", _) => 9,
            ("t" | "T", _) => 12,
            ("q" | "Q", _) => 15,
            _ => return Err(wrong()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty()
            || fraction.contains('.')
            || (fraction.is_empty() && digits.contains('.'))
        {
            return Err(wrong());
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        // Both are short: the text of a query is.
        let places = i32::try_from(fraction.len()).map_err(|_| wrong())?;
        let scale = u32::try_from(9 + power - places)
            .map_err(|_| format!("`{text}` has too many digits after the point"))?;
        let step = 10_i128.checked_pow(scale).ok_or_else(wrong)?;
        let value = mantissa.checked_mul(step).ok_or_else(wrong)?;
        if value > i128::from(i64::MAX) * NANO {
            return Err(format!("`{text}` is more than any model can have"));
        }
        // Half a step to both sides; of the smallest step there is no half.
        let half = step / 2;
        let (about, exactly) = (value - half..value + half.max(1), value..value + 1);
        // Below 0 all is as above it, in a mirror.
        let placed = |values: Range<i128>| match is_below_0 {
            true => 1 - values.end..1 - values.start,
            false => values,
        };
        Ok(Limit {
            text: text.to_owned(),
            about: placed(about),
            exactly: placed(exactly),
        })
    }

    /// `2025`, `2025-06` or `2025-06-30`.
    fn of_time(text: &str) -> Result<Limit, String> {
        let wrong = || format!("`{text}` is not a date, such as 2025, 2025-06 or 2025-06-30");
        if text.find('-').unwrap_or(text.len()) != 4 {
            return Err(wrong());
        }
        let mut parts = Vec::new();
        for part in text.split('-') {
            let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            parts.push(
                part.parse::<u32>()
                    .ok()
                    .filter(|_| plain)
                    .ok_or_else(wrong)?,
            );
        }
        let day = |y: u32, m, d| {
            let year = i32::try_from(y).ok().filter(|y| (1..=9_998).contains(y))?;
            NaiveDate::from_ymd_opt(year, m, d)
        };
        let (first, after) = match parts.as_slice() {
            [y] => (
                day(*y, 1, 1),
                day(*y, 1, 1).and_then(|d| d.with_year(d.year() + 1)),
            ),
            [y, m] => (
                day(*y, *m, 1),
                day(*y, *m, 1).and_then(|d| d.checked_add_months(Months::new(1))),
            ),
            [y, m, d] => (
                day(*y, *m, *d),
                day(*y, *m, *d).and_then(|d| d.checked_add_days(Days::new(1))),
            ),
            _ => (None, None),
        };
        let micros =
            |day: NaiveDate| i128::from(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros());
        let (first, after) = first.zip(after).ok_or_else(wrong)?;
        let days = micros(first)..micros(after);
        Ok(Limit {
            text: text.to_owned(),
            about: days.clone(),
            exactly: days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (i128, i128) {
        let values = Span::parse(text, Takes::Count).unwrap().values();
        (values.start, values.end)
    }

    #[test]
    fn a_number_alone_is_what_rounds_to_it_and_as_an_end_itself() {
        let billion = NANO * NANO;
        assert_eq!(counts("8B"), (billion * 15 / 2, billion * 17 / 2));
        assert_eq!(counts("7.6b"), (billion * 755 / 100, billion * 765 / 100));
        assert_eq!(counts("7B..15B"), (billion * 7, billion * 15 + 1));
        assert_eq!(counts(">1K").0, 1_000 * NANO + 1);
        assert_eq!(counts(">=1K").0, 1_000 * NANO);
        assert_eq!(counts("<1K").1, 1_000 * NANO);
        assert_eq!(counts("..1K"), (i128::MIN, 1_000 * NANO + 1));
        assert_eq!(counts("0"), (-NANO / 2, NANO / 2));
        let share = Span::parse(">10%", Takes::Share).unwrap().values();
        assert_eq!(share.start, NANO / 10 + 1);
        let share = Span::parse("0.1", Takes::Share).unwrap().values();
        assert_eq!((share.start, share.end), (NANO / 20, NANO * 3 / 20));
    }

    #[test]
    fn what_changes_may_be_below_0() {
        let of = |text: &str| {
            let values = Span::parse(text, Takes::Change).unwrap().values();
            (values.start, values.end)
        };
        let thousand = 1_000 * NANO;
        assert_eq!(of("-5K..-1K"), (-5 * thousand, 1 - thousand));
        assert_eq!(of("<-1K").1, -thousand);
        assert_eq!(of(">-1K").0, 1 - thousand);
        assert_eq!(of("<=-1K").1, 1 - thousand);
        assert_eq!(of(">=+2K").0, 2 * thousand);
        // The mirror of 4.5K and up to 5.5K.
        assert_eq!(of("-5K"), (1 - thousand * 11 / 2, 1 - thousand * 9 / 2));
        assert_eq!(of("<0"), (i128::MIN, 0));
        let growth = |text: &str| Span::parse(text, Takes::Growth).unwrap().values();
        assert_eq!(growth("<-50%").end, -NANO / 2);
        assert_eq!(growth("-0.1").start, 1 - NANO * 3 / 20);
        for text in ["-1K..-5K", "--5", "-", "+", "5-", "-5%"] {
            assert!(Span::parse(text, Takes::Change).is_err(), "{text}");
        }
        for text in ["-5", "+5"] {
            assert!(Span::parse(text, Takes::Count).is_err(), "{text}");
            assert!(Span::parse(text, Takes::Share).is_err(), "{text}");
        }
    }

    #[test]
    fn a_year_is_all_its_days() {
        const DAY: i128 = 86_400_000_000;
        // 2025-01-01 is day 20,089 since 1970.
        let of = |text: &str| Span::parse(text, Takes::Time).unwrap().values();
        assert_eq!(of("2025"), 20_089 * DAY..20_454 * DAY);
        assert_eq!(of(">2025").start, 20_454 * DAY);
        assert_eq!(of("<2025").end, 20_089 * DAY);
        assert_eq!(of("2025-01..2025-02"), 20_089 * DAY..20_148 * DAY);
        assert_eq!(of("2025-01-31"), 20_119 * DAY..20_120 * DAY);
    }

    #[test]
    fn mistakes_are_told() {
        for text in [
            "",
            "B",
            "1.2.3",
            "1.",
            ".5",
            "-3",
            "7X",
            "5%",
            "1..2..3",
            "..",
            "9..3",
            "99999999999Q",
        ] {
            assert!(Span::parse(text, Takes::Count).is_err(), "{text}");
        }
        for text in [
            "",
            "20",
            "2025-13",
            "2025-02-30",
            "2025-1-1-1",
            "+2025",
            "10000",
            "2025..2024",
        ] {
            assert!(Span::parse(text, Takes::Time).is_err(), "{text}");
        }
        assert!(Span::parse("0.0000001%", Takes::Share).is_ok());
        assert!(Span::parse("0.00000001%", Takes::Share).is_err());
        assert!(Span::parse("3B", Takes::Share).is_err());
    }
}
