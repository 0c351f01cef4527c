//! `hubscope check`: models of the snapshot against what the Hub answers now.

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::{json, table};
use crate::cli::within::{Where, Within};
use crate::engine::Hub;
use crate::engine::search::searcher::Searcher;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::hub::{LiveModel, LiveValue, ModelApi, Unavailable, ValueChange, changes};
use crate::present::format::count;

/// The most models of one run: more would take longer than the snapshot is new.
const MOST: u64 = 10_000;

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub within: Where,
    /// Maximum number of models, from 1 to 10,000
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub limit: u64,
    #[command(flatten)]
    pub output: TableOutput,
}

/// The answer as JSON.
#[derive(Serialize)]
struct CheckJson<'a> {
    checked: usize,
    /// The number of models in each state.
    states: Map<String, Value>,
    models: &'a [Checked<'a>],
}

/// A model that was asked for.
#[derive(Serialize)]
struct Checked<'a> {
    id: &'a str,
    /// `same`, `changed`, `renamed`, `gone`, `no access`, `rate-limited` or `unreachable`.
    state: String,
    /// The id that it has now, after a rename.
    renamed_to: Option<String>,
    /// The values that differ.
    #[serde(serialize_with = "by_key")]
    changes: Vec<ValueChange>,
    /// The reason why the Hub does not describe it.
    reason: Option<String>,
}

fn by_key<S: serde::Serializer>(changes: &[ValueChange], to: S) -> Result<S::Ok, S::Error> {
    let both = |change: &ValueChange| json!({"snapshot": change.then, "now": change.now});
    to.collect_map(changes.iter().map(|change| (change.key, both(change))))
}

/// Compares the first models that match with the Hub, and prints the values that differ.
///
/// # Errors
/// When the query is malformed, or the Hub cannot be reached at all.
pub fn run(context: &mut CommandContext, args: &CheckArgs) -> Result<Found> {
    let within = Within::new(args.within.query.as_deref())?;
    let hub = context.open(Stage::Complete)?;
    let models = first(hub, &within, args.limit)?;
    if models.is_empty() {
        return within.found(hub, 0, 0, context);
    }
    let ids: Vec<&str> = models.iter().map(|model| hub.models.id(*model)).collect();
    let api = ModelApi::from_env()?;
    // Written from any of the threads that ask; nothing depends on it.
    let on_wait = |wait: Duration| {
        let line = format!("hubscope: the Hub asks to wait {} s", wait.as_secs());
        let _ = writeln!(io::stderr(), "{line}");
    };
    let mut answers = api.models(&ids, &on_wait);
    let is_down = |answer: &Result<LiveModel>| {
        let reason = answer.as_ref().err().map(Unavailable::of);
        matches!(reason, Some(Unavailable::Failing | Unavailable::BadToken))
    };
    if answers.iter().all(is_down) {
        return answers.swap_remove(0).map(|_| Found::Nothing);
    }
    let answers = models.iter().zip(answers);
    let checked: Vec<Checked> = answers
        .map(|(model, answer)| checked(hub, *model, answer))
        .collect();
    print(context, hub, &checked)?;
    Ok(Found::Something)
}

/// Returns the first models that match a query, in its order.
fn first(hub: &Hub, within: &Within, limit: u64) -> Result<Vec<ModelId>> {
    within.check(hub)?;
    let never = AtomicBool::new(false);
    let (query, order) = (&within.parsed.query, within.order().unwrap_or_default());
    let hits = Searcher::default().search(hub.corpus(), query, order, &never, None);
    let hits = hits.ok_or_else(|| anyhow!("the search was stopped"))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(hits.models.iter().take(limit).copied().collect())
}

fn checked(hub: &Hub, model: ModelId, answer: Result<LiveModel>) -> Checked<'_> {
    let id = hub.models.id(model);
    let live = match answer {
        Ok(live) => live,
        Err(error) => {
            return Checked {
                id,
                state: Unavailable::of(&error).to_string(),
                renamed_to: None,
                changes: Vec::new(),
                reason: Some(format!("{error:#}")),
            };
        }
    };
    let mut changes = changes(hub, Some(model.into()), &live);
    changes.retain(ValueChange::is_change);
    let renamed_to = (live.id != id).then_some(live.id);
    let state = match (&renamed_to, changes.is_empty()) {
        (Some(_), _) => "renamed",
        (None, true) => "same",
        (None, false) => "changed",
    };
    Checked {
        id,
        state: state.to_owned(),
        renamed_to,
        changes,
        reason: None,
    }
}

fn print(context: &mut CommandContext, hub: &Hub, checked: &[Checked]) -> Result<()> {
    let mut states: Vec<(&str, usize)> = Vec::new();
    for Checked { state, .. } in checked {
        match states.iter_mut().find(|(name, _)| name == state) {
            Some((_, number)) => *number += 1,
            None => states.push((state, 1)),
        }
    }
    if context.format == Format::Json {
        let states = states
            .iter()
            .map(|(name, number)| ((*name).to_owned(), json!(number)));
        let answer = CheckJson {
            checked: checked.len(),
            states: states.collect(),
            models: checked,
        };
        return json::write_sourced(&answer, &hub.source, context.out);
    }
    let header = ["model", "state", "field", "snapshot", "now", "change"];
    let is_for_people = matches!(context.format, Format::Text | Format::Markdown);
    let cells: fn(&ValueChange) -> [Option<String>; 3] = match is_for_people {
        true => |change| [change.then(), change.now(), change.difference()],
        false => exact,
    };
    let rows = checked.iter().flat_map(|checked| rows(checked, cells));
    table::write(context.format, &header, rows, context.out)?;
    let states: Vec<String> = states
        .iter()
        .map(|(name, number)| format!("{} {name}", count(*number)))
        .collect();
    let number = count(checked.len());
    context.explain(&format!("{number} models checked: {}", states.join(", ")))
}

/// Returns the values and their difference for programs.
fn exact(change: &ValueChange) -> [Option<String>; 3] {
    let text = |value: &Option<LiveValue>| {
        let value = serde_json::to_value(value).ok()?;
        Some(json::text(&value))
    };
    let delta = change.delta().map(|delta| delta.to_string());
    [text(&change.then), text(&change.now), delta]
}

/// Returns a row for each value that differs, or one for a state without any.
fn rows(
    checked: &Checked,
    cells: impl Fn(&ValueChange) -> [Option<String>; 3],
) -> Vec<Vec<String>> {
    let row = |field: &str, texts: [Option<String>; 3]| {
        let own = [checked.id, &*checked.state, field].map(str::to_owned);
        let texts = texts.map(Option::unwrap_or_default);
        own.into_iter().chain(texts).collect::<Vec<String>>()
    };
    let renamed = checked.renamed_to.clone();
    let renamed = renamed.map(|id| row("id", [Some(checked.id.to_owned()), Some(id), None]));
    let changes = checked.changes.iter();
    let changes = changes.map(|change| row(change.key, cells(change)));
    let mut rows: Vec<Vec<String>> = renamed.into_iter().chain(changes).collect();
    if rows.is_empty() {
        rows.push(row("", [None, None, None]));
    }
    rows
}
