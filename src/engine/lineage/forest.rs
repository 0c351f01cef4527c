//! What the family of every node adds up to, each member once, exactly.
//!
//! Nearly everything is a forest, where sums of sums do. A node with several bases may be met on
//! several ways; such *shared* ones are left out of the sums, and each node above any of them
//! collects which it leads to, each once. Circles are taken as one node first.
//!
//! ```text
//!       A            B          sum of A: A, C, D     shared below A: E      → with E and F
//!      ╱ ╲          ╱           sum of E: E, F        (E's own sum counts once for A, once for B)
//!     C   D ──▶ E ◀╯
//!               └─ F
//! ```

use std::ops::Range;

use rayon::prelude::*;

use super::circles::Groups;
use super::graph::{Graph, Node};
use crate::engine::table::bitset::chunks;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;
use crate::engine::table::sparse::Rows;

/// So many steps are gone for shared nodes at most. The Hub takes a few hundred thousand; a hub
/// made to be hard gets totals unknown where they would take more, and [`super::family`] adds up
/// the one that is looked at.
pub const STEPS: usize = 30_000_000;

/// What members add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub members: i64,
    pub downloads: i64,
    pub all_time: i64,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.members = self.members.saturating_add(other.members);
        self.downloads = self.downloads.saturating_add(other.downloads);
        self.all_time = self.all_time.saturating_add(other.all_time);
    }

    fn of(graph: &Graph, models: &Models, node: Node) -> Sum {
        let number = |field| {
            let model = graph.model(node)?;
            models.number(field, model)
        };
        Sum {
            members: 1,
            downloads: number(Field::Downloads).unwrap_or(0),
            all_time: number(Field::DownloadsAllTime).unwrap_or(0),
        }
    }
}

/// No group.
const NONE: u32 = u32::MAX;

/// A node or group with several bases.
struct Shared {
    /// `None` for a node without children.
    group: Option<u32>,
    own: Sum,
}

/// The groups as a forest, and the shared nodes that each links to.
pub struct Forest {
    /// What each group adds up to without what is shared below it.
    sums: Vec<Sum>,
    /// Generations below each group.
    pub depths: Vec<i64>,
    /// The only group above, or [`NONE`].
    above: Vec<u32>,
    shared: Vec<Shared>,
    /// (group, shared node below it), in no order.
    links: Vec<(u32, u32)>,
    /// The groups that stand under no other.
    pub roots: Vec<u32>,
    /// How many nodes have neither a base other than themselves nor a child.
    pub unrelated: usize,
}

impl Forest {
    /// Puts every node into the group it belongs to or hangs from.
    pub fn new(graph: &Graph, models: &Models, parents: &Rows, groups: &Groups) -> Forest {
        let mut forest = Forest {
            sums: vec![Sum::default(); groups.count],
            depths: vec![0; groups.count],
            above: vec![NONE; groups.count],
            shared: Vec::new(),
            links: Vec::new(),
            roots: Vec::new(),
            unrelated: 0,
        };
        let mut members: Vec<(u32, u32)> = parents
            .iter()
            .enumerate()
            .map(|(place, node)| (groups.of[place], node))
            .collect();
        for (group, node) in &members {
            forest.sums[*group as usize].add(Sum::of(graph, models, Node(*node)));
        }
        let group_of = |node: Node| parents.place(node.0).map(|place| groups.of[place]);
        let leaves = |rows: Range<usize>| -> Vec<(Node, Above)> {
            let stating = graph.stating_in(rows).map(Node::from);
            let leaves = stating.filter(|node| !graph.has_children(*node));
            leaves
                .map(|node| (node, Above::new(graph, [node], None, group_of)))
                .filter(|(_, above)| !above.all().is_empty())
                .collect()
        };
        let leaves: Vec<_> = chunks(graph.nodes()).into_par_iter().map(leaves).collect();
        forest.unrelated = graph.nodes() - members.len();
        for (node, above) in leaves.into_iter().flatten() {
            forest.unrelated -= 1;
            forest.take_leaf(&above, Sum::of(graph, models, node));
        }
        members.par_sort_unstable();
        let groups = members.par_chunk_by(|a, b| a.0 == b.0).map(|of_group| {
            let nodes = of_group.iter().map(|(_, node)| Node(*node));
            let above = Above::new(graph, nodes, Some(of_group[0].0), group_of);
            (of_group, above)
        });
        let groups: Vec<_> = groups.collect();
        // A group comes after all below it, so these are complete when they are added.
        for (of_group, above) in &groups {
            forest.take_group(of_group[0].0, above, of_group.len() > 1);
        }
        forest
    }

    /// The whole sum of each group; `None` from where it would take more than so many steps.
    pub fn whole_sums(&self, steps: usize) -> Vec<Option<Sum>> {
        Collector::new(self).collect(self, steps)
    }

    fn take_leaf(&mut self, above: &Above, own: Sum) {
        for group in above.all() {
            let depth = &mut self.depths[*group as usize];
            *depth = (*depth).max(1);
        }
        match above {
            Above::None => {}
            Above::One(only) => self.sums[*only as usize].add(own),
            Above::Several(several) => self.share(None, own, several),
        }
    }

