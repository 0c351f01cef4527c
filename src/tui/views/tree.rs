//! The base-model tree: of a model with its ancestors above and its descendants below, or of all
//! families. `tree/draw.rs` draws it.

mod draw;

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::engine::Hub;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::{
    EXPAND_ALL_ROWS, LineageTree, OpenRows, TreeOptions, TreeRow, TreeRowKind,
};
use crate::engine::query::ast::Filter;
use crate::engine::query::edit::{without_sort, without_words};
use crate::engine::query::keys::Flag;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::{Field, Kind as FieldKind};
use crate::engine::table::order::Order;
use crate::present::format;
use crate::tui::answers::Topic;
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{Clicked, PaneContext, Request, View};
use crate::tui::widgets::Cursor;

/// The number of siblings above which the position among them is shown.
const MANY: usize = 100;

/// The tree's state.
#[derive(Default)]
pub struct Tree {
    pub outline: Option<LineageTree>,
    pub cursor: Cursor,
    /// True to hide what neither passes the filters of the query nor leads to what does.
    pub folds: bool,
    /// The order and grouping of children, in this tree and the next ones.
    options: TreeOptions,
    /// The part of names that `n` and `N` look for in place of the words, in lower case.
    sought: Option<String>,
    /// The number of children that pass the filters, of the nodes that have been on screen.
    pub counts: HashMap<Node, usize>,
}

impl Tree {
    /// Shows the tree of a node.
    pub fn show(&mut self, hub: &Hub, node: Node) {
        self.take(LineageTree::around(
            hub.lineage(),
            node,
            self.options.clone(),
        ));
    }

    /// Shows all families.
    pub fn show_families(&mut self, hub: &Hub) {
        self.take(LineageTree::families(hub.lineage(), self.options.clone()));
    }

    fn take(&mut self, outline: LineageTree) {
        self.cursor = Cursor {
            at: outline.focus_row(),
            top: 0,
        };
        self.outline = Some(outline);
    }

    /// Sets the part of names that is looked for; without one, those are the words of the query.
    pub fn seek(&mut self, part: Option<&str>) {
        self.sought = part.map(str::to_lowercase);
    }

    /// Returns which rows are open.
    pub fn open_rows(&self) -> Option<OpenRows> {
        self.outline.as_ref().map(LineageTree::open_rows)
    }

    /// Shows a tree from before again, with a node selected.
    pub fn reopen(&mut self, hub: &Hub, rows: &OpenRows, node: Node) {
        let options = self.options.clone();
        self.take(LineageTree::reopened(hub.lineage(), rows, options));
        let outline = self.outline.iter().flat_map(|outline| outline.rows());
        let at = outline
            .enumerate()
            .find(|(_, row)| row.is_node() && row.node == node);
        self.cursor.at = at.map_or(self.cursor.at, |(at, _)| at);
    }

    /// Returns true if it shows all families.
    pub fn shows_families(&self) -> bool {
        self.outline
            .as_ref()
            .is_some_and(|outline| outline.focus().is_none())
    }

    /// Shows no tree.
    pub fn clear(&mut self) {
        self.outline = None;
        self.cursor = Cursor::default();
    }

    /// Returns the order of children.
    pub fn order(&self) -> Order {
        self.options.order
    }

    /// Returns the field that nodes are measured by: that of the order if it is a count.
    pub fn measure(&self) -> Field {
        let field = self.options.order.field;
        match field.info().kind {
            FieldKind::Count => field,
            _ => TreeOptions::DEFAULT_ORDER.field,
        }
    }

    /// Shows only these models, or all again.
    pub fn fold(&mut self, hub: &Hub, models: Option<Arc<ModelSet>>) {
        if models.is_some() || self.options.filter.is_some() {
            self.list(hub, |options| options.filter = models);
        }
    }

    /// Moves the tree to another hub, where nodes have other numbers; shows none where the node in
    /// focus is gone.
    pub fn renumber(&mut self, hub: &Hub, moved: impl Fn(Node) -> Option<Node>) {
        self.options.filter = None;
        self.counts.clear();
        let (old, options) = (self.outline.take(), self.options.clone());
        let new = old.and_then(|old| old.translated(hub.lineage(), options, self.cursor.at, moved));
        match new {
            Some((new, at)) => {
                self.cursor.at = at;
                self.outline = Some(new);
            }
            None => self.clear(),
        }
    }

