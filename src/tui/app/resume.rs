//! Sessions: what is stored at the end, and how it is resumed.

use super::App;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::{LineageTree, TreeRowKind};
use crate::engine::search::hits::Completeness;
use crate::engine::table::clean::clean;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::tui::app::Reselect;
use crate::tui::keymap::Action;
use crate::tui::layout::Pane;
use crate::tui::sessions::{
    MAX_MARKS, MAX_ROWS, Opening, StoredSession, StoredTree, overlay_of, pane_of,
};

/// The ids of missing models that a message names.
const NAMED: usize = 3;

impl App {
    /// Begins as the command line asks for it, before anything is loaded; the last session with the
    /// source can be resumed later.
    pub fn begin(&mut self, opening: &Opening, last: Option<StoredSession>) {
        if opening.resumes && last.is_none() {
            self.status = Some("There is no session with this data to resume".to_owned());
        }
        match opening.session(last.clone()) {
            Some(session) => self.resume_session(session),
            None => self.session.resumable = last,
        }
    }

    /// Returns true while there is a session to resume and nothing was done in this one.
    pub fn can_resume(&self) -> bool {
        let session = &self.session;
        session.resumable.is_some() && session.history.is_empty() && session.marks.is_empty()
    }

    /// Resumes the last session with the source.
    pub(super) fn resume(&mut self) {
        match self.session.resumable.take() {
            Some(session) => self.resume_session(session),
            None => self.status = Some("There is no session to resume".to_owned()),
        }
    }

    /// Makes a stored session the present one: its query at once, its models once they are listed.
    fn resume_session(&mut self, mut stored: StoredSession) {
        self.remember();
        self.overlays.clear();
        stored.query = clean(&stored.query).into_owned();
        let compares = self.session.compares();
        let order = Order::parse(&stored.sort).ok();
        let order = order.filter(|order| compares || !order.is_compared());
        let query = &mut self.session.query;
        query.set(stored.query.clone());
        query.default_order = order.unwrap_or(self.session.settings.sort);
        if let Some(pane) = stored.pane.as_deref().and_then(pane_of) {
            self.focus = pane;
            if pane != Pane::Models {
                self.companion = pane;
            }
        }
        self.zoomed = stored.zoomed.unwrap_or(self.zoomed);
        self.hidden = stored.hidden.unwrap_or(self.hidden);
        self.opening = Some(stored);
        self.ask_list(Reselect::Selected);
        if self.session.query.mistake.is_some() && self.session.hits.is_some() {
            self.place_session();
        }
    }

    /// Selects, marks and opens what the session that is resumed had, once the list is complete.
    pub(super) fn place_session(&mut self) {
        let hits = self.session.hits.as_ref();
        if hits.is_none_or(|hits| hits.completeness < Completeness::Complete) {
            return;
        }
        let Some(hub) = self.session.hub_at(Stage::Lineage).cloned() else {
            return;
        };
        let stored = self.opening.take();
        // Whoever has typed another query meanwhile is elsewhere.
        let Some(stored) = stored.filter(|stored| stored.query == self.session.query.input.value())
        else {
            return;
        };
        let mut missing = Vec::new();
        let mut find = |id: &String| {
            let found = hub.find(id);
            if found.is_none() && !missing.contains(id) {
                missing.push(id.clone());
            }
            found
        };
        let marks: Vec<Node> = stored.marks.iter().filter_map(&mut find).collect();
        let current = stored.current.as_ref().and_then(&mut find);
        let focus = stored.tree.as_ref().and_then(|tree| tree.focus.as_ref());
        let focus = focus.and_then(&mut find);
        let marks = marks.iter().filter_map(|mark| hub.graph.model(*mark));
        for mark in marks {
            if !self.session.marks.contains(&mark) {
                self.session.marks.push(mark);
            }
        }
        match current {
            Some(node) => self.select(node),
            None => self.follow_list(),
        }
        if let Some(tree) = &stored.tree {
            self.open_tree_again(&hub, tree, focus, current);
        }
        self.open_again(stored.view.as_deref());
        if !missing.is_empty() {
            self.status = Some(not_there(&missing));
        }
    }

