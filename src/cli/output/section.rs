//! Tables of a report: aligned for a terminal, or in Markdown.

use std::io::Write;

use anyhow::Result;

use super::format::Format;
use super::table;
use crate::engine::table::clean::clean;
use crate::present::report::Section;

/// The columns of numbers, which Markdown aligns to the right.
const NUMBERS: [&str; 6] = [
    "share",
    "models",
    "all-time",
    "last 30 days",
    "bits",
    "parameters",
];

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
        let align = |head: &&str| match NUMBERS.contains(head) {
            true => "---:",
            false => "---",
        };
        let rule: Vec<&str> = header.iter().map(align).collect();
        writeln!(out, "\n## {title}\n")?;
        writeln!(out, "| {} |", header.join(" | "))?;
        writeln!(out, "| {} |", rule.join(" | "))?;
        for row in rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| markdown(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
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

/// Escapes everything that Markdown could take for markup.
pub fn markdown(cell: &str) -> String {
    let mut text = String::new();
    for letter in clean(cell).chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '&' | '[' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
