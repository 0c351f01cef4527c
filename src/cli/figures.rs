//! Figures as JSON and as people read them, alike in `hist` and `stats`. Unknown is null, never 0.

use serde::Serialize;
use serde_json::Value;

use crate::engine::data::field::{Field, Kind};
use crate::engine::stats::values::Quantiles;
use crate::format;

/// A whole number without a point, any other as it is.
pub fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and not large")]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

/// A value of a field: a count, or a time in RFC 3339.
pub fn value(field: Field, value: i64) -> Value {
    match field.info().kind {
        Kind::Time => Value::from(format::rfc3339(value)),
        _ => Value::from(value),
    }
}

/// A value of a field in few characters: `8.77B`, `2025-10-11`.
pub fn in_short(field: Field, value: i64) -> String {
    match field.info().kind {
        Kind::Time => format::day(value),
        _ => format::short(value),
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
    /// Those of a field; times to the microsecond.
    pub fn new(field: Field, quantiles: Option<&Quantiles>) -> QuantilesJson {
        let between = |of: fn(&Quantiles) -> f64| {
            let found = quantiles.map(of);
            found.map_or(Value::Null, |found| match field.info().kind {
                Kind::Time => value(field, rounded(found)),
                _ => number(found),
            })
        };
        let end = |of: fn(&Quantiles) -> i64| {
            let found = quantiles.map(of);
            found.map_or(Value::Null, |found| value(field, found))
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

/// The five numbers with their names, rounded to whole ones.
pub fn quantiles(quantiles: &Quantiles) -> [(&'static str, i64); 5] {
    [
        ("smallest", quantiles.min),
        ("25 %", rounded(quantiles.p25)),
        ("median", rounded(quantiles.p50)),
        ("75 %", rounded(quantiles.p75)),
        ("largest", quantiles.max),
    ]
}

/// The nearest whole number.
pub fn rounded(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "between two of 64 bits")]
    let whole = value.round() as i64;
    whole
}

/// Text between the tags of SVG.
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