    /// Changes the options; the selected row stays selected if it is still there.
    pub fn list(&mut self, hub: &Hub, change: impl FnOnce(&mut TreeOptions)) {
        change(&mut self.options);
        let options = self.options.clone();
        self.change_rows(|outline| outline.set_options(hub.lineage(), options));
    }

    /// Changes the rows; the selected row stays selected if it is still there, else its node
    /// elsewhere, else its parent.
    fn change_rows<T>(&mut self, change: impl FnOnce(&mut LineageTree) -> T) -> Option<T> {
        let outline = self.outline.as_mut()?;
        let path = outline.rows_up(self.cursor.at);
        let changed = change(outline);
        let elsewhere = |row: &TreeRow| {
            let same = |other: &TreeRow| other.kind == row.kind && other.node == row.node;
            outline.rows().iter().position(same)
        };
        let own = path.first();
        self.cursor.at = own
            .and_then(|row| outline.position(row).or_else(|| elsewhere(row)))
            .or_else(|| path.iter().skip(1).find_map(|row| outline.position(row)))
            .unwrap_or_else(|| outline.focus_row());
        Some(changed)
    }

    /// Counts the children that pass the filters, of the rows on screen, of which there are `height`.
    fn count_matching(&mut self, cx: PaneContext, height: usize) {
        let (hub, matching) = (cx.hub, cx.session.passing.as_ref());
        let Some((outline, matching)) = self.outline.as_ref().zip(matching) else {
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

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.outline.as_ref().map_or(0, |o| o.rows().len())
    }

    /// Returns the selected row.
    pub fn row(&self) -> Option<TreeRow> {
        self.outline.as_ref()?.rows().get(self.cursor.at).copied()
    }

    /// Returns the node of the selected row, if it has one.
    pub fn node(&self) -> Option<Node> {
        self.row().filter(TreeRow::is_node).map(|row| row.node)
    }

    /// Returns the nodes from the root down to the selected row.
    pub fn crumbs(&self) -> Vec<Node> {
        let outline = self.outline.as_ref();
        outline.map_or_else(Vec::new, |outline| outline.breadcrumbs(self.cursor.at))
    }

    /// Returns true if a selected row is an ancestor of the model in focus.
    fn is_above_focus(&self, row: &TreeRow) -> bool {
        let focus = self.outline.as_ref().map_or(0, LineageTree::focus_row);
        row.is_node() && self.cursor.at < focus
    }

    /// Returns the number of rows on screen, below the headings.
    fn height(area: Rect) -> usize {
        area.height.saturating_sub(1).into()
    }

    /// Changes rows or moves between them; `None` where there is nothing to do.
    fn change(&mut self, hub: &Hub, action: Action) -> Option<()> {
        let lineage = hub.lineage();
        let row = self.row()?;
        // Of an ancestor, only the way to the model in focus is shown.
        let expands = matches!(action, Action::ExpandAll | Action::ExpandLevel);
        if expands && self.is_above_focus(&row) {
            self.show(hub, row.node);
            if action == Action::ExpandLevel {
                return Some(());
            }
        }
        let at = self.cursor.at;
        let outline = self.outline.as_mut()?;
        match action {
            Action::Expand if row.open => self.cursor.at += 1,
            Action::Expand | Action::Focus => return outline.toggle(lineage, at).then_some(()),
            Action::Collapse if outline.can_collapse(at) => drop(outline.toggle(lineage, at)),
            Action::Collapse | Action::Parent => self.cursor.at = row.parent?,
            Action::NextSibling | Action::PreviousSibling => {
                let forward = action == Action::NextSibling;
                self.cursor.at = outline.sibling_row(at, forward)?;
            }
            Action::Root => {
                let up = |at: &usize| outline.rows()[*at].parent;
                self.cursor.at = std::iter::successors(Some(at), up).last()?;
            }
            Action::ExpandAll => self.change_rows(|outline| outline.expand_all(lineage))?,
            Action::CollapseAll => {
                outline.collapse_all(lineage);
                self.cursor.at = outline.focus_row();
            }
            Action::ExpandLevel | Action::CollapseLevel => {
                let done = self.change_rows(|outline| match action {
                    Action::ExpandLevel => outline.expand_level(lineage),
                    _ => outline.collapse_level(lineage),
                })?;
                return done.then_some(());
            }
            _ => return None,
        }
        Some(())
    }
}

impl View for Tree {
    fn context(&self) -> KeyContext {
        KeyContext::TREE
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        let kind = self.row().map(|row| row.kind);
        match (action, kind) {
            (Action::Focus, Some(TreeRowKind::Node | TreeRowKind::OtherBase)) => {
                self.node().map(Request::Open).into_iter().collect()
            }
            (Action::Focus, Some(TreeRowKind::Unrelated(_))) => vec![
                Request::SetQuery(Filter::of_flag(Flag::Unrelated).to_string()),
                Request::Run(Action::GoModels, KeyContext::PANES),
            ],
            (Action::Group, _) => self.toggle_groups(cx),
            (Action::Fold, _) => self.toggle_fold(cx),
            (Action::MostDownloaded, _) => self.most_downloaded(cx),
            (Action::FindName, _) => vec![Request::FindName],
            (Action::NextMatch | Action::PreviousMatch, _) => {
                self.find(cx, action == Action::NextMatch, Tree::height(area))
            }
            _ => self.go(action, cx, Tree::height(area)),
        }
    }

