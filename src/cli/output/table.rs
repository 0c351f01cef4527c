//! Rows of text in each format: aligned for people, or separated for programs.

use std::borrow::Cow;
use std::io::Write;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::format::Format;
use super::{csv, markdown};
use crate::engine::export::ModelTable;
use crate::engine::table::clean::clean;
use crate::present::format::columns;

/// Rows that are collected to find the widths of aligned columns; later ones are printed as they arrive.
const COLLECTED: usize = 2_000;

/// Prints rows of as many cells as the header has, as they arrive. Ids are the first column. Other formats are the commands' own.
///
/// # Errors
/// When they cannot be written.
pub fn write(
    format: Format,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    if format == Format::Text {
        return write_aligned(header, rows, out);
    }
    let rows = rows.map(cleaned);
    match format {
        Format::Csv => csv::write(header, rows, out),
        Format::Markdown => markdown::write(header, rows, out),
        Format::Ids => {
            for row in rows {
                writeln!(out, "{}", row.first().map_or("", String::as_str))?;
            }
            Ok(())
        }
        _ => csv::write_tabs(header, rows, out),
    }
}

/// Returns a row without line breaks and tabs in its cells, and as wide as it will be printed.
fn cleaned(mut row: Vec<String>) -> Vec<String> {
    for cell in &mut row {
        if let Cow::Owned(clean) = clean(cell) {
            *cell = clean;
        }
    }
    row
}

/// Prints models with all their columns, for programs.
///
/// # Errors
/// When they cannot be written.
pub fn write_models(format: Format, table: &ModelTable, out: &mut dyn Write) -> Result<()> {
    if format == Format::Parquet {
        return table.write_parquet(out);
    }
    if format == Format::Ids {
        for node in &table.nodes {
            writeln!(out, "{}", table.hub.name(*node))?;
        }
        return Ok(());
    }
    let header: Vec<&str> = table.names().collect();
    write(format, &header, csv::cells(table), out)
}

/// Prints aligned rows. The first ones decide the widths of the columns.
///
/// # Errors
/// When they cannot be written.
pub fn write_aligned(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    write_fitting(header, rows, (usize::MAX, 0), out)
}

/// Prints aligned rows without those of the last `optional` columns that do not fit in `width` cells.
///
/// # Errors
/// When they cannot be written.
pub fn write_fitting(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    (width, optional): (usize, usize),
    out: &mut dyn Write,
) -> Result<()> {
    let header = header.iter().map(|cell| (*cell).to_owned()).collect();
    let mut rows = rows.map(cleaned);
    let first = std::iter::once(header).chain(rows.by_ref());
    let first: Vec<Vec<String>> = first.take(COLLECTED).collect();
    let cells: Vec<&[String]> = first.iter().map(Vec::as_slice).collect();
    let mut columns = columns(&cells);
    let total =
        |columns: &[(usize, bool)]| columns.iter().map(|(width, _)| width + 2).sum::<usize>();
    let least = columns.len().saturating_sub(optional);
    while columns.len() > least && total(&columns) > width.saturating_add(2) {
        columns.pop();
    }
    for row in first.into_iter().chain(rows) {
        let mut line = String::new();
        for (cell, (width, right)) in row.iter().zip(&columns) {
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            match right {
                true => line.push_str(&format!("{gap}{cell}  ")),
                false => line.push_str(&format!("{cell}{gap}  ")),
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
