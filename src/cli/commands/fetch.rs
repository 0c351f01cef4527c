//! `hubscope fetch`: brings a dataset into the Hugging Face cache.

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;

use crate::cli::context::{CommandContext, Found};
use crate::engine::source::dataset_file::{DatasetFile, parse_dataset};
use crate::hub::{self, Streams};

#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The dataset on the Hub [default: cfahlgren1/hub-stats; with --date
    /// hfmlsoc/hub_weekly_snapshots]
    #[arg(long, value_name = "DATASET", value_parser = parse_dataset)]
    pub from: Option<String>,
    /// The weekly snapshot of this day instead of today's file
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// Hash the file in the cache, and download it again if it is damaged
    #[arg(long)]
    pub verify: bool,
}

/// Downloads the file, unless it is in the cache, and prints its path.
///
/// # Errors
/// As [`hub::run`].
pub fn run(context: &mut CommandContext, args: FetchArgs) -> Result<Found> {
    let wanted = DatasetFile::new(args.from, args.date);
    let streams = Streams {
        out: context.out,
        err: context.err,
        err_is_terminal: context.err_is_terminal,
    };
    hub::run(&wanted, args.verify, streams)?;
    Ok(Found::Something)
}
