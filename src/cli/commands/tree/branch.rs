//! The branches of a tree, down to a depth; each node is expanded once.

use anyhow::Result;
use rustc_hash::FxHashSet;

use super::args::TreeArgs;
use crate::cli::within::{Within, check_order};
use crate::engine::Hub;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::order::Order;

/// A node and the branches below it.
pub struct Branch {
    pub node: Node,
    pub mark: Mark,
    pub below: Vec<Branch>,
    /// The number of nodes below it that are not printed.
    pub hidden: usize,
}

/// The reason why a node is not expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    /// It is expanded elsewhere.
    Again,
    /// It is its own ancestor: the cycle is cut here.
    Cycle,
}

impl Mark {
    /// Returns its name in the output.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Mark::None => None,
            Mark::Again => Some("again"),
            Mark::Cycle => Some("cycle"),
        }
    }
}

/// Builds the branches of a tree.
pub struct Grower<'a> {
    hub: &'a Hub,
    args: &'a TreeArgs,
    order: Order,
    /// The models that are printed; `None` for all.
    shown: Option<ModelSet>,
    seen: FxHashSet<Node>,
    on_path: FxHashSet<Node>,
}

impl<'a> Grower<'a> {
    /// # Errors
    /// When the query or the order compares without an older snapshot.
    pub fn new(hub: &'a Hub, args: &'a TreeArgs, within: Option<&Within>) -> Result<Grower<'a>> {
        let order = args.sort.unwrap_or(TreeOptions::DEFAULT_ORDER);
        check_order(hub, order)?;
        let matching = within.map(|within| within.models(hub)).transpose()?;
        Ok(Grower {
            hub,
            args,
            order,
            shown: matching.map(|set| family::with_ancestors(&hub.graph, &set)),
            seen: FxHashSet::default(),
            on_path: FxHashSet::default(),
        })
    }

    /// Returns a node with its branches; the depth bounds the recursion.
    pub fn grow(&mut self, node: Node) -> Branch {
        let mark = match (self.on_path.contains(&node), self.seen.insert(node)) {
            (true, _) => Mark::Cycle,
            (false, false) => Mark::Again,
            (false, true) => Mark::None,
        };
        let all = match self.args.up {
            true => self.hub.graph.distinct_bases(node).count(),
            false => self.hub.graph.children(node).len(),
        };
        let mut below = Vec::new();
        if mark == Mark::None && self.on_path.len() < self.args.depth {
            self.on_path.insert(node);
            let next = self.next(node).into_iter();
            below = next.map(|next| self.grow(next)).collect();
            self.on_path.remove(&node);
        }
        Branch {
            node,
            mark,
            hidden: all - below.len(),
            below,
        }
    }

    /// Returns the children, or bases, that are printed below a node.
    fn next(&self, node: Node) -> Vec<Node> {
        let graph = &self.hub.graph;
        let relation = self.args.relation.as_deref();
        let is_related = |child, base| {
            relation.is_none_or(|relation| graph.relation(child, base) == Some(relation))
        };
        let mut next: Vec<Node> = match self.args.up {
            true => {
                let bases = graph.distinct_bases(node);
                bases.filter(|base| is_related(node, *base)).collect()
            }
            false => {
                let children = graph.children(node).iter().copied();
                let children =
                    children.filter(|child| self.shows(*child) && is_related(*child, node));
                self.hub.lineage().sorted(self.order, children.collect())
            }
        };
        next.truncate(self.args.limit);
        next
    }

    fn shows(&self, node: Node) -> bool {
        let model = self.hub.graph.model(node);
        let shown = self.shown.as_ref();
        shown.is_none_or(|set| model.is_some_and(|model| set.has(model)))
    }
}

/// A branch, its depth, and the node above it.
pub type FlatBranch<'b> = (&'b Branch, usize, Option<Node>);

/// Returns every branch from the top down.
pub fn flat(root: &Branch) -> Vec<FlatBranch<'_>> {
    let mut all = Vec::new();
    let mut next = vec![(root, 0, None)];
    while let Some((branch, depth, above)) = next.pop() {
        all.push((branch, depth, above));
        let below = branch.below.iter().rev();
        next.extend(below.map(|below| (below, depth + 1, Some(branch.node))));
    }
    all
}
