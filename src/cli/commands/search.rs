//! `hubscope search QUERY`: the models that match a query, the best first.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};
use clap::Args;
use serde::{Serialize, Serializer};

use crate::cli::complete::candidates::Candidates;
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, ListOutput, parse_limit};
use crate::cli::output::record::JsonRecord;
use crate::cli::output::{json, table};
use crate::cli::within::{Within, check_order};
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::search::hits::Hits;
use crate::engine::search::searcher::Searcher;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::figures::of_model;
use crate::present::format::count;

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The query; several arguments are joined by blanks
    #[arg(add = Candidates::Query)]
    pub query: Vec<String>,
    /// Maximum number of models (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    /// Sort by a field, or by `FIELD:asc` for the smallest first; by several between commas
    #[arg(long, value_name = "FIELD", value_parser = Order::parse, add = Candidates::Order)]
    pub sort: Option<Order>,
    #[command(flatten)]
    pub output: ListOutput,
}

/// The answer as JSON.
#[derive(Serialize)]
struct SearchJson<'t> {
    query: &'t str,
    total: usize,
    exact: usize,
    fuzzy: usize,
    /// The number of models that match the words of the query, but not its filters.
    hidden: usize,
    #[serde(serialize_with = "each")]
    hits: &'t ModelTable<'t>,
}

/// Serializes row by row: all models of a hub may be listed.
fn each<S: Serializer>(table: &ModelTable, serializer: S) -> Result<S::Ok, S::Error> {
    let rows = 0..table.nodes.len();
    serializer.collect_seq(rows.map(|row| JsonRecord::of_row(table, row)))
}

/// Prints the models that match.
///
/// # Errors
/// When the query is malformed, or compares without an older snapshot.
pub fn run(context: &mut CommandContext, args: &SearchArgs) -> Result<Found> {
    let within = Within::new(Some(&args.query.join(" ")))?;
    let order = args.sort.or(within.order()).unwrap_or_default();
    let hub = context.open(stage(&within, context.format))?;
    within.check(hub)?;
    check_order(hub, order)?;
    let never = AtomicBool::new(false);
    let query = &within.parsed.query;
    let hits = Searcher::default()
        .search(hub.corpus(), query, order, &never, None)
        .ok_or_else(|| anyhow!("the search was stopped"))?;
    let listed = listed(hub, &hits, args.limit);
    match context.format {
        Format::Text => for_people(&listed, &hits, order, context.out)?,
        Format::Json => {
            let answer = SearchJson {
                query: &within.text,
                total: hits.models.len(),
                exact: hits.exact(),
                fuzzy: hits.fuzzy(),
                hidden: hits.hidden,
                hits: &listed,
            };
            json::write_sourced(&answer, &hub.source, context.out)?;
        }
        format => table::write_models(format, &listed, context.out)?,
    }
    within.found(hub, hits.models.len(), hits.hidden, context)
}

fn stage(within: &Within, format: Format) -> Stage {
    match format.has_licenses() {
        true => Stage::Complete,
        false => within.stage().max(Stage::Fields),
    }
}

/// Returns the first models with their tiers.
fn listed<'h>(hub: &'h Hub, hits: &Hits, limit: usize) -> ModelTable<'h> {
    let models = hits.models.iter().take(limit);
    let tiers = hits.ranks().take(limit).map(|rank| Some(rank.name()));
    ModelTable {
        hub,
        columns: [
            &ModelColumn::model(hub)[..],
            &[ModelColumn::Field(Field::RecentShare)],
        ]
        .concat(),
        nodes: models.map(|model| Node::from(*model)).collect(),
        extra: vec![ExtraColumn::texts("tier", tiers.collect())],
    }
}

fn for_people(listed: &ModelTable, hits: &Hits, order: Order, out: &mut dyn Write) -> Result<()> {
    if hits.models.is_empty() {
        return Ok(());
    }
    let (hub, shown) = (listed.hub, listed.nodes.len());
    let mut fields = vec![
        Field::Downloads,
        Field::RecentShare,
        Field::Delta,
        Field::Growth,
        Field::Likes,
        Field::Params,
        Field::Task,
    ];
    fields.retain(|field| hub.offers(*field));
    let sorted = order.keys().map(|key| key.field);
    let more = sorted.filter(|field| *field != Field::Id && !fields.contains(field));
    fields.splice(0..0, more.collect::<Vec<_>>());
    let row = |(model, tier): (&ModelId, &str)| {
        let values = fields.iter();
        let values = values.map(|field| of_model(&hub.models, *field, *model));
        let id = hub.models.id(*model).to_owned();
        [vec![id], values.collect(), vec![tier.to_owned()]].concat()
    };
    let titles = fields.iter().map(|field| field.info().title);
    let header: Vec<&str> = ["model"]
        .into_iter()
        .chain(titles)
        .chain(["match"])
        .collect();
    let tiers = hits.ranks().map(|rank| rank.name());
    let rows = hits.models.iter().zip(tiers).take(shown).map(row);
    table::write_aligned(&header, rows, out)?;
    let fuzzy = match hits.fuzzy() {
        0 => String::new(),
        fuzzy => format!(" · {} fuzzy", count(fuzzy)),
    };
    let rest = match hits.models.len() > shown {
        true => format!("; first {} shown, --limit 0 for all", count(shown)),
        false => String::new(),
    };
    let (exact, all) = (count(hits.exact()), count(hub.models.len()));
    Ok(writeln!(out, "{exact} exact{fuzzy} of {all}{rest}")?)
}
