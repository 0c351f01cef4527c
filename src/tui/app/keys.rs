//! Keys: the contexts they are looked up in, and the lines they are typed into.

use crossterm::event::KeyEvent;
use tui_input::{Input, InputRequest};

use super::App;
use crate::engine::table::clean::clean;
use crate::tui::dialog::Dialog;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Pane;
use crate::tui::view::Request;
use crate::tui::views::prompt::Purpose;
use crate::tui::widgets::Cursor;

/// The maximum number of characters of a paste; ids are much shorter.
const PASTED: usize = 500;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) {
        self.status = None;
        if self.dialog.is_some() {
            self.key_in_dialog(key);
        } else if self.is_typing() {
            self.key_in_query(key);
        } else if self.key_of_count(key) {
            self.replaced = None;
        } else if let Some(action) = self.action(key) {
            if action.filter_key().is_none() {
                self.replaced = None;
            }
            self.run(action);
        }
    }

    /// Returns the action of a key in the view on top. Over an overlay, the keys of the panes that do not
    /// move among them work, too.
    pub(super) fn action(&self, key: KeyEvent) -> Option<Action> {
        let own = self.session.keymap.action(key, &self.contexts());
        let of_panes = || self.session.keymap.action(key, &[KeyContext::PANES]);
        own.or_else(|| of_panes().filter(|action| action.works_over_views()))
    }

    /// Returns the contexts in which keys are looked up, the most particular first; those of the
    /// dialog and the query line come after what is typed.
    pub fn contexts(&self) -> Vec<KeyContext> {
        if let Some(dialog) = &self.dialog {
            return vec![dialog.context(), KeyContext::MOVES, KeyContext::PROGRAM];
        }
        if self.is_typing() {
            let mut contexts = vec![KeyContext::QUERY, KeyContext::MOVES, KeyContext::PROGRAM];
            if self.can_complete(Action::Complete) {
                contexts.insert(0, KeyContext::COMPLETION);
            }
            return contexts;
        }
        if let Some(view) = self.overlay() {
            return vec![view.context(), KeyContext::MOVES, KeyContext::PROGRAM];
        }
        let pane = self.pane(self.focus).context();
        let mut contexts = vec![
            pane,
            KeyContext::PANES,
            KeyContext::MOVES,
            KeyContext::PROGRAM,
        ];
        if self.picking && self.focus == Pane::Models {
            contexts.insert(0, KeyContext::PICKING);
        }
        contexts
    }

    /// Returns true while keys are typed into the query line.
    fn is_typing(&self) -> bool {
        self.session.query.editing && self.focus == Pane::Models && self.overlays.is_empty()
    }

    fn key_in_query(&mut self, key: KeyEvent) {
        let keymap = &self.session.keymap;
        let completes = keymap.action(key, &[KeyContext::COMPLETION]);
        let own = keymap.action(key, &[KeyContext::QUERY]);
        let edit = keymap.edit(key).filter(|_| own.is_none());
        if let Some(action) = completes.filter(|action| self.can_complete(*action)) {
            return self.run_completion(action);
        }
        let joins = matches!(edit, Some(InputRequest::InsertChar(',' | '|')));
        if std::mem::take(&mut self.session.query.completed) && joins {
            // A further value goes right behind the one that was completed.
            self.session
                .query
                .input
                .handle(InputRequest::DeletePrevChar);
        }
        if let Some(edit) = edit {
            let change = self.session.query.input.handle(edit);
            if change.is_some_and(|change| change.value) {
                self.session.typed.edited();
            }
            // A move of the cursor, too, may leave a word or come to one.
            self.suggest();
            self.search();
            return;
        }
        match own.or_else(|| self.session.keymap.action(key, &self.contexts())) {
            Some(Action::Accept) => self.leave_line(),
            Some(Action::OlderQuery) => self.recall(true),
            Some(Action::NewerQuery) => self.recall(false),
            Some(action) => {
                if !matches!(action, Action::Down | Action::Up) {
                    self.end_completion();
                }
                self.run(action);
            }
            None => {}
        }
    }

    fn key_in_dialog(&mut self, key: KeyEvent) {
        let Some(dialog) = &mut self.dialog else {
            return;
        };
        let context = dialog.context();
        let own = self.session.keymap.action(key, &[context]);
        if let Some(edit) = self.session.keymap.edit(key).filter(|_| own.is_none()) {
            dialog.input().handle(edit);
            if let Dialog::Menu(menu) = dialog {
                menu.cursor = Cursor::default();
            }
            return;
        }
        match own.or_else(|| {
            self.session
                .keymap
                .action(key, &[KeyContext::MOVES, KeyContext::PROGRAM])
        }) {
            Some(Action::Close) => self.dialog = None,
            Some(Action::Accept) => self.accept_dialog(),
            Some(Action::Toggle) => self.toggle_selected(),
            Some(Action::Remove) => self.remove_selected(),
            Some(Action::MoveUp) => self.move_column(true),
            Some(Action::MoveDown) => self.move_column(false),
            Some(action) if self.run_in_program(action) => {}
            Some(action) => {
                if let Some(Dialog::Menu(menu)) = &mut self.dialog {
                    menu.act(action, self.screen);
                }
            }
            None => {}
        }
    }

    pub(super) fn accept_dialog(&mut self) {
        match self.dialog.take() {
            // What is ticked is set already.
            Some(Dialog::Menu(menu)) if menu.is_ticked => {}
            Some(Dialog::Menu(menu)) => {
                let request = menu.selected().and_then(|item| item.request.clone());
                self.perform_all(request);
            }
            Some(Dialog::Prompt(prompt)) => {
                let name = prompt.input.value().trim().to_owned();
                match prompt.purpose {
                    _ if name.is_empty() => self.dialog = Some(Dialog::Prompt(prompt)),
                    Purpose::Query(query) => self.save_query(name, query),
                    Purpose::Find => {
                        self.tree.seek(Some(&name));
                        self.run(Action::NextMatch);
                    }
                    Purpose::Export(export) => self.export_to(export, &name),
                }
            }
            None => {}
        }
    }

    /// Toggles the selected line of a menu, which stays open.
    fn toggle_selected(&mut self) {
        let request = self
            .menu()
            .and_then(|menu| menu.selected()?.request.clone());
        match request {
            Some(Request::ToggleValue(key, value)) => {
                self.toggle_value(key, &value);
                self.ask_values(key);
                if let Some(Dialog::Menu(menu)) = &mut self.dialog {
                    menu.is_ticked = true;
                }
            }
            Some(Request::SortBy(field)) => self.sort_further(field),
            Some(Request::ToggleColumn(field)) => self.toggle_column(field),
            _ => {}
        }
    }

    /// Removes the selected saved query.
    fn remove_selected(&mut self) {
        let Some(Dialog::Menu(menu)) = &mut self.dialog else {
            return;
        };
        let request = menu.selected().and_then(|item| item.request.clone());
        if let Some(Request::Recall(saved)) = request {
            menu.remove_selected();
            if menu.items.is_empty() {
                self.dialog = None;
            }
            self.perform(Request::Forget(saved.name));
        }
    }

    /// Inserts pasted text into the line that is typed into, or makes it the query.
    pub(super) fn paste(&mut self, text: &str) {
        let text = text.trim().replace(['\n', '\r', '\t'], " ");
        let text: String = clean(&text).chars().take(PASTED).collect();
        if let Some(dialog) = &mut self.dialog {
            return insert(dialog.input(), &text);
        }
        if !self.overlays.is_empty() {
            return;
        }
        if !self.session.query.editing {
            self.run(Action::Query);
            self.session.query.input.reset();
        }
        insert(&mut self.session.query.input, &text);
        self.session.typed.edited();
        self.suggest();
        self.search();
    }
}

fn insert(input: &mut Input, text: &str) {
    for character in text.chars() {
        input.handle(InputRequest::InsertChar(character));
    }
}
