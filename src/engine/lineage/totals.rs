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

use std::sync::Arc;

use super::circles::Groups;
use super::graph::{Graph, Node};
use crate::engine::data::field::Field;
use crate::engine::data::models::Models;
use crate::engine::data::set::ModelSet;
use crate::engine::data::sparse::{Rows, Sparse, UNKNOWN};

/// So many steps are gone for shared nodes at most. The Hub takes a few hundred thousand; a hub
/// made to be hard gets totals unknown where they would take more, and [`super::family`] adds up
/// the one that is looked at.
const STEPS: usize = 30_000_000;

/// The totals of all nodes; by default, of none. Nodes without children have none of their own: a leaf's family is
/// itself.
#[derive(Default)]
pub struct Totals {
    /// Direct children, each once and never the node itself.
    pub children: Sparse,
    /// Distinct nodes reachable over child edges, the node itself not counted.
    pub descendants: Sparse,
    /// Generations below, the longest way down; a circle is one.
    pub depth: Sparse,
    /// Downloads of the last 30 days of the node and its descendants; unknown counts as none.
    pub downloads: Sparse,
    /// The same of all time.
    pub downloads_all_time: Sparse,
    /// What all of these take together, in bytes.
    pub bytes: usize,
    /// One node of each family that stands under no other: without bases, or the most downloaded
    /// of a circle that has none outside.
    pub roots: Vec<Node>,
    /// Models without children and without a base other than themselves.
    pub unrelated: usize,
}

/// What members add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    members: i64,
    downloads: i64,
    all_time: i64,
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
struct Forest {
    /// What each group adds up to without what is shared below it.
    sums: Vec<Sum>,
    depths: Vec<i64>,
    /// The only group above, or [`NONE`].
    above: Vec<u32>,
    shared: Vec<Shared>,
    /// (group, shared node below it), in no order.
    links: Vec<(u32, u32)>,
    roots: Vec<u32>,
    unrelated: usize,
}

impl Totals {
    /// Adds up everything.
    pub fn new(graph: &Graph, models: &Models) -> Totals {
        Totals::within(graph, models, STEPS)
    }

    /// The totals as fields, each with that which nodes without children have of it.
    fn fields(&self) -> [(Field, &Sparse, Option<Field>); 5] {
        [
            (Field::Children, &self.children, None),
            (Field::Descendants, &self.descendants, None),
            (Field::Depth, &self.depth, None),
            (
                Field::FamilyDownloads,
                &self.downloads,
                Some(Field::Downloads),
            ),
            (
                Field::FamilyDownloadsAllTime,
                &self.downloads_all_time,
                Some(Field::DownloadsAllTime),
            ),
        ]
    }

    /// The models with their totals. One of a field that is not known at all stays unknown.
    pub fn tell(&self, models: Models) -> Models {
        let known = |models: &Models, of: Option<Field>| of.is_none_or(|field| models.has(field));
        self.fields()
            .into_iter()
            .fold(models, |models, (field, total, of)| {
                match known(&models, of) {
                    true => models.with_total(field, total.clone(), of),
                    false => models,
                }
            })
    }

    /// A total of a node that has children; `None` where it is not known.
    pub fn number(&self, field: Field, node: Node) -> Option<i64> {
        let fields = self.fields();
        let (_, total, _) = fields.iter().find(|(other, ..)| *other == field)?;
        total.get(node.0).flatten()
    }

    fn within(graph: &Graph, models: &Models, steps: usize) -> Totals {
        let parents = ModelSet::of(graph.nodes(), |row| graph.has_children_at(row));
        let parents = Arc::new(Rows::new(parents));
        let groups = Groups::new(graph, &parents);
        let forest = Forest::new(graph, models, &parents, &groups);
        let sums = Collector::new(&forest).collect(&forest, steps);
        let column = |of: &dyn Fn(usize, u32) -> i64| {
            let values = parents.iter().enumerate();
            let values = values.map(|(place, node)| of(groups.of[place] as usize, node));
            Sparse::new(parents.clone(), values.collect())
        };
        let total =
            |of: fn(&Sum) -> i64| column(&|group, _| sums[group].as_ref().map_or(UNKNOWN, of));
        let children = |node: u32| graph.children_at(node).len();
        let children = column(&|_, node| i64::try_from(children(node)).unwrap_or(i64::MAX));
        let depth = column(&|group, _| forest.depths[group]);
        let descendants = total(|sum| sum.members - 1);
        let downloads = total(|sum| sum.downloads);
        let downloads_all_time = total(|sum| sum.all_time);
        let all = [
            &children,
            &descendants,
            &depth,
            &downloads,
            &downloads_all_time,
        ];
        Totals {
            bytes: parents.bytes() + all.iter().map(|column| column.bytes()).sum::<usize>(),
            roots: roots(models, graph, &parents, &groups, &forest),
            unrelated: forest.unrelated,
            children,
            descendants,
            depth,
            downloads,
            downloads_all_time,
        }
    }
}

