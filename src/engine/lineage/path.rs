//! Lineage paths: from the root down to a node, and between two nodes by way of a common ancestor.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, Node};

/// The maximum length of a path from the root, in nodes. Those of the Hub are below twenty; in an
/// adversarial graph, each move of the cursor would draw a million.
const MAX_LENGTH: usize = 1_000;

/// Returns the nodes from the root down to a node, both included: the first base of each, up to a
/// node that has none, is on the path already or is the thousandth.
pub fn from_root(graph: &Graph, node: Node) -> Vec<Node> {
    let mut path = vec![node];
    let mut seen = FxHashSet::from_iter([node]);
    let mut next = graph.distinct_bases(node).next();
    while let Some(base) = next.filter(|base| path.len() < MAX_LENGTH && seen.insert(*base)) {
        path.push(base);
        next = graph.distinct_bases(base).next();
    }
    path.reverse();
    path
}

/// Returns the paths from every root down to a node, by all bases of each, in the order in which they
/// are stated; at most `limit` of them, and true if these are all. A path ends where it would cross
/// itself, or at the thousandth node.
pub fn all_from_root(graph: &Graph, node: Node, limit: usize) -> (Vec<Vec<Node>>, bool) {
    let mut paths = Vec::new();
    let (mut path, mut on_path) = (vec![node], FxHashSet::from_iter([node]));
    let bases_of = |node: Node, on_path: &FxHashSet<Node>| -> Vec<Node> {
        let bases = graph.distinct_bases(node);
        let mut bases: Vec<Node> = bases.filter(|base| !on_path.contains(base)).collect();
        bases.reverse();
        bases
    };
    // The bases of each node of the path that are still to be followed.
    let mut rest = vec![bases_of(node, &on_path)];
    if rest[0].is_empty() {
        return (vec![path], true);
    }
    while let Some(bases) = rest.last_mut() {
        let Some(base) = bases.pop() else {
            rest.pop();
            if let Some(left) = path.pop() {
                on_path.remove(&left);
            }
            continue;
        };
        if paths.len() == limit {
            return (paths, false);
        }
        path.push(base);
        on_path.insert(base);
        let above = bases_of(base, &on_path);
        if above.is_empty() || path.len() == MAX_LENGTH {
            paths.push(path.iter().rev().copied().collect());
            on_path.remove(&base);
            path.pop();
        } else {
            rest.push(above);
        }
    }
    (paths, true)
}

/// A shortest path between two nodes by way of a common ancestor, which is one of the two if the
/// other descends from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineagePath {
    /// From the first node up to the ancestor, both included.
    pub up: Vec<Node>,
    /// From below the ancestor down to the second node.
    pub down: Vec<Node>,
}

impl LineagePath {
    /// Returns the common ancestor.
    pub fn ancestor(&self) -> Option<Node> {
        self.up.last().copied()
    }
}

/// Returns a shortest path between two nodes; of several the one whose ancestor is nearest to the
/// first node. `None` where they have no ancestor in common.
pub fn between(graph: &Graph, from: Node, to: Node) -> Option<LineagePath> {
    let (own, other) = (ancestors(graph, from), ancestors(graph, to));
    let common = own.iter().filter_map(|(node, (distance, _))| {
        let (further, _) = other.get(node)?;
        Some((distance + further, *distance, *node))
    });
    let (_, _, ancestor) = common.min()?;
    let mut up = descend(&own, ancestor);
    up.reverse();
    let down = descend(&other, ancestor).split_off(1);
    Some(LineagePath { up, down })
}

/// The distance of each ancestor of a node, and the node below it on a shortest path. The node
/// itself is at distance 0.
type Ancestors = FxHashMap<Node, (usize, Node)>;

/// Finds all ancestors of a node, breadth first.
fn ancestors(graph: &Graph, from: Node) -> Ancestors {
    let mut found = Ancestors::from_iter([(from, (0, from))]);
    let mut queue = VecDeque::from([(from, 1)]);
    while let Some((node, distance)) = queue.pop_front() {
        for base in graph.distinct_bases(node) {
            if let Entry::Vacant(entry) = found.entry(base) {
                entry.insert((distance, node));
                queue.push_back((base, distance + 1));
            }
        }
    }
    found
}

