//! The columns of the files over the panes.

use crossterm::event::KeyEvent;

use super::App;
use super::over::{Over, is_everywhere};
use crate::engine::parquet::schema::Schema;
use crate::tui::action::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::panes::schema::Columns;
use crate::tui::question::Topic;

impl App {
    pub(super) fn show_schema(&mut self) {
        self.lay_over(Over::Schema(Columns::default()));
        self.ask(Topic::Schema);
    }

    pub(super) fn take_schema(&mut self, schema: Result<Schema, String>, is_whole: bool) {
        if let Some(Over::Schema(columns)) = &mut self.overlay {
            columns.schema = Some(schema);
            columns.is_whole = is_whole;
        }
    }

    pub(super) fn key_in_schema(&mut self, key: KeyEvent) {
        let area = self.layout().body(self.screen);
        let Some(Over::Schema(columns)) = &mut self.overlay else {
            return;
        };
        match action::of_key(key, Pane::Models) {
            Some(Action::Back | Action::Schema) => self.lift(),
            Some(action) if is_everywhere(action) => self.act(action),
            Some(action) => columns.act(action, area),
            None => {}
        }
    }
}
