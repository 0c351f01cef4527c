//! `hubscope movers`: what rose and fell between two snapshots of the history.

use std::collections::HashMap;

use anyhow::Result;
use clap::{Args, ValueEnum};
use rustc_hash::FxBuildHasher;
use serde::Serialize;

use super::history::snapshots::open;
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput, parse_limit};
use crate::cli::output::{json, table};
use crate::engine::Hub;
use crate::engine::history::movers::Mover;
use crate::engine::history::span::Since;
use crate::engine::history::{Counter, History, HistorySnapshot, Slot};
use crate::engine::lineage::family::descendants;
use crate::engine::table::field::Field;
use crate::engine::table::models::billionths;
use crate::engine::table::stage::Stage;
use crate::present::figures;
use crate::present::format::{grouped, signed};

/// The groups of which movers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MoverGroup {
    Model,
    /// A root model with all its descendants, as of the hub that is opened.
    Family,
    Author,
    /// As of the hub that is opened.
    Task,
}

#[derive(Debug, Args)]
pub struct MoversArgs {
    /// The beginning: a span before the newest snapshot such as 4w, 6m or 2y, or a day; the snapshot
    /// nearest to it counts
    #[arg(long, value_name = "SPAN|DAY", default_value = "4w")]
    pub since: Since,
    /// The groups to compare
    #[arg(long, value_name = "GROUP", default_value = "model")]
    pub by: MoverGroup,
    /// Maximum number of risers, and of fallers (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    #[command(flatten)]
    pub output: TableOutput,
}

/// The answer as JSON.
#[derive(Serialize)]
struct MoversJson {
    from: String,
    to: String,
    by: String,
    rows: Vec<MoverJson>,
}

#[derive(Serialize)]
struct MoverJson {
    key: String,
    before: i64,
    after: i64,
    delta: i64,
    /// The share of the difference in the downloads before; null if there were none.
    growth: Option<f64>,
}

/// Prints the largest rises, then the largest falls.
///
/// # Errors
/// When the history is damaged, or the hub of families or tasks cannot be opened.
pub fn run(context: &mut CommandContext, args: &MoversArgs) -> Result<Found> {
    let history = open()?;
    let first = history
        .sound()
        .next_back()
        .map(|last| args.since.before(last.day));
    let Some(ends) = first.and_then(|first| history.ends(first)) else {
        context.explain(
            "the history has fewer than two snapshots that count; `hubscope history add FILE` adds one",
        )?;
        return Ok(Found::Nothing);
    };
    let (movers, names) = movers(context, &history, ends, args.by)?;
    let rises = movers
        .iter()
        .take_while(|mover| mover.delta() > 0)
        .take(args.limit);
    let falls = movers
        .iter()
        .rev()
        .take_while(|mover| mover.delta() < 0)
        .take(args.limit);
    let rows: Vec<MoverJson> = rises.chain(falls).map(|mover| row(mover, &names)).collect();
    let [from, to] = ends.map(|snapshot| snapshot.day.to_string());
    let found = Found::from(!rows.is_empty());
    if context.format == Format::Json {
        let by = args.by.to_possible_value();
        let by = by.map_or_else(String::new, |by| by.get_name().to_owned());
        json::write(&MoversJson { from, to, by, rows }, context.out)?;
        return Ok(found);
    }
    let names = ["key", "before", "after", "delta", "growth"];
    if context.format == Format::Text {
        let rows = rows.iter().map(|row| {
            let growth = billionths(row.delta, row.before);
            let growth = growth.map(|share| figures::in_short(Field::Growth, share));
            vec![
                row.key.clone(),
                grouped(row.before),
                grouped(row.after),
                signed(row.delta, grouped(row.delta)),
                growth.unwrap_or_else(|| "new".to_owned()),
            ]
        });
        writeln!(
            context.out,
            "downloads in the last 30 days, {from} and {to}"
        )?;
        table::write_aligned(&names, rows, context.out)?;
        return Ok(found);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| json::cells(row, &names))
        .collect::<Result<_>>()?;
    table::write(context.format, &names, cells.into_iter(), context.out)?;
    Ok(found)
}

fn row(mover: &Mover, names: &[&str]) -> MoverJson {
    let delta = mover.delta();
    MoverJson {
        key: names[mover.group].to_owned(),
        before: mover.before,
        after: mover.after,
        delta,
        growth: billionths(delta, mover.before).map(figures::share),
    }
}

/// Returns the movers and the names of their groups.
fn movers<'h>(
    context: &mut CommandContext,
    history: &'h History,
    ends: [&HistorySnapshot; 2],
    by: MoverGroup,
) -> Result<(Vec<Mover>, Vec<&'h str>)> {
    let (names, groups) = match by {
        MoverGroup::Model => {
            let names = history.names();
            let groups = (0..).take(names.len()).map(Some).collect();
            (names, groups)
        }
        MoverGroup::Author => {
            let names = history.names();
            grouped_by(
                names
                    .iter()
                    .map(|name| name.split_once('/').map(|(author, _)| author)),
            )
        }
        MoverGroup::Task => {
            let hub = context.open(Stage::Fields)?;
            let mut tasks = vec![None; history.len()];
            for (model, slot) in hub.models.all().zip(history.slots_of(&hub.models)) {
                if let Some(slot) = slot {
                    tasks[slot.index()] = hub.models.word(Field::Task, model);
                }
            }
            grouped_by(tasks.into_iter())
        }
        MoverGroup::Family => {
            let hub = context.open(Stage::Lineage)?;
            return Ok(families(hub, history, ends));
        }
    };
    let count = names.len();
    Ok((history.movers(ends, &groups, count), names))
}

/// Numbers the words, and returns the number of each.
fn grouped_by<'w>(
    words: impl Iterator<Item = Option<&'w str>>,
) -> (Vec<&'w str>, Vec<Option<u32>>) {
    let mut numbers: HashMap<&str, u32, FxBuildHasher> = HashMap::default();
    let mut names = Vec::new();
    let number = |word: Option<&'w str>| {
        let word = word?;
        Some(*numbers.entry(word).or_insert_with(|| {
            names.push(word);
            u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
        }))
    };
    let groups = words.map(number).collect();
    (names, groups)
}

/// Returns the movers among the families of a hub: a model may be in several.
fn families<'h>(
    hub: &'h Hub,
    history: &History,
    ends: [&HistorySnapshot; 2],
) -> (Vec<Mover>, Vec<&'h str>) {
    let slots = history.slots_of(&hub.models);
    let columns = ends.map(|snapshot| snapshot.column(Counter::Downloads));
    let mut movers = Vec::new();
    let mut names = Vec::new();
    for root in &hub.rollup.roots {
        let members = descendants(&hub.graph, *root).into_iter().chain([*root]);
        let models = members.filter_map(|node| hub.graph.model(node));
        let slots: Vec<Slot> = models.filter_map(|model| slots[model.row()]).collect();
        let sum = |at: usize| {
            let numbers = slots.iter().filter_map(|slot| columns[at].get(*slot));
            numbers.fold(0, i64::saturating_add)
        };
        let (before, after) = (sum(0), sum(1));
        if before != after {
            movers.push(Mover {
                group: names.len(),
                before,
                after,
            });
            names.push(hub.name(*root));
        }
    }
    Mover::sort(&mut movers);
    (movers, names)
}
