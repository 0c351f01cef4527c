//! The lineage graph: models and ghosts, and an edge for each stated (model, base) pair. Edges to
//! the model itself, along a cycle or to a ghost are edges like any other.

use std::io;
use std::ops::Range;

use anyhow::{Result, ensure};

use super::csr::Csr;
pub use super::csr::Node;
use super::resolve::resolve;
use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::RowMask;
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::models::{ModelId, Models};

/// The lineage graph, compressed, in both directions.
#[derive(Default)]
pub struct Graph {
    models: usize,
    /// The names of the ghosts, in the order of their nodes.
    ghosts: StringArena,
    bases: Csr,
    /// The relation of each edge, in the order of the edges in `bases`.
    relations: Buffer<RelationCode>,
    /// The name of each [`RelationCode`].
    relation_names: StringArena,
    children: Csr,
}

impl Graph {
    /// Returns the graph of models whose bases are not loaded yet.
    pub fn without_edges(models: &Models) -> Graph {
        Graph {
            models: models.len(),
            ..Graph::default()
        }
    }

    /// Builds the graph of an edge list. `order` holds all models in the order in which children
    /// are listed.
    pub fn new(models: &Models, edges: &EdgeList, order: &[ModelId]) -> Graph {
        let (targets, ghosts) = resolve(models, edges);
        let bases = Csr::from_sorted(models.len() + ghosts.len(), &edges.models, targets);
        Graph {
            children: bases.transpose(order),
            bases,
            ghosts,
            relations: edges.relation_codes.clone().into(),
            relation_names: edges.relation_names.iter().map(String::as_str).collect(),
            ..Graph::without_edges(models)
        }
    }

    /// Writes the graph to the archive.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.ghosts.write(to)?;
        self.relation_names.write(to)?;
        self.bases.write(to)?;
        to.put(&self.relations)?;
        self.children.write(to)
    }

    /// Reads the graph of these models from the archive.
    ///
    /// # Errors
    /// When the archive holds something else at this place.
    pub fn read(from: &mut Reader, models: &Models) -> Result<Graph> {
        let graph = Graph {
            ghosts: StringArena::read(from)?,
            relation_names: StringArena::read(from)?,
            bases: Csr::read(from)?,
            relations: from.take()?,
            children: Csr::read(from)?,
            ..Graph::without_edges(models)
        };
        let edges = graph.bases.edge_count();
        ensure!(graph.relations.len() == edges, "relations of other edges");
        Ok(graph)
    }

    /// Returns the model of a node; `None` for a ghost.
    pub fn model(&self, node: Node) -> Option<ModelId> {
        (node.index() < self.models).then_some(ModelId(node.0))
    }

    /// Returns the name of a node.
    pub fn name<'a>(&'a self, node: Node, models: &'a Models) -> &'a str {
        match node.index().checked_sub(self.models) {
            Some(ghost) => self.ghosts.get(ghost).unwrap_or_default(),
            None => models.id(ModelId(node.0)),
        }
    }

    /// Returns the ghost of this name.
    pub fn ghost(&self, name: &str) -> Option<Node> {
        let at = self.ghosts.find(name).next()?;
        Some(Node::at(self.models + at))
    }

    /// Returns every node: all models, then all ghosts.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.node_count()).map(Node::at)
    }

    /// Returns the number of nodes: models and ghosts.
    pub fn node_count(&self) -> usize {
        self.models + self.ghosts.len()
    }

    /// Returns the number of edges: stated (model, base) pairs.
    pub fn edge_count(&self) -> usize {
        self.relations.len()
    }

    /// Returns the bases that a node states, in file order.
    pub fn bases(&self, node: Node) -> &[Node] {
        self.bases.neighbors(node)
    }

    /// Returns the bases of a node in file order, each once and never the node itself.
    pub fn distinct_bases(&self, node: Node) -> impl Iterator<Item = Node> {
        self.bases.distinct(node)
    }

    /// Returns the base of a model that has exactly one distinct base, if that is in the table.
    pub fn only_base(&self, model: ModelId) -> Option<ModelId> {
        let mut bases = self.distinct_bases(model.into());
        let base = bases.next()?;
        self.model(base).filter(|_| bases.next().is_none())
    }

    /// Returns a bit mask of the models with a base among the 64 from `start` on, a multiple of 64.
    pub fn with_base_mask(&self, start: usize) -> u64 {
        self.bases.mask(start)
    }

    /// Returns the models with a base among these rows, which begin at a multiple of 64.
    pub fn models_with_base(&self, rows: Range<usize>) -> impl Iterator<Item = ModelId> {
        let masks = rows.step_by(64).map(|start| RowMask {
            start,
            bits: self.with_base_mask(start),
        });
        masks.flat_map(RowMask::models)
    }

    /// Returns the models that state this node as a base, in list order, each once and never the
    /// node itself.
    pub fn children(&self, node: Node) -> &[Node] {
        self.children.neighbors(node)
    }

    /// Returns whether any other model states this node as a base.
    pub fn has_children(&self, node: Node) -> bool {
        !self.children.range(node).is_empty()
    }

    /// Returns the relation of `child` to `base`, as the file spells it: `""` where it states none,
    /// `None` where there is no such edge.
    pub fn relation(&self, child: Node, base: Node) -> Option<&str> {
        let code = self.relation_code(child, base)?;
        Some(self.relation_name(code))
    }

    /// Returns the code of the relation of `child` to `base`; `None` where there is no such edge.
    pub fn relation_code(&self, child: Node, base: Node) -> Option<RelationCode> {
        let at = self.bases(child).iter().position(|other| *other == base)?;
        Some(self.relations[self.bases.range(child).start + at])
    }

    /// Returns the name of a relation, `""` for an unstated one.
    pub fn relation_name(&self, code: RelationCode) -> &str {
        let name = self.relation_names.get(usize::from(code.0));
        name.unwrap_or_default()
    }
}

/// Small graphs for the tests of this folder.
#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::engine::table::field::Field;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};

    /// Returns models named 0, 1, …; each has twice its number of downloads and a hundred times
    /// that of all time, but for every fifth, whose downloads are unknown.
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

    /// Builds the graph of (model, base) pairs, whose relations are these in turn.
    pub fn graph_of(models: &Models, pairs: &[(u32, u32)], relations: &[&str]) -> Graph {
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|pair| pair.0);
        let mut edges = EdgeList::default();
        for ((model, base), relation) in pairs.into_iter().zip(relations.iter().cycle()) {
            edges
                .push(model, Some(relation), &base.to_string())
                .unwrap();
        }
        let order: Vec<ModelId> = models.all().collect();
        Graph::new(models, &edges, &order)
    }

    /// Builds the graph of (model, base) pairs, all of them finetunes.
    pub fn graph(models: &Models, pairs: &[(u32, u32)]) -> Graph {
        graph_of(models, pairs, &["finetune"])
    }
}
