//! A few values of a column, as text.

use anyhow::Result;
use chrono::DateTime;
use polars::prelude::*;

use super::files::{Files, WIDE_ROWS};
use crate::engine::table::clean::{clean, clean_bytes};

/// Number of rows that are looked at in each batch.
const ROWS: usize = 1_000;

/// Returns the first few distinct values of a column, near the beginning of the file and of its other
/// batches; none where the column is of a type that cannot be read. Texts are cleaned, and of a struct
/// only the members that it has are listed.
///
/// # Errors
/// When the file turns out to be damaged.
pub fn samples(files: &Files, column: &str, few: usize) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for mut batch in files.batches(WIDE_ROWS) {
        batch.len = batch.len.min(ROWS);
        let Some(values) = files.series(batch, column)? else {
            continue;
        };
        for row in 0..values.len() {
            let Some(value) = written(&values.get(row)?).filter(|value| !found.contains(value))
            else {
                continue;
            };
            found.push(value);
            if found.len() == few {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Returns the first few distinct values of a leaf of a nested column, near the beginning of each batch;
/// none where they cannot be read.
///
/// # Errors
/// When the file turns out to be damaged.
pub fn leaf_samples(files: &Files, path: &[String], few: usize) -> Result<Vec<String>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut found: Vec<String> = Vec::new();
    for mut batch in files.batches(WIDE_ROWS) {
        batch.len = batch.len.min(ROWS);
        let Some(leaf) = files.leaf(batch, &path, &[])? else {
            continue;
        };
        for value in leaf
            .texts()
            .iter()
            .flatten()
            .filter(|value| !value.is_empty())
        {
            let value = clean_bytes(value);
            let value = String::from_utf8_lossy(&value).into_owned();
            if !found.contains(&value) {
                found.push(value);
            }
            if found.len() == few {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Returns a time as text, in UTC if it has a zone. Polars formats zoned times only with a database of
/// zones, and panics without it.
fn written_time(time: i64, unit: TimeUnit, is_zoned: bool) -> String {
    let time = match unit {
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(time),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(time),
        TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(time)),
    };
    let zone = if is_zoned { " UTC" } else { "" };
    time.map_or_else(String::new, |time| format!("{}{zone}", time.naive_utc()))
}

/// Returns a value as text; `None` where there is none, or only an empty text or list.
fn written(value: &AnyValue) -> Option<String> {
    let text = match value {
        AnyValue::Null => return None,
        AnyValue::String(text) => clean(text).into_owned(),
        AnyValue::StringOwned(text) => clean(text).into_owned(),
        AnyValue::List(values) => {
            let written: Vec<String> = values.iter().filter_map(|value| written(&value)).collect();
            written.join(", ")
        }
        AnyValue::Struct(..) => return written(&value.clone().into_static()),
        AnyValue::StructOwned(record) => {
            let (values, fields) = record.as_ref();
            let members = fields.iter().zip(values);
            let members = members.filter_map(|(field, value)| {
                Some(format!("{}: {}", clean(field.name()), written(value)?))
            });
            let members: Vec<String> = members.collect();
            match members.is_empty() {
                true => String::new(),
                false => format!("{{{}}}", members.join(", ")),
            }
        }
        AnyValue::Datetime(time, unit, zone) => written_time(*time, *unit, zone.is_some()),
        AnyValue::DatetimeOwned(time, unit, zone) => written_time(*time, *unit, zone.is_some()),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoned_times_of_every_unit_are_in_utc() {
        let noon = 1_735_732_800;
        let zone = TimeZone::UTC;
        for (time, unit) in [
            (noon * 1_000, TimeUnit::Milliseconds),
            (noon * 1_000_000, TimeUnit::Microseconds),
            (noon * 1_000_000_000, TimeUnit::Nanoseconds),
        ] {
            let zoned = AnyValue::Datetime(time, unit, Some(&zone));
            assert_eq!(written(&zoned).unwrap(), "2025-01-01 12:00:00 UTC");
            let naive = AnyValue::Datetime(time, unit, None);
            assert_eq!(written(&naive).unwrap(), "2025-01-01 12:00:00");
        }
        let beyond = AnyValue::Datetime(i64::MAX, TimeUnit::Milliseconds, Some(&zone));
        assert_eq!(written(&beyond), None);
    }
}
