//! `hubscope config`: the effective settings of the explorer, and the mistakes in their file.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::context::{CommandContext, Found};

#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A config file [default: $XDG_CONFIG_HOME/hubscope/config.toml or ~/.config/hubscope/config.toml]
    pub file: Option<PathBuf>,
    /// Print each mistake in the file with its line and column; exit code 2 if there is one
    #[arg(long)]
    pub check: bool,
}

/// A config file as the explorer reads it, which this floor does not know.
pub struct ReadConfig {
    /// Its name; none where there is no place for it.
    pub name: Option<String>,
    /// True if it is there.
    pub exists: bool,
    /// The effective settings, as the text of a config file.
    pub effective: String,
    /// Each mistake: `LINE:COLUMN: REASON`.
    pub mistakes: Vec<String>,
}

/// Prints the effective settings, or the mistakes.
///
/// # Errors
/// When mistakes are asked for, and there are some.
pub fn run(context: &mut CommandContext, args: &ConfigArgs, read: ReadConfig) -> Result<Found> {
    let name = read.name.unwrap_or_else(|| "config.toml".to_owned());
    let mistakes = read.mistakes.iter();
    if !args.check {
        context.out.write_all(read.effective.as_bytes())?;
        context.out.flush()?;
        for mistake in mistakes {
            context.explain(&format!("{name}:{mistake}"))?;
        }
        return Ok(Found::Something);
    }
    for mistake in mistakes {
        writeln!(context.out, "{name}:{mistake}")?;
    }
    context.out.flush()?;
    match read.mistakes.len() {
        0 if !read.exists => writeln!(context.out, "{name}: is not there; the defaults hold")?,
        0 => writeln!(context.out, "{name}: no mistakes")?,
        1 => bail!("{name}: 1 mistake; everything else in it holds"),
        all => bail!("{name}: {all} mistakes; everything else in it holds"),
    }
    Ok(Found::Something)
}
