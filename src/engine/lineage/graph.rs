//! The base-model graph, compressed, in both directions. Its nodes are all models and, after
//! them, the ghosts: bases that are named but not in the table. Nothing is dropped: what points
//! at itself, round in a circle or at nothing is an edge like any other.

use std::io;
use std::iter::repeat_with;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, ensure};
use bytemuck::{Pod, Zeroable};
use rustc_hash::FxHashSet;

use super::resolve::resolve;
use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::edges::{Bases, Relation};
use crate::engine::table::models::{ModelId, Models};

/// A model or a ghost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Node(pub u32);

impl From<ModelId> for Node {
    fn from(model: ModelId) -> Node {
        Node(model.0)
    }
}

/// Every (model, base) pair, as a graph.
#[derive(Default)]
pub struct Graph {
    models: u32,
    ghosts: StringArena,
    relations: StringArena,
    bases: Adjacency,
    how: Buffer<Relation>,
    children: Adjacency,
}

/// Neighbours of all nodes in one array; node `n` has those from `starts[n]` to `starts[n + 1]`.
#[derive(Default)]
struct Adjacency {
    starts: Buffer<u32>,
    nodes: Buffer<Node>,
}

impl Adjacency {
    fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.starts)?;
        to.put(&self.nodes)
    }

    fn read(from: &mut Reader) -> Result<Adjacency> {
        let (starts, nodes) = (from.take::<u32>()?, from.take::<Node>()?);
        let end = starts.last().copied().unwrap_or_default();
        ensure!(end as usize == nodes.len(), "neighbours without their ends");
        Ok(Adjacency { starts, nodes })
    }

    /// The other direction: the models of a set, in this order, as neighbours of those that are theirs.
    fn turned(&self, stating: &ModelSet, order: &[ModelId]) -> Adjacency {
        let each = |model: ModelId, found: &mut dyn FnMut(usize)| {
            let stated = &self.nodes[self.range(model.into())];
            each_distinct(stated, model.into(), |base| found(base.0 as usize));
        };
        let mut counts = vec![0; self.starts.len()];
        for model in stating.iter() {
            each(model, &mut |base| counts[base + 1] += 1);
        }
        let starts = summed(counts);
        let total = starts.last().copied().unwrap_or_default() as usize;
        let nodes: Vec<AtomicU32> = repeat_with(AtomicU32::default).take(total).collect();
        let put = |at: u32, model: ModelId| nodes[at as usize].store(model.0, Ordering::Relaxed);
        // One half of the order fills each place from its front, the other from its end.
        let (first, last) = order.split_at(order.len() / 2);
        let is_stating = |model: &&ModelId| stating.has(**model);
        rayon::join(
            || {
                let mut next = starts.clone();
                for &model in first.iter().filter(is_stating) {
                    each(model, &mut |base| {
                        put(next[base], model);
                        next[base] += 1;
                    });
                }
            },
            || {
                let mut ends = starts[1..].to_vec();
                for &model in last.iter().rev().filter(is_stating) {
                    each(model, &mut |base| {
                        ends[base] -= 1;
                        put(ends[base], model);
                    });
                }
            },
        );
        let nodes = nodes.into_iter().map(|node| Node(node.into_inner()));
        Adjacency {
            starts: starts.into(),
            nodes: nodes.collect::<Vec<_>>().into(),
        }
    }

    fn range(&self, node: Node) -> std::ops::Range<usize> {
        let at = node.0 as usize;
        match self.starts.get(at..at + 2) {
            Some(ends) => ends[0] as usize..ends[1] as usize,
            None => 0..0,
        }
    }
}

