//! The next row of a wanted node in a tree as if everything were open, found without opening it: a
//! depth-first walk from a row on, which enters every node once and does not recurse.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::children::{ChildList, ChildLists};
use super::layout::{PAGE, SHORT_PAGE};
use super::row::{RowList, TreeRowKind};
use super::{LineageTree, LineageView};
use crate::engine::lineage::graph::Node;

/// A list of siblings and an index in it.
type Place = (Arc<ChildList>, usize);

/// A walk over all nodes of a tree.
struct Walk<'t> {
    lineage: LineageView<'t>,
    lists: &'t mut ChildLists,
    /// The roots of the tree.
    roots: Arc<ChildList>,
    /// The place of a node, below those of its ancestors; empty before the first node.
    places: Vec<Place>,
    /// The nodes that were entered, so that merges and cycles are entered once.
    entered: FxHashSet<Node>,
}

impl Walk<'_> {
    /// Goes to the place of a path of nodes; to the last one that is found.
    fn go_to(&mut self, path: &[Node]) {
        let mut list = self.roots.clone();
        for node in path {
            let Some(at) = list.nodes.iter().position(|other| other == node) else {
                return;
            };
            self.places.push((list, at));
            list = self.lists.children(self.lineage, Some(*node));
        }
        let above = path.split_last().map_or(path, |(_, above)| above);
        self.entered.extend(above);
    }

    /// Returns the children of a node, unless it has none or was entered before.
    fn enter(&mut self, node: Node) -> Option<Arc<ChildList>> {
        let has_children = !self.lineage.graph.children(node).is_empty();
        if !has_children || !self.entered.insert(node) {
            return None;
        }
        let list = self.lists.children(self.lineage, Some(node));
        (!list.nodes.is_empty()).then_some(list)
    }

    /// Goes to the next node, from the top down.
    fn next(&mut self) -> Option<Node> {
        let below = match self.places.last() {
            None => Some(self.roots.clone()).filter(|roots| !roots.nodes.is_empty()),
            Some((list, at)) => self.enter(list.nodes[*at]),
        };
        match below {
            Some(list) => self.places.push((list, 0)),
            None => loop {
                let (list, at) = self.places.last_mut()?;
                *at += 1;
                if *at < list.nodes.len() {
                    break;
                }
                self.places.pop();
            },
        }
        self.node()
    }

    /// Goes to the node before, from the bottom up.
    fn back(&mut self) -> Option<Node> {
        let (_, at) = self.places.last_mut()?;
        match at.checked_sub(1) {
            None => drop(self.places.pop()),
            Some(before) => {
                *at = before;
                while let Some(list) = self.node().and_then(|node| self.enter(node)) {
                    let last = list.nodes.len() - 1;
                    self.places.push((list, last));
                }
            }
        }
        self.node()
    }

    fn node(&self) -> Option<Node> {
        self.places.last().map(|(list, at)| list.nodes[*at])
    }
}

impl LineageTree {
    /// Opens what leads to the next row of a wanted node after the row at an index, or to the one
    /// before it, and returns its index; `None` where there is none.
    pub fn find(
        &mut self,
        lineage: LineageView,
        at: usize,
        forward: bool,
        wanted: impl Fn(Node) -> bool,
    ) -> Option<usize> {
        let mut walk = Walk {
            lineage,
            roots: match self.expansion.trail.first() {
                Some(root) => Arc::new(ChildList {
                    nodes: vec![*root],
                    groups: Vec::new(),
                    hidden: 0,
                }),
                None => self.lists.children(lineage, None),
            },
            lists: &mut self.lists,
            places: Vec::new(),
            entered: FxHashSet::default(),
        };
        let is_node = |at: &usize| self.rows[*at].kind == TreeRowKind::Node;
        let last = at.min(self.rows.len().checked_sub(1)?);
        if let Some(from) = (0..=last).rev().find(is_node) {
            let mut up = std::iter::successors(Some(from), |at| self.rows[*at].parent);
            let mut path: Vec<Node> = up
                .by_ref()
                .filter(is_node)
                .map(|at| self.rows[at].node)
                .collect();
            path.reverse();
            walk.go_to(&path);
            // The row that counts what follows is below the last one that is listed.
            if !forward && from < last && walk.node().is_some_and(&wanted) {
                return Some(from);
            }
        }
        while !wanted(if forward { walk.next()? } else { walk.back()? }) {}
        let places = walk.places;
        let path = self.open_to(&places);
        self.lay_out(lineage, 0);
        let is_found = |row: &super::TreeRow| row.path == path && row.kind == TreeRowKind::Node;
        self.rows.iter().position(is_found)
    }

    /// Opens all rows above the last of some places, each below the one before; lists more of their
    /// children where it needs to. Returns the path of the last row.
    fn open_to(&mut self, places: &[Place]) -> u64 {
        let expansion = &mut self.expansion;
        let trail = expansion.trail.clone();
        let (mut path, mut above) = (RowList::ROOTS.path, None::<Node>);
        let (mut on_trail, mut is_above_focus) = (!trail.is_empty(), false);
        for (depth, (list, at)) in places.iter().enumerate() {
            let node = list.nodes[*at];
            let (mut at, mut usual) = (*at, if is_above_focus { 0 } else { PAGE });
            if let Some(above) = above.filter(|_| !is_above_focus && list.groups.len() > 1) {
                let mut groups = list.groups.iter();
                let own = groups.find_map(|(relation, size)| match at < *size {
                    true => Some(*relation),
                    false => {
                        at -= size;
                        None
                    }
                });
                let kind = own.map_or(TreeRowKind::Node, TreeRowKind::Group);
                path = kind.path(path, above);
                expansion.toggled.remove(&path);
                usual = SHORT_PAGE;
            }
            on_trail &= trail.get(depth) == Some(&node);
            if !on_trail && expansion.limit(path, usual) <= at {
                expansion.limits.insert(path, at + PAGE);
            }
            path = TreeRowKind::Node.path(path, node);
            let is_focus = on_trail && depth + 1 == trail.len();
            is_above_focus = on_trail && !is_focus;
            let is_last = depth + 1 == places.len();
            if !is_last && !is_above_focus && expansion.toggled.contains(&path) == is_focus {
                expansion.flip(path);
            }
            above = Some(node);
        }
        path
    }
}
