//! Strongly connected components of the graph, by the path-based algorithm (Gabow, Inf. Process.
//! Lett. 74(3), 2000) with a stack of its own, as a ring may have a million nodes. Nodes without
//! children are left out: each is a component of its own.

use super::csr::Node;
use super::graph::Graph;
use crate::engine::table::sparse::RankIndex;

/// The components of the nodes that have children. Most have a single member.
pub struct Components {
    /// The component of each node, by its rank among the nodes with children. A component has a
    /// higher number than all that descend from it.
    pub of: Vec<u32>,
    /// The number of components.
    pub count: u32,
}

/// The discovery time or component of a node that has none yet.
const NONE: u32 = u32::MAX;

impl Components {
    /// Finds the components among `parents`, the nodes that have children.
    pub fn new(graph: &Graph, parents: &RankIndex) -> Components {
        let nodes: Vec<Node> = parents.iter().map(Node).collect();
        let mut discovered = vec![NONE; nodes.len()];
        let mut components = Components {
            of: vec![NONE; nodes.len()],
            count: 0,
        };
        // The path of the search, with the children of each node that are still to be visited.
        let mut path = Vec::new();
        // Discovered nodes without a component, and those of them that may be the first of theirs.
        let (mut open, mut firsts) = (Vec::new(), Vec::new());
        let mut clock = 0;
        for start in 0..nodes.len() {
            let mut entered = (discovered[start] == NONE).then_some(start);
            loop {
                if let Some(rank) = entered.take() {
                    discovered[rank] = clock;
                    clock += 1;
                    open.push(rank);
                    firsts.push(rank);
                    path.push((rank, graph.children(nodes[rank]).iter()));
                }
                let Some((rank, children)) = path.last_mut() else {
                    break;
                };
                match children.find_map(|child| parents.rank(child.0)) {
                    Some(child) if discovered[child] == NONE => entered = Some(child),
                    // The child closes a cycle: all nodes discovered after it are in its component.
                    Some(child) if components.of[child] == NONE => {
                        while firsts
                            .pop_if(|first| discovered[*first] > discovered[child])
                            .is_some()
                        {}
                    }
                    Some(_) => {}
                    None => {
                        let rank = *rank;
                        path.pop();
                        if firsts.pop_if(|first| *first == rank).is_some() {
                            components.close(rank, &mut open);
                        }
                    }
                }
            }
        }
        components
    }

    /// Makes a component of the open nodes from `first` on.
    fn close(&mut self, first: usize, open: &mut Vec<usize>) {
        while let Some(member) = open.pop() {
            self.of[member] = self.count;
            if member == first {
                break;
            }
        }
        self.count += 1;
    }
}
