//! `hubscope show ID`: one model with all its fields and its family, and what the Hub has now.

mod live;

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use self::live::{Live, LiveJson};
use super::suggestions::{SUGGESTED, did_you_mean};
use crate::cli::complete::candidates::Candidates;
use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::cli::output::format::{Format, Output};
use crate::cli::output::record::JsonRecord;
use crate::cli::output::{json, table};
use crate::engine::Hub;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::suspect::suspect_reason;
use crate::engine::parquet::record::{self, Gguf};
use crate::engine::query::memory;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::format::{count, grouped};
use crate::present::{card, figures};

#[derive(Debug, Default, Args)]
pub struct ShowArgs {
    /// Id of the model, such as `google/gemma-7b`
    #[arg(add = Candidates::Id)]
    pub id: String,
    /// Ask the Hub for the values of now, and print them beside the snapshot, with the files
    #[arg(long)]
    pub live: bool,
    #[command(flatten)]
    pub output: Output,
}

/// The answer as JSON.
#[derive(Serialize)]
struct ShowJson<'a> {
    #[serde(flatten)]
    model: JsonRecord<'a>,
    dtypes: BTreeMap<&'a str, i64>,
    tags: &'a [String],
    gguf: Option<&'a Gguf>,
    /// The metadata of the model card, if the file has it.
    card: Option<&'a Map<String, Value>>,
    ancestors: Vec<&'a str>,
    children: BTreeMap<&'a str, usize>,
    descendants: usize,
    family_downloads: Option<i64>,
    recent_share: Option<f64>,
    /// The reason why `params` cannot be right; `None` if there is none.
    params_suspect: Option<String>,
    /// The other way to read `params`; `None` if there is none.
    params_note: Option<String>,
    /// The bytes of the weights by the bits of each.
    memory: Option<BTreeMap<String, i64>>,
    #[serde(flatten)]
    now: Option<NowJson<'a>>,
}

/// The answer of the Hub as JSON.
#[derive(Serialize)]
struct NowJson<'a> {
    live: LiveJson<'a>,
    /// The keys of the values that have changed since the snapshot.
    changed: Vec<&'static str>,
}

impl NowJson<'_> {
    fn of(live: &Live) -> Result<NowJson<'_>> {
        Ok(NowJson {
            live: live.json()?,
            changed: live.changed(),
        })
    }
}

/// Prints a model. Without one of that id, explains what there is instead.
///
/// # Errors
/// When the model's row in the file is damaged; after the snapshot's values are printed, when the Hub
/// does not describe the model.
pub fn run(context: &mut CommandContext, args: &ShowArgs) -> Result<Found> {
    let hub = context.open(Stage::Complete)?;
    let node = hub.find(&args.id);
    let asked = args.live.then(|| Live::ask(hub, node, &args.id));
    let (live, failure) = match asked {
        Some(Ok(live)) => (Some(live), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let found = print_with(context, hub, &args.id, live.as_ref())?;
    failure.map_or(Ok(found), Err)
}

/// Prints a model of an open hub.
///
/// # Errors
/// When the model's row in the file is damaged.
pub fn print(context: &mut CommandContext, hub: &Hub, id: &str) -> Result<Found> {
    print_with(context, hub, id, None)
}

fn print_with(
    context: &mut CommandContext,
    hub: &Hub,
    id: &str,
    live: Option<&Live>,
) -> Result<Found> {
    match hub.find(id).and_then(|node| hub.graph.model(node)) {
        Some(model) => print_model(context, hub, model, live),
        None => print_missing(context, hub, id, live),
    }
}

/// Prints what there is instead of a model that the snapshot does not have.
fn print_missing(
    context: &mut CommandContext,
    hub: &Hub,
    id: &str,
    live: Option<&Live>,
) -> Result<Found> {
    let hint = match hub.find(id) {
        Some(ghost) => missing_base(hub, ghost),
        None => did_you_mean(hub, id),
    };
    context.explain(&format!("no model `{id}` in {}{hint}", hub.source))?;
    let Some(live) = live else {
        return Ok(Found::Nothing);
    };
    match context.format {
        Format::Json => json::write_sourced(&NowJson::of(live)?, &hub.source, context.out)?,
        Format::Text => live.print(context.out)?,
        Format::Ids => writeln!(context.out, "{}", live.id())?,
        format => {
            let members = json::members(&NowJson::of(live)?)?;
            table::write(format, &HEADER, rows(members).into_iter(), context.out)?;
        }
    }
    Ok(Found::Something)
}

const HEADER: [&str; 2] = ["field", "value"];

fn print_model(
    context: &mut CommandContext,
    hub: &Hub,
    model: ModelId,
    live: Option<&Live>,
) -> Result<Found> {
    let record = isolated(&hub.source, || hub.record(model))?;
    let family = hub.family(model.into());
    let mut answer = answer(hub, model, &record, &family);
    if let Some(renamed) = live.and_then(|live| live.new_id(hub.models.id(model))) {
        context.explain(&format!("the model is {renamed} now"))?;
    }
    match context.format {
        Format::Json => {
            answer.now = live.map(NowJson::of).transpose()?;
            json::write_sourced(&answer, &hub.source, context.out)?;
        }
        Format::Ids => writeln!(context.out, "{}", hub.models.id(model))?,
        Format::Text => {
            let params = hub.models.number(Field::Params, model);
            let rows = for_people(&answer, params)?;
            table::write_aligned(&HEADER, rows.into_iter(), context.out)?;
            live.map_or(Ok(()), |live| live.print(context.out))?;
        }
        format => {
            answer.now = live.map(NowJson::of).transpose()?;
            let members = json::members(&answer)?;
            table::write(format, &HEADER, rows(members).into_iter(), context.out)?;
        }
    }
    Ok(Found::Something)
}

/// Returns the members as rows for programs; those of `live` have names of their own.
fn rows(members: Map<String, Value>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("live", Value::Object(live)) => {
                let live = live.iter().filter(|(_, value)| !has_objects(value));
                rows.extend(
                    live.map(|(key, value)| vec![format!("live.{key}"), json::text(value)]),
                );
            }
            (_, value) => rows.push(vec![name, json::text(&value)]),
        }
    }
    rows
}

