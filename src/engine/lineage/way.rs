//! Ways through the graph: from the root down to a node, and between two nodes by way of what both
//! were made from.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, Node};

/// A way from the root is no longer than this many nodes. The Hub's are shorter than twenty; in a
/// hub made to be hard, every step of the cursor would draw a million.
const LONGEST: usize = 1_000;

/// The nodes from the root down to this one, that one included: up along first bases, as long as
/// no node comes twice, to a thousand at most.
pub fn from_root(graph: &Graph, node: Node) -> Vec<Node> {
    let mut way = vec![node];
    let mut seen = FxHashSet::from_iter([node]);
    let mut next = graph.others(node).next();
    while let Some(base) = next.filter(|base| way.len() < LONGEST && seen.insert(*base)) {
        way.push(base);
        next = graph.others(base).next();
    }
    way.reverse();
    way
}

/// The shortest way between two nodes over a common ancestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// From the first node up to the ancestor, both included.
    pub up: Vec<Node>,
    /// From the ancestor, not included, down to the second node.
    pub down: Vec<Node>,
}

impl Between {
    /// The nearest node that both were made from, or one of them if the other was made from it.
    pub fn ancestor(&self) -> Option<Node> {
        self.up.last().copied()
    }
}

/// The shortest way from one node up to a common ancestor and down to the other; of several the
/// one whose ancestor is nearest to the first. `None` where they have none.
pub fn between(graph: &Graph, from: Node, to: Node) -> Option<Between> {
    let (own, other) = (steps_up(graph, from), steps_up(graph, to));
    let common = own.iter().filter_map(|(node, step)| {
        let there = other.get(node)?;
        Some((step.count + there.count, step.count, *node))
    });
    let (_, _, ancestor) = common.min()?;
    let mut up = back(&own, ancestor);
    up.reverse();
    let down = back(&other, ancestor).split_off(1);
    Some(Between { up, down })
}

/// How far up an ancestor is, and the node below it on the way.
struct StepUp {
    count: usize,
    below: Option<Node>,
}

/// A node and its ancestors, each by the fewest steps.
fn steps_up(graph: &Graph, from: Node) -> FxHashMap<Node, StepUp> {
    let mut found = FxHashMap::default();
    let first = StepUp {
        count: 0,
        below: None,
    };
    found.insert(from, first);
    let mut queue = VecDeque::from([(from, 0)]);
    while let Some((node, count)) = queue.pop_front() {
        for base in graph.others(node) {
            found.entry(base).or_insert_with(|| {
                queue.push_back((base, count + 1));
                StepUp {
                    count: count + 1,
                    below: Some(node),
                }
            });
        }
    }
    found
}

/// The way from an ancestor back down to where the steps began.
fn back(steps: &FxHashMap<Node, StepUp>, ancestor: Node) -> Vec<Node> {
    let below = |node: &Node| steps.get(node)?.below;
    std::iter::successors(Some(ancestor), below).collect()
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::{graph, models};
    use super::*;
    use proptest::prelude::*;

    /// The fewest steps up from one node to another, by trying each number of them.
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
    fn a_long_way_is_cut() {
        let models = models(1_500);
        let pairs: Vec<(u32, u32)> = (1..1_500).map(|n| (n, n - 1)).collect();
        let way = from_root(&graph(&models, &pairs), Node(1_499));
        assert!(way.iter().map(|node| node.0).eq(500..1_500));
    }

    proptest! {
        #[test]
        fn the_way_is_a_way_and_none_is_shorter(
            pairs in prop::collection::vec((0..9_u32, 0..9_u32), 0..14),
            from in 0..9_u32,
            to in 0..9_u32,
        ) {
            let models = models(9);
            let graph = graph(&models, &pairs);
            let lengths = (0..9).filter_map(|n| Some(distance(&pairs, from, n)? + distance(&pairs, to, n)?));
            let way = between(&graph, Node(from), Node(to));
            prop_assert_eq!(way.as_ref().map(|w| w.up.len() + w.down.len() - 1), lengths.min());
            if let Some(way) = way {
                prop_assert_eq!(way.up[0], Node(from));
                prop_assert_eq!(*way.down.last().unwrap_or(&way.ancestor().unwrap()), Node(to));
                let down = [&way.up[way.up.len() - 1..], &way.down].concat();
                let steps = way.up.windows(2).map(|s| (s[0], s[1])).chain(down.windows(2).map(|s| (s[1], s[0])));
                for (child, base) in steps {
                    prop_assert!(pairs.contains(&(child.0, base.0)));
                }
            }
            let down = from_root(&graph, Node(from));
            prop_assert_eq!(down.last(), Some(&Node(from)));
            for step in down.windows(2) {
                prop_assert_eq!(graph.others(step[1]).next(), Some(step[0]));
            }
        }
    }
}
