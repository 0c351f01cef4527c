//! The statistics over the panes: opened with a key, kept up with the query, left with another.

use crossterm::event::KeyEvent;

use super::App;
use super::over::{Over, is_everywhere};
use crate::engine::table::stage::Stage;
use crate::present::format::count;
use crate::present::report::Section;
use crate::tui::action::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::panes::statistics::Statistics;
use crate::tui::question::Topic;

impl App {
    pub(super) fn show_statistics(&mut self) {
        self.leave_line();
        self.overlay = Some(Over::Statistics(Statistics::default()));
        self.ask_statistics();
    }

    /// Asks for the tables of what the query now asks for, if they are looked at. Before all is
    /// loaded they would tell little, and some of it wrong.
    pub(super) fn ask_statistics(&mut self) {
        let is_loaded = self
            .hub
            .as_ref()
            .is_some_and(|hub| hub.stage == Stage::Complete);
        if let Some(Over::Statistics(statistics)) = self.overlay.as_ref().filter(|_| is_loaded) {
            self.ask(Topic::Statistics {
                within: self.tree.matching.clone(),
                whole: statistics.whole().map(str::to_owned),
            });
        }
    }

    pub(super) fn take_statistics(&mut self, whole: Option<&str>, sections: Vec<Section>) {
        if let Some(Over::Statistics(statistics)) = &mut self.overlay {
            statistics.take(whole, sections);
        }
    }

    pub(super) fn key_in_statistics(&mut self, key: KeyEvent) {
        let area = self.layout().body(self.screen);
        let Some(Over::Statistics(statistics)) = &mut self.overlay else {
            return;
        };
        match action::of_key(key, Pane::Models) {
            Some(Action::Zoom) => self.turn_whole(),
            Some(Action::Back) if statistics.whole().is_some() => self.turn_whole(),
            Some(Action::Back | Action::Statistics) => self.overlay = None,
            Some(action @ (Action::Sort | Action::Reverse)) => {
                self.message = statistics.sort(action == Action::Reverse, area);
            }
            Some(Action::Open) => match statistics.test(area).map(str::to_owned) {
                Some(test) => self.filter_by(&test),
                None => self.message = Some("no query asks for this line".to_owned()),
            },
            Some(Action::Command) => self.show_command_of_statistics(),
            Some(action @ (Action::Density | Action::Schema)) => self.act(action),
            Some(action) if is_everywhere(action) => self.act(action),
            Some(action) => statistics.act(action, area),
            None => {}
        }
    }

    /// Shows the selected table with all its words, or all tables again.
    fn turn_whole(&mut self) {
        let area = self.layout().body(self.screen);
        if let Some(Over::Statistics(statistics)) = &mut self.overlay {
            match statistics.turn_whole(area) {
                true => self.ask_statistics(),
                false => self.message = Some("this table is whole".to_owned()),
            }
        }
    }

    /// What the statistics are about, in words.
    pub fn asked(&self) -> String {
        match self.list.input.value().trim() {
            "" => "all models".to_owned(),
            query => {
                let found = self.list.hits.as_ref().map(|hits| count(hits.exact()));
                let found = found.unwrap_or_else(|| "…".to_owned());
                format!("{found} models that match `{query}`")
            }
        }
    }
}
