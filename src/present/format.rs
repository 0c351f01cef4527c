//! Numbers, dates and names as text.

use chrono::{DateTime, Datelike, SecondsFormat};
use unicode_width::UnicodeWidthStr;

/// The text of an unknown value in a table.
pub const UNKNOWN: &str = "–";

/// Returns the text of a value, or that of an unknown one.
pub fn known<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text)
}

/// Returns `2161698` as `2,161,698`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same for a length.
pub fn count(number: usize) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Returns three digits and a unit: `8767123696` as `8.77B`. K, M, B, T and Q are 10³ to 10¹⁵.
pub fn short(number: i64) -> String {
    const UNITS: [&str; 6] = ["", "K", "M", "B", "T", "Q"];
    if number.unsigned_abs() < 1_000 {
        return number.to_string();
    }
    #[expect(clippy::cast_precision_loss, reason = "rounded to three digits")]
    let mut value = number as f64;
    let mut unit = 0;
    // 999.5 would be rounded up to a fourth digit.
    while value.abs() >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    format!("{}{}", three_digits(value), UNITS[unit])
}

/// Returns a value with three digits, without zeros at its end behind the point.
fn three_digits(value: f64) -> String {
    let digits = match value.abs() {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Returns the text of a change with its sign: `+1.2K`. A negative one has its minus already.
pub fn signed(change: i64, text: String) -> String {
    match change > 0 {
        true => format!("+{text}"),
        false => text,
    }
}

/// The unit of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryUnit {
    /// kB, MB, GB: powers of 1,000.
    #[default]
    Decimal,
    /// KiB, MiB, GiB: powers of 1,024.
    Binary,
}

/// Returns a number of bytes in a unit: `17.5 GB`, `16.3 GiB`.
pub fn memory(number: i64, unit: MemoryUnit) -> String {
    match unit {
        MemoryUnit::Decimal => bytes(number),
        MemoryUnit::Binary => binary(number),
    }
}

/// Returns a number of bytes in units of 1,024, with three digits.
fn binary(number: i64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    #[expect(clippy::cast_precision_loss, reason = "rounded to three digits")]
    let mut value = number as f64;
    let mut unit = 0;
    // 1,023.6 would be rounded up to the next unit.
    while value.abs() >= 1_023.5 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    format!("{} {}", three_digits(value), UNITS[unit])
}

/// Returns a number of bytes in units of 1,000: `17.5 GB`.
pub fn bytes(number: i64) -> String {
    let text = short(number);
    match text.strip_suffix(['K', 'M', 'B', 'T', 'Q']) {
        None => format!("{text} B"),
        Some(value) => {
            let unit = match text.chars().last() {
                Some('K') => "kB",
                Some('M') => "MB",
                Some('B') => "GB",
                Some('T') => "TB",
                _ => "PB",
            };
            format!("{value} {unit}")
        }
    }
}

/// Returns a share from 0 to 1 as percent, with its significant digits: `8.54%`, `0.000014%`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = match value.abs() {
        v if v == 0.0 || v >= 99.995 => 0,
        v if (10.0..99.0).contains(&v) => 1,
        v if v >= 0.1 => 2,
        v => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small and positive"
            )]
            let zeros = (-v.log10()).ceil() as usize;
            (zeros + 1).min(12)
        }
    };
    format!("{value:.digits$}%")
}

/// Returns a number as short as possible without rounding: `300K`, `2999`.
pub fn exact(number: i64) -> String {
    let units = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    let whole = |(unit, _): &(i64, &str)| number >= *unit && number % unit == 0;
    match units.into_iter().find(whole) {
        Some((unit, name)) => format!("{}{name}", number / unit),
        None => number.to_string(),
    }
}

/// The same with grouped digits: `300K`, `2,999`.
pub fn exact_grouped(number: i64) -> String {
    match exact(number) {
        text if text.ends_with(char::is_alphabetic) => text,
        _ => grouped(number),
    }
}

