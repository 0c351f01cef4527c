//! Values of fields and statistics as text for people.

use crate::engine::lineage::suspect::SuspectReason;
use crate::engine::query::memory;
use crate::engine::stats::distribution::Quantiles;
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Bin, Histogram};
use crate::engine::table::comparison::{Comparison, SnapshotFault};
use crate::engine::table::dtype::{Unpacked, unpacked};
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::{BILLION, ModelId, Models};
use crate::present::format;
use crate::present::format::{MemoryUnit, known};

/// Returns a value of a field in few characters: `8.77B`, `2025-10-11`, `3%`, `+1.2K`.
pub fn in_short(field: Field, value: i64) -> String {
    match field.info().kind {
        Kind::Time => format::day(value),
        Kind::Bytes => format::bytes(value),
        _ if field == Field::Age => format::grouped(value),
        Kind::Share => percent_in_short(value),
        Kind::Change => format::signed(value, format::short(value)),
        Kind::Growth => growth_in_short(value),
        _ => format::short(value),
    }
}

/// Returns the value of a field of a model in few characters.
pub fn of_model(models: &Models, field: Field, model: ModelId) -> String {
    match field.info().kind {
        Kind::Word => known(models.word(field, model), str::to_owned),
        Kind::Score => known(models.score(field, model), |score| score.to_string()),
        _ => known(models.number(field, model), |value| in_short(field, value)),
    }
}

/// Returns the day of an older snapshot, or its name if the day is unknown.
pub fn snapshot(older: &Comparison) -> String {
    let title = || older.source.title();
    older.newest.map_or_else(title, format::day)
}

/// Returns a fault of a snapshot of the history as text.
pub fn history_fault(fault: &SnapshotFault) -> String {
    let number = |n: &usize| format::short(i64::try_from(*n).unwrap_or(i64::MAX));
    match fault {
        SnapshotFault::Partial { old, new } => {
            format!("partial: {} of {} models", number(new), number(old))
        }
        SnapshotFault::Frozen { same, of } => {
            format!(
                "frozen: {} of {} counts as before",
                number(same),
                number(of)
            )
        }
        SnapshotFault::RolledBack { fallen, of } => {
            format!(
                "rolled back: {} of {} all-time counts fell",
                number(fallen),
                number(of)
            )
        }
        SnapshotFault::NoDownloads => "no downloads".to_owned(),
    }
}

/// Returns a fault of one of two snapshots as text.
pub fn fault(fault: &SnapshotFault) -> String {
    let count = |number: &usize| format::count(*number);
    match fault {
        SnapshotFault::Partial { old, new } => format!(
            "the new snapshot looks partial: {} models, and the old one has {}; many of those that count as gone are not",
            count(new),
            count(old)
        ),
        SnapshotFault::Frozen { same, of } => format!(
            "the counters look frozen: {} of {} models have the same downloads in both snapshots",
            count(same),
            count(of)
        ),
        SnapshotFault::RolledBack { fallen, of } => format!(
            "the new snapshot looks rolled back, or older than the other: all-time downloads fell for {} of {} models",
            count(fallen),
            count(of)
        ),
        SnapshotFault::NoDownloads => "the new snapshot has no downloads".to_owned(),
    }
}

/// Returns billionths as a share, 0.1 for a tenth.
pub fn share(billionths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "shown to three digits")]
    let share = billionths as f64 / BILLION as f64;
    share
}

/// Returns billionths as percent, rounded as all percentages are, without trailing zeros.
fn percent_in_short(billionths: i64) -> String {
    let text = format::percent(share(billionths));
    let number = text.trim_end_matches('%');
    match number.contains('.') {
        true => format!("{}%", number.trim_end_matches('0').trim_end_matches('.')),
        false => text,
    }
}

/// The same for a growth, with its sign: `+46%`, `-3.2%`, `+12.3K%`.
fn growth_in_short(billionths: i64) -> String {
    let percent = billionths / (BILLION / 100);
    let text = match percent.abs() < 1_000 {
        true => percent_in_short(billionths),
        false => format!("{}%", format::short(percent)),
    };
    format::signed(billionths, text)
}

