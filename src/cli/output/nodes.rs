//! Models and missing bases with the totals of their families, as `roots` and `tree` print them.

use super::format::Format;
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format::{day, grouped, known, short};

/// The names of the totals.
const NAMES: [&str; 4] = [
    "children_total",
    "descendants",
    "family_downloads",
    "family_downloads_all_time",
];

/// The headings of [`for_people`].
pub const TITLES: [&str; 7] = [
    "children",
    "descendants",
    "downloads",
    "family downloads",
    "family all-time",
    "likes",
    "created",
];

/// The number of the last of them that are left out where there is no room.
pub const OPTIONAL: usize = 2;

/// Returns the stage of loading that nodes in this format and order need.
pub fn stage(format: Format, sort: Option<Order>) -> Stage {
    let own = match format.has_licenses() {
        true => Stage::Complete,
        false => Stage::Fields,
    };
    own.max(sort.map_or(Stage::Names, Stage::of_order))
}

/// Returns a table of nodes with their totals and more columns.
pub fn table<'h>(hub: &'h Hub, nodes: Vec<Node>, more: Vec<ExtraColumn<'h>>) -> ModelTable<'h> {
    let mut columns = NAMES.map(|_| Vec::with_capacity(nodes.len()));
    for (at, node) in nodes.iter().enumerate() {
        let totals = if at == 0 {
            exact(hub, *node)
        } else {
            totals(hub, *node)
        };
        for (column, total) in columns.iter_mut().zip(totals) {
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

/// Returns the totals of a node, in the order of [`NAMES`]; those that are not stored, since the graph
/// has too many, are computed, which takes too long for every row.
fn exact(hub: &Hub, node: Node) -> [Option<i64>; 4] {
    match totals(hub, node) {
        [children, None, ..] if hub.models.has(Field::Descendants) => {
            let family = hub.family(node);
            let descendants = i64::try_from(family.descendants).ok();
            [
                children,
                descendants,
                family.downloads,
                family.downloads_all_time,
            ]
        }
        stored => stored,
    }
}

fn totals(hub: &Hub, node: Node) -> [Option<i64>; 4] {
    let children = i64::try_from(hub.graph.children(node).len()).ok();
    let [descendants, downloads, all_time] = [
        Field::Descendants,
        Field::FamilyDownloads,
        Field::FamilyDownloadsAllTime,
    ]
    .map(|field| hub.lineage().number(field, node));
    [children, descendants, downloads, all_time]
}

/// Returns the numbers of a node as people read them; those of the first row are computed if need be.
pub fn for_people(hub: &Hub, node: Node, is_first: bool) -> [String; TITLES.len()] {
    let totals = if is_first {
        exact(hub, node)
    } else {
        totals(hub, node)
    };
    let [children, descendants, downloads, all_time] = totals;
    let own = hub.lineage().number(Field::Downloads, node);
    [
        known(children, grouped),
        known(descendants, grouped),
        known(own, short),
        known(downloads, short),
        known(all_time, short),
        known(hub.lineage().number(Field::Likes, node), short),
        known(hub.lineage().number(Field::CreatedAt, node), day),
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
