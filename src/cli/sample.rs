//! `hubscope sample`: a synthetic hub, written to a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::Found;
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
    let partial = path.with_extension("parquet.partial");
    let name = path.display();
    let file = File::create(&partial)
        .with_context(|| format!("{name}: cannot be written; choose another place"))?;
    let result = write(recipe, BufWriter::new(file), |rows| {
        if err_is_terminal {
            let _ = write!(
                err,
                "\r{} of {} models",
                format::count(rows),
                format::count(recipe.rows)
            );
        }
    });
    if err_is_terminal {
        let _ = writeln!(err);
    }
    let result = result.and_then(|()| std::fs::rename(&partial, path).map_err(Into::into));
    if result.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    result.with_context(|| format!("{name}: not written"))?;
    Ok(Found::Something)
}
