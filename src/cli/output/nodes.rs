//! Models and missing bases with the totals of their families, as `roots` and `tree` print them.

use super::format::Format;
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format::{grouped, known, short};

/// The names of the totals.
const NAMES: [&str; 4] = [
    "children_total",
    "descendants",
    "family_downloads",
    "family_downloads_all_time",
];

/// The headings of [`for_people`].
pub const TITLES: [&str; 5] = [
    "children",
    "descendants",
    "downloads",
    "family downloads",
    "family all-time",
];

/// Returns the stage of loading that nodes in this format and order need.
pub fn stage(format: Format, sort: Option<Order>) -> Stage {
    let own = match format.has_licenses() {
        true => Stage::Complete,
        false => Stage::Lineage,
    };
    own.max(sort.map_or(Stage::Names, |order| Stage::of(order.field)))
}

/// Returns a table of nodes with their totals and more columns.
pub fn table<'h>(hub: &'h Hub, nodes: Vec<Node>, more: Vec<ExtraColumn<'h>>) -> ModelTable<'h> {
    let mut columns = NAMES.map(|_| Vec::with_capacity(nodes.len()));
    for node in &nodes {
        for (column, total) in columns.iter_mut().zip(totals(hub, *node)) {
            column.push(total);
        }
    }
    let totals = NAMES.into_iter().zip(columns);
    let totals = totals.map(|(name, values)| ExtraColumn::numbers(name, values));
    ModelTable {
        hub,
        columns: ModelColumn::model(hub),
        nodes,
        extra: totals.chain(more).collect(),
    }
}

/// Returns the totals of a node, in the order of [`NAMES`]; those that are not stored, since the
/// graph has too many, are computed.
fn totals(hub: &Hub, node: Node) -> [Option<i64>; 4] {
    let count = |count: usize| i64::try_from(count).ok();
    let children = count(hub.graph.children(node).len());
    let stored = [
        Field::Descendants,
        Field::FamilyDownloads,
        Field::FamilyDownloadsAllTime,
    ]
    .map(|field| hub.lineage().number(field, node));
    let [descendants, downloads, all_time] = match stored {
        [None, ..] if hub.models.has(Field::Descendants) => {
            let family = hub.family(node);
            [
                count(family.descendants),
                Some(family.downloads),
                Some(family.downloads_all_time),
            ]
        }
        stored => stored,
    };
    [children, descendants, downloads, all_time]
}

/// Returns the numbers of a node as people read them.
pub fn for_people(hub: &Hub, node: Node) -> [String; TITLES.len()] {
    let [children, descendants, downloads, all_time] = totals(hub, node);
    let own = hub.lineage().number(Field::Downloads, node);
    [
        known(children, grouped),
        known(descendants, grouped),
        known(own, short),
        known(downloads, short),
        known(all_time, short),
    ]
}

/// Returns the name of a node, marked if it is missing from the table.
pub fn name(hub: &Hub, node: Node) -> String {
    let mark = match hub.graph.model(node) {
        Some(_) => "",
        None => " (missing)",
    };
    format!("{}{mark}", hub.name(node))
}
