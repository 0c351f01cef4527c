//! The children of a node as a list: some of them perhaps, in an order, perhaps in groups by how
//! they were made. Lists are remembered, since a tree is laid out anew at every key.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::graph::{Graph, Node};
use super::totals::Totals;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::edges::Relation;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::Models;
use crate::engine::table::order::{Order, arrange_by};

/// What a tree is made from.
#[derive(Clone, Copy)]
pub struct Lineage<'h> {
    pub graph: &'h Graph,
    pub models: &'h Models,
    pub totals: &'h Totals,
}

impl Lineage<'_> {
    /// A number of a node: of a ghost the totals are known, and nothing else.
    pub fn number(&self, field: Field, node: Node) -> Option<i64> {
        match self.graph.model(node) {
            Some(model) => self.models.number(field, model),
            None => self.totals.number(field, node),
        }
    }

    /// The nodes in an order, what is unknown last, equals as they are numbered.
    pub fn sorted(&self, order: Order, nodes: Vec<Node>) -> Vec<Node> {
        let field = order.field;
        let (models, model) = (self.models, |node| self.graph.model(node));
        match field.info().kind {
            Kind::Count | Kind::Change | Kind::Share | Kind::Growth | Kind::Time => {
                arrange_by(order, nodes, |n| self.number(field, n), i64::cmp)
            }
            Kind::Score => {
                let score = |n| models.score(field, model(n)?);
                arrange_by(order, nodes, score, f64::total_cmp)
            }
            Kind::Word => {
                let word = |n| models.word(field, model(n)?);
                arrange_by(order, nodes, word, |a, b| a.cmp(b))
            }
            Kind::Text => {
                let name = |n| Some(self.graph.name(n, models));
                arrange_by(order, nodes, name, |a, b| a.cmp(b))
            }
        }
    }
}

/// How children are listed.
#[derive(Clone)]
pub struct Listing {
    pub order: Order,
    /// Those that were made in the same way together.
    pub grouped: bool,
    /// The only models that are listed, if not all are.
    pub kept: Option<Arc<ModelSet>>,
}

impl Listing {
    /// The largest families first.
    pub const ORDER: Order = Order {
        field: Field::FamilyDownloads,
        ascending: false,
    };

    fn keeps(&self, lineage: Lineage, node: Node) -> bool {
        let keeps = |node| {
            lineage
                .graph
                .model(node)
                .is_some_and(|model| self.kept.as_ref().is_none_or(|kept| kept.has(model)))
        };
        // A ghost is kept for what is made from it.
        let is_ghost = lineage.graph.model(node).is_none();
        keeps(node)
            || is_ghost
                && lineage
                    .graph
                    .children(node)
                    .iter()
                    .any(|child| keeps(*child))
    }
}

impl Default for Listing {
    fn default() -> Listing {
        Listing {
            order: Listing::ORDER,
            grouped: false,
            kept: None,
        }
    }
}

/// The listed children of a node.
pub struct Siblings {
    /// In the order of the list; where they are grouped, group by group.
    pub nodes: Vec<Node>,
    /// How many each group has, the largest first; one where there are no groups.
    pub groups: Vec<(Relation, usize)>,
    /// How many are not listed.
    pub hidden: usize,
}

/// The lists made so far in one [`Listing`].
#[derive(Default)]
pub struct Lists {
    children: FxHashMap<Node, Arc<Siblings>>,
    roots: Option<Arc<Siblings>>,
}

impl Lists {
    /// The children of a node.
    pub fn children(&mut self, lineage: Lineage, listing: &Listing, node: Node) -> Arc<Siblings> {
        let make = || {
            Arc::new(listed(
                lineage,
                listing,
                lineage.graph.children(node),
                Some(node),
            ))
        };
        self.children.entry(node).or_insert_with(make).clone()
    }

    /// The roots of all families.
    pub fn roots(&mut self, lineage: Lineage, listing: &Listing) -> Arc<Siblings> {
        let make = || Arc::new(listed(lineage, listing, &lineage.totals.roots, None));
        self.roots.get_or_insert_with(make).clone()
    }
}

fn listed(lineage: Lineage, listing: &Listing, all: &[Node], base: Option<Node>) -> Siblings {
    let kept: Vec<Node> = match listing.kept {
        Some(_) => all
            .iter()
            .copied()
            .filter(|node| listing.keeps(lineage, *node))
            .collect(),
        None => all.to_vec(),
    };
    let hidden = all.len() - kept.len();
    let mut nodes = lineage.sorted(listing.order, kept);
    let mut groups = vec![(Relation::UNSTATED, nodes.len())];
    if let Some(base) = base.filter(|_| listing.grouped) {
        (nodes, groups) = grouped(lineage.graph, nodes, base);
    }
    Siblings {
        nodes,
        groups,
        hidden,
    }
}

fn grouped(graph: &Graph, nodes: Vec<Node>, base: Node) -> (Vec<Node>, Vec<(Relation, usize)>) {
    let mut groups: FxHashMap<Relation, Vec<Node>> = FxHashMap::default();
    for node in nodes {
        let how = graph.how(node, base).unwrap_or(Relation::UNSTATED);
        groups.entry(how).or_default().push(node);
    }
    let mut groups: Vec<(Relation, Vec<Node>)> = groups.into_iter().collect();
    groups.sort_by_key(|(how, nodes)| (std::cmp::Reverse(nodes.len()), *how));
    let counts = groups
        .iter()
        .map(|(how, nodes)| (*how, nodes.len()))
        .collect();
    let nodes = groups.into_iter().flat_map(|(_, nodes)| nodes);
    (nodes.collect(), counts)
}
