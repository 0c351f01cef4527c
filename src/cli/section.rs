//! A table with a heading, written for a terminal or as Markdown.

use std::io::Write;

use anyhow::Result;

use super::args::Format;
use super::table;

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Aligned,
    Markdown,
}

/// A table with its heading and what is to be said below it.
pub struct Section {
    pub title: String,
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    pub note: String,
}

impl Section {
    /// Writes it after what has been written before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, style: Style, out: &mut impl Write) -> Result<()> {
        match style {
            Style::Aligned => {
                writeln!(out, "\n{}", self.title.to_uppercase())?;
                table::write(Format::Text, &self.header, self.rows.iter().cloned(), out)?;
                if !self.note.is_empty() {
                    writeln!(out, "{}", self.note)?;
                }
            }
            Style::Markdown => {
                writeln!(out, "\n## {}\n", self.title)?;
                let numbers = ["share", "models", "all time", "last 30 days"];
                let rule = self.header.iter().map(|head| match numbers.contains(head) {
                    true => "---:",
                    false => "---",
                });
                writeln!(out, "| {} |", self.header.join(" | "))?;
                writeln!(out, "| {} |", rule.collect::<Vec<_>>().join(" | "))?;
                for row in &self.rows {
                    let cells: Vec<String> = row.iter().map(|cell| markdown(cell)).collect();
                    writeln!(out, "| {} |", cells.join(" | "))?;
                }
                if !self.note.is_empty() {
                    writeln!(out, "\n{}", self.note)?;
                }
            }
        }
        Ok(())
    }
}

/// A text that no sign of Markdown can leave the cell with.
fn markdown(cell: &str) -> String {
    let mut text = String::new();
    for letter in cell.chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '[' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
