//! Compressed sparse row (CSR) adjacency: the neighbors of all nodes in one array.

use std::io;
use std::iter::repeat_with;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, ensure};
use bytemuck::{Pod, Zeroable};
use rustc_hash::FxHashSet;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::models::ModelId;

/// A node of the lineage graph: a model, numbered by its row, or a ghost, numbered after all models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Node(pub u32);

impl Node {
    /// Returns the node at an index of an array that has an element per node.
    pub fn at(index: usize) -> Node {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fewer nodes than edges and rows"
        )]
        Node(index as u32)
    }

    /// Returns the node's index in an array that has an element per node.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<ModelId> for Node {
    fn from(model: ModelId) -> Node {
        Node(model.0)
    }
}

/// The neighbors of each node, in one direction.
#[derive(Default)]
pub struct Csr {
    /// The neighbors of node `n` are `neighbors[starts[n]..starts[n + 1]]`.
    starts: Buffer<u32>,
    neighbors: Buffer<Node>,
}

impl Csr {
    /// Builds the lists of `nodes` nodes from edges that ascend by their source.
    pub fn from_sorted(nodes: usize, sources: &[u32], targets: Vec<Node>) -> Csr {
        let mut degrees = vec![0; nodes + 1];
        sources
            .iter()
            .for_each(|source| degrees[*source as usize + 1] += 1);
        Csr {
            starts: prefix_sum(degrees).into(),
            neighbors: targets.into(),
        }
    }

    /// Returns the transpose: of each node the models that have it as a neighbor, each once and
    /// never the node itself, in the order of `order`.
    pub fn transpose(&self, order: &[ModelId]) -> Csr {
        let each = |node: Node, found: &mut dyn FnMut(usize)| match self.neighbors(node) {
            // Nearly all models have one base at most.
            [] => {}
            [only] if *only != node => found(only.index()),
            _ => self.distinct(node).for_each(|base| found(base.index())),
        };
        let mut degrees = vec![0; self.starts.len()];
        for node in (0..order.len()).map(Node::at) {
            each(node, &mut |base| degrees[base + 1] += 1);
        }
        let starts = prefix_sum(degrees);
        let edges = starts.last().copied().unwrap_or_default() as usize;
        let slots: Vec<AtomicU32> = repeat_with(AtomicU32::default).take(edges).collect();
        let put = |at: u32, model: ModelId| slots[at as usize].store(model.0, Ordering::Relaxed);
        // One half of the order fills each list from its front, the other from its end.
        let (first, last) = order.split_at(order.len() / 2);
        rayon::join(
            || {
                let mut next = starts.clone();
                for &model in first {
                    each(model.into(), &mut |base| {
                        put(next[base], model);
                        next[base] += 1;
                    });
                }
            },
            || {
                let mut ends = starts[1..].to_vec();
                for &model in last.iter().rev() {
                    each(model.into(), &mut |base| {
                        ends[base] -= 1;
                        put(ends[base], model);
                    });
                }
            },
        );
        let neighbors = slots.into_iter().map(|slot| Node(slot.into_inner()));
        Csr {
            neighbors: neighbors.collect::<Vec<_>>().into(),
            starts: starts.into(),
        }
    }

    /// Writes the lists to the archive.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.starts)?;
        to.put(&self.neighbors)
    }

    /// Reads the lists from the archive.
    pub fn read(from: &mut Reader) -> Result<Csr> {
        let (starts, neighbors) = (from.take::<u32>()?, from.take::<Node>()?);
        let end = starts.last().copied().unwrap_or_default();
        let fits = end as usize == neighbors.len();
        ensure!(fits, "the adjacency lists do not end where they should");
        Ok(Csr { starts, neighbors })
    }

    /// Returns the number of edges.
    pub fn edge_count(&self) -> usize {
        self.neighbors.len()
    }

    /// Returns the neighbors of a node; none of a node beyond the last.
    pub fn neighbors(&self, node: Node) -> &[Node] {
        &self.neighbors[self.range(node)]
    }

    /// Returns where the neighbors of a node are among those of all.
    pub fn range(&self, node: Node) -> Range<usize> {
        match self.starts.get(node.index()..node.index() + 2) {
            Some(ends) => ends[0] as usize..ends[1] as usize,
            None => 0..0,
        }
    }

    /// Returns the neighbors of a node in their order, each once and never the node itself.
    pub fn distinct(&self, node: Node) -> impl Iterator<Item = Node> {
        let neighbors = self.neighbors(node);
        // Long lists, which only hostile files have, must not take quadratic time.
        let mut seen = FxHashSet::default();
        let is_first = move |(at, other): &(usize, Node)| match neighbors.len() > 32 {
            true => seen.insert(*other),
            false => !neighbors[..*at].contains(other),
        };
        let numbered = neighbors.iter().copied().enumerate();
        let others = numbered.filter(move |(_, other)| *other != node);
        others.filter(is_first).map(|(_, other)| other)
    }

    /// Returns a bit mask of the nodes with a neighbor among the 64 from `start` on.
    pub fn mask(&self, start: usize) -> u64 {
        let starts = self.starts.get(start..).unwrap_or_default();
        let pairs = (0..64).zip(starts.windows(2));
        pairs.fold(0, |mask, (bit, ends)| {
            mask | u64::from(ends[0] < ends[1]) << bit
        })
    }
}

/// Turns the sizes of groups, preceded by a 0, into the start of each group and the end of the last.
fn prefix_sum(mut sizes: Vec<u32>) -> Vec<u32> {
    let mut total = 0;
    for size in &mut sizes {
        total += *size;
        *size = total;
    }
    sizes
}
