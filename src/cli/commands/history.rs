//! `hubscope history`: the snapshots that are kept, and curves over them.

mod add;
mod show;
pub mod snapshots;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde::Serialize;

use self::show::CurveArgs;
use self::snapshots::{SnapshotJson, history_path, open};
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::{json, table};
use crate::engine::history::History;
use crate::present::format::{bytes, count};

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    #[command(flatten)]
    pub output: TableOutput,
}

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// Add snapshots: files, or folders with a file for each day
    Add {
        /// Parquet files, or folders with a file or folder for each day
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The day of the snapshot, for one whose models state no dates [default: that of the newest commit]
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<NaiveDate>,
    },
    /// List the snapshots
    List(TableOutput),
    /// Remove the snapshots of some days
    Drop {
        /// The days, as `history list` has them
        days: Vec<NaiveDate>,
        /// Remove the whole history
        #[arg(long, conflicts_with = "days")]
        all: bool,
    },
    /// Print the curve of a model, a family or an author
    Show(CurveArgs),
}

impl HistoryArgs {
    /// Returns the chosen format.
    pub fn chosen(&self) -> Option<Format> {
        match &self.command {
            Some(HistoryCommand::List(output)) => output.chosen(),
            Some(HistoryCommand::Show(args)) if args.svg => Some(Format::Svg),
            Some(HistoryCommand::Show(args)) => args.output.chosen(),
            _ => self.output.chosen(),
        }
    }
}

/// Adds, lists, removes or shows.
///
/// # Errors
/// When the history cannot be read or written, or a file is no snapshot.
pub fn run(context: &mut CommandContext, args: &HistoryArgs) -> Result<Found> {
    match &args.command {
        None | Some(HistoryCommand::List(_)) => list(context),
        Some(HistoryCommand::Add { files, date }) => add::run(context, files, *date),
        Some(HistoryCommand::Drop { days, all }) => drop_days(context, days, *all),
        Some(HistoryCommand::Show(args)) => show::run(context, args),
    }
}

/// The answer of `list` as JSON.
#[derive(Serialize)]
struct ListJson {
    path: String,
    bytes: u64,
    /// The number of models that any snapshot has.
    models: usize,
    snapshots: Vec<SnapshotJson>,
}

fn list(context: &mut CommandContext) -> Result<Found> {
    let history = open()?;
    if history.is_empty() && context.format != Format::Json {
        context.explain("the history is empty; `hubscope history add FILE` adds a snapshot")?;
        return Ok(Found::Nothing);
    }
    let snapshots = history.snapshots().iter().map(SnapshotJson::from);
    let listing = ListJson {
        path: history.path().display().to_string(),
        bytes: history.bytes(),
        models: history.len(),
        snapshots: snapshots.collect(),
    };
    if context.format == Format::Json {
        json::write(&listing, context.out)?;
        return Ok(Found::from(!listing.snapshots.is_empty()));
    }
    let names = ["date", "rows", "new", "renamed", "gone", "fault", "source"];
    let cells = |snapshot: &SnapshotJson| json::cells(snapshot, &names);
    let rows: Vec<Vec<String>> = listing.snapshots.iter().map(cells).collect::<Result<_>>()?;
    table::write(context.format, &names, rows.into_iter(), context.out)?;
    if context.format == Format::Text {
        let size = bytes(i64::try_from(listing.bytes).unwrap_or(i64::MAX));
        let (models, path) = (count(listing.models), &listing.path);
        writeln!(context.out, "{models} models, {size} in {path}")?;
    }
    Ok(Found::Something)
}

fn drop_days(context: &mut CommandContext, days: &[NaiveDate], all: bool) -> Result<Found> {
    let path = history_path()?;
    if all {
        History::remove(&path)?;
        writeln!(context.out, "{}: removed", path.display())?;
        return Ok(Found::Something);
    }
    ensure!(!days.is_empty(), "name the days to remove, or --all");
    let history = History::open(&path)?;
    let is_there = |day: &&NaiveDate| history.snapshots().iter().any(|own| own.day == **day);
    if let Some(missing) = days.iter().find(|day| !is_there(day)) {
        context.explain(&format!("the history has no snapshot of {missing}"))?;
        return Ok(Found::Nothing);
    }
    History::drop_days(&path, days)?;
    writeln!(context.out, "{} snapshots removed", count(days.len()))?;
    Ok(Found::Something)
}
