//! Family totals of all nodes, as fields of the models.

use std::io;
use std::sync::Arc;

use anyhow::Result;

use super::components::Components;
use super::condensation::{Condensation, FamilySum, MAX_VISITS};
use super::graph::{Graph, Node};
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{Models, models_of};
use crate::engine::table::sparse::{Rows, Sparse, UNKNOWN};

/// Family totals of the nodes that have children; by default, of none. They are exact: each member
/// counts once, and an unknown number of downloads as 0. The family of any other node is itself.
#[derive(Default)]
pub struct Rollup {
    /// Direct children, each once and never the node itself.
    pub children: Sparse,
    /// Distinct nodes reachable over child edges, without the node itself.
    pub descendants: Sparse,
    /// Generations below the node on the longest path; a cycle counts as one.
    pub depth: Sparse,
    /// Downloads in the last 30 days of the node and its descendants.
    pub downloads: Sparse,
    /// Downloads of all time of the node and its descendants.
    pub downloads_all_time: Sparse,
    /// A node of each family that is below no other: one without bases, or the most downloaded of a
    /// cycle that has no base outside.
    pub roots: Vec<Node>,
    /// The number of models that have neither children nor a base other than themselves.
    pub unrelated: usize,
}

impl Rollup {
    /// Computes the totals of all nodes. Those that would take too long are unknown.
    pub fn new(graph: &Graph, models: &Models) -> Rollup {
        Rollup::bounded(graph, models, MAX_VISITS)
    }

    fn bounded(graph: &Graph, models: &Models, max_visits: usize) -> Rollup {
        let parents = ModelSet::by_chunk(graph.node_count(), |rows, add| {
            let parents = models_of(rows).filter(|model| graph.has_children((*model).into()));
            parents.for_each(|node| add(node.row()));
        });
        let parents = Arc::new(Rows::new(parents));
        let components = Components::new(graph, &parents);
        let condensation = Condensation::new(graph, models, &parents, &components);
        let sums = condensation.family_sums(max_visits);
        let column = |values: Vec<i64>| Sparse::new(parents.clone(), values);
        let depth = |component: &u32| condensation.depths[*component as usize];
        let total = |of: fn(&FamilySum) -> i64| {
            let sums = components
                .of
                .iter()
                .map(|component| &sums[*component as usize]);
            let totals = sums.map(|sum| sum.as_ref().map_or(UNKNOWN, of));
            column(totals.collect())
        };
        let children = |node| graph.children(Node(node)).len();
        let children = parents
            .iter()
            .map(|node| children(node).try_into().unwrap_or(i64::MAX));
        Rollup {
            children: column(children.collect()),
            descendants: total(|sum| sum.members - 1),
            depth: column(components.of.iter().map(depth).collect()),
            downloads: total(|sum| sum.downloads),
            downloads_all_time: total(|sum| sum.downloads_all_time),
            roots: condensation.roots,
            unrelated: condensation.unrelated,
        }
    }

    /// Returns each total with its field, and the field that it equals for nodes without children,
    /// if it is not 0 for them.
    fn columns(&self) -> [(Field, &Sparse, Option<Field>); 5] {
        use Field::{Children, Depth, Descendants, Downloads, DownloadsAllTime};
        use Field::{FamilyDownloads, FamilyDownloadsAllTime};
        let all_time = &self.downloads_all_time;
        [
            (Children, &self.children, None),
            (Descendants, &self.descendants, None),
            (Depth, &self.depth, None),
            (FamilyDownloads, &self.downloads, Some(Downloads)),
            (FamilyDownloadsAllTime, all_time, Some(DownloadsAllTime)),
        ]
    }

    /// Returns the models with the totals as fields, but for totals of a field that no model has.
    pub fn add_fields(&self, mut models: Models) -> Models {
        for (field, total, own) in self.columns() {
            if own.is_none_or(|own| models.has(own)) {
                models = models.with_total(field, total.clone(), own);
            }
        }
        models
    }

    /// Returns a total of a node that has children; `None` where it is unknown.
    pub fn number(&self, field: Field, node: Node) -> Option<i64> {
        let columns = self.columns();
        let (_, total, _) = columns.iter().find(|(other, ..)| *other == field)?;
        total.get(node.0).flatten()
    }

