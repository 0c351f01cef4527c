//! Counts before moves, as in `10j`. The keys 1 to 4 go to panes at once, so that a count begins with
//! 0 or 5 to 9; or with 1 to 4 and then one of those, which takes the change of the pane back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{App, Switched};
use crate::tui::keymap::Action;
use crate::tui::layout::Pane;
use crate::tui::view::{PaneContext, Request, View};

/// The largest count.
const MOST: usize = 9_999_999;
/// The largest count in a view that is neither list nor tree: none has more lines.
const LINES: usize = 10_000;

impl App {
    /// Takes a key that belongs to a count: a digit, Esc, or the move that is counted. False for other
    /// keys.
    pub(super) fn key_of_count(&mut self, key: KeyEvent) -> bool {
        let count = self.count.take();
        let switched = self.switched.take();
        let action = self.action(key);
        let Some(digit) = digit(key) else {
            let Some(count) = count else { return false };
            return match action {
                Some(Action::Back | Action::Close) => true,
                Some(action) if is_counted(action) => {
                    self.run_times(action, count);
                    true
                }
                _ => false,
            };
        };
        let number = match (count, switched) {
            (Some(count), _) => (count * 10 + digit).min(MOST),
            (None, Some(before)) if action == Some(Action::Count) => {
                let first = before.digit;
                self.switch_back(before);
                first * 10 + digit
            }
            (None, _) if matches!(action, None | Some(Action::Count)) => digit,
            _ => {
                self.switched = Some(self.before_switch(digit));
                return false;
            }
        };
        self.count = Some(number);
        self.status = Some(format!("{number}: times the next move, or the line for G"));
        true
    }

    fn before_switch(&self, digit: usize) -> Switched {
        Switched {
            digit,
            focus: self.focus,
            companion: self.companion,
            hidden: self.hidden,
            current: self.session.current,
            open: self.tree.open_rows(),
            node: self.tree.node(),
        }
    }

    fn switch_back(&mut self, before: Switched) {
        (self.focus, self.companion) = (before.focus, before.companion);
        self.hidden = before.hidden;
        let hub = self.session.hub.as_ref();
        if let (Some(hub), Some(open), Some(node)) = (hub, &before.open, before.node)
            && self.tree.open_rows().as_ref() != Some(open)
        {
            self.tree.reopen(hub, open, node);
        }
        if let Some(node) = before
            .current
            .filter(|node| self.session.current != Some(*node))
        {
            self.show(node);
        }
    }

    /// Runs a move several times, or goes to the line of this number.
    fn run_times(&mut self, action: Action, count: usize) {
        let (action, count) = match action {
            Action::First | Action::Last => {
                self.run(Action::First);
                (Action::Down, count.saturating_sub(1))
            }
            action => (action, count),
        };
        let layout = self.layout();
        let is_long = self.overlays.is_empty() && matches!(self.focus, Pane::Models | Pane::Tree);
        let count = if is_long { count } else { count.min(LINES) };
        let repeat = |view: &mut dyn View, cx: PaneContext, area| -> Vec<Request> {
            // A view that has something to say cannot go on.
            let mut all = (0..count).map(|_| view.act(action, cx, area));
            all.find(|requests| !requests.is_empty())
                .unwrap_or_default()
        };
        let requests = match self.overlays.is_empty() {
            false => self.with_overlay(layout.body, repeat),
            true => {
                let requests = self.with_pane(self.focus, layout.inside(self.focus), repeat);
                self.follow(self.focus);
                requests
            }
        };
        self.perform_all(requests.into_iter().flatten());
    }
}

fn digit(key: KeyEvent) -> Option<usize> {
    match key.code {
        KeyCode::Char(c) if key.modifiers == KeyModifiers::NONE => {
            c.to_digit(10).and_then(|digit| usize::try_from(digit).ok())
        }
        _ => None,
    }
}

/// Returns true if an action is a move by lines.
fn is_counted(action: Action) -> bool {
    matches!(
        action,
        Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::ExtendDown
            | Action::ExtendUp
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::NextMatch
            | Action::PreviousMatch
    )
}
