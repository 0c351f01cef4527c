//! The focus, and the room of the panes.

use super::{App, Effect};
use crate::tui::keymap::Action;
use crate::tui::layout::Pane;

/// The columns and rows by which a key moves a border: at least this many, and 2% of the screen.
const STEP: (u16, u16) = (4, 2);

impl App {
    /// Goes to a pane, and shows it if it was hidden.
    pub(super) fn go_to(&mut self, pane: Pane) {
        self.leave_line();
        self.hidden[pane as usize] = false;
        self.focus = pane;
        self.follow(pane);
        if pane != Pane::Models {
            self.companion = pane;
        }
    }

    /// Goes to the next pane that is not hidden, or to the one before.
    pub(super) fn go_on(&mut self, forward: bool) {
        let step = if forward { 1 } else { Pane::ALL.len() - 1 };
        let mut panes = (1..=Pane::ALL.len()).map(|steps| self.focus.step(steps * step));
        let next = panes.find(|pane| !self.hidden[*pane as usize]);
        self.go_to(next.unwrap_or(self.focus));
    }

    /// Moves a border of the focused pane.
    pub(super) fn move_border(&mut self, action: Action) {
        let upright = matches!(action, Action::BorderLeft | Action::BorderRight);
        let layout = self.layout();
        let Some((border, x, y)) = layout.border_of(self.focus, upright) else {
            self.status = Some("No border is there".to_owned());
            return;
        };
        let across = STEP.0.max(self.screen.width / 50);
        let down = STEP.1.max(self.screen.height / 50);
        let (x, y) = match action {
            Action::BorderLeft => (x.saturating_sub(across), y),
            Action::BorderRight => (x.saturating_add(across), y),
            Action::BorderUp => (x, y.saturating_sub(down)),
            _ => (x, y.saturating_add(down)),
        };
        let settings = &mut self.session.settings;
        let moved = settings.shares.moved(border, x, y, &layout);
        if moved == settings.shares {
            self.status = Some("The border cannot go further".to_owned());
            return;
        }
        settings.shares = moved;
        self.effects.push(Effect::KeepSettings(settings.clone()));
    }

    /// Hides the focused pane; the others take its room until one goes to it again.
    pub(super) fn hide_pane(&mut self) {
        let layout = self.layout();
        let mut panes = layout.panes.iter().map(|(pane, _)| *pane);
        let Some(next) = panes.find(|pane| *pane != self.focus) else {
            self.status = Some("No other pane is on the screen".to_owned());
            return;
        };
        let (title, number) = (self.focus.title(), self.focus.number());
        self.hidden[self.focus as usize] = true;
        self.go_to(next);
        self.status = Some(format!("{title} is hidden; {number} shows it again"));
    }
}