    /// Writes the totals to the archive.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.children.rows().set().write(to)?;
        for (_, total, _) in self.columns() {
            total.write(to)?;
        }
        to.put(&self.roots)?;
        to.put_number(self.unrelated as u64)
    }

    /// Reads the totals from the archive.
    ///
    /// # Errors
    /// When the archive holds something else at this place.
    pub fn read(from: &mut Reader) -> Result<Rollup> {
        let parents = Arc::new(Rows::new(ModelSet::read(from)?));
        let mut total = || Sparse::read(from, &parents);
        Ok(Rollup {
            children: total()?,
            descendants: total()?,
            depth: total()?,
            downloads: total()?,
            downloads_all_time: total()?,
            roots: from.take()?.to_vec(),
            unrelated: from.take_size()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::{graph, models};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Returns the descendants of a node, found by following pairs until nothing new turns up.
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

    /// Returns the number of generations below a node, a cycle counting as one.
    fn depth(pairs: &[(u32, u32)], node: u32) -> i64 {
        let below = descendants(pairs, node);
        let cycle: BTreeSet<u32> = below
            .iter()
            .copied()
            .filter(|other| descendants(pairs, *other).contains(&node))
            .collect();
        let outside = below.iter().filter(|other| !cycle.contains(other));
        let deepest = outside.map(|other| depth(pairs, *other) + 1).max();
        deepest.unwrap_or(0) + i64::from(!cycle.is_empty())
    }

    fn number(sparse: &Sparse, node: Node) -> Option<i64> {
        sparse.get(node.0).unwrap_or(Some(0))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn totals_equal_those_of_a_plain_search(
            pairs in prop::collection::vec((0..12_u32, 0..15_u32), 0..30),
            max_visits in prop::sample::select(vec![0, 5, 1_000_000]),
        ) {
            let models = models(12);
            let graph = graph(&models, &pairs);
            let rollup = Rollup::bounded(&graph, &models, max_visits);
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
                prop_assert_eq!(number(&rollup.children, node), Some(i64::try_from(children.len()).unwrap()));
                if !children.is_empty() {
                    prop_assert_eq!(rollup.depth.get(node.0), Some(Some(depth(&pairs, name))));
                    let known = rollup.descendants.get(node.0).unwrap();
                    prop_assert!(known.is_some() || max_visits < 1_000_000);
                    if known.is_some() {
                        prop_assert_eq!(known, Some(i64::try_from(below.len()).unwrap()));
                        prop_assert_eq!(rollup.downloads.get(node.0), Some(Some(sum(2))));
                        prop_assert_eq!(rollup.downloads_all_time.get(node.0), Some(Some(sum(200))));
                    } else {
                        prop_assert_eq!(rollup.downloads.get(node.0), Some(None));
                    }
                    let outside = pairs.iter().any(|(m, b)| (*m == name || (below.contains(m) && descendants(&pairs, *m).contains(&name))) && !below.contains(b) && *b != name);
                    if !outside {
                        roots.insert(below.iter().copied().filter(|n| descendants(&pairs, *n).contains(&name)).chain([name]).collect::<BTreeSet<u32>>());
                    }
                }
            }
            // Each family without a base outside has one root.
            let found: Vec<u32> = rollup.roots.iter().map(|node| graph.name(*node, &models).parse().unwrap()).collect();
            prop_assert_eq!(found.len(), roots.len());
            for cycle in roots {
                prop_assert_eq!(found.iter().filter(|root| cycle.contains(root)).count(), 1);
            }
            let related = |n: u32| pairs.iter().any(|(m, b)| (*m == n) != (*b == n));
            prop_assert_eq!(rollup.unrelated, (0..12).filter(|n| !related(*n)).count());
        }
    }

    #[test]
    fn a_long_chain_and_a_long_ring_do_not_overflow_the_stack() {
        let models = models(200_000);
        let chain: Vec<(u32, u32)> = (1..200_000).map(|n| (n, n - 1)).collect();
        let rollup = Rollup::new(&graph(&models, &chain), &models);
        assert_eq!(rollup.descendants.get(0), Some(Some(199_999)));
        assert_eq!(rollup.depth.get(1), Some(Some(199_998)));
        let ring = [chain, vec![(0, 199_999)]].concat();
        let rollup = Rollup::new(&graph(&models, &ring), &models);
        assert_eq!(rollup.descendants.get(7), Some(Some(199_999)));
        assert_eq!(
            (rollup.roots.len(), rollup.depth.get(7)),
            (1, Some(Some(1)))
        );
    }
}
