//! `hubscope roots`: the families of the hub, the largest first.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::Found;
use super::args::Format;
use super::model::ModelJson;
use super::node::{self, NodeJson};
use super::{table, within};
use crate::engine::Hub;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format;

#[derive(Serialize)]
struct Answer<'a> {
    total: usize,
    roots: Vec<NodeJson<'a>>,
}

/// How much of a hub must be loaded to print families in this form and order.
pub fn stage(format: Format, sort: Option<Order>) -> Stage {
    node::stage(format, sort)
}

/// Prints so many families, 0 for all: of each the node that stands under no other, model or not.
///
/// # Errors
/// When nothing can be written.
pub fn run(
    hub: &Hub,
    (limit, sort): (usize, Option<Order>),
    format: Format,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let order = sort.unwrap_or(TreeOptions::DEFAULT_ORDER);
    within::check_order(hub, order)?;
    let mut roots = hub.lineage().sorted(order, hub.rollup.roots.clone());
    let total = roots.len();
    if total == 0 {
        writeln!(
            err,
            "hubscope: no model of {} states another as its base, so there are no families",
            hub.source
        )?;
        return Ok(Found::Nothing);
    }
    roots.truncate(if limit == 0 { total } else { limit });
    let nodes = roots.iter().map(|root| NodeJson::new(hub, *root));
    match format {
        Format::Json => {
            let roots = nodes.collect();
            serde_json::to_writer_pretty(&mut *out, &Answer { total, roots })?;
            writeln!(out)?;
        }
        Format::Ids => {
            for root in &roots {
                writeln!(out, "{}", hub.name(*root))?;
            }
        }
        Format::Text => {
            let header = [&["model"], &NodeJson::TITLES[..]].concat();
            let row = |node: NodeJson| {
                let known = if node.model.is_ghost() {
                    " (not in the table)"
                } else {
                    ""
                };
                let name = format!("{}{known}", node.model.id);
                [vec![name], node.for_people()].concat()
            };
            table::write(format, &header, nodes.map(row), out)?;
            let unrelated = format::count(hub.rollup.unrelated);
            let total = format::count(total);
            writeln!(out, "{total} families; {unrelated} models are of none")?;
        }
        Format::Parquet => NodeJson::parquet(hub, roots, Vec::new(), out)?,
        Format::Tsv | Format::Csv => {
            let header = [&ModelJson::header(hub)[..], &NodeJson::HEADER[..]].concat();
            table::write(format, &header, nodes.map(|node| node.cells()), out)?;
        }
    }
    Ok(Found::Something)
}
