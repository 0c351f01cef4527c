//! Figures as people read them, alike in commands and explorer.

use crate::engine::data::field::{Field, Kind};
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Bin, Histogram};
use crate::engine::stats::values::Quantiles;
use crate::format;

/// A value of a field in few characters: `8.77B`, `2025-10-11`.
pub fn in_short(field: Field, value: i64) -> String {
    match field.info().kind {
        Kind::Time => format::day(value),
        _ => format::short(value),
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

/// The range of a bin in words.
pub fn range(histogram: &Histogram, bin: &Bin) -> String {
    let field = histogram.field;
    let both = |from: String, to: String| match from == to {
        true => from,
        false => format!("{from}–{to}"),
    };
    match histogram.scale {
        // The end is the first day of the next month: the day before names the last one.
        Scale::Calendar => both(format::month(bin.from), format::month(bin.to - 1)),
        _ if bin.to - bin.from == 1 => in_short(field, bin.from),
        _ => both(in_short(field, bin.from), in_short(field, bin.to)),
    }
}