/// Returns a share as percent without rounding, as a query accepts it: `1%`, `2.9999999%`.
pub fn exact_percent(billionths: i64) -> String {
    let percent = BILLION / 100;
    let text = format!("{}.{:07}", billionths / percent, billionths % percent);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Returns the reason why a parameter count is suspect.
pub fn doubt(models: &Models, doubt: &SuspectReason) -> String {
    match doubt {
        SuspectReason::Absurd => "zero, or more than any model has".to_owned(),
        SuspectReason::Name(word) => format!("the name says {word}"),
        SuspectReason::Base(base, params) => {
            format!(
                "its base {} has {}",
                models.id(*base),
                format::short(*params)
            )
        }
    }
}

/// Returns the second reading of a parameter count, by its counts by tensor type; `None` where nothing is
/// packed.
pub fn packed(dtypes: &[(String, i64)]) -> Option<String> {
    let Unpacked { dtype, params } = unpacked(dtypes)?;
    let weights = dtype.weights_of_4_bits();
    let params = format::short(params);
    Some(format!(
        "stored packed; {weights} per {} would give {params}",
        dtype.name
    ))
}

/// Returns the memory of the weights by bits per weight: `17.5 GB at 16 bits, 8.77 GB at 8, 4.38 GB
/// at 4`, in GB of 10⁹ bytes.
pub fn memory(params: i64) -> String {
    let of = |bits: u32| format!("{} at {bits}", format::bytes(memory::bytes(params, bits)));
    let [most, rest @ ..] = memory::WIDTHS.map(of);
    format!("{most} bits, {}", rest.join(", "))
}

/// The same for one line of a narrow pane in a unit, after its label: `16/8/4 bits`, `17.5 GB, 8.77 GB,
/// 4.38 GB`.
pub fn memory_in_short(params: i64, unit: MemoryUnit) -> [String; 2] {
    let widths = memory::WIDTHS.map(|bits| bits.to_string());
    let bytes = memory::WIDTHS.map(|bits| format::memory(memory::bytes(params, bits), unit));
    [format!("{} bits", widths.join("/")), bytes.join(", ")]
}

/// Returns the five numbers with their names, rounded to whole ones.
pub fn quantiles(quantiles: &Quantiles) -> [(&'static str, i64); 5] {
    [
        ("min", quantiles.min),
        ("25%", rounded(quantiles.p25)),
        ("median", rounded(quantiles.p50)),
        ("75%", rounded(quantiles.p75)),
        ("max", quantiles.max),
    ]
}

/// Returns the five numbers of a field with their names: `median 12`.
pub fn named_quantiles(field: Field, found: &Quantiles) -> [String; 5] {
    quantiles(found).map(|(name, value)| format!("{name} {}", in_short(field, value)))
}

/// Returns the text of a relation, of which `""` is an unstated one.
pub fn relation(relation: &str) -> &str {
    match relation {
        "" => "unstated",
        stated => stated,
    }
}

/// Returns the nearest whole number.
pub fn rounded(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "between two of 64 bits")]
    let whole = value.round() as i64;
    whole
}

/// Returns the range of a bin as text.
pub fn range(histogram: &Histogram, bin: &Bin) -> String {
    let field = histogram.field;
    let both = |from: String, to: String| match from == to {
        true => from,
        false => format!("{from}–{to}"),
    };
    match histogram.scale {
        // The end is the first day of the next month: the day before names the last one.
        Scale::Calendar => both(format::month(bin.from), format::month(bin.to - 1)),
        _ if histogram.is_over(bin) => "over 100%".to_owned(),
        // No share but zero, which is in no bin, is less than a billionth.
        _ if field.info().kind == Kind::Share && bin.from == 1 => {
            format!("below {}", in_short(field, bin.to))
        }
        _ if bin.to - bin.from == 1 => in_short(field, bin.from),
        _ => both(in_short(field, bin.from), in_short(field, bin.to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent() {
        let in_short = |value| in_short(Field::RecentShare, value);
        assert_eq!(in_short(30_000_000), "3%");
        assert_eq!(in_short(30_000), "0.003%");
        assert_eq!(in_short(85_431_000), "8.54%");
        assert_eq!(in_short(3 * BILLION), "300%");
        assert_eq!(exact_percent(29_999_999), "2.9999999%");
        assert_eq!(exact_percent(10_000_000), "1%");
        assert_eq!(exact_percent(3 * BILLION), "300%");
    }

    #[test]
    fn changes_have_a_sign() {
        let change = |value| in_short(Field::Delta, value);
        assert_eq!([1_200, -340, 0].map(change), ["+1.2K", "-340", "0"]);
        let percent = BILLION / 100;
        let growth = |percents: i64| in_short(Field::Growth, percents * percent);
        assert_eq!(
            [46, -100, 0, 250, 12_345].map(growth),
            ["+46%", "-100%", "0%", "+250%", "+12.3K%"]
        );
        assert_eq!(in_short(Field::Growth, -32_000_000), "-3.2%");
    }

    #[test]
    fn memory_has_decimal_units_or_binary_ones() {
        let [label, bytes] = memory_in_short(8_767_123_696, MemoryUnit::Decimal);
        assert_eq!(
            (&*label, &*bytes),
            ("16/8/4 bits", "17.5 GB, 8.77 GB, 4.38 GB")
        );
        // 2 × 8,767,123,696 / 2³⁰ is 16.33.
        let [_, bytes] = memory_in_short(8_767_123_696, MemoryUnit::Binary);
        assert_eq!(bytes, "16.3 GiB, 8.17 GiB, 4.08 GiB");
        let binary = |number| format::memory(number, MemoryUnit::Binary);
        let sizes = [0, 1_023, 1_024, 1_536, 1_048_063, 1_048_065, 24 << 30];
        assert_eq!(
            sizes.map(binary),
            [
                "0 B", "1023 B", "1 KiB", "1.5 KiB", "1023 KiB", "1 MiB", "24 GiB"
            ]
        );
        assert_eq!(
            memory(500_000_000),
            "1 GB at 16 bits, 500 MB at 8, 250 MB at 4"
        );
    }
}