    fn take_group(&mut self, group: u32, above: &Above, is_circle: bool) {
        let at = group as usize;
        self.depths[at] += i64::from(is_circle);
        for other in above.all() {
            let below = self.depths[at] + 1;
            let depth = &mut self.depths[*other as usize];
            *depth = (*depth).max(below);
        }
        match above {
            Above::None => self.roots.push(group),
            Above::One(only) => {
                self.above[at] = *only;
                let sum = self.sums[at];
                self.sums[*only as usize].add(sum);
            }
            Above::Several(several) => self.share(Some(group), self.sums[at], several),
        }
    }

    fn share(&mut self, group: Option<u32>, own: Sum, above: &[u32]) {
        #[expect(clippy::cast_possible_truncation, reason = "no more than nodes")]
        let number = self.shared.len() as u32;
        self.shared.push(Shared { group, own });
        self.links
            .extend(above.iter().map(|group| (*group, number)));
    }
}

/// The groups that some nodes' bases are in, each once.
enum Above {
    None,
    One(u32),
    Several(Vec<u32>),
}

impl Above {
    /// Those of nodes that are in the group `own`, which is left out.
    fn new(
        graph: &Graph,
        nodes: impl IntoIterator<Item = Node>,
        own: Option<u32>,
        group_of: impl Fn(Node) -> Option<u32>,
    ) -> Above {
        let mut first = None;
        let mut several = Vec::new();
        for node in nodes {
            let others = graph.bases(node).iter().filter(|base| **base != node);
            for group in others.filter_map(|base| group_of(*base)) {
                match first {
                    _ if own == Some(group) => {}
                    None => first = Some(group),
                    Some(first) if first == group => {}
                    Some(_) => several.push(group),
                }
            }
        }
        match first {
            None => Above::None,
            Some(only) if several.is_empty() => Above::One(only),
            Some(first) => {
                several.push(first);
                several.sort_unstable();
                several.dedup();
                Above::Several(several)
            }
        }
    }

    fn all(&self) -> &[u32] {
        match self {
            Above::None => &[],
            Above::One(only) => std::slice::from_ref(only),
            Above::Several(several) => several,
        }
    }
}

/// Collects the shared nodes below each group.
struct Collector {
    /// The links of a group's whole tree stand together: from here, so many.
    starts: Vec<u32>,
    counts: Vec<u32>,
    links: Vec<u32>,
    /// The last walk that met each shared node.
    met: Vec<u32>,
}

impl Collector {
    /// Puts the links in order: a group's own, then those of each group below it.
    fn new(forest: &Forest) -> Collector {
        let groups = forest.sums.len();
        let mut own = vec![0_u32; groups];
        forest
            .links
            .iter()
            .for_each(|(group, _)| own[*group as usize] += 1);
        let mut counts = own.clone();
        for group in 0..groups {
            if forest.above[group] != NONE {
                counts[forest.above[group] as usize] += counts[group];
            }
        }
        let mut starts = vec![0; groups];
        // Where the next group below each one, or the next tree, puts its links.
        let mut room = vec![0; groups];
        let mut end = 0;
        for group in (0..groups).rev() {
            let place = match forest.above[group] {
                NONE => &mut end,
                above => &mut room[above as usize],
            };
            starts[group] = *place;
            *place += counts[group];
            room[group] = starts[group] + own[group];
        }
        let mut links = vec![0; forest.links.len()];
        let mut next = starts.clone();
        for (group, shared) in &forest.links {
            let place = &mut next[*group as usize];
            links[*place as usize] = *shared;
            *place += 1;
        }
        Collector {
            starts,
            counts,
            links,
            met: vec![NONE; forest.shared.len()],
        }
    }

    /// The whole sum of each group; `None` from where it would take too long.
    fn collect(mut self, forest: &Forest, steps: usize) -> Vec<Option<Sum>> {
        let mut left = steps;
        let mut queue = Vec::new();
        let of_group = |(group, sum): (usize, &Sum)| match self.counts[group] {
            0 => Some(*sum),
            _ => self.walk(forest, group, *sum, &mut left, &mut queue),
        };
        forest.sums.iter().enumerate().map(of_group).collect()
    }

    /// Adds to a group's own sum that of each shared node it leads to.
    fn walk(
        &mut self,
        forest: &Forest,
        from: usize,
        mut sum: Sum,
        left: &mut usize,
        queue: &mut Vec<usize>,
    ) -> Option<Sum> {
        #[expect(clippy::cast_possible_truncation, reason = "no more groups than nodes")]
        let mark = from as u32;
        queue.clear();
        queue.push(from);
        while let Some(group) = queue.pop() {
            let start = self.starts[group] as usize;
            let links = &self.links[start..start + self.counts[group] as usize];
            *left = left.checked_sub(links.len()).or_else(|| {
                *left = 0;
                None
            })?;
            for shared in links {
                if std::mem::replace(&mut self.met[*shared as usize], mark) != mark {
                    let shared = &forest.shared[*shared as usize];
                    sum.add(shared.own);
                    queue.extend(shared.group.map(|group| group as usize));
                }
            }
        }
        Some(sum)
    }
}
