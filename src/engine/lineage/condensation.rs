//! The condensation of the graph, with each strongly connected component as one vertex, and the
//! exact sum over each component's family, every member counted once.
//!
//! Nearly all of it is a forest, where sums of sums are exact. A vertex with several vertices above
//! it may be reached on several paths; such *shared* vertices are left out of the sums, and each
//! component above any of them visits those that it leads to, each once.
//!
//! ```text
//!       A            B          tree of A: A, C, D     shared below A: E      family of A: with E, F
//!      ╱ ╲          ╱           tree of E: E, F        (counted once for A, once for B)
//!     C   D ──▶ E ◀╯
//!               └─ F
//! ```

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use super::components::Components;
use super::csr::Node;
use super::graph::Graph;
use crate::engine::table::bitset::chunks;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;
use crate::engine::table::sparse::{RankIndex, UNKNOWN, sum_of_known};

/// The maximum number of links that [`Condensation::family_sums`] visits. The Hub takes a few hundred
/// thousand; where an adversarial graph would take more, sums are unknown, and
/// [`super::family::family`] adds up a single one.
pub const MAX_VISITS: usize = 30_000_000;

/// Sums over the members of a family; [`UNKNOWN`] where a number is known of no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilySum {
    pub members: i64,
    pub downloads: i64,
    pub downloads_all_time: i64,
}

impl FamilySum {
    const NONE: FamilySum = FamilySum {
        members: 0,
        downloads: UNKNOWN,
        downloads_all_time: UNKNOWN,
    };

    fn of(graph: &Graph, models: &Models, node: Node) -> FamilySum {
        let number = |field| models.number(field, graph.model(node)?);
        FamilySum {
            members: 1,
            downloads: number(Field::Downloads).unwrap_or(UNKNOWN),
            downloads_all_time: number(Field::DownloadsAllTime).unwrap_or(UNKNOWN),
        }
    }

    fn add(&mut self, other: FamilySum) {
        self.members = self.members.saturating_add(other.members);
        self.downloads = sum_of_known(self.downloads, other.downloads);
        self.downloads_all_time = sum_of_known(self.downloads_all_time, other.downloads_all_time);
    }
}

/// No component.
const NONE: u32 = u32::MAX;

/// A vertex with several components above it.
struct Shared {
    /// [`NONE`] for a node without children.
    component: u32,
    sum: FamilySum,
}

/// The components as a forest, and the shared vertices that each links to.
pub struct Condensation {
    /// The sum of the tree of each component, without the shared vertices below it.
    sums: Vec<FamilySum>,
    /// The number of generations below each component.
    pub depths: Vec<i64>,
    /// The only component above each, or [`NONE`].
    above: Vec<u32>,
    shared: Vec<Shared>,
    /// (component, index of a shared vertex right below it), in no order.
    links: Vec<(u32, u32)>,
    /// The most downloaded member of each component that has no other above it.
    pub roots: Vec<Node>,
    /// The nodes that are in a cycle with others.
    pub cyclic: Vec<Node>,
    /// The number of nodes that have neither children nor a base other than themselves.
    pub unrelated: usize,
}

impl Condensation {
    /// Condenses the graph, whose nodes with children are `parents`.
    pub fn new(
        graph: &Graph,
        models: &Models,
        parents: &RankIndex,
        components: &Components,
    ) -> Condensation {
        let count = components.count as usize;
        let mut condensation = Condensation {
            sums: vec![FamilySum::NONE; count],
            depths: vec![0; count],
            above: vec![NONE; count],
            shared: Vec::new(),
            links: Vec::new(),
            roots: Vec::new(),
            cyclic: Vec::new(),
            unrelated: graph.node_count() - parents.count(),
        };
        let component_of = |base: Node| Some(components.of[parents.rank(base.0)?]);
        let leaves = |rows: Range<usize>| -> Vec<(Node, Above)> {
            let with_base = graph.models_with_base(rows).map(Node::from);
            let leaves = with_base.filter(|node| !graph.has_children(*node));
            let leaves = leaves.map(|node| (node, Above::new(graph, [node], NONE, component_of)));
            leaves.filter(|(_, above)| above.first != NONE).collect()
        };
        let leaves: Vec<_> = chunks(graph.node_count())
            .into_par_iter()
            .map(leaves)
            .collect();
        for (node, above) in leaves.into_iter().flatten() {
            condensation.unrelated -= 1;
            condensation.attach(NONE, FamilySum::of(graph, models, node), 0, &above);
        }
        let members = components.of.iter().copied().zip(parents.iter().map(Node));
        let mut members: Vec<(u32, Node)> = members.collect();
        members.par_sort_unstable();
        let components = members.par_chunk_by(|a, b| a.0 == b.0).map(|members| {
            let nodes = members.iter().map(|(_, node)| *node);
            let above = Above::new(graph, nodes, members[0].0, component_of);
            (members, above)
        });
        // A component has a higher number than all below it, so these are complete when it is added.
        for (members, above) in components.collect::<Vec<_>>() {
            let component = members[0].0 as usize;
            for (_, node) in members {
                condensation.sums[component].add(FamilySum::of(graph, models, *node));
            }
            if members.len() > 1 {
                condensation.depths[component] += 1;
                let nodes = members.iter().map(|(_, node)| *node);
                condensation.cyclic.extend(nodes);
            }
            let (sum, depth) = (condensation.sums[component], condensation.depths[component]);
            condensation.attach(members[0].0, sum, depth, &above);
            if above.first == NONE {
                let downloads = |node| models.number(Field::Downloads, graph.model(node)?);
                let nodes = members.iter().map(|(_, node)| *node);
                let root = nodes.max_by_key(|node| (downloads(*node), Reverse(*node)));
                condensation.roots.extend(root);
            }
        }
        condensation
    }

