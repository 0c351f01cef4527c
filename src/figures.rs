//! Figures as people read them, alike in commands and explorer.

use crate::engine::data::field::{Field, Kind};
use crate::engine::data::memory;
use crate::engine::data::models::Models;
use crate::engine::lineage::doubt::Doubt;
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

/// Why a parameter count is suspect.
pub fn doubt(models: &Models, doubt: &Doubt) -> String {
    match doubt {
        Doubt::Absurd => "no model has so many, or none".to_owned(),
        Doubt::Name(word) => format!("the name says {word}"),
        Doubt::Base(base, params) => {
            format!(
                "its base {} has {}",
                models.id(*base),
                format::short(*params)
            )
        }
    }
}

/// What the weights take in each width: `17.5 GB at 16 bits, 8.77 GB at 8, 4.38 GB at 4`, in GB of
/// 10⁹ bytes.
pub fn memory(params: i64) -> String {
    let of = |bits: u32| format!("{} at {bits}", format::bytes(memory::bytes(params, bits)));
    let [most, rest @ ..] = memory::WIDTHS.map(of);
    format!("{most} bits, {}", rest.join(", "))
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