/// The most downloaded member of each group that stands under no other.
fn roots(
    models: &Models,
    graph: &Graph,
    parents: &Rows,
    groups: &Groups,
    forest: &Forest,
) -> Vec<Node> {
    let mut first: Vec<Option<Node>> = vec![None; groups.count];
    let downloads = |node| {
        graph
            .model(node)
            .and_then(|m| models.number(Field::Downloads, m))
    };
    for (place, node) in parents.iter().map(Node).enumerate() {
        let first = &mut first[groups.of[place] as usize];
        if first.is_none_or(|first| downloads(node) > downloads(first)) {
            *first = Some(node);
        }
    }
    let roots = forest.roots.iter();
    roots.filter_map(|group| first[*group as usize]).collect()
}

impl Forest {
    fn new(graph: &Graph, models: &Models, parents: &Rows, groups: &Groups) -> Forest {
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
        let mut above = Vec::new();
        for node in graph.all() {
            if parents.place(node.0).is_none() {
                groups_above(graph, &[node], group_of, &mut above);
                forest.take_leaf(&above, || Sum::of(graph, models, node));
            }
        }
        members.sort_unstable();
        // A group comes after all below it, so these are complete when they are added.
        for of_group in members.chunk_by(|a, b| a.0 == b.0) {
            let group = of_group[0].0;
            let nodes: Vec<Node> = of_group.iter().map(|(_, node)| Node(*node)).collect();
            groups_above(graph, &nodes, group_of, &mut above);
            above.retain(|other| *other != group);
            forest.take_group(group, &above, of_group.len() > 1);
        }
        forest
    }

    fn take_leaf(&mut self, above: &[u32], own: impl Fn() -> Sum) {
        for group in above {
            let depth = &mut self.depths[*group as usize];
            *depth = (*depth).max(1);
        }
        match above {
            [] => self.unrelated += 1,
            [only] => self.sums[*only as usize].add(own()),
            several => self.share(None, own(), several),
        }
    }

