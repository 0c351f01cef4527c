//! The tree as rows: around a node, with the path down to it from its root and whatever is opened
//! below it, or of all families. A node may have several rows, so open state belongs to the path to a
//! row. A path that closes a cycle ends there.
//!
//! ```text
//! root                      the path to the focus, with only the next node of it at each level …
//!   … 52 more               … until the others are asked for
//!   ↖ other base            a base beside the one that the node is below, with its own bases below
//!     focus
//!       finetune 1,200      a group, if children are grouped
//!         child
//!         … 1,190 more
//! ```

mod children;
mod expansion;
mod find;
mod layout;
mod row;
#[cfg(test)]
mod tests;

use self::children::ChildLists;
use std::iter::successors;

pub use self::children::TreeOptions;
use self::expansion::Expansion;
use self::layout::PAGE;
use self::row::RowList;
pub use self::row::{TreeRow, TreeRowKind};
use super::graph::Node;
use super::path;
use super::view::LineageView;

/// The number of rows after which [`LineageTree::expand_all`] opens nothing more.
pub const EXPAND_ALL_ROWS: usize = 20_000;

/// The rows of a tree that are open, to come back to.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRows(Expansion);

/// A tree: its open state and its rows.
pub struct LineageTree {
    expansion: Expansion,
    lists: ChildLists,
    rows: Vec<TreeRow>,
}

impl LineageTree {
    /// Creates the tree around a node: its ancestors along first bases, the other bases beside them,
    /// and its children.
    pub fn around(lineage: LineageView, focus: Node, options: TreeOptions) -> LineageTree {
        LineageTree::new(lineage, path::from_root(lineage.graph, focus), options)
    }

    /// Creates the tree of all families, with the number of models that are in none.
    pub fn families(lineage: LineageView, options: TreeOptions) -> LineageTree {
        LineageTree::new(lineage, Vec::new(), options)
    }

    fn new(lineage: LineageView, trail: Vec<Node>, options: TreeOptions) -> LineageTree {
        let mut tree = LineageTree {
            expansion: Expansion {
                trail,
                ..Expansion::default()
            },
            lists: ChildLists::new(options),
            rows: Vec::new(),
        };
        tree.lay_out(lineage, 0);
        tree
    }

    /// Lays out the rows again, opening closed ones up to `max_rows` rows.
    fn lay_out(&mut self, lineage: LineageView, max_rows: usize) {
        self.rows = layout::rows(lineage, &mut self.expansion, &mut self.lists, max_rows);
    }

    /// Returns which rows are open.
    pub fn open_rows(&self) -> OpenRows {
        OpenRows(self.expansion.clone())
    }

    /// Creates the tree that was around some node before, with the same rows open.
    pub fn reopened(lineage: LineageView, rows: &OpenRows, options: TreeOptions) -> LineageTree {
        let mut tree = LineageTree {
            expansion: rows.0.clone(),
            lists: ChildLists::new(options),
            rows: Vec::new(),
        };
        tree.lay_out(lineage, 0);
        tree
    }

    /// Changes how children are listed. Open rows stay open.
    pub fn set_options(&mut self, lineage: LineageView, options: TreeOptions) {
        self.lists = ChildLists::new(options);
        self.lay_out(lineage, 0);
    }

    /// Returns how children are listed.
    pub fn options(&self) -> &TreeOptions {
        self.lists.options()
    }

    /// Returns the rows, from top to bottom.
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// Returns the node that the tree is around; `None` for a tree of all families.
    pub fn focus(&self) -> Option<Node> {
        self.expansion.trail.last().copied()
    }

    /// Returns the index of the row of the focus; of the first row if there is no focus.
    pub fn focus_row(&self) -> usize {
        let is_focus = |row| self.expansion.is_focus(row);
        self.rows.iter().position(is_focus).unwrap_or(0)
    }

    /// Returns the node of the parent of a row.
    pub fn parent_node(&self, row: &TreeRow) -> Option<Node> {
        self.rows.get(row.parent?).map(|parent| parent.node)
    }

    /// Returns the row at an index, its parent and so on up to the root.
    pub fn rows_up(&self, at: usize) -> Vec<TreeRow> {
        let parent = |row: &TreeRow| self.rows.get(row.parent?).copied();
        successors(self.rows.get(at).copied(), parent).collect()
    }

    /// Returns the nodes from the root down to the row at an index, its own included.
    pub fn breadcrumbs(&self, at: usize) -> Vec<Node> {
        let rows = self.rows_up(at);
        let mut nodes: Vec<Node> = rows.iter().rev().map(|row| row.node).collect();
        // The row of a group has the node of its parent.
        nodes.dedup();
        nodes
    }

    /// Returns the index of a row, which may have moved since it was copied.
    pub fn position(&self, row: &TreeRow) -> Option<usize> {
        let is_same = |other: &TreeRow| other.path == row.path && other.kind == row.kind;
        self.rows.iter().position(is_same)
    }

