//! The hub: loaded stage by stage, compared with an older snapshot, and replaced when its file has
//! changed. Query, selection, marks and open nodes stay, by the names of the models.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{App, Effect, Lane, Reloaded, Reselect};
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::views::details::Details;
use crate::tui::views::models::ModelList;

impl App {
    pub(super) fn loaded(&mut self, hub: Hub) {
        let had_tree = self.session.hub_at(Stage::Lineage).is_some();
        // A file that is fetched has its name only when it is there.
        if hub.stage == Stage::Complete {
            self.title = hub.source.title();
        }
        self.session.hub = Some(Arc::new(hub));
        self.ask_list(self.reselect);
        self.ask_overlay();
        if let Some(node) = self.session.current {
            if !had_tree {
                self.draw_tree_around(node);
            }
            // Values that were unknown so far may be known now.
            self.show(node);
        }
        if self.session.query.suggestions.is_some() {
            self.suggest();
        }
    }

    pub(super) fn failed(&mut self, reason: String) {
        self.status = Some(reason.clone());
        self.session.failure = Some(reason);
        if let Some(node) = self.session.current {
            self.show(node);
        }
    }

    /// Continues without a comparison; queries that compare become invalid.
    pub(super) fn uncompared(&mut self, reason: &str) {
        self.session.against = None;
        self.status = Some(format!("Not compared: {reason}"));
        let order = &mut self.session.query.default_order;
        if order.is_compared() {
            *order = self.session.settings.sort;
        }
        self.ask_list(self.reselect);
    }

    pub(super) fn reload(&mut self) {
        let is_busy = self.reloading || self.session.is_comparing();
        let complete = self.session.hub_at(Stage::Complete).cloned();
        let Some(hub) = complete.filter(|_| !is_busy) else {
            self.status = Some("Already loading".to_owned());
            return;
        };
        self.reloading = true;
        self.status = Some("Checking for changes…".to_owned());
        self.effects.push(Effect::Reload(hub));
    }

    pub(super) fn reloaded(&mut self, reloaded: Reloaded) {
        self.reloading = false;
        self.status = Some(match reloaded {
            Err(reason) => format!("Not reloaded: {reason}"),
            Ok(None) => "The file has not changed".to_owned(),
            Ok(Some(hub)) => {
                let models = format::count(hub.models.len());
                self.move_to(*hub);
                (self.count, self.switched) = (None, None);
                if self.session.query.suggestions.is_some() {
                    self.suggest();
                }
                format!("Reloaded: {models} models")
            }
        });
    }

    /// Replaces the hub. Answers about the one before are not awaited any more.
    fn move_to(&mut self, hub: Hub) {
        let Some(old) = self.session.hub.take() else {
            return;
        };
        let hub = Arc::new(hub);
        let nodes = new_nodes(&old, &hub, self.nodes());
        let moved = |node: Node| nodes.get(&node).copied();
        let moved_model = |model: ModelId| hub.graph.model(moved(model.into())?);
        self.keep_selected(moved_model);
        let session = &mut self.session;
        let marks = session.marks.iter();
        session.marks = marks.filter_map(|mark| moved_model(*mark)).collect();
        session.history.renumber(moved, moved_model);
        (session.matching, session.passing) = (None, None);
        let current = session.current.take().and_then(moved);
        session.hub = Some(hub.clone());
        self.tree.renumber(&hub, moved);
        self.details = Details::default();
        self.chart.rank = None;
        self.overlays.clear();
        self.dialog = None;
        self.pending = [None; Lane::ALL.len()];
        self.title = hub.source.title();
        if let Some(node) = current {
            self.show(node);
        }
        self.ask_list(Reselect::Selected);
    }

    /// Lists only the selected model, by its new number, until a new list arrives.
    fn keep_selected(&mut self, moved: impl Fn(ModelId) -> Option<ModelId>) {
        let selected = self.list.selected(&self.session).and_then(moved);
        let hits = self.session.hits.take().zip(selected);
        self.session.hits = hits.map(|(hits, model)| Hits {
            models: vec![model].into(),
            completeness: Completeness::FirstPage,
            ..hits
        });
        self.list = ModelList::default();
    }

    /// Returns every node that some view remembers.
    fn nodes(&self) -> HashSet<Node> {
        let session = &self.session;
        let marks = session.marks.iter().map(|mark| Node::from(*mark));
        let rows = self.tree.outline.iter().flat_map(|tree| tree.rows());
        let drawn = rows.map(|row| row.node);
        let listed = self.list.selected(session).map(Node::from);
        marks
            .chain(listed)
            .chain(drawn)
            .chain(session.history.nodes())
            .chain(session.current)
            .collect()
    }
}

/// Returns the nodes of another hub that have the same names.
fn new_nodes(old: &Hub, new: &Hub, nodes: HashSet<Node>) -> HashMap<Node, Node> {
    let names: Vec<&str> = nodes.iter().map(|node| old.name(*node)).collect();
    let found = new.find_all(&names);
    let pairs = nodes.iter().zip(found);
    pairs.filter_map(|(old, new)| Some((*old, new?))).collect()
}