impl Graph {
    /// The graph of models of which no base is known yet.
    pub fn without_edges(models: &Models) -> Graph {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the loader refuses more rows"
        )]
        let models = models.len() as u32;
        Graph {
            models,
            ..Graph::default()
        }
    }

    /// The graph of all stated bases. `order` is the order in which children are listed.
    pub fn new(models: &Models, bases: &Bases, order: &[ModelId]) -> Graph {
        let (targets, ghosts) = resolve(models, bases);
        let count = models.len() + ghosts.len();
        // Pairs come by ascending row, so the bases are in their places already.
        let mut stating = ModelSet::none(models.len());
        let mut counts = vec![0; count + 1];
        for &model in &bases.models {
            stating.add(ModelId(model));
            counts[model as usize + 1] += 1;
        }
        let up = Adjacency {
            starts: summed(counts).into(),
            nodes: targets.into(),
        };
        let children = up.turned(&stating, order);
        Graph {
            ghosts,
            relations: bases.relations.iter().map(String::as_str).collect(),
            bases: up,
            how: bases.how.clone().into(),
            children,
            ..Graph::without_edges(models)
        }
    }

    /// Keeps it in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.ghosts.write(to)?;
        self.relations.write(to)?;
        self.bases.write(to)?;
        to.put(&self.how)?;
        self.children.write(to)
    }

    /// Takes the graph of these models out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader, models: &Models) -> Result<Graph> {
        let graph = Graph {
            ghosts: StringArena::read(from)?,
            relations: StringArena::read(from)?,
            bases: Adjacency::read(from)?,
            how: from.take()?,
            children: Adjacency::read(from)?,
            ..Graph::without_edges(models)
        };
        ensure!(
            graph.how.len() == graph.bases.nodes.len(),
            "bases of another graph"
        );
        Ok(graph)
    }

    /// The model that a node is, unless it is a ghost.
    pub fn model(&self, node: Node) -> Option<ModelId> {
        (node.0 < self.models).then_some(ModelId(node.0))
    }

    /// The name of a node.
    pub fn name<'a>(&'a self, node: Node, models: &'a Models) -> &'a str {
        match node.0.checked_sub(self.models) {
            Some(ghost) => self.ghosts.get(ghost as usize).unwrap_or_default(),
            None => models.id(ModelId(node.0)),
        }
    }

    /// The ghost of this name.
    pub fn ghost(&self, name: &str) -> Option<Node> {
        let at = self.ghosts.find(name).next()?;
        u32::try_from(at).ok().map(|at| Node(self.models + at))
    }

    /// The bases that a node states, in file order.
    pub fn bases(&self, node: Node) -> &[Node] {
        &self.bases.nodes[self.bases.range(node)]
    }

    /// Which of the 64 models from a multiple of 64 on state a base.
    pub fn stating(&self, start: usize) -> u64 {
        let starts = self.bases.starts.get(start..).unwrap_or_default();
        let bits = (0..64).zip(starts.windows(2));
        bits.fold(0, |all, (bit, ends)| {
            all | u64::from(ends[0] < ends[1]) << bit
        })
    }

    /// The models of these rows, from a multiple of 64 on, that state a base.
    pub fn stating_in(&self, rows: Range<usize>) -> impl Iterator<Item = ModelId> {
        let some = rows.step_by(64).map(|start| Rows {
            start,
            bits: self.stating(start),
        });
        some.flat_map(Rows::models)
    }

    /// The models that state this node as a base, in the list's order, each once and never the
    /// node itself.
    pub fn children(&self, node: Node) -> &[Node] {
        &self.children.nodes[self.children.range(node)]
    }

    /// Whether any model states this node as a base.
    pub fn has_children(&self, node: Node) -> bool {
        !self.children.range(node).is_empty()
    }

    /// The bases that a node states, each once and without the node itself.
    pub fn others(&self, node: Node) -> impl Iterator<Item = Node> {
        distinct(self.bases(node), node)
    }

    /// The only one of these that a model states, if it is in the table.
    pub fn only_base(&self, model: ModelId) -> Option<ModelId> {
        let mut others = self.others(model.into());
        let base = others.next()?;
        self.model(base).filter(|_| others.next().is_none())
    }

    /// Every node: all models, then all ghosts.
    pub fn all(&self) -> impl Iterator<Item = Node> + use<> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fewer nodes than edges and rows"
        )]
        let nodes = self.nodes() as u32;
        (0..nodes).map(Node)
    }

    /// How many nodes there are: models and ghosts.
    pub fn nodes(&self) -> usize {
        self.models as usize + self.ghosts.len()
    }

    /// How `child` was made from `base`: the file's own word, `""` where it states none, and
    /// `None` where there is no such edge.
    pub fn relation(&self, child: Node, base: Node) -> Option<&str> {
        self.how(child, base).map(|how| self.word(how))
    }

    /// The same as a code.
    pub fn how(&self, child: Node, base: Node) -> Option<Relation> {
        let mut range = self.bases.range(child);
        let edge = range.find(|&edge| self.bases.nodes[edge] == base)?;
        Some(self.how[edge])
    }

    /// The word that a relation stands for, `""` for none.
    pub fn word(&self, how: Relation) -> &str {
        self.relations.get(usize::from(how.0)).unwrap_or_default()
    }

    /// How many edges there are: stated (model, base) pairs.
    pub fn edges(&self) -> usize {
        self.how.len()
    }

    /// What the graph takes, in bytes; ghosts' names included.
    pub fn bytes(&self) -> usize {
        let neighbours = [&self.bases, &self.children]
            .map(|side| (side.starts.len() + side.nodes.len()) * size_of::<u32>());
        neighbours.iter().sum::<usize>()
            + self.how.len() * size_of::<Relation>()
            + self.ghosts.bytes()
    }
}