    /// Adds a vertex, complete but for its own links, below the components above it. `component` is
    /// [`NONE`] for a node without children, `depth` the number of generations below the vertex.
    fn attach(&mut self, component: u32, sum: FamilySum, depth: i64, above: &Above) {
        for other in above.all() {
            let other_depth = &mut self.depths[other as usize];
            *other_depth = (*other_depth).max(depth + 1);
        }
        if above.first == NONE {
            return;
        }
        if above.others.is_empty() {
            self.sums[above.first as usize].add(sum);
            if component != NONE {
                self.above[component as usize] = above.first;
            }
            return;
        }
        let index = Node::at(self.shared.len()).0;
        self.shared.push(Shared { component, sum });
        self.links.extend(above.all().map(|other| (other, index)));
    }

    /// Returns the sum of each component's family; `None` from where all would take more than
    /// `max_visits`.
    pub fn family_sums(&self, max_visits: usize) -> Vec<Option<FamilySum>> {
        let links = TreeLinks::new(self);
        let mut left = max_visits;
        // The component whose walk visited each shared vertex last.
        let mut visited = vec![NONE; self.shared.len()];
        let mut queue = Vec::new();
        let mut family_sum = |component: u32| {
            let mut sum = self.sums[component as usize];
            queue.clear();
            queue.push(component);
            while let Some(next) = queue.pop() {
                let links = links.of(next);
                let visits = left.checked_sub(links.len());
                left = visits.unwrap_or(0);
                visits?;
                for link in links.iter().map(|link| *link as usize) {
                    if std::mem::replace(&mut visited[link], component) != component {
                        sum.add(self.shared[link].sum);
                        queue.push(self.shared[link].component);
                    }
                }
            }
            Some(sum)
        };
        (0..self.sums.len())
            .map(|at| family_sum(Node::at(at).0))
            .collect()
    }
}

/// The components right above some nodes, each once.
struct Above {
    /// [`NONE`] where there are none.
    first: u32,
    /// Not allocated for nearly all nodes.
    others: Vec<u32>,
}

impl Above {
    /// Finds the components of the bases of `nodes`, which are in the component `own`.
    fn new(
        graph: &Graph,
        nodes: impl IntoIterator<Item = Node>,
        own: u32,
        component_of: impl Fn(Node) -> Option<u32>,
    ) -> Above {
        let mut above = Above {
            first: NONE,
            others: Vec::new(),
        };
        for node in nodes {
            let bases = graph.bases(node).iter().filter(|base| **base != node);
            for component in bases.filter_map(|base| component_of(*base)) {
                if above.first == NONE && component != own {
                    above.first = component;
                } else if component != own && component != above.first {
                    above.others.push(component);
                }
            }
        }
        above.others.sort_unstable();
        above.others.dedup();
        above
    }

    fn all(&self) -> impl Iterator<Item = u32> {
        let first = Some(self.first).filter(|first| *first != NONE);
        first.into_iter().chain(self.others.iter().copied())
    }
}

/// The links of every component, ordered so that those of its whole tree are contiguous.
struct TreeLinks {
    starts: Vec<u32>,
    counts: Vec<u32>,
    links: Vec<u32>,
}

impl TreeLinks {
    /// Orders the links: a component's own, then those of each component below it.
    fn new(condensation: &Condensation) -> TreeLinks {
        let components = condensation.sums.len();
        let mut own = vec![0; components];
        for (component, _) in &condensation.links {
            own[*component as usize] += 1;
        }
        let mut counts = own.clone();
        for (component, above) in condensation.above.iter().enumerate() {
            if *above != NONE {
                counts[*above as usize] += counts[component];
            }
        }
        let mut starts = vec![0; components];
        // Where the next component below each one, or the next tree, has its links.
        let (mut next_below, mut next_tree) = (vec![0; components], 0);
        for (component, above) in condensation.above.iter().enumerate().rev() {
            let next = match *above {
                NONE => &mut next_tree,
                above => &mut next_below[above as usize],
            };
            starts[component] = *next;
            *next += counts[component];
            next_below[component] = starts[component] + own[component];
        }
        let mut links = vec![0; condensation.links.len()];
        let mut ends = starts.clone();
        for (component, shared) in &condensation.links {
            let end = &mut ends[*component as usize];
            links[*end as usize] = *shared;
            *end += 1;
        }
        TreeLinks {
            starts,
            counts,
            links,
        }
    }

    /// Returns the links of a component's tree; none of [`NONE`].
    fn of(&self, component: u32) -> &[u32] {
        let Some(start) = self.starts.get(component as usize) else {
            return &[];
        };
        let start = *start as usize;
        &self.links[start..start + self.counts[component as usize] as usize]
    }
}
