//! `hubscope stats`: the figures of a report over any models, as JSON, as rows, or as the report.

use std::io::Write;

use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::Format;
use super::figures::{self, QuantilesJson};
use super::model::ModelJson;
use super::report::{self, Style};
use super::within::Within;
use super::{Found, table};
use crate::engine::Hub;
use crate::engine::stats::summary::{Amounts, LineageCounts, Params, Summary, summary};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;

/// How much of a hub must be loaded to print in a format, or without one the report in Markdown.
pub fn stage(within: &Within, format: Option<Format>) -> Stage {
    let own = match format {
        // The report has a table of licences, which are read from the tags.
        None | Some(Format::Text) => Stage::Complete,
        _ => Stage::Fields,
    };
    own.max(within.stage())
}

/// Prints the figures.
///
/// # Errors
/// When the file is damaged where the named models are, or nothing can be written.
pub fn run(
    hub: &Hub,
    within: &Within,
    format: Option<Format>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let set = within.models(hub)?;
    let summary = summary(&hub.models, &hub.graph, &hub.suspects, &set);
    match format {
        None => for_people(hub, within, &set, &summary, Style::Markdown, out)?,
        Some(Format::Text) if summary.models == 0 => {}
        Some(Format::Text) => for_people(hub, within, &set, &summary, Style::Aligned, out)?,
        Some(format) => {
            let named = match format {
                Format::Json => Named::read(hub, &summary)?,
                _ => Named::without_licenses(hub, &summary),
            };
            let stats = StatsJson::new(&summary, &named);
            if format == Format::Json {
                serde_json::to_writer_pretty(&mut *out, &stats)?;
                writeln!(out)?;
            } else {
                let rows = rows(&serde_json::to_value(&stats)?);
                table::write(format, &["figure", "value"], rows.into_iter(), out)?;
            }
        }
    }
    within.found(hub, summary.models, err)
}

fn for_people(
    hub: &Hub,
    within: &Within,
    set: &ModelSet,
    summary: &Summary,
    style: Style,
    out: &mut impl Write,
) -> Result<()> {
    report::write(hub, &within.in_words(), set, summary, style, out)
}

/// The models that are named, with the licence of each.
struct Named<'h> {
    hub: &'h Hub,
    classes: [Vec<(ModelId, Option<String>)>; 3],
}

impl<'h> Named<'h> {
    fn read(hub: &'h Hub, summary: &Summary) -> Result<Named<'h>> {
        let top = &summary.top_by_size;
        let read = |models: &[ModelId]| -> Result<Vec<(ModelId, Option<String>)>> {
            let one = |model: &ModelId| Ok((*model, hub.license(*model)?));
            models.par_iter().map(one).collect()
        };
        let classes = super::apart(&hub.source, || {
            Ok([
                read(&top.under_1b)?,
                read(&top.from_7b_to_15b)?,
                read(&top.over_100b)?,
            ])
        })?;
        Ok(Named { hub, classes })
    }

    /// Rows tell the ids only.
    fn without_licenses(hub: &'h Hub, summary: &Summary) -> Named<'h> {
        let top = &summary.top_by_size;
        let classes = [&top.under_1b, &top.from_7b_to_15b, &top.over_100b];
        let classes = classes.map(|models| models.iter().map(|model| (*model, None)).collect());
        Named { hub, classes }
    }

    fn json(&self, class: usize) -> Vec<ModelJson<'_>> {
        let models = self.classes[class].iter();
        models
            .map(|(model, license)| ModelJson::new(self.hub, *model, license.as_deref()))
            .collect()
    }
}

/// What the contract of the command line says of `stats --json`.
#[derive(Serialize)]
struct StatsJson<'a> {
    models: usize,
    downloads: AmountsJson,
    downloads_all_time: AmountsJson,
    recent_share: Option<f64>,
    lineage: LineageJson,
    params: ParamsJson,
    top_by_size: TopJson<'a>,
}

#[derive(Default, Serialize)]
struct AmountsJson {
    positive: Option<usize>,
    median: Option<Value>,
    mean: Option<f64>,
    sum: Option<i64>,
}

#[derive(Default, Serialize)]
struct LineageJson {
    with_base: Option<usize>,
    relations: Option<Map<String, Value>>,
    edges: Option<usize>,
    ghost_edges: Option<usize>,
    self_edges: Option<usize>,
    multi_base: Option<usize>,
}

#[derive(Serialize)]
struct ParamsJson {
    known: Option<usize>,
    known_safetensors: Option<usize>,
    known_gguf_only: Option<usize>,
    suspect: Option<usize>,
    safetensors: QuantilesJson,
    all: QuantilesJson,
}

#[derive(Serialize)]
struct TopJson<'a> {
    under_1b: Vec<ModelJson<'a>>,
    #[serde(rename = "7b_to_15b")]
    from_7b_to_15b: Vec<ModelJson<'a>>,
    over_100b: Vec<ModelJson<'a>>,
}

impl<'a> StatsJson<'a> {
    fn new(summary: &Summary, named: &'a Named) -> StatsJson<'a> {
        StatsJson {
            models: summary.models,
            downloads: summary.downloads.map(amounts).unwrap_or_default(),
            downloads_all_time: summary.downloads_all_time.map(amounts).unwrap_or_default(),
            recent_share: summary.recent_share,
            lineage: summary.lineage.as_ref().map(lineage).unwrap_or_default(),
            params: params(&summary.params),
            top_by_size: TopJson {
                under_1b: named.json(0),
                from_7b_to_15b: named.json(1),
                over_100b: named.json(2),
            },
        }
    }
}

fn amounts(amounts: Amounts) -> AmountsJson {
    AmountsJson {
        positive: Some(amounts.positive),
        median: amounts.median.map(figures::number),
        mean: amounts.mean,
        sum: amounts.sum,
    }
}

fn lineage(lineage: &LineageCounts) -> LineageJson {
    let named = lineage.relations.iter().map(|(how, tally)| {
        let how = if how.is_empty() { "unstated" } else { how };
        (how.to_owned(), Value::from(tally.models))
    });
    LineageJson {
        with_base: Some(lineage.with_base),
        relations: Some(named.collect()),
        edges: Some(lineage.edges),
        ghost_edges: Some(lineage.ghost_edges),
        self_edges: Some(lineage.self_edges),
        multi_base: Some(lineage.multi_base),
    }
}

fn params(params: &Params) -> ParamsJson {
    ParamsJson {
        known: params.known,
        known_safetensors: params.known_safetensors,
        known_gguf_only: params.known_gguf_only,
        suspect: params.suspect,
        safetensors: QuantilesJson::new(Field::Params, params.safetensors.as_ref()),
        all: QuantilesJson::new(Field::Params, params.all.as_ref()),
    }
}

/// The members as rows, each named by the way to it; of models the ids, between blanks.
fn rows(stats: &Value) -> Vec<Vec<String>> {
    let Value::Object(members) = stats else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, value) in members {
        let text = match value {
            Value::Object(_) => {
                let below = rows(value).into_iter();
                all.extend(below.map(|row| vec![format!("{name}.{}", row[0]), row[1].clone()]));
                continue;
            }
            Value::Null => String::new(),
            Value::Array(models) => {
                let ids: Vec<&str> = models.iter().filter_map(|m| m["id"].as_str()).collect();
                ids.join(" ")
            }
            other => other.to_string(),
        };
        all.push(vec![name.clone(), text]);
    }
    all
}
