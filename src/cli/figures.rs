//! Figures as JSON, alike in `hist` and `stats`. Unknown is null, never 0.

use serde::Serialize;
use serde_json::Value;

use crate::engine::stats::distribution::Quantiles;
use crate::engine::table::field::{Field, Kind};
use crate::present::figures::{rounded, share};
use crate::present::format;

/// A whole number without a point, any other as it is.
pub fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and not large")]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

/// A value of a field: a count, a share (0.1 for a tenth), or a time in RFC 3339.
pub fn value(field: Field, value: i64) -> Value {
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
    /// Those of a field; times to the microsecond.
    pub fn new(field: Field, quantiles: Option<&Quantiles>) -> QuantilesJson {
        let between = |of: fn(&Quantiles) -> f64| {
            let found = quantiles.map(of);
            found.map_or(Value::Null, |found| match field.info().kind {
                Kind::Time => value(field, rounded(found)),
                Kind::Share => Value::from(found * share(1)),
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

/// Text between the tags of SVG.
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
