//! Another hub in the place of the one that is shown, since its file has changed: the query, what is
//! selected, marked and open stay, by the models' ids.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Anew, App, Effect, Lane};
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::panes::details::Details;

/// What came of looking for a newer hub: nothing where it is the same, or why there is none.
pub type Newer = Result<Option<Box<Hub>>, String>;

impl App {
    pub(super) fn reload(&mut self) {
        let whole = self.hub.clone().filter(|hub| hub.stage == Stage::Complete);
        let is_busy = self.reloading || self.is_comparing();
        let Some(hub) = whole.filter(|_| !is_busy) else {
            self.message = Some("it is being read already".to_owned());
            return;
        };
        self.reloading = true;
        self.message = Some("looking whether the file has changed…".to_owned());
        self.effects.push(Effect::Reload(hub));
    }

    pub(super) fn reloaded(&mut self, newer: Newer) {
        self.reloading = false;
        self.message = Some(match newer {
            Err(reason) => format!("not read again: {reason}"),
            Ok(None) => "the file has not changed".to_owned(),
            Ok(Some(hub)) => {
                let models = format::count(hub.models.len());
                self.move_to(*hub);
                format!("read again: {models} models")
            }
        });
    }

    /// Shows this hub from now on. Answers about the one before are not waited for any more.
    fn move_to(&mut self, hub: Hub) {
        let Some(old) = self.hub.take() else { return };
        let hub = Arc::new(hub);
        let nodes = new_numbers(&old, &hub, self.nodes());
        let moved = |node: Node| nodes.get(&node).copied();
        let marks = self.marks.iter();
        let moved_model = |model: ModelId| hub.graph.model(moved(model.into())?);
        self.marks = marks.filter_map(|mark| moved_model(*mark)).collect();
        self.list.renumber(moved_model);
        self.history.renumber(moved);
        self.tree.renumber(&hub, moved);
        let current = self.details.node.and_then(moved);
        self.details = Details::default();
        self.chart.rank = None;
        self.overlay = None;
        self.waiting = [None; Lane::ALL.len()];
        self.title = hub.source.title();
        self.hub = Some(hub);
        self.anew = Anew::No;
        if let Some(node) = current {
            self.look_up(node);
        }
        self.ask_list();
    }

    /// Every node that is remembered in some place.
    fn nodes(&self) -> HashSet<Node> {
        let marks = self.marks.iter().map(|mark| Node::from(*mark));
        let rows = self.tree.outline.iter().flat_map(|tree| tree.rows());
        let drawn = rows.map(|row| row.node);
        let places = self.history.nodes();
        let listed = self.list.selected().map(Node::from);
        marks
            .chain(listed)
            .chain(drawn)
            .chain(places)
            .chain(self.details.node)
            .collect()
    }
}

/// The nodes of these names in another hub.
fn new_numbers(old: &Hub, new: &Hub, nodes: HashSet<Node>) -> HashMap<Node, Node> {
    let names: Vec<&str> = nodes.iter().map(|node| old.name(*node)).collect();
    let found = new.find_all(&names);
    let pairs = nodes.iter().zip(found);
    pairs.filter_map(|(old, new)| Some((*old, new?))).collect()
}
