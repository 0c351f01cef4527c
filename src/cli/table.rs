//! Rows of text in each form that a command can print: aligned for people, tab-separated,
//! comma-separated.

use std::io::Write;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::args::Format;
use crate::present::format::columns;

/// Prints rows of as many cells as the header has, as they come; only aligned ones are held until
/// all are there. Ids are the first column; JSON and Parquet are the commands' own business.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    format: Format,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut impl Write,
) -> Result<()> {
    match format {
        Format::Text => {
            let head = header.iter().map(|cell| (*cell).to_owned()).collect();
            write_aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), out)
        }
        Format::Csv => {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(header)?;
            for row in rows {
                csv.write_record(row)?;
            }
            csv.flush()?;
            Ok(())
        }
        Format::Ids => {
            for row in rows {
                writeln!(out, "{}", row.first().map_or("", String::as_str))?;
            }
            Ok(())
        }
        Format::Tsv | Format::Json | Format::Parquet => {
            writeln!(out, "{}", header.join("\t"))?;
            for row in rows {
                writeln!(out, "{}", row.join("\t"))?;
            }
            Ok(())
        }
    }
}

fn write_aligned(rows: &[Vec<String>], out: &mut impl Write) -> Result<()> {
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

/// The text, or its beginning and `…` where it is longer than `room` characters.
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
