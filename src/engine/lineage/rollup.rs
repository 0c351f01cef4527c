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
use crate::engine::table::sparse::{RankIndex, SparseColumn, UNKNOWN};

/// The totals, each with the field that it equals for nodes without children, whose family is the node
/// itself; it is 0 for them where there is no such field.
const TOTALS: [(Field, Option<Field>); 5] = [
    // Direct children, each once and never the node itself.
    (Field::Children, None),
    // Distinct nodes reachable over child edges, without the node itself.
    (Field::Descendants, None),
    // Generations below the node on the longest path; a cycle counts as one.
    (Field::Depth, None),
    // Downloads of the node and its descendants; an unknown number counts as 0, unless all are.
    (Field::FamilyDownloads, Some(Field::Downloads)),
    (Field::FamilyDownloadsAllTime, Some(Field::DownloadsAllTime)),
];

/// Family totals of the nodes that have children; by default, of none. They are exact: each member
/// counts once, however many paths lead to it.
#[derive(Default)]
pub struct Rollup {
    /// In the order of [`TOTALS`].
    columns: [SparseColumn; TOTALS.len()],
    /// A node of each family that is below no other: one without bases, or the most downloaded of a
    /// cycle that has no base outside.
    pub roots: Vec<Node>,
    /// The nodes that are in a cycle with others, ascending.
    cyclic: Vec<Node>,
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
        let parents = Arc::new(RankIndex::new(parents));
        let components = Components::new(graph, &parents);
        let mut condensation = Condensation::new(graph, models, &parents, &components);
        condensation.cyclic.sort_unstable();
        let sums = condensation.family_sums(max_visits);
        let column = |of: &dyn Fn(Node, usize) -> i64| {
            let nodes = parents.iter().map(Node).zip(&components.of);
            let values = nodes.map(|(node, component)| of(node, *component as usize));
            SparseColumn::new(parents.clone(), values.collect())
        };
        let sum = |of: fn(&FamilySum) -> i64| {
            column(&|_, component| sums[component].as_ref().map_or(UNKNOWN, of))
        };
        let children = |node| i64::try_from(graph.children(node).len());
        Rollup {
            columns: [
                column(&|node, _| children(node).unwrap_or(i64::MAX)),
                sum(|sum| sum.members - 1),
                column(&|_, component| condensation.depths[component]),
                sum(|sum| sum.downloads),
                sum(|sum| sum.downloads_all_time),
            ],
            roots: condensation.roots,
            cyclic: condensation.cyclic,
            unrelated: condensation.unrelated,
        }
    }

    /// Returns the models with the totals as fields, but for totals of a field that no model has.
    pub fn add_fields(&self, mut models: Models) -> Models {
        for ((field, own), total) in TOTALS.into_iter().zip(&self.columns) {
            if own.is_none_or(|own| models.has(own)) {
                models = models.with_total(field, total.clone(), own);
            }
        }
        models
    }

    /// Returns a total of a node: `Some(None)` where it is unknown, `None` for a node without children.
    pub fn total(&self, field: Field, node: Node) -> Option<Option<i64>> {
        let at = TOTALS.iter().position(|(total, _)| *total == field)?;
        self.columns[at].get(node.0)
    }

    /// Returns true if a node descends from itself by way of others.
    pub fn is_in_cycle(&self, node: Node) -> bool {
        self.cyclic.binary_search(&node).is_ok()
    }

    /// Writes the totals to the archive.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.columns[0].rows().set().write(to)?;
        self.columns.iter().try_for_each(|total| total.write(to))?;
        to.put(&self.roots)?;
        to.put(&self.cyclic)?;
        to.put_number(self.unrelated as u64)
    }

    /// Reads the totals from the archive.
    ///
    /// # Errors
    /// When the archive holds something else at this place.
    pub fn read(from: &mut Reader) -> Result<Rollup> {
        let parents = Arc::new(RankIndex::new(ModelSet::read(from)?));
        let mut columns: [SparseColumn; TOTALS.len()] = Default::default();
        for column in &mut columns {
            *column = SparseColumn::read(from, &parents)?;
        }
        Ok(Rollup {
            columns,
            roots: from.take()?.to_vec(),
            cyclic: from.take()?.to_vec(),
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
                let total = |field| rollup.total(field, node);
                let below = descendants(&pairs, name);
                let sum = |factor: i64| {
                    let known = below.iter().chain([&name]).filter(|n| **n < 12 && **n % 5 != 4);
                    known.map(|n| i64::from(*n) * factor).reduce(|a, b| a + b)
                };
                let children: BTreeSet<u32> = pairs.iter().filter(|(m, b)| *b == name && *m != name).map(|p| p.0).collect();
                let circle = below.iter().any(|n| descendants(&pairs, *n).contains(&name));
                prop_assert_eq!(rollup.is_in_cycle(node), circle);
                prop_assert_eq!(total(Field::Children).unwrap_or(Some(0)), Some(i64::try_from(children.len()).unwrap()));
                if !children.is_empty() {
                    prop_assert_eq!(total(Field::Depth), Some(Some(depth(&pairs, name))));
                    let known = total(Field::Descendants).unwrap();
                    prop_assert!(known.is_some() || max_visits < 1_000_000);
                    if known.is_some() {
                        prop_assert_eq!(known, Some(i64::try_from(below.len()).unwrap()));
                        prop_assert_eq!(total(Field::FamilyDownloads), Some(sum(2)));
                        prop_assert_eq!(total(Field::FamilyDownloadsAllTime), Some(sum(200)));
                    } else {
                        prop_assert_eq!(total(Field::FamilyDownloads), Some(None));
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
        let total = |pairs: &[(u32, u32)], field, node| {
            let rollup = Rollup::new(&graph(&models, pairs), &models);
            (
                rollup.total(field, Node(node)).flatten(),
                rollup.roots.len(),
            )
        };
        let chain: Vec<(u32, u32)> = (1..200_000).map(|n| (n, n - 1)).collect();
        assert_eq!(total(&chain, Field::Descendants, 0), (Some(199_999), 1));
        assert_eq!(total(&chain, Field::Depth, 1), (Some(199_998), 1));
        let ring = [chain, vec![(0, 199_999)]].concat();
        assert_eq!(total(&ring, Field::Descendants, 7), (Some(199_999), 1));
        assert_eq!(total(&ring, Field::Depth, 7), (Some(1), 1));
    }
}
