//! Rows of the tree.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::engine::lineage::graph::Node;
use crate::engine::table::edge_list::RelationCode;

/// The content of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl TreeRowKind {
    /// Returns the hash of the path to a row of this kind, given that of its parent. A row that counts
    /// further nodes has the path of their list, which is that of the parent but for bases. Two paths
    /// with the same hash would open together, which 64 bits make unlikely and which does no harm.
    pub(super) fn path(self, parent: u64, node: Node) -> u64 {
        let kind = match self {
            TreeRowKind::More(_) | TreeRowKind::Hidden(_) | TreeRowKind::Unrelated(_) => {
                return parent;
            }
            TreeRowKind::MoreBases(_) => TreeRowKind::MoreBases(0),
            kind => kind,
        };
        let mut hasher = FxHasher::default();
        (parent, kind, node).hash(&mut hasher);
        hasher.finish()
    }
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
    /// True if its children are listed.
    pub open: bool,
    /// The number of the node's children, of an [`TreeRowKind::OtherBase`] the number of its bases, of any
    /// other kind the number of nodes in the list.
    pub children: usize,
    /// True if a row before it shows the same node.
    pub again: bool,
    /// True if a row above it on its path shows the same node: here a cycle is cut.
    pub cycle: bool,
    /// The hash of the path to it.
    pub(super) path: u64,
    /// True if it is on the path from the root to the focus, both included.
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
    /// The node whose children or bases are listed.
    pub node: Node,
    /// The index of the parent row.
    pub parent: Option<usize>,
    /// The depth of the rows in the list.
    pub depth: usize,
    /// The hash of the path to the parent row.
    pub path: u64,
    /// True if the parent row is on the path to the focus.
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

    /// Returns a closed row of the list, beside the path to the focus.
    pub fn row(&self, kind: TreeRowKind, node: Node, children: usize) -> TreeRow {
        TreeRow {
            kind,
            node,
            parent: self.parent,
            depth: self.depth,
            open: false,
            children,
            again: false,
            cycle: false,
            path: kind.path(self.path, node),
            on_trail: false,
        }
    }
}