    fn scroll(&mut self, lines: isize, _cx: PaneContext, area: Rect) {
        self.cursor.scroll(lines, self.rows(), Tree::height(area));
    }

    /// A click on the sign of a row opens or closes it, one on the heading on the right sorts.
    fn click(&mut self, at: Position, cx: PaneContext, area: Rect) -> Clicked {
        let Some(row) = (at.y - area.y).checked_sub(1) else {
            let measures = at.x + self.measure_width() + 1 >= area.right();
            return match measures {
                true => Clicked::Heading(self.measure()),
                false => Clicked::Nothing,
            };
        };
        let clicked = self.cursor.click(row, self.rows());
        let Some(selected) = self.row().filter(|_| clicked != Clicked::Nothing) else {
            return clicked;
        };
        let at_sign = at.x.abs_diff(self.sign_column(cx, &selected, area)) <= 1;
        if at_sign && let Some(outline) = &mut self.outline {
            outline.toggle(cx.hub.lineage(), self.cursor.at);
            return Clicked::Selected;
        }
        clicked
    }

    fn settle(&mut self, cx: PaneContext, area: Rect) {
        let height = Tree::height(area);
        self.cursor.settle(self.rows(), height);
        self.count_matching(cx, height);
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        let from = session.opened();
        if self.shows_families() {
            return Some(command::roots(self.order(), from));
        }
        let filters = without_sort(&without_words(session.query.text()));
        let folds = self.folds && session.passing.is_some();
        let filters = Some(filters.as_str()).filter(|_| folds);
        let id = session.current_name()?;
        Some(command::tree(&id, self.order(), filters, from))
    }

    /// The models to show in a folded tree.
    fn topics(&self, session: &Session) -> Vec<Topic> {
        match &session.passing {
            Some(set) if self.folds => vec![Topic::Ancestors(set.clone())],
            _ => Vec::new(),
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        self.draw_tree(cx, area, buffer);
    }
}

impl Tree {
    fn go(&mut self, action: Action, cx: PaneContext, height: usize) -> Vec<Request> {
        if self.cursor.go(action, self.rows(), height) {
            return Vec::new();
        }
        let changed = self.change(cx.hub, action).is_some();
        self.cursor.settle(self.rows(), height);
        if action == Action::ExpandAll && self.rows() >= EXPAND_ALL_ROWS {
            let rows = format::count(EXPAND_ALL_ROWS);
            return Request::status(format!("Expanded the first {rows} rows"));
        }
        let reason = nothing_to_do(action).filter(|_| !changed);
        reason.map_or_else(Vec::new, Request::status)
    }

