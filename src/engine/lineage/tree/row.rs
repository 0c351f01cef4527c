//! A row of the tree.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::engine::lineage::graph::Node;
use crate::engine::table::edge_list::RelationCode;

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeRowKind {
    /// A node below one of its bases.
    Node,
    /// A base of the node below it, beside the one that the node is a child of; or a base of such.
    OtherBase,
    /// The children of the node with this relation to it.
    Group(RelationCode),
    /// The number of further nodes in the list that ends here.
    More(usize),
    /// The number of further bases of the node.
    MoreBases(usize),
    /// The number of nodes that the filter hides.
    Hidden(usize),
    /// The number of models that are in no family.
    Unrelated(usize),
}

/// A row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    pub kind: TreeRowKind,
    /// The node. A row that shows no node has the one whose list it is part of.
    pub node: Node,
    /// The index of the parent row.
    pub parent: Option<usize>,
    /// The number of rows above it on the path from the root.
    pub depth: usize,
    /// Whether its children are listed.
    pub open: bool,
    /// The number of the node's children, of an [`TreeRowKind::OtherBase`] the number of its bases, of any
    /// other kind the number of nodes in the list.
    pub children: usize,
    /// Whether a row before it shows the same node.
    pub again: bool,
    /// Whether a row above it on its path shows the same node: here a cycle is cut.
    pub cycle: bool,
    /// The hash of the path to it.
    pub(super) path: u64,
    /// Whether it is on the path from the root to the focus, both included.
    pub(super) on_trail: bool,
}

impl TreeRow {
    /// Returns whether it shows a node.
    pub fn is_node(&self) -> bool {
        matches!(self.kind, TreeRowKind::Node | TreeRowKind::OtherBase)
    }
}

/// A list of rows below a parent row.
#[derive(Clone, Copy)]
pub(super) struct RowList {
    /// The node whose list it is.
    pub node: Node,
    /// The index of the parent row.
    pub parent: Option<usize>,
    /// The depth of the rows in the list.
    pub depth: usize,
    /// The hash of the path to the list.
    pub path: u64,
    /// Whether the parent row is on the path to the focus.
    pub on_trail: bool,
}

impl RowList {
    /// The list of the roots.
    pub const ROOTS: RowList = RowList {
        node: Node(u32::MAX),
        parent: None,
        depth: 0,
        path: 0,
        on_trail: false,
    };

    /// Returns a closed row of a node in the list, without children and beside the path to the focus.
    pub fn row(&self, node: Node) -> TreeRow {
        TreeRow {
            kind: TreeRowKind::Node,
            node,
            parent: self.parent,
            depth: self.depth,
            open: false,
            children: 0,
            again: false,
            cycle: false,
            path: hash(self.path, node.0, 0),
            on_trail: false,
        }
    }

    /// Returns the row of a group in the list.
    pub fn group(&self, relation: RelationCode, members: usize) -> TreeRow {
        TreeRow {
            kind: TreeRowKind::Group(relation),
            children: members,
            path: hash(self.path, u32::MAX, relation.0),
            ..self.row(self.node)
        }
    }

    /// Returns a row that states a number of further nodes, in a list of `children`.
    pub fn count(&self, kind: TreeRowKind, children: usize) -> TreeRow {
        TreeRow {
            kind,
            children,
            path: self.path,
            ..self.row(self.node)
        }
    }

    /// Returns the list of the other bases of a row's node, which is beside the row.
    pub fn beside(row: &TreeRow) -> RowList {
        RowList {
            node: row.node,
            parent: row.parent,
            depth: row.depth,
            path: hash(row.path, u32::MAX, u16::MAX),
            on_trail: false,
        }
    }
}

/// Returns the hash of a path with one more step. Two paths with the same hash would open together,
/// which 64 bits make unlikely and which does no harm.
fn hash(path: u64, node: u32, relation: u16) -> u64 {
    let mut hasher = FxHasher::default();
    (path, node, relation).hash(&mut hasher);
    hasher.finish()
}