/// Returns `part` of `whole` as a share from 0 to 1; 0 if `whole` is 0.
pub fn share(part: usize, whole: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share is shown to three digits"
    )]
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Returns the distance of the lines of a grid up to a number: 1, 2 or 5 times a power of ten, at most five
/// of them.
pub fn round_step(most: usize) -> usize {
    let powers = (0..19).map(|e| 10_usize.pow(e));
    let mut steps = powers.flat_map(|p| [p, 2 * p, p.saturating_mul(5)]);
    steps.find(|step| most / step <= 5).unwrap_or(most)
}

/// Returns the width of each column of a table, and whether it has numbers, which are aligned to the
/// right. The first row has the headings.
pub fn columns(rows: &[&[String]]) -> Vec<(usize, bool)> {
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max();
    let is_number = |text: &String| {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '–')
    };
    // Cells may be empty.
    let numbers = |column: usize| {
        let cells = rows.iter().skip(1).map(|row| &row[column]);
        let mut cells = cells.filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(is_number)
    };
    let count = rows.first().map_or(0, |row| row.len());
    (0..count)
        .map(|column| (widest(column).unwrap_or(0), numbers(column)))
        .collect()
}

/// Returns microseconds since 1970 as a day, `2025-10-11`, in UTC.
pub fn day(micros: i64) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) => time.format("%Y-%m-%d").to_string(),
        None => "out of range".to_owned(),
    }
}

/// The same as a month, `2025-10`.
pub fn month(micros: i64) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) => format!("{}-{:02}", time.year(), time.month()),
        None => "out of range".to_owned(),
    }
}

/// The same as RFC 3339, `2025-10-11T08:30:00Z`.
pub fn rfc3339(micros: i64) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Returns the URL of a model's page.
pub fn link(id: &str) -> String {
    let mut link = "https://huggingface.co/".to_owned();
    for byte in id.bytes() {
        match is_plain(byte) {
            true => link.push(byte.into()),
            false => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

/// Returns a text as one word of a POSIX shell. Ids are untrusted, and this is pasted.
pub fn shell_word(text: &str) -> String {
    match !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Returns a text as a string literal of Python.
pub fn python_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
}

/// A text as character data of XML.
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The beginning of a text and `…` where it is longer than `room` characters.
pub fn shortened(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => text.to_owned(),
        Some(_) => text
            .chars()
            .take(room.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

/// Returns true if a byte has no special meaning in URLs and shells.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            ["0", "999", "1,000", "2,161,698"].map(str::to_owned),
            [0, 999, 1_000, 2_161_698].map(grouped)
        );
        assert_eq!(grouped(-1_234), "-1,234");
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1K"),
            (1_234, "1.23K"),
            (12_345, "12.3K"),
            (999_499, "999K"),
            (999_500, "1M"),
            (8_767_123_696, "8.77B"),
            (684_530_000_000, "685B"),
            (19_980_000_000_000_000, "20Q"),
        ];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
        assert_eq!(bytes(17_534_247_392), "17.5 GB");
        assert_eq!(bytes(999), "999 B");
    }

    #[test]
    fn small_shares_keep_their_first_digits() {
        assert_eq!(percent(0.0854), "8.54%");
        assert_eq!(percent(1.0 / 71_152_684.0 * 10.0), "0.000014%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.3551), "35.5%");
        assert_eq!(percent(178_779.0 / 178_814.0), "99.98%");
        assert_eq!(percent(1.0), "100%");
    }

    #[test]
    fn copied_text_is_one_word() {
        assert_eq!(shell_word("a/b-1.0_x"), "a/b-1.0_x");
        assert_eq!(shell_word("a;rm 'x'"), r"'a;rm '\''x'\'''");
        assert_eq!(python_string(r#"a"b\"#), r#""a\"b\\""#);
        assert_eq!(link("a/b c?"), "https://huggingface.co/a/b%20c%3F");
    }

    #[test]
    fn dates_are_utc() {
        assert_eq!(day(1_709_133_864_000_000), "2024-02-28");
        assert_eq!(
            rfc3339(1_709_133_864_000_000).unwrap(),
            "2024-02-28T15:24:24Z"
        );
    }
}
