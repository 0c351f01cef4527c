//! `hubscope stats`: statistics of any models, as JSON, as rows, or as a report.

use anyhow::Result;
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::json::QuantilesJson;
use crate::cli::output::record::JsonRecord;
use crate::cli::output::{json, section, table};
use crate::cli::within::{Where, Within};
use crate::engine::Hub;
use crate::engine::stats::frequency::Authors;
use crate::engine::stats::summary::{Amounts, LineageCounts, Params, Summary, summary};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::figures;
use crate::present::format::{count, day};
use crate::present::report::sections;

#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub within: Where,
    #[command(flatten)]
    pub output: TableOutput,
    /// Print a report in Markdown
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub markdown: bool,
}

/// Prints the statistics.
///
/// # Errors
/// When the query is malformed, or the file is damaged where the most downloaded models are.
pub fn run(context: &mut CommandContext, args: &StatsArgs) -> Result<Found> {
    let within = Within::new(args.within.query.as_deref())?;
    let hub = context.open(stage(context.format).max(within.stage()))?;
    let set = within.models(hub)?;
    let summary = summary(&hub.models, &hub.graph, &hub.suspects, &set);
    match context.format {
        Format::Markdown => report(context, hub, &within, &set, &summary)?,
        Format::Text if summary.models == 0 => {}
        Format::Text => report(context, hub, &within, &set, &summary)?,
        Format::Json => {
            let named = Named::read(hub, &summary)?;
            json::write_sourced(&StatsJson::new(&summary, &named), &hub.source, context.out)?;
        }
        format => {
            let named = Named::without_licenses(hub, &summary);
            let members = json::members(&StatsJson::new(&summary, &named))?;
            let rows = rows(&members).into_iter();
            table::write(format, &["figure", "value"], rows, context.out)?;
        }
    }
    within.found(hub, summary.models, 0, context)
}

fn stage(format: Format) -> Stage {
    match format {
        // The report has a table of licenses, which are read from the tags.
        Format::Text | Format::Markdown => Stage::Complete,
        _ => Stage::Fields,
    }
}

fn report(
    context: &mut CommandContext,
    hub: &Hub,
    within: &Within,
    set: &ModelSet,
    summary: &Summary,
) -> Result<()> {
    let format = context.format;
    let (models, all) = (count(summary.models), count(hub.models.len()));
    let newest = hub.newest().map(day);
    let age = newest.map_or(String::new(), |day| format!(", last change {day}"));
    let that = within.in_words();
    let line = format!("{models} models{that}, of {all} in {}{age}", hub.source);
    match format {
        Format::Markdown => {
            let line = section::markdown(&line);
            writeln!(context.out, "# Models of the Hugging Face Hub\n\n{line}.")?;
        }
        _ => writeln!(context.out, "{line}")?,
    }
    let authors = Authors::of(&hub.models);
    let sections = sections(hub, &authors, set, summary);
    let mut sections = sections.iter();
    sections.try_for_each(|section| section::write(section, format, context.out))
}

/// The most downloaded models of each class of size, with their licenses.
struct Named<'h> {
    hub: &'h Hub,
    classes: [Vec<(ModelId, Option<String>)>; 3],
}

impl<'h> Named<'h> {
    fn read(hub: &'h Hub, summary: &Summary) -> Result<Named<'h>> {
        let one = |(model, _): (ModelId, _)| Ok((model, hub.license(model)?));
        let read = |models: Vec<_>| models.into_par_iter().map(one).collect::<Result<Vec<_>>>();
        let [small, medium, large] = Named::without_licenses(hub, summary).classes;
        let classes = isolated(&hub.source, || {
            Ok([read(small)?, read(medium)?, read(large)?])
        })?;
        Ok(Named { hub, classes })
    }

    /// Rows have the ids only.
    fn without_licenses(hub: &'h Hub, summary: &Summary) -> Named<'h> {
        let top = &summary.top_by_size;
        let classes = [&top.under_1b, &top.from_7b_to_15b, &top.over_100b];
        let classes = classes.map(|models| models.iter().map(|model| (*model, None)).collect());
        Named { hub, classes }
    }

    fn json(&self, class: usize) -> Vec<JsonRecord<'_>> {
        let models = self.classes[class].iter();
        let record = |model: ModelId| JsonRecord::new(self.hub, model.into());
        models
            .map(|(model, license)| record(*model).with_license(license.as_deref()))
            .collect()
    }
}

/// The answer as JSON.
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
    under_1b: Vec<JsonRecord<'a>>,
    #[serde(rename = "7b_to_15b")]
    from_7b_to_15b: Vec<JsonRecord<'a>>,
    over_100b: Vec<JsonRecord<'a>>,
}

impl<'a> StatsJson<'a> {
    fn new(summary: &Summary, named: &'a Named) -> StatsJson<'a> {
        let lineage = summary.lineage.as_ref();
        StatsJson {
            models: summary.models,
            downloads: summary.downloads.map(AmountsJson::from).unwrap_or_default(),
            downloads_all_time: summary
                .downloads_all_time
                .map(AmountsJson::from)
                .unwrap_or_default(),
            recent_share: summary.recent_share,
            lineage: lineage.map(LineageJson::from).unwrap_or_default(),
            params: ParamsJson::from(&summary.params),
            top_by_size: TopJson {
                under_1b: named.json(0),
                from_7b_to_15b: named.json(1),
                over_100b: named.json(2),
            },
        }
    }
}

impl From<Amounts> for AmountsJson {
    fn from(amounts: Amounts) -> AmountsJson {
        AmountsJson {
            positive: Some(amounts.positive),
            median: amounts.median.map(json::number),
            mean: amounts.mean,
            sum: amounts.sum,
        }
    }
}

impl From<&LineageCounts> for LineageJson {
    fn from(lineage: &LineageCounts) -> LineageJson {
        let relations = lineage.relations.iter();
        let relations = relations
            .map(|(how, tally)| (figures::relation(how).to_owned(), Value::from(tally.models)));
        LineageJson {
            with_base: Some(lineage.with_base),
            relations: Some(relations.collect()),
            edges: Some(lineage.edges),
            ghost_edges: Some(lineage.ghost_edges),
            self_edges: Some(lineage.self_edges),
            multi_base: Some(lineage.multi_base),
        }
    }
}

impl From<&Params> for ParamsJson {
    fn from(params: &Params) -> ParamsJson {
        ParamsJson {
            known: params.known,
            known_safetensors: params.known_safetensors,
            known_gguf_only: params.known_gguf_only,
            suspect: params.suspect,
            safetensors: QuantilesJson::new(Field::Params, params.safetensors.as_ref()),
            all: QuantilesJson::new(Field::Params, params.all.as_ref()),
        }
    }
}

/// Returns the members as rows, those of nested objects under a path of names.
fn rows(members: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(members) => {
                let below = rows(members).into_iter();
                all.extend(below.map(|row| vec![format!("{name}.{}", row[0]), row[1].clone()]));
            }
            value => all.push(vec![name.clone(), json::text(value)]),
        }
    }
    all
}