    fn toggle_groups(&mut self, cx: PaneContext) -> Vec<Request> {
        self.list(cx.hub, |options| options.grouped ^= true);
        Request::status(match self.options.grouped {
            true => "Children are grouped by relation",
            false => "Children are listed together",
        })
    }

    /// Hides what does not pass the filters, or shows it again.
    fn toggle_fold(&mut self, cx: PaneContext) -> Vec<Request> {
        self.folds = !self.folds;
        let status = match (self.folds, cx.session.passing.is_some()) {
            (true, true) => "The tree shows what passes the filters, and what leads to it",
            (true, false) => "The tree will show only what passes a filter",
            (false, _) => "The tree shows everything",
        };
        let mut requests = Request::status(status);
        match self.topics(cx.session).pop() {
            Some(topic) => requests.push(Request::Ask(topic)),
            None => self.fold(cx.hub, None),
        }
        requests
    }

    /// Goes to the most downloaded descendant that passes the filters.
    fn most_downloaded(&self, cx: PaneContext) -> Vec<Request> {
        let Some(node) = self.node() else {
            return Vec::new();
        };
        let matching = cx.session.passing.as_deref();
        match family::most_downloaded(&cx.hub.graph, &cx.hub.models, node, matching) {
            Some(model) => vec![Request::Open(model.into())],
            None => Request::status(format!(
                "No descendant of {} passes the filters",
                cx.hub.name(node)
            )),
        }
    }
}

impl Tree {
    /// Goes to the next row with the name that is sought, else with the words of the query, wherever it
    /// is folded away, or to the one before.
    fn find(&mut self, cx: PaneContext, forward: bool, height: usize) -> Vec<Request> {
        if self.sought.is_none() && cx.session.query.parsed.query.words.is_empty() {
            return vec![Request::FindName];
        }
        let (at, sought) = (self.cursor.at, self.sought.as_deref());
        let found = self.outline.as_mut().and_then(|outline| {
            let wanted = |node| match sought {
                Some(part) => cx.hub.name(node).to_lowercase().contains(part),
                None => is_found(cx, node),
            };
            outline.find(cx.hub.lineage(), at, forward, wanted)
        });
        let what = sought.map_or("the words".to_owned(), |part| format!("`{part}`"));
        match found {
            Some(at) => self.cursor.at = at,
            None if forward => {
                return Request::status(format!("No further row of this tree has {what}"));
            }
            None => return Request::status(format!("No row of this tree before has {what}")),
        }
        self.cursor.settle(self.rows(), height);
        Vec::new()
    }

    /// Describes the position of the selected row: among its siblings where those are many, else among
    /// all rows.
    pub fn position(&self) -> String {
        let Some((outline, row)) = self.outline.as_ref().zip(self.row()) else {
            return String::new();
        };
        let rows = outline.rows();
        if rows.len() < 2 {
            return String::new();
        }
        let parent = row.parent.map(|at| &rows[at]);
        let many = parent.filter(|parent| row.kind == TreeRowKind::Node && parent.children > MANY);
        let (at, of) = match (many, row.parent) {
            (Some(parent), Some(at)) => {
                let before = rows[at..=self.cursor.at].iter();
                let siblings = before.filter(|other| other.parent == row.parent && other.is_node());
                (siblings.count(), parent.children)
            }
            _ => (self.cursor.at + 1, rows.len()),
        };
        format!("{} of {}", format::count(at), format::count(of))
    }
}

/// Returns true if a node matches the query.
pub(super) fn is_found(cx: PaneContext, node: Node) -> bool {
    let model = cx.hub.graph.model(node);
    let matching = cx.session.matching.as_ref().zip(model);
    matching.is_some_and(|(matching, model)| matching.has(model))
}

/// Returns the reason that an action changes nothing.
fn nothing_to_do(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::ExpandLevel => "All levels are expanded",
        Action::CollapseLevel => "All levels are collapsed",
        Action::Parent | Action::Collapse => "This is the root",
        Action::NextSibling | Action::PreviousSibling => "No more siblings",
        _ => return None,
    })
}
