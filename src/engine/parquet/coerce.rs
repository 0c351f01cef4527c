//! One source column, in whatever type its writer chose, to its canonical type. Files differ by
//! age and by writer: dictionary or plain strings, 32- or 64-bit counts, times as text or in any
//! unit. After this file they do not.

use std::borrow::Cow;

use anyhow::anyhow;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use polars::prelude::*;

use crate::engine::table::clean::{clean, is_clean};

/// Whether a column of this type holds text.
pub fn is_text(dtype: &DataType) -> bool {
    matches!(
        dtype,
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) | DataType::Binary
    )
}

/// Any column as plain strings. Text that a writer marked as JSON or not at all comes as bytes;
/// a value that is no text, such as a list, becomes unknown.
pub fn strings(column: &Series) -> PolarsResult<StringChunked> {
    if let Ok(bytes) = column.binary() {
        let texts = bytes.iter().map(|b| std::str::from_utf8(b?).ok());
        return Ok(texts.collect_ca(column.name().clone()));
    }
    Ok(scalars(column).cast(&DataType::String)?.str()?.clone())
}

/// The column, or nulls in place of lists and structs, which cannot be cast to anything here.
fn scalars(column: &Series) -> Cow<'_, Series> {
    match column.dtype().is_nested() {
        true => Cow::Owned(Series::full_null(
            column.name().clone(),
            column.len(),
            &DataType::String,
        )),
        false => Cow::Borrowed(column),
    }
}

/// Text of any string type, cleaned of control characters.
pub fn text(column: &Series) -> PolarsResult<StringChunked> {
    let strings = strings(column)?;
    if strings.iter().flatten().all(is_clean) {
        return Ok(strings);
    }
    Ok(strings
        .iter()
        .map(|s| s.map(clean))
        .collect_ca(strings.name().clone()))
}

/// The words of a column: each once, and which of them each row has.
#[derive(Default)]
pub struct Coded {
    pub names: Vec<String>,
    /// By row, the place in `names`, or [`Coded::UNKNOWN`].
    pub codes: Vec<u32>,
}

impl Coded {
    /// Of a row without a word.
    pub const UNKNOWN: u32 = u32::MAX;

    /// So many rows without a word.
    pub fn unknown(rows: usize) -> Coded {
        Coded {
            names: Vec::new(),
            codes: vec![Coded::UNKNOWN; rows],
        }
    }
}

/// Whole numbers of any width; a value that is none becomes unknown.
pub fn counts(column: &Series) -> PolarsResult<Int64Chunked> {
    Ok(scalars(column).cast(&DataType::Int64)?.i64()?.clone())
}

/// Numbers with a fraction.
pub fn scores(column: &Series) -> PolarsResult<Float64Chunked> {
    Ok(scalars(column).cast(&DataType::Float64)?.f64()?.clone())
}

/// Times in UTC, to the microsecond: from any unit, with a zone (which parquet keeps beside
/// values in UTC) or without, or from ISO 8601 text.
pub fn times(column: &Series) -> PolarsResult<Int64Chunked> {
    match column.dtype() {
        DataType::Datetime(unit, _) => {
            let values = column.to_physical_repr().i64()?.clone();
            Ok(match unit {
                TimeUnit::Nanoseconds => values.apply_values(|v| v.div_euclid(1_000)),
                TimeUnit::Microseconds => values,
                TimeUnit::Milliseconds => values.apply_values(|v| v.saturating_mul(1_000)),
            })
        }
        DataType::Date => {
            let days = column.to_physical_repr().cast(&DataType::Int64)?;
            Ok(days
                .i64()?
                .apply_values(|d| d.saturating_mul(86_400_000_000)))
        }
        _ => {
            let strings = strings(column)?;
            let parsed = strings.iter().map(|s| s.and_then(time_of_text));
            Ok(parsed.collect_ca(column.name().clone()))
        }
    }
}

/// Microseconds since 1970 of an ISO 8601 text; without a zone it is taken as UTC.
fn time_of_text(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// One line for a column whose values Polars refuses.
pub fn unusable(column: &str, error: &PolarsError) -> anyhow::Error {
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or_default();
    anyhow!("column {column} cannot be used ({reason}); name another file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_unit_and_text_agree() {
        let micros = 1_709_133_864_000_000_i64; // 2024-02-28T15:24:24Z
        let of = |values: i64, unit| {
            Int64Chunked::from_slice("t".into(), &[values])
                .into_datetime(unit, None)
                .into_series()
        };
        let columns = [
            of(micros / 1_000, TimeUnit::Milliseconds),
            of(micros, TimeUnit::Microseconds),
            of(micros * 1_000, TimeUnit::Nanoseconds),
            Series::new("t".into(), ["2024-02-28T15:24:24.000Z"]),
            Series::new("t".into(), ["2024-02-28T16:24:24+01:00"]),
            Series::new("t".into(), ["2024-02-28 15:24:24"]),
        ];
        for column in columns {
            assert_eq!(times(&column).unwrap().get(0), Some(micros), "{column:?}");
        }
        let odd = Series::new("t".into(), ["yesterday"]);
        assert_eq!(times(&odd).unwrap().get(0), None);
    }

    #[test]
    fn counts_of_any_width() {
        let small = Series::new("c".into(), [Some(3_i32), None]);
        assert_eq!(
            counts(&small).unwrap().iter().collect::<Vec<_>>(),
            [Some(3), None]
        );
        let written = Series::new("c".into(), ["12", "many"]);
        assert_eq!(
            counts(&written).unwrap().iter().collect::<Vec<_>>(),
            [Some(12), None]
        );
    }

    #[test]
    fn text_is_cleaned() {
        let ids = Series::new("id".into(), ["a/b", "c\x1b/d"]);
        let cleaned = text(&ids).unwrap();
        assert_eq!(cleaned.get(0), Some("a/b"));
        assert_eq!(cleaned.get(1), Some("c\u{FFFD}/d"));
    }
}