    /// Returns the same tree of another hub, whose nodes have other numbers, with the same rows open; and
    /// the index there of the row at `at`, or of the nearest above it that exists, or of the focus.
    /// `None` where the focus does not exist.
    pub fn translated(
        &self,
        lineage: LineageView,
        options: TreeOptions,
        at: usize,
        translate: impl Fn(Node) -> Option<Node>,
    ) -> Option<(LineageTree, usize)> {
        let mut other = match self.focus() {
            Some(focus) => LineageTree::around(lineage, translate(focus)?, options),
            None => LineageTree::families(lineage, options),
        };
        let mut rows: Vec<Option<TreeRow>> = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let parent = row
                .parent
                .map_or(Some(RowList::ROOTS.path), |at| Some(rows[at]?.path));
            let translated = parent
                .zip(translate(row.node))
                .map(|(parent, node)| TreeRow {
                    node,
                    path: row.kind.path(parent, node),
                    ..*row
                });
            if let Some(TreeRow { path, .. }) = translated {
                other.expansion.copy(path, &self.expansion, row.path);
            }
            rows.push(translated);
        }
        other.lay_out(lineage, 0);
        let mut rows_up = successors(Some(at), |at| self.rows.get(*at)?.parent);
        let found = rows_up.find_map(|at| other.position(rows.get(at)?.as_ref()?));
        let at = found.unwrap_or_else(|| other.focus_row());
        Some((other, at))
    }

    /// Returns the index of the next or previous row of a node with the same parent.
    pub fn sibling_row(&self, at: usize, forward: bool) -> Option<usize> {
        let row = self.rows.get(at)?;
        let is_sibling = |other: &usize| {
            let other = &self.rows[*other];
            other.parent == row.parent && other.kind == TreeRowKind::Node
        };
        match forward {
            true => (at + 1..self.rows.len()).find(is_sibling),
            false => (0..at).rev().find(is_sibling),
        }
    }

    /// Opens or closes the row at an index; lists more where it counts further nodes. Returns `false`
    /// where it can do neither.
    pub fn toggle(&mut self, lineage: LineageView, at: usize) -> bool {
        let Some(row) = self.rows.get(at).copied() else {
            return false;
        };
        match row.kind {
            TreeRowKind::Hidden(_) | TreeRowKind::Unrelated(_) => return false,
            TreeRowKind::More(left) | TreeRowKind::MoreBases(left) => {
                let limits = &mut self.expansion.limits;
                let more = match limits.get(&row.path) {
                    Some(limit) => limit.saturating_mul(10),
                    None if row.children - left < PAGE => PAGE,
                    None => PAGE * 10,
                };
                limits.insert(row.path, more);
            }
            _ if row.cycle || row.children == 0 => return false,
            // Such a row stays open, and lists either a page or only the path to the focus.
            _ if self.expansion.is_above_focus(&row) => {
                let limits = &mut self.expansion.limits;
                if limits.remove(&row.path).is_none() {
                    limits.insert(row.path, PAGE);
                }
            }
            _ => self.expansion.flip(row.path),
        }
        self.lay_out(lineage, 0);
        true
    }

    /// Returns whether the row at an index can show less: above the focus, only where more than the
    /// path to it is listed.
    pub fn can_collapse(&self, at: usize) -> bool {
        let row = self.rows.get(at).filter(|row| row.open);
        row.is_some_and(|row| {
            let has_limit = self.expansion.limits.contains_key(&row.path);
            has_limit || !self.expansion.is_above_focus(row)
        })
    }

    /// Opens everything below the focus, up to [`EXPAND_ALL_ROWS`] rows.
    pub fn expand_all(&mut self, lineage: LineageView) {
        self.lay_out(lineage, EXPAND_ALL_ROWS);
    }

    /// Returns to the state in which the tree starts.
    pub fn collapse_all(&mut self, lineage: LineageView) {
        self.expansion.toggled.clear();
        self.expansion.limits.clear();
        self.lay_out(lineage, 0);
    }

    /// Opens the rows of the highest level below the focus that has closed ones. Returns `false` where
    /// none is closed.
    pub fn expand_level(&mut self, lineage: LineageView) -> bool {
        let closed = self
            .rows
            .iter()
            .filter(|row| self.expansion.can_expand(row));
        let closed: Vec<TreeRow> = closed.copied().collect();
        let level = closed.iter().map(|row| row.depth).min();
        self.flip_level(lineage, &closed, level)
    }

    /// Closes the rows of the lowest level below the focus that has open ones. Returns `false` where
    /// none is open.
    pub fn collapse_level(&mut self, lineage: LineageView) -> bool {
        let is_open = |row: &&TreeRow| row.kind == TreeRowKind::Node && row.open && !row.on_trail;
        let open: Vec<TreeRow> = self.rows.iter().filter(is_open).copied().collect();
        let level = open.iter().map(|row| row.depth).max();
        self.flip_level(lineage, &open, level)
    }

    fn flip_level(&mut self, lineage: LineageView, rows: &[TreeRow], level: Option<usize>) -> bool {
        let of_level = rows.iter().filter(|row| Some(row.depth) == level);
        of_level.for_each(|row| self.expansion.flip(row.path));
        self.lay_out(lineage, 0);
        level.is_some()
    }
}
