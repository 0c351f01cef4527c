//! What the family of every node adds up to, each member once, exactly: `forest.rs` does the sums,
//! here they become fields.

use std::io;
use std::sync::Arc;

use anyhow::Result;

use super::circles::Groups;
use super::forest::{Forest, STEPS, Sum};
use super::graph::{Graph, Node};
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{Models, models_of};
use crate::engine::table::sparse::{Rows, Sparse, UNKNOWN};

/// The totals of all nodes; by default, of none. Nodes without children have none of their own: a
/// leaf's family is itself.
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
    /// One node of each family that stands under no other: without bases, or the most downloaded
    /// of a circle that has none outside.
    pub roots: Vec<Node>,
    /// Models without children and without a base other than themselves.
    pub unrelated: usize,
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

    /// Keeps them in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.children.rows().set().write(to)?;
        for (_, total, _) in self.fields() {
            total.write(to)?;
        }
        to.put(&self.roots)?;
        to.put_number(self.unrelated as u64)
    }

    /// Takes them out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader) -> Result<Totals> {
        let rows = Arc::new(Rows::new(ModelSet::read(from)?));
        let mut total = || Sparse::read(from, &rows);
        Ok(Totals {
            children: total()?,
            descendants: total()?,
            depth: total()?,
            downloads: total()?,
            downloads_all_time: total()?,
            roots: from.take()?.to_vec(),
            unrelated: from.take_size()?,
        })
    }

    /// What they take together, in bytes; several columns share their rows.
    pub fn bytes(&self) -> usize {
        let columns = self.fields().map(|(_, total, _)| total.bytes());
        self.children.rows().bytes() + columns.iter().sum::<usize>()
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
        let parents = ModelSet::by_chunk(graph.nodes(), |rows, add| {
            let nodes = models_of(rows).map(Node::from);
            let parents = nodes.filter(|node| graph.has_children(*node));
            parents.for_each(|node| add(node.0 as usize));
        });
        let parents = Arc::new(Rows::new(parents));
        let groups = Groups::new(graph, &parents);
        let forest = Forest::new(graph, models, &parents, &groups);
        let sums = forest.whole_sums(steps);
        let column = |of: &dyn Fn(usize, u32) -> i64| {
            let values = parents.iter().enumerate();
            let values = values.map(|(place, node)| of(groups.of[place] as usize, node));
            Sparse::new(parents.clone(), values.collect())
        };
        let total =
            |of: fn(&Sum) -> i64| column(&|group, _| sums[group].as_ref().map_or(UNKNOWN, of));
        let children = |node: u32| graph.children(Node(node)).len();
        let children = column(&|_, node| i64::try_from(children(node)).unwrap_or(i64::MAX));
        let depth = column(&|group, _| forest.depths[group]);
        let descendants = total(|sum| sum.members - 1);
        let downloads = total(|sum| sum.downloads);
        let downloads_all_time = total(|sum| sum.all_time);
        Totals {
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
