//! Ranges of numbers, shares and times, as typed in filters. A number alone is the range that rounds
//! to it (`8B`: 7.5 to 8.5 billion), but for 0, which is itself; as the end of a range it is exact. A year or month is the range
//! of its days in both places.

use std::fmt;
use std::ops::Range;

use chrono::{Days, Months, NaiveDate, NaiveTime};

use crate::engine::query::keys::ValueType;

/// The scale of counts: they are compared in billionths, so that shares are integers too.
pub const NANO: i128 = 1_000_000_000;

/// A range of numbers or times, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRange {
    text: String,
    values: Range<i128>,
    origin: Origin,
}

/// The time that times are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// 1970; counts and shares have no other.
    Epoch,
    /// The newest change in the data: an age is that of the model when the snapshot was taken.
    Newest,
    /// The start of that day, UTC.
    NewestDay,
}

/// Microseconds of a day.
const DAY: i128 = 86_400_000_000;

/// One number or time. Counts and shares are in billionths, times in microseconds since 1970 UTC.
struct Bound {
    /// The values that round to it.
    rounded: Range<i128>,
    /// The values that are neither below nor above it.
    exact: Range<i128>,
}

impl ValueRange {
    /// Parses a range: `7B..15B`, `7B..`, `..15B`, `>70B`, `<=8`, `8B`.
    ///
    /// # Errors
    /// Returns the reason, in words for the user who typed it.
    pub fn parse(text: &str, value_type: ValueType) -> Result<ValueRange, String> {
        if let Some((values, origin)) = relative(text).filter(|_| value_type == ValueType::Time) {
            return Ok(ValueRange {
                origin,
                ..ValueRange::new(text, values)
            });
        }
        let bound = |text: &str| Bound::parse(text, value_type);
        if let Some((from, to)) = text.split_once("..") {
            let end = |text: &str| (!text.is_empty()).then(|| bound(text)).transpose();
            let (start, end) = (end(from)?, end(to)?);
            if start.is_none() && end.is_none() {
                return Err("a range needs an end, such as `7B..15B`".to_owned());
            }
            let start = start.map_or(i128::MIN, |b| b.exact.start);
            let values = start..end.map_or(i128::MAX, |b| b.exact.end);
            return match values.is_empty() {
                true => Err(format!("nothing lies between {from} and {to}")),
                false => Ok(ValueRange::new(text, values)),
            };
        }
        type Values = fn(Bound) -> Range<i128>;
        let operators: [(&str, Values); 4] = [
            (">=", |b| b.exact.start..i128::MAX),
            ("<=", |b| i128::MIN..b.exact.end),
            (">", |b| b.exact.end..i128::MAX),
            ("<", |b| i128::MIN..b.exact.start),
        ];
        for (operator, values) in operators {
            if let Some(rest) = text.strip_prefix(operator) {
                return Ok(ValueRange::new(text, values(bound(rest)?)));
            }
        }
        let text = text.strip_prefix('=').unwrap_or(text);
        Ok(ValueRange::new(text, bound(text)?.rounded))
    }

    fn new(text: &str, values: Range<i128>) -> ValueRange {
        ValueRange {
            text: text.to_owned(),
            values,
            origin: Origin::Epoch,
        }
    }

    /// Returns the values: counts and shares in billionths, times in microseconds since 1970 UTC. Ages
    /// are counted back from `newest`, the newest change in the data; none where that is unknown.
    pub fn values_at(&self, newest: Option<i64>) -> Range<i128> {
        let newest = newest.map(i128::from);
        let origin = match self.origin {
            Origin::Epoch => Some(0),
            Origin::Newest => newest,
            Origin::NewestDay => newest.map(|newest| newest.div_euclid(DAY) * DAY),
        };
        let Some(origin) = origin else {
            return 0..0;
        };
        let from_origin = |time: i128| match time {
            i128::MIN | i128::MAX => time,
            time => time + origin,
        };
        from_origin(self.values.start)..from_origin(self.values.end)
    }
}

impl fmt::Display for ValueRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Bound {
    fn parse(text: &str, value_type: ValueType) -> Result<Bound, String> {
        if value_type != ValueType::Time {
            return Bound::of_number(text, value_type);
        }
        let days = days(text);
        let days = days.ok_or_else(|| {
            format!("`{text}` is not a date, such as 2025, 2025-06 or 2025-06-30, nor an age, such as 30d, 6mo or 2y")
        })?;
        Ok(Bound {
            rounded: days.clone(),
            exact: days,
        })
    }