    fn take_group(&mut self, group: u32, above: &[u32], is_circle: bool) {
        let at = group as usize;
        self.depths[at] += i64::from(is_circle);
        for other in above {
            let below = self.depths[at] + 1;
            let depth = &mut self.depths[*other as usize];
            *depth = (*depth).max(below);
        }
        match above {
            [] => self.roots.push(group),
            [only] => {
                self.above[at] = *only;
                let sum = self.sums[at];
                self.sums[*only as usize].add(sum);
            }
            several => self.share(Some(group), self.sums[at], several),
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

/// The groups that these nodes' bases are in, each once.
fn groups_above(
    graph: &Graph,
    nodes: &[Node],
    group_of: impl Fn(Node) -> Option<u32>,
    above: &mut Vec<u32>,
) {
    above.clear();
    for node in nodes {
        let others = graph.bases(*node).iter().filter(|base| *base != node);
        above.extend(others.filter_map(|base| group_of(*base)));
    }
    if above.len() > 1 {
        above.sort_unstable();
        above.dedup();
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

#[cfg(test)]
mod tests {
    use super::super::graph::tests::{graph, models};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// All that is made from a node, by following pairs until nothing new is found.
    fn descendants(pairs: &[(u32, u32)], node: u32) -> BTreeSet<u32> {
        let mut found = BTreeSet::from([node]);
        loop {
            let more: Vec<u32> = pairs
                .iter()
                .filter(|(model, base)| found.contains(base) && !found.contains(model))
                .map(|(model, _)| *model)
                .collect();
            if more.is_empty() {
                found.remove(&node);
                return found;
            }
            found.extend(more);
        }
    }

    /// The longest way down over the nodes that are not of one circle with another on it.
    fn depth(pairs: &[(u32, u32)], node: u32) -> i64 {
        let below = descendants(pairs, node);
        let mates: BTreeSet<u32> = below
            .iter()
            .copied()
            .filter(|other| descendants(pairs, *other).contains(&node))
            .collect();
        let outside = below.iter().filter(|other| !mates.contains(other));
        let deepest = outside.map(|other| depth(pairs, *other) + 1).max();
        deepest.unwrap_or(0) + i64::from(!mates.is_empty())
    }

    fn number(sparse: &Sparse, node: Node) -> Option<i64> {
        sparse.get(node.0).unwrap_or(Some(0))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn totals_are_those_of_a_plain_walk(
            pairs in prop::collection::vec((0..12_u32, 0..15_u32), 0..30),
            steps in prop::sample::select(vec![0, 5, 1_000_000]),
        ) {
            let models = models(12);
            let graph = graph(&models, &pairs);
            let totals = Totals::within(&graph, &models, steps);
            let mut roots = BTreeSet::new();
            for name in 0..15_u32 {
                let Some(node) = models.find(&name.to_string()).map(Node::from).or_else(|| graph.ghost(&name.to_string())) else {
                    continue;
                };
                let below = descendants(&pairs, name);
                let sum = |factor: i64| {
                    let known = below.iter().chain([&name]).filter(|n| **n < 12 && **n % 5 != 4);
                    known.map(|n| i64::from(*n) * factor).sum::<i64>()
                };
                let children: BTreeSet<u32> = pairs.iter().filter(|(m, b)| *b == name && *m != name).map(|p| p.0).collect();
                prop_assert_eq!(number(&totals.children, node), Some(i64::try_from(children.len()).unwrap()));
                if !children.is_empty() {
                    prop_assert_eq!(totals.depth.get(node.0), Some(Some(depth(&pairs, name))));
                    let known = totals.descendants.get(node.0).unwrap();
                    prop_assert!(known.is_some() || steps < 1_000_000);
                    if known.is_some() {
                        prop_assert_eq!(known, Some(i64::try_from(below.len()).unwrap()));
                        prop_assert_eq!(totals.downloads.get(node.0), Some(Some(sum(2))));
                        prop_assert_eq!(totals.downloads_all_time.get(node.0), Some(Some(sum(200))));
                    } else {
                        prop_assert_eq!(totals.downloads.get(node.0), Some(None));
                    }
                    let outside = pairs.iter().any(|(m, b)| (*m == name || (below.contains(m) && descendants(&pairs, *m).contains(&name))) && !below.contains(b) && *b != name);
                    if !outside {
                        roots.insert(below.iter().copied().filter(|n| descendants(&pairs, *n).contains(&name)).chain([name]).collect::<BTreeSet<u32>>());
                    }
                }
            }
            // One root of each family without a base outside of it.
            let told: Vec<u32> = totals.roots.iter().map(|node| graph.name(*node, &models).parse().unwrap()).collect();
            prop_assert_eq!(told.len(), roots.len());
            for circle in roots {
                prop_assert_eq!(told.iter().filter(|root| circle.contains(root)).count(), 1);
            }
            let related = |n: u32| pairs.iter().any(|(m, b)| (*m == n) != (*b == n));
            prop_assert_eq!(totals.unrelated, (0..12).filter(|n| !related(*n)).count());
        }
    }

    #[test]
    fn a_long_chain_and_a_long_ring_need_no_deep_stack() {
        let models = models(200_000);
        let chain: Vec<(u32, u32)> = (1..200_000).map(|n| (n, n - 1)).collect();
        let totals = Totals::new(&graph(&models, &chain), &models);
        assert_eq!(totals.descendants.get(0), Some(Some(199_999)));
        assert_eq!(totals.depth.get(1), Some(Some(199_998)));
        let ring = [chain, vec![(0, 199_999)]].concat();
        let totals = Totals::new(&graph(&models, &ring), &models);
        assert_eq!(totals.descendants.get(7), Some(Some(199_999)));
        assert_eq!(
            (totals.roots.len(), totals.depth.get(7)),
            (1, Some(Some(1)))
        );
    }
}