    /// Draws the tree of a session: around its focus, or of all families, with the same rows open.
    fn open_tree_again(
        &mut self,
        hub: &Hub,
        stored: &StoredTree,
        focus: Option<Node>,
        current: Option<Node>,
    ) {
        match (&stored.focus, focus) {
            (None, _) => self.tree.show_families(hub),
            (Some(_), Some(node)) => self.tree.show(hub, node),
            (Some(_), None) => return,
        }
        let Some(outline) = &mut self.tree.outline else {
            return;
        };
        for ids in &stored.open {
            let path: Option<Vec<Node>> = ids.iter().map(|id| hub.find(id)).collect();
            let rows = outline.rows();
            let row = path.and_then(|path| {
                let is_last = |at: &usize| Some(&rows[*at].node) == path.last();
                let mut rows = (0..rows.len()).filter(is_last);
                rows.find(|at| outline.breadcrumbs(*at) == path)
            });
            if let Some(at) = row.filter(|at| !rows[*at].open) {
                outline.toggle(hub.lineage(), at);
            }
        }
        let mut rows = outline.rows().iter();
        let at = rows.position(|row| row.is_node() && Some(row.node) == current);
        self.tree.cursor.at = at.unwrap_or_else(|| outline.focus_row());
    }

    /// Opens an overlay by its name.
    fn open_again(&mut self, view: Option<&str>) {
        let overlay = view.and_then(overlay_of);
        if let Some(name) = overlay {
            self.run(Action::Show(name));
        }
    }

    /// Returns the session as it is stored; `None` where nothing was done in it, or where it is still
    /// to be resumed.
    pub fn stored(&self, source: String) -> Option<StoredSession> {
        let session = &self.session;
        let hub = session.hub.as_ref()?;
        let query = session.query.input.value();
        let is_fresh = query.is_empty()
            && session.marks.is_empty()
            && session.history.is_empty()
            && self.overlays.is_empty()
            && !self.tree.shows_families();
        if self.opening.is_some() || is_fresh {
            return None;
        }
        let name = |node: Node| hub.name(node).to_owned();
        let marks = session.marks.iter().take(MAX_MARKS);
        let marks = marks.map(|mark| name((*mark).into()));
        let tree = self.tree.outline.as_ref().map(|outline| StoredTree {
            focus: outline.focus().map(name),
            open: open_rows(outline)
                .map(|path| path.into_iter().map(name).collect())
                .collect(),
        });
        let order = session.query.default_order;
        Some(StoredSession {
            source,
            query: clean(query).into_owned(),
            sort: order.to_string(),
            current: session.current.map(name),
            marks: marks.collect(),
            tree,
            pane: Some(self.focus.title().to_lowercase()),
            zoomed: Some(self.zoomed),
            hidden: Some(self.hidden),
            view: self.overlay().map(|view| view.context().0.to_owned()),
        })
    }
}

/// Returns the paths of the open rows of nodes, each from the root down.
fn open_rows(outline: &LineageTree) -> impl Iterator<Item = Vec<Node>> {
    let rows = outline.rows().iter().enumerate();
    let open = rows.filter(|(_, row)| row.open && row.kind == TreeRowKind::Node);
    open.take(MAX_ROWS).map(|(at, _)| outline.breadcrumbs(at))
}

/// Returns the message that models of the session are not in the file.
fn not_there(missing: &[String]) -> String {
    let named = missing
        .iter()
        .take(NAMED)
        .map(|id| clean(id))
        .collect::<Vec<_>>();
    let named = named.join(", ");
    match missing.len() {
        all if all <= NAMED => format!("Not in this file any more: {named}"),
        all => format!("Not in this file any more: {all} models, such as {named}"),
    }
}