    /// Parses `12`, `1.5M`, `10%` and, for types that may be negative, `-5K`.
    fn of_number(text: &str, value_type: ValueType) -> Result<Bound, String> {
        let malformed = || match value_type {
            ValueType::Share => format!("`{text}` is not a share, such as 10% or 0.1"),
            ValueType::Growth => format!("`{text}` is not a share, such as 50%, -10% or 0.5"),
            ValueType::Change => format!("`{text}` is not a number, such as 300, -1.5K or 7M"),
            _ => format!("`{text}` is not a number, such as 300, 1.5M or 7B"),
        };
        let is_signed = matches!(value_type, ValueType::Change | ValueType::Growth);
        let is_negative = is_signed && text.starts_with('-');
        let unsigned = text.strip_prefix(['+', '-']).filter(|_| is_signed);
        let (whole, decimals, unit) =
            split_number(unsigned.unwrap_or(text)).ok_or_else(malformed)?;
        let power: i32 = match (unit, value_type) {
            ("", _) => 0,
            ("%", ValueType::Share | ValueType::Growth) => -2,
            (_, ValueType::Share | ValueType::Growth) => return Err(malformed()),
            ("k" | "K", _) => 3,
            ("m" | "M", _) => 6,
            ("b" | "B" | "g" | "G", _) => 9,
            ("t" | "T", _) => 12,
            ("q" | "Q", _) => 15,
            _ => return Err(malformed()),
        };
        let mantissa: i128 = format!("{whole}{decimals}")
            .parse()
            .map_err(|_| malformed())?;
        let places = i32::try_from(decimals.len()).map_err(|_| malformed())?;
        let scale = u32::try_from(9 + power - places)
            .map_err(|_| format!("`{text}` has too many digits after the point"))?;
        let step = 10_i128.checked_pow(scale).ok_or_else(malformed)?;
        let value = mantissa.checked_mul(step).ok_or_else(malformed)?;
        if value > i128::from(i64::MAX) * NANO {
            return Err(format!("`{text}` is more than any model can have"));
        }
        // Half a step to both sides; the smallest step has no half, and nothing rounds to none.
        let half = if value == 0 { 0 } else { step / 2 };
        let (rounded, exact) = (value - half..value + half.max(1), value..value + 1);
        let signed = |values: Range<i128>| match is_negative {
            true => 1 - values.end..1 - values.start,
            false => values,
        };
        Ok(Bound {
            rounded: signed(rounded),
            exact: signed(exact),
        })
    }
}

/// Splits a number into the digits before the point, those after it, and the unit that follows.
/// `None` if a side of the point has no digits.
pub fn split_number(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let is_number = !whole.is_empty() && decimals.is_none_or(|d| !d.is_empty() && !d.contains('.'));
    is_number.then_some((whole, decimals.unwrap_or_default(), unit))
}

/// Parses times that are counted from the newest change in the data.
fn relative(text: &str) -> Option<(Range<i128>, Origin)> {
    match text {
        "today" => Some((0..DAY, Origin::NewestDay)),
        "yesterday" => Some((-DAY..0, Origin::NewestDay)),
        _ => Some((age_range(text)?, Origin::Newest)),
    }
}

/// Parses a range of ages, `<30d`, `>=1y`, `1w..6mo` or `30d`, the last thirty days, into times counted from
/// the newest. Ages count back what times count on.
fn age_range(text: &str) -> Option<Range<i128>> {
    if let Some((from, to)) = text.split_once("..") {
        let end = |text: &str| match text {
            "" => Some(None),
            text => age(text).map(Some),
        };
        let (young, old) = (end(from)?, end(to)?);
        let times = old.map_or(i128::MIN, |old| -old)..young.map_or(i128::MAX, |young| 1 - young);
        let is_bounded = young.is_some() || old.is_some();
        return (is_bounded && !times.is_empty()).then_some(times);
    }
    let age = age(text.trim_start_matches(['<', '>']).trim_start_matches('='))?;
    match text.starts_with('>') {
        true => Some(i128::MIN..-age),
        false => Some(-age..i128::MAX),
    }
}

/// Parses a number of days, weeks, months of 30 days or years of 365, in microseconds.
fn age(text: &str) -> Option<i128> {
    let (number, decimals, unit) = split_number(text)?;
    let number: u32 = number.parse().ok().filter(|_| decimals.is_empty())?;
    let days = match unit {
        "d" => 1,
        "w" => 7,
        "mo" => 30,
        "y" => 365,
        _ => return None,
    };
    Some(i128::from(number) * days * DAY)
}

