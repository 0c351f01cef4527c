//! `hubscope sample`: a synthetic hub, written to a file.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::Found;
use super::output::file::write_file;
use crate::present::format;
use crate::sample::{Recipe, write};

/// Writes the sample, and its progress to `err` if that is a terminal.
///
/// # Errors
/// When the file cannot be written; a part of it is not left behind.
pub fn run(
    recipe: &Recipe,
    path: &Path,
    err: &mut impl Write,
    err_is_terminal: bool,
) -> Result<Found> {
    let result = write_file(path, |out| {
        write(recipe, out, |rows| {
            if err_is_terminal {
                let (rows, all) = (format::count(rows), format::count(recipe.rows));
                let _ = write!(err, "\r{rows} of {all} models");
            }
        })
    });
    if err_is_terminal {
        let _ = writeln!(err);
    }
    result?;
    Ok(Found::Something)
}
