//! `hubscope fetch`: downloads the models of a dataset, by columns or as the whole file.

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;

use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::Format;
use crate::cli::output::table;
use crate::engine::history::span::{Every, Since};
use crate::engine::source::dataset_file::{DatasetFile, parse_dataset};
use crate::hub::{self, Columns, Day, Streams, Wanted};
use crate::present::format::{bytes, count};

#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The dataset on the Hub [default: cfahlgren1/hub-stats; with --date
    /// hfmlsoc/hub_weekly_snapshots]
    #[arg(long, value_name = "DATASET", value_parser = parse_dataset)]
    pub from: Option<String>,
    /// The weekly snapshot of this day instead of today's file, or that of the nearest day there is
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// `all` for the whole file, into the Hugging Face cache, or columns beside those that hubscope
    /// needs: `+cardData` for the metadata of model cards in `show` and the details
    #[arg(long, value_name = "LIST|all", value_parser = parse_columns, default_value = "")]
    pub columns: Columns,
    /// Print the columns that would be downloaded, with their sizes, and download nothing
    #[arg(long, conflicts_with = "verify")]
    pub plan: bool,
    /// Print the days of which there are files: those of the daily history and of the weekly archive
    #[arg(long, conflicts_with_all = ["date", "columns", "plan", "verify"])]
    pub list: bool,
    /// All days since this one, or since a span before the newest such as 26w, for `history add`
    #[arg(long, value_name = "SPAN|DAY", conflicts_with_all = ["date", "plan", "list"])]
    pub since: Option<Since>,
    /// With --since, the last file of each day, week or month
    #[arg(long, value_name = "PERIOD", default_value_t, requires = "since")]
    pub every: Every,
    /// Hash the downloaded file, and download it again if it is damaged
    #[arg(long)]
    pub verify: bool,
}

/// Parses `all` or `+column,+column`.
fn parse_columns(text: &str) -> Result<Columns, String> {
    if text == "all" {
        return Ok(Columns::All);
    }
    let names = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let more = names.map(|name| match name.strip_prefix('+') {
        Some(column) if !column.is_empty() => Ok(column.to_owned()),
        _ => Err(format!(
            "{name}: neither `all` nor a column to add, such as `+cardData`"
        )),
    });
    Ok(Columns::Read(Wanted {
        more: more.collect::<Result<_, _>>()?,
    }))
}

/// Downloads the file, or columns of it, unless they are there, and prints the path.
///
/// # Errors
/// As [`hub::run`].
pub fn run(context: &mut CommandContext, args: FetchArgs) -> Result<Found> {
    if args.list {
        return list(context, args.from.as_deref());
    }
    let wanted = DatasetFile::new(args.from.clone(), args.date);
    if args.plan {
        return plan(context, &wanted, &args.columns);
    }
    let days = args
        .since
        .map(|since| days(args.from.as_deref(), since, args.every));
    let days = days.transpose()?;
    let streams = Streams {
        out: context.out,
        err: context.err,
        err_is_terminal: context.err_is_terminal,
    };
    if let Some(days) = days {
        hub::run_days(&days, &args.columns, args.verify, streams)?;
        return Ok(Found::from(!days.is_empty()));
    }
    hub::run(&wanted, &args.columns, args.verify, streams)?;
    Ok(Found::Something)
}

/// Returns the days since one, the last of each period.
fn days(from: Option<&str>, since: Since, every: Every) -> Result<Vec<Day>> {
    let mut days = hub::list(from)?;
    let first = days.last().map(|last| since.before(last.date));
    days.retain(|day| first.is_some_and(|first| day.date >= first));
    Ok(every.thinned(days, |day| day.date))
}

/// Prints the days that the Hub has.
fn list(context: &mut CommandContext, from: Option<&str>) -> Result<Found> {
    let days = hub::list(from)?;
    let rows = days.iter().map(|day| {
        let DatasetFile {
            dataset,
            file,
            revision,
        } = &day.file;
        let revision = revision.clone().unwrap_or_default();
        vec![
            day.date.to_string(),
            dataset.clone(),
            file.clone(),
            revision,
        ]
    });
    let header = ["day", "dataset", "file", "revision"];
    table::write(context.format, &header, rows, &mut context.out)?;
    Ok(Found::from(!days.is_empty()))
}

/// Prints the plan of a download.
fn plan(context: &mut CommandContext, wanted: &DatasetFile, columns: &Columns) -> Result<Found> {
    let (plan, is_whole) = match columns {
        Columns::Read(more) => (hub::plan(wanted, more, context.err)?, false),
        Columns::All => (hub::plan(wanted, &Wanted::default(), context.err)?, true),
    };
    let share = |part: u64, of: u64| format!("{:.1} %", 100.0 * part as f64 / of.max(1) as f64);
    let size = |size: u64| bytes(i64::try_from(size).unwrap_or(i64::MAX));
    let rows = plan.columns.iter().map(|column| {
        let kept = if is_whole { column.size } else { column.kept };
        let state = match kept {
            0 => "left out",
            kept if kept == column.size => "all",
            _ => "in part",
        };
        [
            column.name.clone(),
            state.to_owned(),
            size(kept),
            share(kept, plan.whole),
        ]
    });
    let downloaded = if is_whole { plan.whole } else { plan.thin };
    let total = [
        "in all".to_owned(),
        String::new(),
        size(downloaded),
        share(downloaded, plan.whole),
    ];
    let models = count(usize::try_from(plan.rows).unwrap_or_default());
    if context.format == Format::Text {
        let (DatasetFile { dataset, file, .. }, all) = (wanted, size(plan.whole));
        writeln!(
            context.out,
            "{dataset}: {file}, {models} models, {all} in all"
        )?;
    }
    let header = ["column", "downloaded", "size", "share"];
    table::write(
        context.format,
        &header,
        rows.chain([total]).map(Vec::from),
        &mut context.out,
    )?;
    Ok(Found::Something)
}
