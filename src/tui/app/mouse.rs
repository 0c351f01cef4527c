//! The mouse: a press focuses, selects and opens, the wheel scrolls, and borders can be dragged.

use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use tui_input::InputRequest;

use super::{App, Effect};
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::tui::dialog::Dialog;
use crate::tui::keymap::{Action, KEYMAP};
use crate::tui::layout::{Pane, below_title};
use crate::tui::view::Clicked;

/// The lines that a step of the wheel scrolls by.
const WHEEL_LINES: isize = 3;

impl App {
    pub(super) fn mouse(&mut self, mouse: MouseEvent) {
        // One may still be on its way when the mouse is switched off.
        if !self.session.settings.mouse {
            return;
        }
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                self.status = None;
                (self.count, self.switched) = (None, None);
                self.press(at);
            }
            MouseEventKind::Drag(MouseButton::Left) => self.drag(at),
            MouseEventKind::Up(MouseButton::Left) => self.release(),
            MouseEventKind::ScrollDown => self.scroll(WHEEL_LINES, at),
            MouseEventKind::ScrollUp => self.scroll(-WHEEL_LINES, at),
            _ => {}
        }
    }

    /// Switches the mouse on or off. While it is off, the terminal selects text with it.
    pub(super) fn toggle_mouse(&mut self) {
        let settings = &mut self.session.settings;
        settings.mouse = !settings.mouse;
        let status = match settings.mouse {
            true => "The mouse is on",
            false => "The mouse is off: the terminal selects text with it",
        };
        self.status = Some(status.to_owned());
        self.keep_settings();
    }

    fn keep_settings(&mut self) {
        let settings = self.session.settings.clone();
        self.effects.push(Effect::KeepSettings(settings));
    }

    fn press(&mut self, at: Position) {
        let layout = self.layout();
        if self.dialog.is_some() {
            self.press_in_dialog(at);
        } else if !self.overlays.is_empty() {
            let clicked = match layout.body.contains(at) {
                true => self.with_overlay(layout.body, |view, cx, area| view.click(at, cx, area)),
                false => None,
            };
            if clicked == Some(Clicked::SelectedBefore) {
                self.enter();
            }
        } else {
            self.dragged = layout.border_at(at.x, at.y).map(|border| (border, false));
            let mut shown = layout.panes.iter();
            if let Some((pane, area)) = shown.find(|(_, area)| area.contains(at)) {
                self.press_in_pane(*pane, below_title(*area), at);
            }
        }
    }

    fn press_in_dialog(&mut self, at: Position) {
        let Some(Dialog::Menu(menu)) = &mut self.dialog else {
            return;
        };
        match menu.click(at, self.screen) {
            Some(Clicked::Nothing) => {}
            Some(_) => self.accept_dialog(),
            None => self.dialog = None,
        }
    }

    /// Focuses a pane, and acts on what is clicked inside of it.
    fn press_in_pane(&mut self, pane: Pane, inside: Rect, at: Position) {
        let was_focused = self.focus == pane && !self.session.query.editing;
        let clicked = match inside.contains(at) {
            true => self.with_pane(pane, inside, |view, cx, area| view.click(at, cx, area)),
            false => None,
        };
        match clicked {
            Some(Clicked::Query(column)) => self.edit_at(column),
            Some(Clicked::Heading(field)) => {
                self.go_to(pane);
                self.sort_by_heading(field);
            }
            _ => {
                self.go_to(pane);
                if clicked == Some(Clicked::SelectedBefore) && was_focused {
                    self.enter();
                }
            }
        }
    }

    /// Runs what Enter does by default, whatever key that is now.
    fn enter(&mut self) {
        let action = KEYMAP.action(KeyCode::Enter.into(), &self.contexts());
        if let Some(action) = action {
            self.run(action);
        }
    }

    /// Edits the query from a column of its text on.
    fn edit_at(&mut self, column: usize) {
        if !self.session.query.editing {
            self.run(Action::Query);
        }
        let input = &mut self.session.query.input;
        let letters = input.value().chars();
        let mut right = 0;
        let before = letters.take_while(|letter| {
            right += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0);
            right <= column
        });
        let cursor = before.count();
        input.handle(InputRequest::SetCursor(cursor));
        self.suggest();
        self.search();
    }

    /// Sorts by a field, or reverses the order if it is that of the field already.
    fn sort_by_heading(&mut self, field: Field) {
        let now = self.order();
        let is_sortable = Order::fields().any(|info| info.field == field);
        if now.field == field {
            self.sort(now.reversed());
        } else if is_sortable {
            // As in a query: ids from A to Z, numbers from the largest.
            self.sort(Order::by(field, field == Field::Id));
        } else {
            let title = field.info().title;
            self.status = Some(format!("{title} has no order; `f` filters by it"));
        }
    }

    fn drag(&mut self, at: Position) {
        let Some((border, _)) = self.dragged else {
            return;
        };
        let shares = self.session.settings.shares;
        let moved = shares.moved(border, at.x, at.y, &self.layout());
        self.session.settings.shares = moved;
        let has_moved = moved != shares || self.dragged.is_some_and(|(_, moved)| moved);
        self.dragged = Some((border, has_moved));
    }

    fn release(&mut self) {
        if self.dragged.take().is_some_and(|(_, has_moved)| has_moved) {
            self.keep_settings();
        }
    }

    /// Scrolls what is in a cell. The selection of the focused pane leads the others as ever.
    fn scroll(&mut self, lines: isize, at: Position) {
        let layout = self.layout();
        let screen = self.screen;
        if let Some(dialog) = &mut self.dialog {
            if let Dialog::Menu(menu) = dialog {
                menu.scroll(lines, screen);
            }
        } else if !self.overlays.is_empty() {
            self.with_overlay(layout.body, |view, cx, area| view.scroll(lines, cx, area));
        } else {
            let mut shown = layout.panes.iter();
            if let Some((pane, area)) = shown.find(|(_, area)| area.contains(at)) {
                let inside = below_title(*area);
                self.with_pane(*pane, inside, |view, cx, area| view.scroll(lines, cx, area));
                if self.focus == *pane {
                    self.follow(*pane);
                }
            }
        }
    }
}
