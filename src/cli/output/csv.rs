//! Values and tables as plain text for other programs: comma-separated, tab-separated. Unknown is
//! empty, and lists are separated by blanks.

use std::io::Write;

use anyhow::Result;

use crate::engine::export::{Datum, ModelTable};
use crate::present::format;

/// Returns the text of a value.
pub fn cell(value: Datum) -> String {
    match value {
        Datum::Unknown => String::new(),
        Datum::Number(number) => number.to_string(),
        Datum::Fraction(fraction) => fraction.to_string(),
        Datum::Text(text) => text.to_owned(),
        Datum::Time(micros) => format::rfc3339(micros).unwrap_or_default(),
        Datum::Texts(texts) => texts.join(" "),
    }
}

/// Returns the rows of a table of models.
pub fn cells(table: &ModelTable) -> impl Iterator<Item = Vec<String>> {
    (0..table.nodes.len()).map(|row| table.values(row).map(cell).collect())
}

/// Writes comma-separated rows. A spreadsheet runs a text that begins with one of `=+-@` as a formula,
/// so that an apostrophe precedes it, which a spreadsheet does not show; numbers stay what they are.
///
/// # Errors
/// When they cannot be written.
pub fn write(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(header)?;
    for row in rows {
        csv.write_record(row.into_iter().map(harmless))?;
    }
    csv.flush()?;
    Ok(())
}

fn harmless(cell: String) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    match is_formula && cell.parse::<f64>().is_err() {
        true => format!("'{cell}"),
        false => cell,
    }
}

/// Writes tab-separated rows; no value has a tab or a line break in it.
///
/// # Errors
/// When they cannot be written.
pub fn write_tabs(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    writeln!(out, "{}", header.join("\t"))?;
    for row in rows {
        writeln!(out, "{}", row.join("\t"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_are_numbers() {
        let cells = [
            "=1+1",
            "+cmd|' /C'!A0",
            "-2+3",
            "@SUM(A1)",
            "-5",
            "+0.25",
            "-1e9",
            "a=b",
            "",
        ];
        let mut out = Vec::new();
        let row = cells.map(str::to_owned).to_vec();
        write(&["a"; 9], [row].into_iter(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text.lines().last(),
            Some("'=1+1,'+cmd|' /C'!A0,'-2+3,'@SUM(A1),-5,+0.25,-1e9,a=b,")
        );
    }
}
