//! What a family adds up to: all that descends from a node, each model once however many ways
//! lead to it. One walk with a set of the visited, so circles and merges do no harm.

use std::cmp::Reverse;

use rustc_hash::FxHashSet;

use super::graph::{Graph, Node};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// A node and everything made from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// Distinct models reachable over child edges, the node itself not counted.
    pub descendants: usize,
    /// Downloads of the last 30 days of the node and its descendants.
    pub downloads: i64,
    /// The same of all time.
    pub downloads_all_time: i64,
    /// Direct children by the word for how they were made, the most frequent first; `""` where
    /// none is stated.
    pub children: Vec<(String, usize)>,
    /// All ancestors, nearest first, each once.
    pub ancestors: Vec<Node>,
}

/// Adds up the family of a node.
pub fn family(graph: &Graph, models: &Models, node: Node) -> Family {
    let descendants = descendants(graph, node);
    let sum = |field| {
        let members = descendants
            .iter()
            .chain([&node])
            .filter_map(|n| graph.model(*n));
        members
            .filter_map(|m| models.number(field, m))
            .fold(0, i64::saturating_add)
    };
    Family {
        descendants: descendants.len(),
        downloads: sum(Field::Downloads),
        downloads_all_time: sum(Field::DownloadsAllTime),
        children: by_relation(graph, node),
        ancestors: reachable(node, |n| graph.bases(n)),
    }
}

/// All that is made from a node, directly or not, nearest first; not the node itself.
pub fn descendants(graph: &Graph, node: Node) -> Vec<Node> {
    reachable(node, |n| graph.children(n))
}

/// The most downloaded of all that is made from a node, of those in a set if one is given.
pub fn most_used(
    graph: &Graph,
    models: &Models,
    node: Node,
    within: Option<&ModelSet>,
) -> Option<ModelId> {
    let descendants = descendants(graph, node).into_iter();
    let wanted = descendants
        .filter_map(|node| graph.model(node))
        .filter(|model| within.is_none_or(|set| set.has(*model)));
    wanted.max_by_key(|model| (models.number(Field::Downloads, *model), Reverse(*model)))
}

/// The models of a set and all their ancestors that are in the table.
pub fn with_ancestors(graph: &Graph, set: &ModelSet) -> ModelSet {
    let mut kin = set.clone();
    // Ghosts are followed too, but are no models.
    let mut ghosts = FxHashSet::default();
    let mut next: Vec<Node> = set.iter().map(Node::from).collect();
    while let Some(node) = next.pop() {
        for &base in graph.bases(node) {
            let fresh = match graph.model(base) {
                Some(model) if kin.has(model) => false,
                Some(model) => {
                    kin.add(model);
                    true
                }
                None => ghosts.insert(base),
            };
            if fresh {
                next.push(base);
            }
        }
    }
    kin
}

/// Whether a node descends from itself by way of others.
pub fn is_circular(graph: &Graph, node: Node) -> bool {
    let ancestors = reachable(node, |n| graph.bases(n));
    ancestors
        .iter()
        .any(|ancestor| graph.bases(*ancestor).contains(&node))
}

/// All nodes that `next` leads to from this one, nearest first, without the node itself.
fn reachable<'g>(from: Node, next: impl Fn(Node) -> &'g [Node]) -> Vec<Node> {
    let mut seen = FxHashSet::from_iter([from]);
    let mut found = vec![from];
    let mut at = 0;
    while at < found.len() {
        for &node in next(found[at]) {
            if seen.insert(node) {
                found.push(node);
            }
        }
        at += 1;
    }
    found.remove(0);
    found
}

fn by_relation(graph: &Graph, node: Node) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for &child in graph.children(node) {
        let word = graph.relation(child, node).unwrap_or_default();
        match counts.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word.to_owned(), 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}
