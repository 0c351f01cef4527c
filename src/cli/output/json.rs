//! Answers as JSON, and JSON as rows. Unknown is null, never 0.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::engine::source::Source;
use crate::engine::stats::distribution::Quantiles;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::BILLION;
use crate::present::figures::{rounded, share};
use crate::present::format;

/// An answer with its source.
#[derive(Serialize)]
struct Sourced<'a, A> {
    #[serde(flatten)]
    answer: &'a A,
    source: String,
    synthetic: bool,
}

impl<'a, A> Sourced<'a, A> {
    fn new(answer: &'a A, source: &Source) -> Sourced<'a, A> {
        Sourced {
            answer,
            source: source.name(),
            synthetic: *source == Source::Sample,
        }
    }
}

/// Prints an answer with its source: `source` and `synthetic`.
///
/// # Errors
/// When it cannot be written.
pub fn write_sourced(answer: &impl Serialize, source: &Source, out: &mut dyn Write) -> Result<()> {
    write(&Sourced::new(answer, source), out)
}

/// The same on one line: the indentation of deep nesting takes more room than all values.
///
/// # Errors
/// When it cannot be written.
pub fn write_compact(answer: &impl Serialize, source: &Source, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer(&mut *out, &Sourced::new(answer, source))?;
    Ok(writeln!(out)?)
}

/// Prints an answer that has no source, or states it itself.
///
/// # Errors
/// When it cannot be written.
pub fn write(answer: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, answer)?;
    Ok(writeln!(out)?)
}

/// Returns the members of an answer.
///
/// # Errors
/// When it cannot be JSON.
pub fn members(answer: &impl Serialize) -> Result<Map<String, Value>> {
    Ok(match serde_json::to_value(answer)? {
        Value::Object(members) => members,
        _ => Map::new(),
    })
}

/// Returns some members of an answer as cells of plain text.
///
/// # Errors
/// When it cannot be JSON.
pub fn cells(answer: &impl Serialize, names: &[&str]) -> Result<Vec<String>> {
    let members = members(answer)?;
    let cell = |name: &&str| members.get(*name).map_or(String::new(), text);
    Ok(names.iter().map(cell).collect())
}

/// Returns a value as plain text: unknown is empty, the items of lists and the pairs of objects are
/// separated by blanks, and of a model there is the id.
pub fn text(value: &Value) -> String {
    joined(value, " ")
}

/// The same with another separator.
pub fn joined(value: &Value, separator: &str) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(fraction)) => fraction.to_string(),
            _ => number.to_string(),
        },
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| text(item.get("id").unwrap_or(item)));
            items.collect::<Vec<_>>().join(separator)
        }
        Value::Object(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{name}={}", text(value)));
            pairs.collect::<Vec<_>>().join(separator)
        }
        Value::Bool(flag) => flag.to_string(),
    }
}

/// Returns a number, without a point if it is whole.
pub fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and not large")]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

/// Returns a value of a field: a count, a share (0.1 for a tenth), or a time in RFC 3339.
pub fn field_value(field: Field, value: i64) -> Value {
    match field.info().kind {
        Kind::Time => Value::from(format::rfc3339(value)),
        Kind::Share => Value::from(share(value)),
        _ => Value::from(value),
    }
}

/// The smallest value, the quartiles and the largest.
#[derive(Serialize)]
pub struct QuantilesJson {
    min: Value,
    p25: Value,
    p50: Value,
    p75: Value,
    max: Value,
}

impl QuantilesJson {
    /// Returns those of a field; times to the microsecond.
    pub fn new(field: Field, quantiles: Option<&Quantiles>) -> QuantilesJson {
        #[expect(
            clippy::cast_precision_loss,
            reason = "compared with a number of this precision"
        )]
        let between = |of: fn(&Quantiles) -> f64| {
            quantiles.map_or(Value::Null, |quantiles| match of(quantiles) {
                // Rounding to 53 bits must not pass the ends.
                found if found <= quantiles.min as f64 => field_value(field, quantiles.min),
                found if found >= quantiles.max as f64 => field_value(field, quantiles.max),
                found => match field.info().kind {
                    Kind::Time => field_value(field, rounded(found)),
                    Kind::Share => Value::from(found / BILLION as f64),
                    _ => number(found),
                },
            })
        };
        let end = |of: fn(&Quantiles) -> i64| {
            let found = quantiles.map(of);
            found.map_or(Value::Null, |found| field_value(field, found))
        };
        QuantilesJson {
            min: end(|q| q.min),
            p25: between(|q| q.p25),
            p50: between(|q| q.p50),
            p75: between(|q| q.p75),
            max: end(|q| q.max),
        }
    }
}
