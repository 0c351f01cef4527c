//! What lies over the panes, and its keys: one thing at a time, which takes all keys until it is
//! closed.

use crossterm::event::KeyEvent;

use super::App;
use crate::tui::action::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::panes::Look;
use crate::tui::panes::compare::Compare;
use crate::tui::panes::density::Plot;
use crate::tui::panes::overlay::Overlay;
use crate::tui::panes::prompt::Prompt;
use crate::tui::panes::schema::Columns;
use crate::tui::panes::statistics::Statistics;
use crate::tui::panes::way::Way;

/// Something over the panes.
pub enum Over {
    /// A list to choose from.
    Menu(Overlay),
    /// Models side by side.
    Compare(Compare),
    /// The way from one model to another.
    Way(Way),
    /// The tables of the report.
    Statistics(Statistics),
    /// Two fields against each other.
    Density(Plot),
    /// The columns of the files.
    Schema(Columns),
    /// A line to type something into.
    Prompt(Prompt),
}

impl From<Overlay> for Over {
    fn from(menu: Overlay) -> Over {
        Over::Menu(menu)
    }
}

impl App {
    /// The list over the panes, if it is one that lies there.
    pub fn menu(&self) -> Option<&Overlay> {
        match &self.overlay {
            Some(Over::Menu(menu)) => Some(menu),
            _ => None,
        }
    }

    pub(super) fn key_in_overlay(&mut self, key: KeyEvent) {
        match &self.overlay {
            Some(Over::Menu(_)) => self.key_in_menu(key),
            Some(Over::Compare(_)) => self.key_in_compare(key),
            Some(Over::Way(_)) => self.key_in_way(key),
            Some(Over::Statistics(_)) => self.key_in_statistics(key),
            Some(Over::Density(_)) => self.key_in_density(key),
            Some(Over::Schema(_)) => self.key_in_schema(key),
            Some(Over::Prompt(_)) => self.key_in_prompt(key),
            None => {}
        }
    }

    /// Lays something over the panes; if the statistics lie there, they come back afterwards.
    pub(super) fn lay_over(&mut self, over: Over) {
        self.leave_line();
        if let Some(Over::Statistics(statistics)) = self.overlay.take() {
            self.beneath = Some(statistics);
        }
        self.overlay = Some(over);
    }

    /// Takes it away again.
    pub(super) fn lift(&mut self) {
        self.overlay = self.beneath.take().map(Over::Statistics);
        self.ask_statistics();
    }

    fn key_in_menu(&mut self, key: KeyEvent) {
        if self.key_of_removal(key) {
            return;
        }
        let Some(Over::Menu(menu)) = &mut self.overlay else {
            return;
        };
        if let Some(request) = App::request(key) {
            menu.filter.handle(request);
            menu.cursor = Default::default();
            return;
        }
        let height = menu.height(self.screen);
        let len = menu.found().len();
        match action::of_key(key, Pane::Models) {
            Some(Action::Back) => self.overlay = None,
            Some(Action::NextPane) => self.toggle_and_stay(),
            Some(Action::Open) => {
                let chosen = menu.chosen();
                self.overlay = None;
                if let Some(choice) = chosen {
                    self.choose(choice);
                }
            }
            Some(action) if is_everywhere(action) => self.act(action),
            Some(action) => {
                menu.cursor.go(action, len, height);
            }
            None => {}
        }
    }

    fn key_in_compare(&mut self, key: KeyEvent) {
        let area = self.layout().body(self.screen);
        let (Some(Over::Compare(compare)), Some(hub)) = (&mut self.overlay, &self.hub) else {
            return;
        };
        // The tree's keys, for those move in both directions.
        match action::of_key(key, Pane::Tree) {
            Some(Action::Back | Action::Compare) => self.overlay = None,
            Some(action) if is_everywhere(action) || action == Action::Copy => self.act(action),
            Some(action) => {
                let look = Look {
                    hub,
                    theme: &self.theme,
                    focused: true,
                };
                compare.act(look, action, area);
            }
            None => {}
        }
    }

    fn key_in_way(&mut self, key: KeyEvent) {
        let area = self.layout().body(self.screen);
        let Some(Over::Way(way)) = &mut self.overlay else {
            return;
        };
        match action::of_key(key, Pane::Tree) {
            Some(Action::Back | Action::Way) => self.overlay = None,
            Some(Action::Open) => {
                let node = way.selected();
                self.overlay = None;
                self.remember();
                self.open(node);
                self.remember();
            }
            Some(action) if is_everywhere(action) => self.act(action),
            Some(action) => way.act(action, area),
            None => {}
        }
    }

    /// Lays the marked models side by side, or the marked one and the current one.
    pub(super) fn compare(&mut self) {
        let mut models: Vec<_> = self.marks.iter().copied().collect();
        if models.len() < 2 {
            models.extend(self.current_model().filter(|m| !self.marks.contains(m)));
        }
        if models.len() < 2 {
            self.message = Some("mark models with Space, then compare them".to_owned());
            return;
        }
        self.overlay = Some(Over::Compare(Compare::new(models)));
    }
}

/// What nothing over the panes keeps back.
pub(super) fn is_everywhere(action: Action) -> bool {
    matches!(
        action,
        Action::Quit | Action::Interrupt | Action::Suspend | Action::Redraw
    )
}
