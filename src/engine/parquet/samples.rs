//! What a column of a file looks like: a few of its values, as text.

use anyhow::Result;
use polars::prelude::*;

use crate::engine::parquet::files::Parquet;
use crate::engine::table::clean::clean;

/// So many rows are looked at of each stretch that is read together.
const ROWS: usize = 1_000;

/// The first few different values of a column, near the beginning of the file and of its other
/// stretches; none where there are none, or where the column is of a type that cannot be read. Texts
/// are cleaned; of a record only the members that it has are told.
///
/// # Errors
/// When the file turns out to be damaged.
pub fn samples(files: &Parquet, column: &str, few: usize) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for mut batch in files.batches() {
        batch.len = batch.len.min(ROWS);
        let frame = files.read(batch, &[column])?;
        let Ok(values) = frame.column(column) else {
            continue;
        };
        for row in 0..values.len() {
            let Some(value) = told(&values.get(row)?).filter(|value| !found.contains(value)) else {
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

/// A value in words; nothing where there is none, or only an empty text or list.
fn told(value: &AnyValue) -> Option<String> {
    let text = match value {
        AnyValue::Null => return None,
        AnyValue::String(text) => clean(text).into_owned(),
        AnyValue::StringOwned(text) => clean(text).into_owned(),
        AnyValue::List(values) => {
            let told: Vec<String> = values.iter().filter_map(|value| told(&value)).collect();
            told.join(", ")
        }
        AnyValue::Struct(..) => return told(&value.clone().into_static()),
        AnyValue::StructOwned(record) => {
            let (values, fields) = record.as_ref();
            let members = fields.iter().zip(values);
            let members = members.filter_map(|(field, value)| {
                Some(format!("{}: {}", clean(field.name()), told(value)?))
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
