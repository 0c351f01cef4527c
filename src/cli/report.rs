//! The report on some models as a command prints it: its tables aligned on a terminal, or in
//! Markdown to be pasted.

use std::io::Write;

use anyhow::Result;

use super::args::Format;
use super::table;
use crate::engine::Hub;
use crate::engine::stats::frequency::Authors;
use crate::engine::stats::summary::Summary;
use crate::engine::table::bitset::ModelSet;
use crate::present::format;
use crate::present::format::count;
use crate::present::report::{Section, sections};

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Aligned,
    Markdown,
}

/// Writes the report; `that` says which models it is about.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    hub: &Hub,
    that: &str,
    set: &ModelSet,
    summary: &Summary,
    style: Style,
    out: &mut impl Write,
) -> Result<()> {
    let (source, models) = (&hub.source, count(summary.models));
    let age = hub
        .newest()
        .map(|n| format!(", last change {}", format::day(n)));
    let age = age.unwrap_or_default();
    let line = format!(
        "{models} models{that}, of {} in {source}{age}",
        count(hub.models.len())
    );
    match style {
        Style::Markdown => writeln!(out, "# Models of the Hugging Face Hub\n\n{line}.")?,
        Style::Aligned => writeln!(out, "{line}")?,
    }
    let authors = Authors::of(&hub.models);
    for section in sections(hub, &authors, set, summary) {
        write_section(&section, style, out)?;
    }
    Ok(())
}

/// Writes a table after what has been written before.
///
/// # Errors
/// When it cannot be written.
pub fn write_section(section: &Section, style: Style, out: &mut impl Write) -> Result<()> {
    match style {
        Style::Aligned => {
            writeln!(out, "\n{}", section.title.to_uppercase())?;
            let rows = section.rows.iter().map(|row| row.cells.clone());
            table::write(Format::Text, &section.header, rows, out)?;
            if !section.note.is_empty() {
                writeln!(out, "{}", section.note)?;
            }
        }
        Style::Markdown => {
            writeln!(out, "\n## {}\n", section.title)?;
            let numbers = ["share", "models", "all time", "last 30 days", "bits"];
            let rule = section
                .header
                .iter()
                .map(|head| match numbers.contains(head) {
                    true => "---:",
                    false => "---",
                });
            writeln!(out, "| {} |", section.header.join(" | "))?;
            writeln!(out, "| {} |", rule.collect::<Vec<_>>().join(" | "))?;
            for row in &section.rows {
                let cells: Vec<String> = row.cells.iter().map(|cell| markdown(cell)).collect();
                writeln!(out, "| {} |", cells.join(" | "))?;
            }
            if !section.note.is_empty() {
                writeln!(out, "\n{}", section.note)?;
            }
        }
    }
    Ok(())
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