/// Parses `2025`, `2025-06` or `2025-06-30` into the microseconds of these days.
fn days(text: &str) -> Option<Range<i128>> {
    let number = |part: &str| {
        let is_plain = part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| is_plain)
    };
    let parts: Vec<u32> = text.split('-').map(number).collect::<Option<_>>()?;
    let has_four_digits = text.find('-').unwrap_or(text.len()) == 4;
    let year = i32::try_from(parts[0]).ok();
    let year = year.filter(|year| has_four_digits && (1..=9_998).contains(year))?;
    let part = |at: usize| parts.get(at).copied().unwrap_or(1);
    let first = NaiveDate::from_ymd_opt(year, part(1), part(2))?;
    let after = match parts.len() {
        1 => first.checked_add_months(Months::new(12)),
        2 => first.checked_add_months(Months::new(1)),
        3 => first.checked_add_days(Days::new(1)),
        _ => None,
    };
    let micros = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    Some(i128::from(micros(first))..i128::from(micros(after?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, value_type: ValueType) -> Range<i128> {
        ValueRange::parse(text, value_type).unwrap().values_at(None)
    }

    #[test]
    fn numbers_round_alone_and_are_exact_as_ends() {
        let counts = |text: &str| values(text, ValueType::Count);
        let billion = NANO * NANO;
        assert_eq!(counts("8B"), billion * 15 / 2..billion * 17 / 2);
        assert_eq!(counts("7.6b"), billion * 755 / 100..billion * 765 / 100);
        assert_eq!(counts("7B..15B"), billion * 7..billion * 15 + 1);
        assert_eq!(counts(">1K").start, 1_000 * NANO + 1);
        assert_eq!(counts(">=1K").start, 1_000 * NANO);
        assert_eq!(counts("<1K").end, 1_000 * NANO);
        assert_eq!(counts("..1K"), i128::MIN..1_000 * NANO + 1);
        assert_eq!(counts("0"), 0..1);
        assert_eq!(values("0%", ValueType::Share), 0..1);
        assert_eq!(values(">10%", ValueType::Share).start, NANO / 10 + 1);
        assert_eq!(values("0.1", ValueType::Share), NANO / 20..NANO * 3 / 20);
    }

    #[test]
    fn changes_may_be_negative() {
        let of = |text: &str| values(text, ValueType::Change);
        let thousand = 1_000 * NANO;
        assert_eq!(of("-5K..-1K"), -5 * thousand..1 - thousand);
        assert_eq!(of("<-1K").end, -thousand);
        assert_eq!(of(">-1K").start, 1 - thousand);
        assert_eq!(of("<=-1K").end, 1 - thousand);
        assert_eq!(of(">=+2K").start, 2 * thousand);
        // The mirror of 4.5K and up to 5.5K.
        assert_eq!(of("-5K"), 1 - thousand * 11 / 2..1 - thousand * 9 / 2);
        assert_eq!(of("<0"), i128::MIN..0);
        assert_eq!(values("<-50%", ValueType::Growth).end, -NANO / 2);
        let growth = values("-0.1", ValueType::Growth);
        assert_eq!(growth.start, 1 - NANO * 3 / 20);
    }

    #[test]
    fn a_year_is_all_its_days() {
        // 2025-01-01 is day 20,089 since 1970.
        let of = |text: &str| values(text, ValueType::Time);
        assert_eq!(of("2025"), 20_089 * DAY..20_454 * DAY);
        assert_eq!(of(">2025").start, 20_454 * DAY);
        assert_eq!(of("<2025").end, 20_089 * DAY);
        assert_eq!(of("2025-01..2025-02"), 20_089 * DAY..20_148 * DAY);
        assert_eq!(of("2025-01-31"), 20_119 * DAY..20_120 * DAY);
    }

    #[test]
    fn ages_count_back_from_the_newest() {
        // Noon of day 20,178 since 1970.
        let noon = 20_178 * DAY + DAY / 2;
        let newest = i64::try_from(noon).ok();
        let of = |text| {
            ValueRange::parse(text, ValueType::Time)
                .unwrap()
                .values_at(newest)
        };
        assert_eq!(of("<30d"), noon - 30 * DAY..i128::MAX);
        assert_eq!(of("30d"), of("<=30d"));
        assert_eq!(of(">2w"), i128::MIN..noon - 14 * DAY);
        assert_eq!(of("1d..1y"), noon - 365 * DAY..noon - DAY + 1);
        assert_eq!(of("..6mo"), noon - 180 * DAY..i128::MAX);
        assert_eq!(of("today"), 20_178 * DAY..20_179 * DAY);
        assert_eq!(of("yesterday"), 20_177 * DAY..20_178 * DAY);
        assert_eq!(of("2025-01-01"), 20_089 * DAY..20_090 * DAY);
        for other in ["30", "1.5d", "d", "..", "<", "30h", "1y..1d"] {
            assert_eq!(age_range(other), None, "{other}");
        }
        let unknown = ValueRange::parse("<30d", ValueType::Time).unwrap();
        assert!(unknown.values_at(None).is_empty());
    }

    #[test]
    fn malformed_ranges_are_errors() {
        let malformed = [
            (
                ValueType::Count,
                "|B|1.2.3|1.|.5|-3|7X|5%|1..2..3|..|9..3|99999999999Q|-5|+5",
            ),
            (ValueType::Change, "-1K..-5K|--5|-|+|5-|-5%"),
            (ValueType::Share, "-5|+5|0.00000001%|3B"),
            (
                ValueType::Time,
                "|20|2025-13|2025-02-30|2025-1-1-1|+2025|10000|2025..2024",
            ),
        ];
        for (value_type, texts) in malformed {
            for text in texts.split('|') {
                assert!(ValueRange::parse(text, value_type).is_err(), "{text}");
            }
        }
        assert!(ValueRange::parse("0.0000001%", ValueType::Share).is_ok());
    }
}
