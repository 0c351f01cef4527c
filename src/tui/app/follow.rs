//! One view leads the others: the list follows the query, the tree follows the list, details and
//! histogram follow the current node.

use std::sync::Arc;

use super::{App, Reselect};
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::LineageTree;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::stage::Stage;
use crate::tui::answers::{Lane, Topic};
use crate::tui::layout::Pane;
use crate::tui::view::View;
use crate::tui::views::details::{Details, LiveState};

impl App {
    /// Searches for the models of a changed query. While it is typed, the best match leads; else the
    /// selected model stays, if it still matches.
    pub(super) fn search(&mut self) {
        self.ask_list(match (self.session.query.editing, self.focus) {
            (true, _) => Reselect::First,
            // In the tree, a filter scopes the family of the model, which stays.
            (false, Pane::Tree) => Reselect::Current,
            (false, _) => Reselect::Selected,
        });
    }

    /// Asks for the list of the query. A text that is no query changes nothing: the list of the
    /// last valid one stays.
    pub(super) fn ask_list(&mut self, reselect: Reselect) {
        self.reselect = reselect;
        let compares = self.session.compares();
        let query = &mut self.session.query;
        // Before the first list, the last valid query is the empty one.
        if query.read(compares) || self.session.hits.is_none() {
            let topic = Topic::Search(query.parsed.query.clone(), query.order());
            self.received = None;
            self.ask(topic);
        }
    }

    /// Takes a list. Other views go by its first part that holds the whole set.
    pub(super) fn listed(&mut self, hits: Hits) {
        // The model to select may not be on the first page.
        let waits = self.received.is_none() && self.reselect != Reselect::First;
        if waits && hits.completeness < Completeness::Complete {
            return;
        }
        let before = self.list.selected(&self.session);
        let received = self.received.replace(hits.completeness);
        let has_set = |completeness| completeness > Completeness::FirstPage;
        let is_new_set = has_set(hits.completeness) && !received.is_some_and(has_set);
        if is_new_set {
            let filtered = !self.session.query.parsed.query.is_empty();
            self.session.matching = filtered.then(|| hits.set.clone());
            self.session.passing.clone_from(&hits.passing);
        }
        let query = &self.session.query.parsed.query;
        let is_empty = hits.completeness == Completeness::Complete && hits.exact() == 0;
        let relaxed = Some(query.clone()).filter(|query| is_empty && !query.filters.is_empty());
        self.session.relaxed.clear();
        self.session.hits = Some(hits);
        if is_new_set {
            self.matching_changed();
        }
        self.ask_all(relaxed.map(Topic::Relaxed).into_iter().collect());
        let reselect = std::mem::take(&mut self.reselect);
        let model = match reselect {
            Reselect::Selected => before,
            Reselect::First => None,
            Reselect::Current => self.session.current_model(),
        };
        self.list.keep(model, &self.session);
        let selected = self.list.selected(&self.session);
        let moved = selected != before && reselect != Reselect::Current;
        if moved || self.session.current.is_none() {
            self.follow_list();
        }
        self.place_session();
    }

    /// Brings the other views up to date with the models that match the query.
    fn matching_changed(&mut self) {
        self.tree.counts.clear();
        self.tree.seek(None);
        let topics = self.chart.topics(&self.session);
        self.ask_all(topics);
        self.ask_overlay();
        let mut ancestors = self.tree.topics(&self.session);
        match ancestors.pop() {
            Some(topic) => self.ask(topic),
            None => self.unfold_tree(),
        }
    }

    /// Asks what the overlay on top needs.
    pub(super) fn ask_overlay(&mut self) {
        let topics = self.overlay().map(|view| view.topics(&self.session));
        self.ask_all(topics.unwrap_or_default());
    }

    /// Shows all rows of the tree; a pending answer would fold it again.
    fn unfold_tree(&mut self) {
        self.pending[Lane::Ancestors as usize] = None;
        self.fold_tree(None);
    }

    /// Shows only these models in the tree, or all.
    pub(super) fn fold_tree(&mut self, models: Option<Arc<ModelSet>>) {
        let models = models.filter(|_| self.tree.folds);
        if let Some(hub) = &self.session.hub {
            self.tree.fold(hub, models);
        }
    }

    /// Makes what is selected in a pane the current node.
    pub(super) fn follow(&mut self, pane: Pane) {
        match pane {
            Pane::Models => self.follow_list(),
            Pane::Tree => {
                let node = self.tree.node();
                if let Some(node) = node.filter(|node| Some(*node) != self.session.current) {
                    self.show(node);
                }
            }
            Pane::Histogram | Pane::Details => {}
        }
    }

    pub(super) fn follow_list(&mut self) {
        match self.list.selected(&self.session).map(Node::from) {
            Some(node) => {
                let drawn = self.tree.outline.as_ref().and_then(LineageTree::focus);
                if drawn != Some(node) && !self.tree.shows_families() {
                    self.draw_tree_around(node);
                }
                if Some(node) != self.session.current {
                    self.show(node);
                }
            }
            None => {
                if !self.tree.shows_families() {
                    self.tree.clear();
                }
                self.session.current = None;
                self.details = Details::default();
            }
        }
    }

    /// Makes a node the current one, with its tree, and selects it in the list.
    pub(super) fn open(&mut self, node: Node) {
        self.draw_tree_around(node);
        self.select(node);
    }

    /// Makes a node the current one, and selects it in the list.
    pub(super) fn select(&mut self, node: Node) {
        self.show(node);
        if let Some(model) = self.session.current_model() {
            self.list.select(model, &self.session);
        }
    }

    /// Makes a node the current one, and asks for its details.
    pub(super) fn show(&mut self, node: Node) {
        if self.session.current != Some(node) {
            self.session.current = Some(node);
            self.details = Details::default();
        }
        let topics = self.details.topics(&self.session);
        self.ask_all(topics);
        let rank = self.chart.rank_topic(&self.session);
        self.ask_all(rank.into_iter().collect());
    }

    /// Asks the Hub for the current node as it is now, and shows the details.
    pub(super) fn ask_live(&mut self) {
        let Some(node) = self.session.current else {
            self.status = Some("No model is selected".to_owned());
            return;
        };
        if self.layout().inside(Pane::Details).is_empty() {
            self.go_to(Pane::Details);
        }
        self.details.live = LiveState::Asked;
        self.ask(Topic::Live(node));
    }

    pub(super) fn draw_tree_around(&mut self, node: Node) {
        if let Some(hub) = self.session.hub_at(Stage::Lineage) {
            self.tree.show(hub, node);
        }
    }
}
