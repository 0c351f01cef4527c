//! The plot of two fields over the panes: opened with a key, kept up with the query, left with
//! another key or by filtering.

use crossterm::event::KeyEvent;

use super::App;
use super::over::{Over, is_everywhere};
use crate::engine::stats::density::Density;
use crate::tui::action::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::panes::density::{FIELDS, Plot};
use crate::tui::question::Topic;

impl App {
    pub(super) fn show_density(&mut self) {
        self.lay_over(Over::Density(Plot::default()));
        self.ask_density();
    }

    /// Asks for the counts of what the query now asks for, if they are looked at.
    pub(super) fn ask_density(&mut self) {
        let is_known = self.hub.as_ref().is_some_and(|h| h.stage >= Plot::STAGE);
        if is_known && matches!(self.overlay, Some(Over::Density(_))) {
            self.ask(Topic::Density {
                fields: FIELDS,
                within: self.tree.matching.clone(),
            });
        }
    }

    pub(super) fn take_density(&mut self, grid: Density) {
        let own = self.hub.as_ref().zip(self.current_model());
        let own = own.and_then(|(hub, model)| {
            let [across, up] = FIELDS.map(|field| hub.models.number(field, model));
            Some([across?, up?])
        });
        if let Some(Over::Density(plot)) = &mut self.overlay {
            plot.take(grid, own);
        }
    }

    pub(super) fn key_in_density(&mut self, key: KeyEvent) {
        let area = self.layout().body(self.screen);
        let Some(Over::Density(plot)) = &mut self.overlay else {
            return;
        };
        // The tree's keys, for those move in both directions.
        match action::of_key(key, Pane::Tree) {
            Some(Action::Back | Action::Density) => self.lift(),
            Some(Action::Open) => {
                if let Some(tests) = plot.tests(area) {
                    self.lift();
                    self.filter_by_all(&tests);
                }
            }
            Some(action) if is_everywhere(action) => self.act(action),
            Some(action) => plot.act(action, area),
            None => {}
        }
    }
}
