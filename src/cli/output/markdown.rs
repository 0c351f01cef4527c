//! Tables in Markdown.

use std::io::Write;

use anyhow::Result;

use crate::engine::table::clean::clean;

/// Prints a table. Columns whose first value is a number are aligned to the right.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> Result<()> {
    let mut rows = rows.peekable();
    let first = rows.peek();
    let is_number = |at: usize| {
        let cell = first.and_then(|row| row.get(at));
        cell.is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_digit()) && is_figure(cell))
    };
    let rule = (0..header.len()).map(|at| if is_number(at) { "---:" } else { "---" });
    let rule: Vec<&str> = rule.collect();
    writeln!(out, "| {} |", header.join(" | "))?;
    writeln!(out, "| {} |", rule.join(" | "))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// Returns true for `1,204`, `8.03B` and `12.5%`, false for dates and names.
fn is_figure(cell: &str) -> bool {
    let unit = cell.trim_end_matches(|c: char| "KMBT%x".contains(c));
    unit.replace(',', "").parse::<f64>().is_ok()
}

/// Escapes everything that Markdown could take for markup.
pub fn escaped(cell: &str) -> String {
    let mut text = String::new();
    for letter in clean(cell).chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '&' | '[' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
