//! `hubscope history show`: a curve.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::snapshots::{SnapshotJson, open};
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::{json, table};
use crate::engine::Hub;
use crate::engine::history::curve::CurvePoint;
use crate::engine::history::span::{Every, Since};
use crate::engine::history::{Counter, History, Slot};
use crate::engine::lineage::family::descendants;
use crate::engine::table::stage::Stage;
use crate::present::bars::sparkline;
use crate::present::curve_svg;
use crate::present::format::{count, grouped, known};

#[derive(Debug, Args)]
pub struct CurveArgs {
    /// The id of a model, `family:ID` for it with all its descendants, or `author:NAME`
    pub what: String,
    /// The beginning: a span before the newest snapshot such as 26w, 6m or 2y, or a day
    #[arg(long, value_name = "SPAN|DAY")]
    pub since: Option<Since>,
    /// The last snapshot of each day, week or month
    #[arg(long, value_name = "PERIOD", default_value_t)]
    pub every: Every,
    /// Print a picture
    #[arg(long, conflicts_with_all = ["json", "csv", "markdown"])]
    pub svg: bool,
    #[command(flatten)]
    pub output: TableOutput,
}

/// The answer as JSON.
#[derive(Serialize)]
struct CurveJson<'a> {
    what: &'a str,
    points: Vec<PointJson>,
    /// All snapshots of the time, also those that do not count.
    snapshots: Vec<SnapshotJson>,
}

#[derive(Serialize)]
struct PointJson {
    date: String,
    downloads: Option<i64>,
    downloads_all_time: Option<i64>,
    likes: Option<i64>,
    models: usize,
}

impl From<&CurvePoint> for PointJson {
    fn from(point: &CurvePoint) -> PointJson {
        PointJson {
            date: point.day.to_string(),
            downloads: point.sum(Counter::Downloads),
            downloads_all_time: point.sum(Counter::DownloadsAllTime),
            likes: point.sum(Counter::Likes),
            models: point.models,
        }
    }
}

/// Prints a curve.
///
/// # Errors
/// When the history is damaged, or the hub of a family cannot be opened.
pub fn run(context: &mut CommandContext, args: &CurveArgs) -> Result<Found> {
    let history = open()?;
    let Some(last) = history.snapshots().last() else {
        context.explain("the history is empty; `hubscope history add FILE` adds a snapshot")?;
        return Ok(Found::Nothing);
    };
    let slots = slots(context, &history, &args.what)?;
    if slots.is_empty() {
        let what = &args.what;
        context.explain(&format!("no snapshot of the history has `{what}`"))?;
        return Ok(Found::Nothing);
    }
    let first = args.since.map(|since| since.before(last.day));
    let is_shown = |day: chrono::NaiveDate| first.is_none_or(|first| day >= first);
    let mut points = history.curve(&slots);
    points.retain(|point| is_shown(point.day) && point.models > 0);
    let points = args.every.thinned(points, |point| point.day);
    let snapshots = history.snapshots().iter().filter(|own| is_shown(own.day));
    match context.format {
        Format::Json => {
            let answer = CurveJson {
                what: &args.what,
                points: points.iter().map(PointJson::from).collect(),
                snapshots: snapshots.map(SnapshotJson::from).collect(),
            };
            json::write(&answer, context.out)?;
        }
        Format::Svg => {
            let picture = curve_svg::document(&args.what, &points);
            context.out.write_all(picture.as_bytes())?;
        }
        Format::Text => for_people(context, &args.what, &points)?,
        format => {
            let names = ["date", "downloads", "downloads_all_time", "likes", "models"];
            let cells = |point: &CurvePoint| json::cells(&PointJson::from(point), &names);
            let rows: Vec<Vec<String>> = points.iter().map(cells).collect::<Result<_>>()?;
            table::write(format, &names, rows.into_iter(), context.out)?;
        }
    }
    Ok(Found::from(!points.is_empty()))
}

/// Returns the models that are meant: those of an author by the history's names, a family as of the hub.
fn slots(context: &mut CommandContext, history: &History, what: &str) -> Result<Vec<Slot>> {
    if let Some(author) = what.strip_prefix("author:") {
        let is_of = |name: &str| name.split_once('/').is_some_and(|(own, _)| own == author);
        return Ok(history.named(is_of));
    }
    let Some(root) = what.strip_prefix("family:") else {
        return Ok(history.find(what).into_iter().collect());
    };
    let hub = context.open(Stage::Lineage)?;
    Ok(family(hub, history, root))
}

/// Returns a node and its descendants, as far as the history has them.
fn family(hub: &Hub, history: &History, root: &str) -> Vec<Slot> {
    let Some(root) = hub.find(root) else {
        return Vec::new();
    };
    let members = descendants(&hub.graph, root);
    let members = members.into_iter().chain([root]);
    history.find_all(members.map(|node| hub.name(node)))
}

fn for_people(context: &mut CommandContext, what: &str, points: &[CurvePoint]) -> Result<()> {
    let downloads: Vec<Option<i64>> = points
        .iter()
        .map(|point| point.sum(Counter::Downloads))
        .collect();
    writeln!(context.out, "{what}  {}", sparkline(&downloads))?;
    let header = ["date", "downloads", "all-time", "likes", "models"];
    let row = |point: &CurvePoint| {
        let sums = Counter::ALL.map(|counter| known(point.sum(counter), grouped));
        let own = [
            vec![point.day.to_string()],
            sums.to_vec(),
            vec![count(point.models)],
        ];
        own.concat()
    };
    table::write_aligned(&header, points.iter().map(row), context.out)
}
