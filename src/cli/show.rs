//! `hubscope show ID`: everything known of one model.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Found;
use super::args::Format;
use super::model::ModelJson;
use super::table;
use crate::engine::Hub;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::suspect::suspect_reason;
use crate::engine::parquet::record::{Gguf, Record};
use crate::engine::query::ast::{Anchor, Pattern, Query, Word};
use crate::engine::query::memory;
use crate::engine::search::searcher::Searcher;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::present::{figures, format};

/// Names that are offered when there is no such model.
const OFFERED: usize = 3;

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    model: ModelJson<'a>,
    dtypes: Map<String, Value>,
    tags: &'a [String],
    gguf: Option<&'a Gguf>,
    ancestors: Vec<&'a str>,
    children: Map<String, Value>,
    descendants: usize,
    family_downloads: i64,
    recent_share: Option<f64>,
    /// Why `params` cannot be right; null where nothing is against it.
    params_suspect: Option<String>,
    /// Bytes of the weights by the bits of each.
    memory: Option<Map<String, Value>>,
}

/// Prints a model. Without one of that id: nothing on `out`, and the nearest names on `err`.
///
/// # Errors
/// When the file is damaged there, or nothing can be written.
pub fn run(
    hub: &Hub,
    id: &str,
    format: Format,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let Some(model) = hub.models.find(id) else {
        let why = match hub.graph.ghost(id) {
            Some(ghost) => ghost_note(hub, ghost),
            None => offer(hub, id),
        };
        writeln!(err, "hubscope: no model `{id}` in {}{why}", hub.source)?;
        return Ok(Found::Nothing);
    };
    let record = super::apart(&hub.source, || hub.record(model))?;
    let family = hub.family(model.into());
    let shown = shown(hub, model, &record, &family);
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &shown)?;
        writeln!(out)?;
    } else if format == Format::Ids {
        writeln!(out, "{}", shown.model.id)?;
    } else {
        table::write(format, &["field", "value"], rows(&shown, format)?, out)?;
    }
    Ok(Found::Something)
}

fn shown<'a>(hub: &'a Hub, model: ModelId, record: &'a Record, family: &Family) -> Shown<'a> {
    let numbers = |pairs: &[(String, i64)]| {
        pairs
            .iter()
            .map(|(k, n)| (k.clone(), Value::from(*n)))
            .collect()
    };
    let child = |(how, count): &(String, usize)| {
        let how = if how.is_empty() { "unstated" } else { how };
        (how.to_owned(), Value::from(*count))
    };
    let doubt = suspect_reason(&hub.models, &hub.graph, model);
    let memory = |params: i64| {
        let of = |bits: u32| (bits.to_string(), Value::from(memory::bytes(params, bits)));
        memory::WIDTHS.map(of).into_iter().collect()
    };
    Shown {
        model: ModelJson::new(hub, model, record.license.as_deref()),
        dtypes: numbers(&record.dtypes),
        tags: &record.tags,
        gguf: record.gguf.as_ref(),
        ancestors: family
            .ancestors
            .iter()
            .map(|node| hub.name(*node))
            .collect(),
        children: family.children.iter().map(child).collect(),
        descendants: family.descendants,
        family_downloads: family.downloads,
        recent_share: hub.models.recent_share(model),
        params_suspect: doubt.map(|doubt| figures::doubt(&hub.models, &doubt)),
        memory: hub.models.number(Field::Params, model).map(memory),
    }
}

/// The object's members as rows; for people, numbers are grouped and what is unknown says so.
fn rows(shown: &Shown, format: Format) -> Result<impl Iterator<Item = Vec<String>>> {
    let people = format == Format::Text;
    let members = match serde_json::to_value(shown)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let text = move |value: &Value| match value {
        Value::Null if people => "unknown".to_owned(),
        Value::Null => String::new(),
        Value::Number(n) if people => n.as_i64().map_or_else(|| n.to_string(), format::grouped),
        Value::String(s) => s.clone(),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(if people { ", " } else { " " })
        }
        Value::Object(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(k, v)| format!("{k}={}", v.to_string().trim_matches('"')))
                .collect();
            pairs.join(if people { ", " } else { " " })
        }
        other => other.to_string(),
    };
    let params = shown.model.params();
    let rows = members.into_iter();
    Ok(rows.filter_map(move |(name, value)| {
        let told = match (name.as_str(), params) {
            // What nothing is against need not be said to be so.
            ("params_suspect", _) if people && value.is_null() => return None,
            ("memory", Some(params)) if people => {
                format!("{} (GB of 10⁹ bytes)", figures::memory(params))
            }
            _ => text(&value),
        };
        Some(vec![name, told])
    }))
}

/// What is known of a base that is not in the table.
fn ghost_note(hub: &Hub, ghost: Node) -> String {
    let children = hub.graph.children(ghost);
    let names: Vec<&str> = children
        .iter()
        .take(OFFERED)
        .map(|child| hub.name(*child))
        .collect();
    let others = match children.len() - names.len() {
        0 => String::new(),
        more => format!(" and {} others", format::count(more)),
    };
    format!(
        "; it is only named, as the base of {}{others}",
        names.join(", ")
    )
}

/// `; did you mean …?` with the best matches for what was asked, or for its name alone.
pub(super) fn offer(hub: &Hub, id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id);
    let found = [id, name].into_iter().find_map(|text| {
        if text.trim().is_empty() {
            return None;
        }
        let word = Pattern {
            text: text.to_lowercase(),
            anchor: Anchor::Anywhere,
        };
        let query = Query {
            words: vec![Word {
                negated: false,
                any: vec![word],
            }],
            ..Query::default()
        };
        let never = AtomicBool::new(false);
        let mut searcher = Searcher::default();
        let hits = searcher.search(hub.corpus(), &query, Order::default(), &never, None)?;
        (!hits.models.is_empty()).then_some(hits)
    });
    let Some(hits) = found else {
        return "; check the spelling".to_owned();
    };
    let names: Vec<&str> = hits
        .models
        .iter()
        .take(OFFERED)
        .map(|m| hub.models.id(*m))
        .collect();
    format!("; did you mean {}?", names.join(" or "))
}