/// Returns the path from an ancestor down to the node whose ancestors these are, both included.
fn descend(ancestors: &Ancestors, ancestor: Node) -> Vec<Node> {
    let below = |node: &Node| {
        let (distance, below) = ancestors.get(node)?;
        (*distance > 0).then_some(*below)
    };
    std::iter::successors(Some(ancestor), below).collect()
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::{graph, models};
    use super::*;
    use proptest::prelude::*;

    /// Returns the smallest number of edges from a node up to another, by trying each.
    fn distance(pairs: &[(u32, u32)], from: u32, to: u32) -> Option<usize> {
        let mut here = vec![from];
        (0..10).find(|_| {
            if here.contains(&to) {
                return true;
            }
            let up = pairs.iter().filter(|(m, b)| here.contains(m) && m != b);
            here = up.map(|pair| pair.1).collect();
            false
        })
    }

    #[test]
    fn a_long_path_is_cut() {
        let models = models(1_500);
        let pairs: Vec<(u32, u32)> = (1..1_500).map(|n| (n, n - 1)).collect();
        let path = from_root(&graph(&models, &pairs), Node(1_499));
        assert!(path.iter().map(|node| node.0).eq(500..1_500));
    }

    /// Returns all paths that end at a root or before a node that is on them, by recursion.
    fn paths(pairs: &[(u32, u32)], path: &[u32]) -> Vec<Vec<u32>> {
        let mut bases: Vec<u32> = Vec::new();
        for (model, base) in pairs {
            let is_new = !path.contains(base) && !bases.contains(base);
            if path.first() == Some(model) && is_new {
                bases.push(*base);
            }
        }
        let longer = bases
            .iter()
            .flat_map(|base| paths(pairs, &[&[*base], path].concat()));
        match bases.is_empty() {
            true => vec![path.to_vec()],
            false => longer.collect(),
        }
    }

    #[test]
    fn many_paths_are_cut() {
        // Each of 40 levels has two ways to the next: a million million paths.
        let models = models(121);
        let pairs: Vec<(u32, u32)> = (0..40)
            .flat_map(|level| {
                let at = level * 3;
                [
                    (at + 3, at + 1),
                    (at + 3, at + 2),
                    (at + 1, at),
                    (at + 2, at),
                ]
            })
            .collect();
        let (paths, is_whole) = all_from_root(&graph(&models, &pairs), Node(120), 100);
        assert!(paths.len() == 100 && !is_whole);
        assert!(paths.iter().all(|path| path.len() == 81));
    }

    proptest! {
        #[test]
        fn every_path_is_found_once(
            pairs in prop::collection::vec((0..6_u32, 0..6_u32), 0..12),
            to in 0..6_u32,
        ) {
            let (found, is_whole) = all_from_root(&graph(&models(6), &pairs), Node(to), 10_000);
            prop_assert!(is_whole);
            let mut found: Vec<Vec<u32>> = found.iter().map(|path| path.iter().map(|n| n.0).collect()).collect();
            let mut wanted = paths(&pairs, &[to]);
            found.sort();
            wanted.sort();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn the_path_exists_and_none_is_shorter(
            pairs in prop::collection::vec((0..9_u32, 0..9_u32), 0..14),
            from in 0..9_u32,
            to in 0..9_u32,
        ) {
            let models = models(9);
            let graph = graph(&models, &pairs);
            let lengths = (0..9).filter_map(|n| Some(distance(&pairs, from, n)? + distance(&pairs, to, n)?));
            let path = between(&graph, Node(from), Node(to));
            prop_assert_eq!(path.as_ref().map(|path| path.up.len() + path.down.len() - 1), lengths.min());
            if let Some(path) = path {
                prop_assert_eq!(path.up[0], Node(from));
                prop_assert_eq!(*path.down.last().unwrap_or(&path.ancestor().unwrap()), Node(to));
                let down = [&path.up[path.up.len() - 1..], &path.down].concat();
                let steps = path.up.windows(2).map(|s| (s[0], s[1])).chain(down.windows(2).map(|s| (s[1], s[0])));
                for (child, base) in steps {
                    prop_assert!(pairs.contains(&(child.0, base.0)));
                }
            }
            let down = from_root(&graph, Node(from));
            prop_assert_eq!(down.last(), Some(&Node(from)));
            for step in down.windows(2) {
                prop_assert_eq!(graph.distinct_bases(step[1]).next(), Some(step[0]));
            }
        }
    }
}
