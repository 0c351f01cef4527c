//! Tables of a report: aligned for a terminal, or in Markdown.

use std::io::Write;

use anyhow::Result;

use super::format::Format;
use super::{markdown, table};
use crate::present::report::Section;

/// Prints a table after what has been printed before, in Markdown or aligned.
///
/// # Errors
/// When it cannot be written.
pub fn write(section: &Section, format: Format, out: &mut dyn Write) -> Result<()> {
    let Section {
        title,
        header,
        rows,
        note,
    } = section;
    if format == Format::Markdown {
        writeln!(out, "\n## {title}\n")?;
        markdown::write(header, rows.iter().map(|row| row.cells.clone()), out)?;
        if !note.is_empty() {
            writeln!(out, "\n{note}")?;
        }
        return Ok(());
    }
    writeln!(out, "\n{}", title.to_uppercase())?;
    let rows = rows.iter().map(|row| row.cells.clone());
    table::write_aligned(header, rows, out)?;
    if !note.is_empty() {
        writeln!(out, "{note}")?;
    }
    Ok(())
}
