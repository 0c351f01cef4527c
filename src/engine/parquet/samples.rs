//! A few values of a column, as text.

use anyhow::Result;
use polars::prelude::*;

use super::files::{Files, WIDE_ROWS};
use crate::engine::table::clean::clean;

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
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}
