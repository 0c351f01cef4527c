//! Queries from before: older ones recalled in the query line, saved ones by name, and the history
//! of places.

use super::{App, Effect, Reselect};
use crate::engine::table::clean::clean;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::tui::dialog::Dialog;
use crate::tui::history::HistoryEntry;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Pane;
use crate::tui::queries::{QueryChange, QueryHistory, SavedQuery};
use crate::tui::view::Request;
use crate::tui::views::menu::{Item, Menu};
use crate::tui::views::prompt::{Prompt, Purpose};

impl App {
    /// Sets the queries that were typed and saved in earlier runs.
    pub fn restore(&mut self, typed: impl IntoIterator<Item = String>, saved: Vec<SavedQuery>) {
        self.session.typed = QueryHistory::of(typed);
        self.session.saved = saved;
    }

    /// Recalls an older query or a newer one; after the newest, leaves the query line.
    pub(super) fn recall(&mut self, older: bool) {
        let session = &mut self.session;
        let recalled = match older {
            true => session.typed.older(session.query.input.value()),
            false => session.typed.newer(),
        };
        match recalled.map(str::to_owned) {
            Some(query) => {
                session.query.set(query);
                self.search();
            }
            None if !older => self.leave_line(),
            None => {}
        }
    }

    /// Ends typing in the query line, and remembers what was typed.
    pub(super) fn leave_line(&mut self) {
        if !std::mem::take(&mut self.session.query.editing) {
            return;
        }
        self.end_completion();
        self.remember();
        let query = self.session.query.text().to_owned();
        if !query.is_empty() {
            self.session.typed.push(query.clone());
            self.effects.push(Effect::Keep(QueryChange::Entered(query)));
        }
    }

    /// Asks for a name to save the query under.
    pub(super) fn ask_name(&mut self) {
        let query = self.session.query.with_order();
        if query.is_empty() {
            let key = self.session.key(KeyContext::PANES, Action::Query);
            self.status = Some(format!("No query to save; {key} types one"));
            return;
        }
        let purpose = Purpose::Query(query.clone());
        let prompt = Prompt::new("Save the query as", query, purpose);
        self.dialog = Some(Dialog::Prompt(prompt));
    }

    pub(super) fn save_query(&mut self, name: String, query: String) {
        let saved = SavedQuery { name, query };
        self.session.saved.retain(|other| other.name != saved.name);
        self.session.saved.push(saved.clone());
        let key = self.session.key(KeyContext::PANES, Action::SavedQueries);
        self.status = Some(format!(
            "Saved as {}; {key} lists saved queries",
            saved.name
        ));
        self.effects.push(Effect::Keep(QueryChange::Saved(saved)));
    }

    /// Opens the menu of saved queries.
    pub(super) fn list_saved(&mut self) {
        if self.session.saved.is_empty() {
            let key = self.session.key(KeyContext::PANES, Action::SaveQuery);
            self.status = Some(format!("No saved queries; {key} saves the query"));
            return;
        }
        let item = |saved: &SavedQuery| {
            Item::new(&saved.name, &saved.query, Request::Recall(saved.clone()))
        };
        let items = self.session.saved.iter().map(item).collect();
        self.open_menu(Menu::saved(items));
    }

    /// Makes a saved query the query.
    pub(super) fn recall_saved(&mut self, saved: &SavedQuery) {
        self.remember();
        self.session.query.default_order = Order::default();
        self.session.query.set(clean(&saved.query));
        self.go_to(Pane::Models);
        self.search();
    }

    /// Returns what is looked at, to come back to.
    fn place(&self) -> Option<HistoryEntry> {
        let session = &self.session;
        session.current.map(|node| HistoryEntry {
            query: session.query.input.value().to_owned(),
            node,
            marks: session.marks.clone(),
            open: self.tree.open_rows(),
        })
    }

    /// Adds the present place to the history.
    pub(super) fn remember(&mut self) {
        if let Some(place) = self.place() {
            self.session.history.push(place);
        }
    }

    /// Undoes the last change of the place, or does it again.
    pub(super) fn travel(&mut self, forward: bool) {
        let here = self.place();
        let Some(place) = self.session.history.travel(here, forward) else {
            let what = if forward { "redo" } else { "undo" };
            self.status = Some(format!("Nothing to {what}"));
            return;
        };
        self.session.marks = place.marks;
        if place.query != self.session.query.input.value() {
            self.session.query.set(place.query);
            self.ask_list(Reselect::Current);
        }
        match (self.session.hub_at(Stage::Lineage), &place.open) {
            (Some(hub), Some(rows)) => self.tree.reopen(hub, rows, place.node),
            _ => self.draw_tree_around(place.node),
        }
        self.select(place.node);
    }
}
