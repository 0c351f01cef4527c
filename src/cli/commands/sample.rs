//! `hubscope sample`: a synthetic hub, written to a file.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::cli::context::Found;
use crate::cli::output::file::write_file;
use crate::present::progress;
use crate::sample::{Recipe, write, write_weeks};

#[derive(Debug, Args)]
pub struct SampleArgs {
    /// Number of models
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub rows: u32,
    /// The Parquet file to write; with --weeks the folder
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Write this many weekly snapshots instead: the counters of the models, with renamed and gone ones, and
    /// with faults (a partial, a frozen, a rolled-back and a duplicate week, one of another layout) from 16
    /// weeks on
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=520), conflicts_with = "hostile")]
    pub weeks: Option<u32>,
    /// Seed; the same seed gives the same file
    #[arg(long, default_value_t = Recipe::BUILT_IN.seed)]
    pub seed: u64,
    /// Put control characters and escape sequences into its strings
    #[arg(long)]
    pub hostile: bool,
}

/// Writes the sample.
///
/// # Errors
/// When the file cannot be written; then no part of it is left.
pub fn run(args: &SampleArgs) -> Result<Found> {
    let recipe = Recipe {
        rows: args.rows as usize,
        seed: args.seed,
        hostile: args.hostile,
    };
    if let Some(weeks) = args.weeks {
        std::fs::create_dir_all(&args.out)
            .with_context(|| format!("{}: cannot be made", args.out.display()))?;
        write_weeks(&recipe, weeks, |day, write| {
            let file = args.out.join(format!("{day}.parquet"));
            write_file(&file, |out| write(out))
        })?;
        return Ok(Found::Something);
    }
    let progress = progress::models(recipe.rows);
    let result = write_file(&args.out, |out| {
        write(&recipe, out, |rows| progress.set_position(rows as u64))
    });
    progress.abandon();
    result?;
    Ok(Found::Something)
}
