//! The open state of a tree. It belongs to the path to a row, as a node may have several rows.

use rustc_hash::{FxHashMap, FxHashSet};

use super::row::{RowList, TreeRow, TreeRowKind};
use crate::engine::lineage::graph::Node;

/// The path to the focus, and the rows that are not in the state in which they start: rows on that
/// path and groups start open, all others closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Expansion {
    /// The nodes from the root down to the focus; empty for a tree of all families.
    pub trail: Vec<Node>,
    /// The paths of rows that are not in the state in which they start.
    pub toggled: FxHashSet<u64>,
    /// The maximum lengths of lists, where they are not the usual ones, by the path of the list.
    pub limits: FxHashMap<u64, usize>,
}

impl Expansion {
    /// Toggles the row with this path.
    pub fn flip(&mut self, path: u64) {
        if !self.toggled.remove(&path) {
            self.toggled.insert(path);
        }
    }

    /// Copies the state of a path from another tree, in which it is `other_path`.
    pub fn copy(&mut self, path: u64, other: &Expansion, other_path: u64) {
        if other.toggled.contains(&other_path) {
            self.toggled.insert(path);
        }
        if let Some(limit) = other.limits.get(&other_path) {
            self.limits.insert(path, *limit);
        }
    }

    /// Returns the maximum length of the list with this path.
    pub fn limit(&self, path: u64, usual: usize) -> usize {
        self.limits.get(&path).copied().unwrap_or(usual)
    }

    /// Returns whether a row is that of the focus.
    pub fn is_focus(&self, row: &TreeRow) -> bool {
        row.kind == TreeRowKind::Node && row.on_trail && row.depth + 1 == self.trail.len()
    }

    /// Returns whether a row is above the focus, whose path is always listed.
    pub fn is_above_focus(&self, row: &TreeRow) -> bool {
        row.kind == TreeRowKind::Node && row.on_trail && !self.is_focus(row)
    }

    /// Returns whether the row of a node is open.
    pub fn is_open(&self, row: &TreeRow) -> bool {
        let is_toggled = self.toggled.contains(&row.path);
        let is_open = self.is_above_focus(row) || self.is_focus(row) != is_toggled;
        is_open && !row.cycle && row.children > 0
    }

    /// Returns whether a row is a closed one of a node and opening it shows new nodes.
    pub fn can_expand(&self, row: &TreeRow) -> bool {
        let is_below = row.depth + 1 >= self.trail.len();
        let is_new = !row.again && !row.cycle && row.children > 0;
        row.kind == TreeRowKind::Node && is_below && is_new && !row.open
    }

    /// Returns the node of a list that is on the path to the focus.
    pub fn next_on_trail(&self, list: &RowList) -> Option<Node> {
        let next = self.trail.get(list.depth).copied();
        next.filter(|_| list.on_trail)
    }
}
