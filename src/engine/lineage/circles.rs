//! Which nodes descend from each other: the strongly connected groups of the graph, found by
//! Tarjan's algorithm (SIAM J. Comput. 1(2), 1972), without recursion: a ring can be a million
//! nodes long. Nodes without children are in no circle and stay out of it.

use super::graph::{Graph, Node};
use crate::engine::table::sparse::Rows;

/// The nodes that have children, each in the group of those that it descends from and that
/// descend from it; most groups are of one.
pub struct Groups {
    /// The group of each node, by its place among the nodes with children. A group comes after
    /// all that descend from it.
    pub of: Vec<u32>,
    /// How many groups there are.
    pub count: usize,
}

/// Not visited yet; also no node's number.
const UNSEEN: u32 = u32::MAX;

/// A node on the way down, and the next of its children to look at.
struct Visit {
    place: u32,
    next: usize,
}

struct Search<'g> {
    graph: &'g Graph,
    parents: &'g Rows,
    nodes: Vec<u32>,
    /// When each node was met.
    met: Vec<u32>,
    /// The earliest met that a node leads back to.
    low: Vec<u32>,
    groups: Groups,
    /// Met, but in no group yet.
    open: Vec<u32>,
    clock: u32,
}

impl Groups {
    /// The groups of the nodes that have children.
    pub fn new(graph: &Graph, parents: &Rows) -> Groups {
        let nodes: Vec<u32> = parents.iter().collect();
        let count = nodes.len();
        let mut search = Search {
            graph,
            parents,
            nodes,
            met: vec![UNSEEN; count],
            low: vec![UNSEEN; count],
            groups: Groups {
                of: vec![UNSEEN; count],
                count: 0,
            },
            open: Vec::new(),
            clock: 0,
        };
        for place in 0..count {
            if search.met[place] == UNSEEN {
                search.descend(place);
            }
        }
        search.groups
    }
}

impl Search<'_> {
    fn descend(&mut self, from: usize) {
        let mut way = vec![self.meet(from)];
        while let Some(visit) = way.last_mut() {
            let place = visit.place as usize;
            let children = self.graph.children(Node(self.nodes[place]));
            let Some(child) = children.get(visit.next) else {
                way.pop();
                self.leave(place);
                if let Some(above) = way.last() {
                    let above = above.place as usize;
                    self.low[above] = self.low[above].min(self.low[place]);
                }
                continue;
            };
            visit.next += 1;
            let Some(child) = self.parents.place(child.0) else {
                continue;
            };
            if self.met[child] == UNSEEN {
                way.push(self.meet(child));
            } else if self.groups.of[child] == UNSEEN {
                self.low[place] = self.low[place].min(self.met[child]);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a place among nodes, which are u32"
    )]
    fn meet(&mut self, place: usize) -> Visit {
        self.met[place] = self.clock;
        self.low[place] = self.clock;
        self.clock += 1;
        self.open.push(place as u32);
        Visit {
            place: place as u32,
            next: 0,
        }
    }

    /// All below a node is seen: if it leads to nothing met before it, it closes a group.
    fn leave(&mut self, place: usize) {
        if self.low[place] != self.met[place] {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "no more groups than nodes")]
        let group = self.groups.count as u32;
        self.groups.count += 1;
        while let Some(member) = self.open.pop() {
            self.groups.of[member as usize] = group;
            if member as usize == place {
                break;
            }
        }
    }
}
