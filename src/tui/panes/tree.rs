//! The base-model tree: around a model, its ancestors above and everything made from it below; or
//! of all families. What it looks like is in `tree/draw.rs`.

mod draw;

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::layout::Rect;

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::lineage::tree::{LineageTree, TreeRow};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::{Field, Kind as FieldKind};
use crate::engine::table::order::Order;
use crate::tui::action::Action;
use crate::tui::rows::Cursor;

/// The tree's state.
#[derive(Default)]
pub struct Tree {
    pub outline: Option<LineageTree>,
    pub cursor: Cursor,
    /// The models that the query asks for; nothing where it asks for all.
    pub matching: Option<Arc<ModelSet>>,
    /// Whether all others are to be folded away, but for what leads to one.
    pub folds: bool,
    /// How children are listed, in this tree and the next ones.
    listing: TreeOptions,
    /// How many children match, of the nodes that have been on screen.
    pub counts: HashMap<Node, usize>,
}

impl Tree {
    /// Draws the tree around this node from now on.
    pub fn show(&mut self, hub: &Hub, node: Node) {
        self.take(LineageTree::around(
            hub.lineage(),
            node,
            self.listing.clone(),
        ));
    }

    /// Draws all families from now on.
    pub fn show_families(&mut self, hub: &Hub) {
        self.take(LineageTree::families(hub.lineage(), self.listing.clone()));
    }

    fn take(&mut self, outline: LineageTree) {
        self.cursor = Cursor {
            at: outline.focus_row(),
            top: 0,
        };
        self.outline = Some(outline);
    }

    /// Whether it is of all families.
    pub fn shows_families(&self) -> bool {
        self.outline
            .as_ref()
            .is_some_and(|outline| outline.focus().is_none())
    }

    /// Forgets the tree, but not what matches.
    pub fn clear(&mut self) {
        self.outline = None;
        self.cursor = Cursor::default();
    }

    /// What children are listed by.
    pub fn order(&self) -> Order {
        self.listing.order
    }

    /// Whether children are in groups by how they were made.
    pub fn is_grouped(&self) -> bool {
        self.listing.grouped
    }

    /// The field that the tree measures nodes by: the one it is sorted by if it is a count.
    pub fn measure(&self) -> Field {
        let field = self.listing.order.field;
        match field.info().kind {
            FieldKind::Count => field,
            _ => TreeOptions::DEFAULT_ORDER.field,
        }
    }

    /// Lists only these models from now on, or all again.
    pub fn fold(&mut self, hub: &Hub, kin: Option<Arc<ModelSet>>) {
        if kin.is_some() || self.listing.filter.is_some() {
            let kept = kin;
            self.list(hub, |listing| listing.filter = kept);
        }
    }

    /// Draws the same tree of another hub, where nodes have other numbers; nothing where the node
    /// that it is around is gone.
    pub fn renumber(&mut self, hub: &Hub, moved: impl Fn(Node) -> Option<Node>) {
        self.matching = None;
        self.listing.filter = None;
        self.counts.clear();
        let (old, listing) = (self.outline.take(), self.listing.clone());
        let new = old.and_then(|old| old.translated(hub.lineage(), listing, self.cursor.at, moved));
        match new {
            Some((new, at)) => {
                self.cursor.at = at;
                self.outline = Some(new);
            }
            None => self.clear(),
        }
    }

    /// Lists children in another way; the selected line stays selected if it is still there.
    pub fn list(&mut self, hub: &Hub, change: impl FnOnce(&mut TreeOptions)) {
        change(&mut self.listing);
        let listing = self.listing.clone();
        self.change_rows(|outline| outline.set_options(hub.lineage(), listing));
    }