/// Makes of the sizes of groups, before which stands a 0, where each group starts; and the end.
fn summed(mut sizes: Vec<u32>) -> Vec<u32> {
    let mut total = 0;
    for size in &mut sizes {
        total += *size;
        *size = total;
    }
    sizes
}

/// Hands the bases to `found`, but for repetitions and the model itself.
fn each_distinct(bases: &[Node], model: Node, mut found: impl FnMut(Node)) {
    match bases {
        // Nearly all have one.
        [base] if *base != model => found(*base),
        bases => distinct(bases, model).for_each(found),
    }
}

/// The bases but for repetitions and the model itself.
fn distinct(bases: &[Node], model: Node) -> impl Iterator<Item = Node> {
    // Lists are short but for hostile ones, which must not take the square of their length.
    let mut seen = FxHashSet::default();
    let is_long = bases.len() > 32;
    let fresh = move |(at, base): &(usize, Node)| {
        let again = match is_long {
            true => !seen.insert(*base),
            false => bases[..*at].contains(base),
        };
        *base != model && !again
    };
    let numbered = bases.iter().copied().enumerate();
    numbered.filter(fresh).map(|(_, base)| base)
}

/// Small graphs for the tests of this folder.
#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::engine::table::field::Field;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};

    /// So many models named 0, 1, …; each with its number doubled as downloads, and a hundred
    /// times more of all time; every fifth one's are unknown.
    pub fn models(count: u32) -> Models {
        let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let ids = StringChunked::from_slice("id".into(), &ids);
        let downloads = |factor: i64| {
            let of = |n: u32| (n % 5 != 4).then_some(i64::from(n) * factor);
            Series::new("downloads".into(), (0..count).map(of).collect::<Vec<_>>())
        };
        let models = Models::new(&ids).unwrap();
        let models = models.with(Field::Downloads, &downloads(2)).unwrap();
        models
            .with(Field::DownloadsAllTime, &downloads(200))
            .unwrap()
    }

    /// The graph of these (model, base) pairs, made by these words in turn.
    pub fn graph_by(models: &Models, pairs: &[(u32, u32)], words: &[&str]) -> Graph {
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|pair| pair.0);
        let mut bases = Bases::default();
        for ((model, base), word) in pairs.into_iter().zip(words.iter().cycle()) {
            bases.push(model, Some(word), &base.to_string()).unwrap();
        }
        let order: Vec<ModelId> = models.all().collect();
        Graph::new(models, &bases, &order)
    }

    /// The same, all of them finetunes.
    pub fn graph(models: &Models, pairs: &[(u32, u32)]) -> Graph {
        graph_by(models, pairs, &["finetune"])
    }
}
