//! Numbers and order of nodes, models and ghosts alike.

use super::graph::{Graph, Node};
use super::rollup::Rollup;
use crate::engine::table::arrange::arrange_by;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::Models;
use crate::engine::table::order::Order;

/// The graph with the numbers of its nodes, from which trees are made.
#[derive(Clone, Copy)]
pub struct LineageView<'h> {
    pub graph: &'h Graph,
    pub models: &'h Models,
    pub rollup: &'h Rollup,
}

impl LineageView<'_> {
    /// Returns a number of a node. Of ghosts only the totals are known.
    pub fn number(&self, field: Field, node: Node) -> Option<i64> {
        match self.graph.model(node) {
            Some(model) => self.models.number(field, model),
            None => self.rollup.total(field, node).flatten(),
        }
    }

    /// Returns the nodes in an order, unknown values last and equal ones by node number.
    pub fn sorted(&self, order: Order, nodes: Vec<Node>) -> Vec<Node> {
        let mut nodes = self.by_first(order, nodes);
        if let Some(further) = order.further() {
            for equal in nodes.chunk_by_mut(|a, b| self.is_equal(order.field, *a, *b)) {
                equal.copy_from_slice(&self.sorted(further, equal.to_vec()));
            }
        }
        nodes
    }

    /// Returns true if two nodes have the same value of a field, or both have none.
    fn is_equal(&self, field: Field, a: Node, b: Node) -> bool {
        let model = |node| self.graph.model(node);
        match field.info().kind {
            Kind::Score => {
                let bits = |node| Some(self.models.score(field, model(node)?)?.to_bits());
                bits(a) == bits(b)
            }
            Kind::Word => {
                let word = |node| self.models.word(field, model(node)?);
                word(a) == word(b)
            }
            Kind::Text => self.graph.name(a, self.models) == self.graph.name(b, self.models),
            _ => self.number(field, a) == self.number(field, b),
        }
    }

    /// Returns the nodes sorted by the first field of an order.
    fn by_first(&self, order: Order, nodes: Vec<Node>) -> Vec<Node> {
        let field = order.field;
        let (models, model) = (self.models, |node| self.graph.model(node));
        match field.info().kind {
            Kind::Count | Kind::Bytes | Kind::Change | Kind::Share | Kind::Growth | Kind::Time => {
                arrange_by(order, nodes, |n| self.number(field, n), i64::cmp)
            }
            Kind::Score => {
                let score = |n| models.score(field, model(n)?);
                arrange_by(order, nodes, score, f64::total_cmp)
            }
            Kind::Word => {
                let word = |n| models.word(field, model(n)?);
                arrange_by(order, nodes, word, |a, b| a.cmp(b))
            }
            Kind::Text => {
                let name = |n| Some(self.graph.name(n, models));
                arrange_by(order, nodes, name, |a, b| a.cmp(b))
            }
        }
    }
}