    /// Changes what is listed; the selected line stays selected if it is still there, else its
    /// node elsewhere, else what it hung from.
    fn change_rows<T>(&mut self, change: impl FnOnce(&mut LineageTree) -> T) -> Option<T> {
        let outline = self.outline.as_mut()?;
        let way = outline.rows_up(self.cursor.at);
        let changed = change(outline);
        let elsewhere = |row: &TreeRow| {
            let same = |other: &TreeRow| other.kind == row.kind && other.node == row.node;
            outline.rows().iter().position(same)
        };
        let own = way.first();
        self.cursor.at = own
            .and_then(|row| outline.position(row).or_else(|| elsewhere(row)))
            .or_else(|| way.iter().skip(1).find_map(|row| outline.position(row)))
            .unwrap_or_else(|| outline.focus_row());
        Some(changed)
    }

    /// Counts the matching children of the lines on screen, of which `height` are seen.
    pub fn count_matching(&mut self, hub: &Hub, height: usize) {
        let Some((outline, matching)) = self.outline.as_ref().zip(self.matching.as_ref()) else {
            return;
        };
        let window = self.cursor.window(outline.rows().len(), height);
        for row in &outline.rows()[window] {
            self.counts.entry(row.node).or_insert_with(|| {
                let children = hub.graph.children(row.node).iter();
                let models = children.filter_map(|child| hub.graph.model(*child));
                models.filter(|model| matching.has(*model)).count()
            });
        }
    }

    /// Whether the query asks for a node's model.
    fn matches(&self, hub: &Hub, node: Node) -> bool {
        let model = hub.graph.model(node);
        let wanted = |set: &Arc<ModelSet>| model.is_some_and(|model| set.has(model));
        self.matching.as_ref().is_none_or(wanted)
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.outline.as_ref().map_or(0, |o| o.rows().len())
    }

    /// The selected line.
    pub fn row(&self) -> Option<TreeRow> {
        self.outline.as_ref()?.rows().get(self.cursor.at).copied()
    }

    /// The selected line's node, if it is of one.
    pub fn node(&self) -> Option<Node> {
        self.row().filter(TreeRow::is_node).map(|row| row.node)
    }

    /// The nodes from the root down to the selected line.
    pub fn crumbs(&self) -> Vec<Node> {
        let outline = self.outline.as_ref();
        outline.map_or_else(Vec::new, |outline| outline.breadcrumbs(self.cursor.at))
    }

    /// How many lines fit the pane, below the headings.
    pub fn height(area: Rect) -> usize {
        area.height.saturating_sub(1).into()
    }

    /// Does what the action says; `height` lines are seen. `false` where nothing can be done.
    pub fn act(&mut self, hub: &Hub, action: Action, height: usize) -> bool {
        let len = self.lines();
        if self.cursor.go(action, len, height) {
            return true;
        }
        let done = self.change(hub, action).is_some();
        self.cursor.settle(self.lines(), height);
        done
    }

    fn change(&mut self, hub: &Hub, action: Action) -> Option<()> {
        let lineage = hub.lineage();
        let at = self.cursor.at;
        let row = self.row()?;
        let outline = self.outline.as_mut()?;
        match action {
            Action::Right if row.open => self.cursor.at += 1,
            Action::Right => return outline.toggle(lineage, at).then_some(()),
            Action::Left if outline.can_collapse(at) => drop(outline.toggle(lineage, at)),
            Action::Left | Action::Parent => self.cursor.at = row.parent?,
            Action::NextSibling | Action::PreviousSibling => {
                let forward = action == Action::NextSibling;
                self.cursor.at = outline.sibling_row(at, forward)?;
            }
            Action::Root => {
                let up = |at: &usize| outline.rows()[*at].parent;
                self.cursor.at = std::iter::successors(Some(at), up).last()?;
            }
            Action::Open => return outline.toggle(lineage, at).then_some(()),
            Action::OpenAll => self.change_rows(|outline| outline.expand_all(lineage))?,
            Action::CloseAll => {
                outline.collapse_all(lineage);
                self.cursor.at = outline.focus_row();
            }
            Action::Deepen | Action::Flatten => {
                let done = self.change_rows(|outline| match action {
                    Action::Deepen => outline.expand_level(lineage),
                    _ => outline.collapse_level(lineage),
                })?;
                return done.then_some(());
            }
            _ => return None,
        }
        Some(())
    }
}
