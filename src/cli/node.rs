//! A node of the tree as JSON and as a row: the model and what its family adds up to.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::args::Format;
use super::model::ModelJson;
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelColumn, ModelTable};
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format;

/// What the contract of the command line calls a node, but for its children.
#[derive(Serialize)]
pub struct NodeJson<'a> {
    #[serde(flatten)]
    pub model: ModelJson<'a>,
    children_total: usize,
    descendants: Option<i64>,
    family_downloads: Option<i64>,
    family_downloads_all_time: Option<i64>,
}

impl<'a> NodeJson<'a> {
    /// The names of the members beside the model's, in their order.
    pub const HEADER: [&'static str; 4] = [
        "children_total",
        "descendants",
        "family_downloads",
        "family_downloads_all_time",
    ];

    /// A node with its totals, which are added up now where they were too many to know before.
    pub fn new(hub: &'a Hub, node: Node) -> NodeJson<'a> {
        let known = [
            Field::Descendants,
            Field::FamilyDownloads,
            Field::FamilyDownloadsAllTime,
        ]
        .map(|field| hub.lineage().number(field, node));
        let [descendants, downloads, all_time] = match known {
            [None, ..] if hub.models.has(Field::Descendants) => of_family(&hub.family(node)),
            known => known,
        };
        NodeJson {
            model: ModelJson::of_node(hub, node),
            children_total: hub.graph.children(node).len(),
            descendants,
            family_downloads: downloads,
            family_downloads_all_time: all_time,
        }
    }

    /// The members as plain text: the model's, then those of [`Self::HEADER`]; unknown is empty.
    pub fn cells(&self) -> Vec<String> {
        let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let mut cells = self.model.cells();
        cells.extend(self.totals().map(number));
        cells
    }

    /// The numbers of [`Self::HEADER`].
    pub fn totals(&self) -> [Option<i64>; 4] {
        [
            i64::try_from(self.children_total).ok(),
            self.descendants,
            self.family_downloads,
            self.family_downloads_all_time,
        ]
    }

    /// Prints nodes as Parquet, with their totals and more columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn parquet(
        hub: &'a Hub,
        nodes: Vec<Node>,
        more: Vec<ExtraColumn<'a>>,
        out: &mut impl Write,
    ) -> Result<()> {
        let mut totals = NodeJson::HEADER.map(|_| Vec::with_capacity(nodes.len()));
        for node in &nodes {
            let of_node = NodeJson::new(hub, *node).totals();
            let columns = totals.iter_mut().zip(of_node);
            columns.for_each(|(column, total)| column.push(total));
        }
        let totals = NodeJson::HEADER.into_iter().zip(totals);
        let totals = totals.map(|(name, values)| ExtraColumn::numbers(name, values));
        let table = ModelTable {
            hub,
            columns: ModelColumn::model(hub),
            nodes,
            extra: totals.chain(more).collect(),
        };
        table.write_parquet(out)
    }

    /// The headings of [`Self::for_people`].
    pub const TITLES: [&'static str; 5] = [
        "children",
        "descendants",
        "downloads",
        "family",
        "family, all-time",
    ];

    /// The numbers as people read them.
    pub fn for_people(&self) -> Vec<String> {
        let short = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), format::short);
        let count = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), format::grouped);
        vec![
            format::count(self.children_total),
            count(self.descendants),
            short(self.model.downloads()),
            short(self.family_downloads),
            short(self.family_downloads_all_time),
        ]
    }
}

/// How much of a hub must be loaded to print nodes in this form and order.
pub fn stage(format: Format, sort: Option<Order>) -> Stage {
    let own = match format {
        // Licences are read from the tags.
        Format::Json | Format::Csv | Format::Tsv | Format::Parquet => Stage::Complete,
        Format::Text | Format::Ids => Stage::Lineage,
    };
    own.max(sort.map_or(Stage::Names, |order| Stage::of(order.field)))
}

fn of_family(family: &Family) -> [Option<i64>; 3] {
    let descendants = i64::try_from(family.descendants).unwrap_or(i64::MAX);
    [
        Some(descendants),
        Some(family.downloads),
        Some(family.downloads_all_time),
    ]
}
