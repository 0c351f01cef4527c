//! Rows of text in each form that a command can print: aligned for people, tab-separated,
//! comma-separated.

use std::io::Write;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::args::Format;

/// A header and rows of as many cells.
pub struct Table {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Prints it; JSON is the commands' own business, and ids are their first column.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, format: Format, out: &mut impl Write) -> Result<()> {
        match format {
            Format::Text => self.write_aligned(out),
            Format::Csv => self.write_csv(out),
            Format::Ids => {
                for row in &self.rows {
                    writeln!(out, "{}", row.first().map_or("", String::as_str))?;
                }
                Ok(())
            }
            Format::Tsv | Format::Json => {
                writeln!(out, "{}", self.header.join("\t"))?;
                for row in &self.rows {
                    writeln!(out, "{}", row.join("\t"))?;
                }
                Ok(())
            }
        }
    }

    fn write_aligned(&self, out: &mut impl Write) -> Result<()> {
        let widest = |column: usize| {
            self.rows
                .iter()
                .map(|r| r[column].width())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(widest).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width - cell.width() + 2));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn write_csv(&self, out: &mut impl Write) -> Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(&self.header)?;
        for row in &self.rows {
            csv.write_record(row)?;
        }
        csv.flush()?;
        Ok(())
    }
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