/// Returns true for a list of objects, which are no cell.
fn has_objects(value: &Value) -> bool {
    let items = value.as_array().into_iter().flatten();
    items.into_iter().any(Value::is_object)
}

fn answer<'a>(
    hub: &'a Hub,
    model: ModelId,
    record: &'a record::Record,
    family: &'a Family,
) -> ShowJson<'a> {
    let suspect = suspect_reason(&hub.models, &hub.graph, model);
    let children = family.children.iter();
    let children = children.map(|(how, count)| (figures::relation(how), *count));
    let dtypes = record.dtypes.iter();
    let memory = |params: i64| {
        let bytes = |bits: u32| (bits.to_string(), memory::bytes(params, bits));
        memory::WIDTHS.map(bytes).into()
    };
    ShowJson {
        model: JsonRecord::new(hub, model.into()),
        dtypes: dtypes.map(|(name, count)| (&**name, *count)).collect(),
        tags: &record.tags,
        gguf: record.gguf.as_ref(),
        card: Some(&record.card).filter(|card| !card.is_empty()),
        ancestors: family.ancestors.iter().map(|n| hub.name(*n)).collect(),
        children: children.collect(),
        descendants: family.descendants,
        family_downloads: family.downloads,
        recent_share: hub.models.recent_share(model),
        params_suspect: suspect.map(|reason| figures::doubt(&hub.models, &reason)),
        params_note: figures::packed(&record.dtypes),
        memory: hub.models.number(Field::Params, model).map(memory),
        now: None,
    }
}

/// Returns the members as rows, with grouped numbers.
fn for_people(answer: &ShowJson, params: Option<i64>) -> Result<Vec<Vec<String>>> {
    let text = |value: &Value| match value {
        Value::Null => "unknown".to_owned(),
        Value::Number(n) => n.as_i64().map_or_else(|| n.to_string(), grouped),
        other => json::joined(other, ", "),
    };
    let members = json::members(answer)?.into_iter();
    // That there is nothing to say of the parameters is no news.
    let is_remark = |name: &str| matches!(name, "params_suspect" | "params_note" | "card");
    let members = members.filter(|(name, value)| !is_remark(name) || !value.is_null());
    let row = |(name, value): (String, Value)| {
        let text = match (name.as_str(), params) {
            ("memory", Some(params)) => {
                format!("{} (GB of 10⁹ bytes)", figures::memory(params))
            }
            ("card", _) => {
                let facts = answer.card.map(card::facts).unwrap_or_default();
                let facts = facts.iter().map(|(name, value)| format!("{name}: {value}"));
                facts.collect::<Vec<_>>().join("; ")
            }
            _ => text(&value),
        };
        vec![name, text]
    };
    Ok(members.map(row).collect())
}

/// Returns the models that name a missing base.
fn missing_base(hub: &Hub, base: Node) -> String {
    let children = hub.graph.children(base);
    let named = children.iter().take(SUGGESTED);
    let named: Vec<&str> = named.map(|child| hub.name(*child)).collect();
    let others = match children.len() - named.len() {
        0 => String::new(),
        more => format!(" and {} others", count(more)),
    };
    format!(
        "; it is missing (deleted, private or renamed), the base model of {}{others}",
        named.join(", ")
    )
}
