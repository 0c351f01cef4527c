//! `hubscope roots`: the families of the hub, the largest first.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::cli::complete::candidates::Candidates;
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, ListOutput, parse_limit};
use crate::cli::output::record::JsonRecord;
use crate::cli::output::{json, nodes, table};
use crate::cli::within::check_order;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::table::order::Order;
use crate::present::format::count;

#[derive(Debug, Args)]
pub struct RootsArgs {
    /// Maximum number of families (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    /// Sort by a field, or by `FIELD:asc` for the smallest first; by several between commas [default: family_downloads]
    #[arg(long, value_name = "FIELD", value_parser = Order::parse, add = Candidates::Order)]
    pub sort: Option<Order>,
    #[command(flatten)]
    pub output: ListOutput,
}

/// The answer as JSON.
#[derive(Serialize)]
struct RootsJson<'h> {
    total: usize,
    roots: Vec<JsonRecord<'h>>,
}

/// Prints the families, each by its root: a node that is below no other, be it a model or a missing
/// base.
///
/// # Errors
/// When the order compares without an older snapshot.
pub fn run(context: &mut CommandContext, args: &RootsArgs) -> Result<Found> {
    let hub = context.open(nodes::stage(context.format, args.sort))?;
    let order = args.sort.unwrap_or(TreeOptions::DEFAULT_ORDER);
    check_order(hub, order)?;
    let mut roots = hub.lineage().sorted(order, hub.rollup.roots.clone());
    let total = roots.len();
    if total == 0 {
        let source = &hub.source;
        context.explain(&format!(
            "no families: no model of {source} has a base model"
        ))?;
        return Ok(Found::Nothing);
    }
    roots.truncate(args.limit);
    if context.format == Format::Text {
        for_people(hub, &roots, context)?;
        return Ok(Found::Something);
    }
    let listed = nodes::table(hub, roots, Vec::new());
    if context.format == Format::Json {
        let rows = 0..listed.nodes.len();
        let roots = rows.map(|row| JsonRecord::of_row(&listed, row)).collect();
        json::write_sourced(&RootsJson { total, roots }, &hub.source, context.out)?;
    } else {
        table::write_models(context.format, &listed, context.out)?;
    }
    Ok(Found::Something)
}

fn for_people(hub: &Hub, roots: &[Node], context: &mut CommandContext) -> Result<()> {
    let header = [&["model"], &nodes::TITLES[..]].concat();
    let row = |root: &Node| {
        let name = nodes::name(hub, *root);
        [&[name], &nodes::for_people(hub, *root, false)[..]].concat()
    };
    let fitting = (context.width, nodes::OPTIONAL);
    table::write_fitting(&header, roots.iter().map(row), fitting, context.out)?;
    let (all, alone) = (count(hub.rollup.roots.len()), count(hub.rollup.unrelated));
    Ok(writeln!(
        context.out,
        "{all} families; {alone} unrelated models"
    )?)
}
