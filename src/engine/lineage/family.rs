//! The family of one node, found by a breadth-first search: its descendants, each once however many
//! paths lead to it, and its ancestors.

use std::cmp::Reverse;

use rustc_hash::FxHashSet;

use super::graph::{Graph, Node};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// The relatives of a node and the totals of its family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// The number of distinct models reachable over child edges, without the node itself.
    pub descendants: usize,
    /// Downloads in the last 30 days of the node and its descendants; unknown counts as 0, and `None`
    /// is that all are.
    pub downloads: Option<i64>,
    /// The same of all time.
    pub downloads_all_time: Option<i64>,
    /// The number of children by relation, the most frequent first; `""` is an unstated one.
    pub children: Vec<(String, usize)>,
    /// The ancestors, nearest first.
    pub ancestors: Vec<Node>,
}

/// Computes the family of a node.
pub fn family(graph: &Graph, models: &Models, node: Node) -> Family {
    let descendants = descendants(graph, node);
    let sum = |field| {
        let members = descendants.iter().chain([&node]);
        let numbers = members.filter_map(|member| models.number(field, graph.model(*member)?));
        numbers.reduce(i64::saturating_add)
    };
    Family {
        descendants: descendants.len(),
        downloads: sum(Field::Downloads),
        downloads_all_time: sum(Field::DownloadsAllTime),
        children: by_relation(graph, node),
        ancestors: reachable(node, |n| graph.bases(n)),
    }
}

/// Returns the descendants of a node, nearest first.
pub fn descendants(graph: &Graph, node: Node) -> Vec<Node> {
    reachable(node, |n| graph.children(n))
}

/// Returns the most downloaded descendant of a node; of those in a set, if one is given.
pub fn most_downloaded(
    graph: &Graph,
    models: &Models,
    node: Node,
    within: Option<&ModelSet>,
) -> Option<ModelId> {
    let descendants = descendants(graph, node);
    let models_below = descendants.iter().filter_map(|node| graph.model(*node));
    let wanted = models_below.filter(|model| within.is_none_or(|set| set.has(*model)));
    wanted.max_by_key(|model| (models.number(Field::Downloads, *model), Reverse(*model)))
}

/// Returns the models of a set and all models that they descend from.
pub fn with_ancestors(graph: &Graph, set: &ModelSet) -> ModelSet {
    let mut found = set.clone();
    let mut next: Vec<ModelId> = set.iter().collect();
    while let Some(model) = next.pop() {
        let bases = graph.bases(model.into()).iter();
        for base in bases.filter_map(|base| graph.model(*base)) {
            if !found.has(base) {
                found.add(base);
                next.push(base);
            }
        }
    }
    found
}

/// Returns all nodes reachable over `next`, nearest first, without `from` itself.
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

/// Counts the children of a node by relation, the most frequent first.
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
