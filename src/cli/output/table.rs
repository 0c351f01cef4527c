//! Rows of text in each format: aligned for people, or separated for programs.

use std::borrow::Cow;
use std::io::Write;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::csv;
use super::format::Format;
use crate::engine::export::ModelTable;
use crate::engine::table::clean::clean;
use crate::present::format::columns;

/// Prints rows of as many cells as the header has, as they arrive; only aligned ones are collected
/// first. Ids are the first column. Other formats are the commands' own.
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

/// Prints aligned rows.
///
/// # Errors
/// When they cannot be written.
pub fn write_aligned(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    let header = header.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows.map(cleaned)).collect();
    let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
    let widths = columns(&rows);
    for row in rows {
        let mut line = String::new();
        for (cell, (width, right)) in row.iter().zip(&widths) {
            let gap = " ".repeat(width - cell.width());
            match right {
                true => line.push_str(&format!("{gap}{cell}  ")),
                false => line.push_str(&format!("{cell}{gap}  ")),
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
