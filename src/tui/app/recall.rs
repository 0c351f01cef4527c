//! Calling queries from before: older ones in the query line, saved ones by their names. Where they
//! are kept is `state.rs`'s business, which hears of changes through [`Effect::Keep`].

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::InputRequest;

use super::over::Over;
use super::{App, Effect};
use crate::engine::table::clean::clean;
use crate::engine::table::order::Order;
use crate::tui::action::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::panes::overlay::{Choice, Item, Overlay};
use crate::tui::panes::prompt::Prompt;
use crate::tui::queries::{QueryChange, QueryHistory, SavedQuery};

impl App {
    /// Takes in what is known from the times before.
    pub fn recall(&mut self, typed: impl IntoIterator<Item = String>, named: Vec<SavedQuery>) {
        self.typed = QueryHistory::of(typed);
        self.named = named;
    }

    /// The arrows in the query line, which call older and newer queries; whether it was one.
    pub(super) fn key_of_recall(&mut self, key: KeyEvent) -> bool {
        if !key.modifiers.is_empty() {
            return false;
        }
        let line = self.list.input.value();
        let called = match key.code {
            KeyCode::Up => self.typed.older(line),
            KeyCode::Down => self.typed.newer(),
            _ => return false,
        };
        match called.map(str::to_owned) {
            Some(query) => {
                self.list.input = query.into();
                self.ask_list_anew();
            }
            None if key.code == KeyCode::Down => self.leave_line(),
            None => {}
        }
        true
    }

    /// Ends typing in the query line, and remembers what was typed.
    pub(super) fn leave_line(&mut self) {
        if !std::mem::take(&mut self.list.editing) {
            return;
        }
        self.remember();
        let query = self.list.input.value().trim().to_owned();
        if !query.is_empty() {
            self.typed.push(query.clone());
            self.effects.push(Effect::Keep(QueryChange::Entered(query)));
        }
    }

    /// The query as it can be called again: its text and, if it is not the usual one, its order.
    fn query_with_order(&self) -> String {
        let text = self.list.input.value().trim().to_owned();
        let told = self.list.parsed.query.sort.is_some() || self.list.order == Order::default();
        let order = (!told).then(|| format!("sort:{}", self.list.order));
        let parts = Some(text).filter(|text| !text.is_empty());
        parts.into_iter().chain(order).collect::<Vec<_>>().join(" ")
    }

    /// Asks for a name to save the query under.
    pub(super) fn ask_name(&mut self) {
        let query = self.query_with_order();
        if query.is_empty() {
            self.message = Some("there is no query to save; `/` types one".to_owned());
            return;
        }
        self.overlay = Some(Over::Prompt(Prompt::new("Save the query as", query)));
    }

    pub(super) fn key_in_prompt(&mut self, key: KeyEvent) {
        let Some(Over::Prompt(prompt)) = &mut self.overlay else {
            return;
        };
        if let Some(request) = App::request(key) {
            prompt.input.handle(request);
            return;
        }
        match action::of_key(key, Pane::Models) {
            Some(Action::Back) => self.overlay = None,
            Some(Action::Open) => {
                let name = prompt.input.value().trim().to_owned();
                let query = prompt.about.clone();
                if !name.is_empty() {
                    self.overlay = None;
                    self.save(SavedQuery { name, query });
                }
            }
            Some(action) if super::over::is_everywhere(action) => self.act(action),
            _ => {}
        }
    }

    fn save(&mut self, named: SavedQuery) {
        self.named.retain(|other| other.name != named.name);
        self.named.push(named.clone());
        self.message = Some(format!("saved as {}; `'` lists what is saved", named.name));
        self.effects.push(Effect::Keep(QueryChange::Saved(named)));
    }

    /// Lists the queries that have names.
    pub(super) fn list_named(&mut self) {
        if self.named.is_empty() {
            self.message = Some("no query is saved; `w` saves the present one".to_owned());
            return;
        }
        let item = |named: &SavedQuery| Item {
            name: named.name.clone(),
            about: named.query.clone(),
            keys: String::new(),
            choice: Choice::Recall(named.clone()),
        };
        let menu = Overlay::new("Saved queries", self.named.iter().map(item).collect());
        self.overlay = Some(menu.into());
    }

    /// Removes the selected saved query if the key means that; whether it did.
    pub(super) fn key_of_removal(&mut self, key: KeyEvent) -> bool {
        let cut = key.code == KeyCode::Char('x') && key.modifiers == KeyModifiers::CONTROL;
        let chosen = self.menu().and_then(Overlay::chosen);
        let Some(Choice::Recall(named)) = chosen.filter(|_| cut || key.code == KeyCode::Delete)
        else {
            return false;
        };
        self.named.retain(|other| other.name != named.name);
        if let Some(Over::Menu(menu)) = &mut self.overlay {
            let removed = Choice::Recall(named.clone());
            menu.items.retain(|item| item.choice != removed);
            if menu.items.is_empty() {
                self.overlay = None;
            }
        }
        self.message = Some(format!("removed {}", named.name));
        self.effects
            .push(Effect::Keep(QueryChange::Removed(named.name)));
        true
    }

    /// Makes a saved query the present one.
    pub(super) fn recall_named(&mut self, named: &SavedQuery) {
        self.remember();
        self.list.order = Order::default();
        self.list.input = clean(&named.query).into_owned().into();
        self.go_to(Pane::Models);
        self.ask_list_anew();
    }

    /// Puts what was pasted into a text line at its cursor.
    pub(super) fn insert(input: &mut tui_input::Input, text: &str) {
        for letter in text.chars() {
            input.handle(InputRequest::InsertChar(letter));
        }
    }
}
