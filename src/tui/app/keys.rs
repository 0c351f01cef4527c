//! What keys do: which action each one is in each place, and what actions change.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::InputRequest;

use super::over::Over;
use super::{App, Effect, filters};
use crate::engine::table::clean::clean;
use crate::engine::table::field::FieldInfo;
use crate::engine::table::order::Order;
use crate::present::format;
use crate::tui::action::{self, Action, Where};
use crate::tui::layout::Pane;
use crate::tui::panes::Look;
use crate::tui::panes::overlay::{Choice, Item, Overlay};
use crate::tui::rows::Cursor;

/// No more letters of a paste are taken: ids are much shorter.
const PASTED: usize = 500;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) {
        self.message = None;
        if self.overlay.is_some() {
            self.key_in_overlay(key);
        } else if self.list.editing && self.focus == Pane::Models {
            self.key_in_query(key);
        } else if let Some(action) = action::of_key_in(key, self.focus, self.picking) {
            self.act(action);
        }
    }

    /// Keys of a text line; the others go on to what lies around it.
    pub(super) fn request(key: KeyEvent) -> Option<InputRequest> {
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        Some(match key.code {
            // What some terminals send for the backspace key.
            KeyCode::Char('h') if control => InputRequest::DeletePrevChar,
            KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
            KeyCode::Char('u') if control => InputRequest::DeleteLine,
            KeyCode::Char('a') if control => InputRequest::GoToStart,
            KeyCode::Char('e') if control => InputRequest::GoToEnd,
            KeyCode::Char(_) if control => return None,
            KeyCode::Char(c) => InputRequest::InsertChar(c),
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return None,
        })
    }

    fn key_in_query(&mut self, key: KeyEvent) {
        if self.key_of_recall(key) {
            return;
        }
        if let Some(request) = App::request(key) {
            let changed = self
                .list
                .input
                .handle(request)
                .is_some_and(|change| change.value);
            if changed {
                self.typed.edited();
                self.ask_list_anew();
            }
            return;
        }
        match action::of_key(key, Pane::Models) {
            Some(Action::Open | Action::Back) => self.leave_line(),
            Some(
                action @ (Action::NextPane
                | Action::PreviousPane
                | Action::Quit
                | Action::Interrupt
                | Action::Help
                | Action::Suspend
                | Action::Redraw
                | Action::Down
                | Action::Up
                | Action::PageDown
                | Action::PageUp),
            ) => self.act(action),
            _ => {}
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        let text = text.trim().replace(['\n', '\r', '\t'], " ");
        let text: String = clean(&text).chars().take(PASTED).collect();
        let input = match &mut self.overlay {
            Some(Over::Menu(menu)) => &mut menu.filter,
            Some(Over::Prompt(prompt)) => &mut prompt.input,
            Some(_) => return,
            None => {
                if !self.list.editing {
                    self.act(Action::Query);
                    self.list.input.reset();
                }
                &mut self.list.input
            }
        };
        App::insert(input, &text);
        if self.overlay.is_none() {
            self.typed.edited();
            self.ask_list_anew();
        }
    }

    pub(super) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Do(action, place) => {
                match place {
                    Where::In(pane) => self.go_to(pane),
                    Where::Picking => self.go_to(Pane::Models),
                    Where::Everywhere => {}
                }
                self.act(action);
            }
            Choice::SortBy(field) => self.sort(Order {
                field,
                ascending: false,
            }),
            Choice::Recall(named) => self.recall_named(&named),
            Choice::CopyText(text) => self.effects.push(Effect::Copy(text)),
            Choice::Pick(key) => self.pick_value(key),
            Choice::Toggle(key, word) => self.toggle(key, &word),
            Choice::Remove(place) => self.remove_filter(place),
            Choice::Type(text) => self.type_on(&text),
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Quit => self.effects.push(Effect::Quit),
            Action::Interrupt => self.effects.push(Effect::Interrupt),
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Redraw => self.effects.push(Effect::Redraw),
            Action::Reload => self.reload(),
            Action::Help => self.overlay = Some(self.help().into()),
            Action::Palette => self.overlay = Some(self.actions("Actions").into()),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::NextPane => self.go_to(self.focus.step(1)),
            Action::PreviousPane => self.go_to(self.focus.step(Pane::ALL.len() - 1)),
            Action::Go(pane) => self.go_to(pane),
            Action::Query => {
                self.remember();
                self.go_to(Pane::Models);
                self.list.editing = true;
            }
            Action::Back => self.back(),
            Action::Sort => self.overlay = Some(self.sort_menu().into()),
            Action::Reverse => {
                let order = self.order_here();
                self.sort(Order {
                    ascending: !order.ascending,
                    ..order
                });
            }
            Action::Mark => self.mark(),
            Action::Compare => self.compare(),
            Action::Copy => self.copy(),
            Action::Pick => self.pick(),
            Action::CopyMenu => self.copy_menu(),
            Action::Command => self.show_command(),
            Action::SaveQuery => self.ask_name(),
            Action::Queries => self.list_named(),
            Action::Link => {
                let id = self.name().map(|id| format::link(&id));
                self.effects.extend(id.map(Effect::Visit));
            }
            Action::Earlier | Action::Later => self.travel(action == Action::Later),
            Action::FilterBy => self.overlay = Some(filters::keys().into()),
            Action::Like(key) => self.filter_like(key),
            Action::RemoveFilter => self.remove_some_filter(),
            Action::Fold => self.turn_fold(),
            Action::Families => self.turn_families(),
            Action::Copies => self.turn_copies(),
            Action::Way => self.show_way(),
            Action::Statistics => self.show_statistics(),
            Action::Density => self.show_density(),
            Action::Schema => self.show_schema(),
            _ => self.act_in_pane(action),
        }
    }

    fn act_in_pane(&mut self, action: Action) {
        let Some(hub) = self.hub.clone() else { return };
        let area = self.layout().inside(self.focus);
        match self.focus {
            Pane::Models if action == Action::Open => {
                if let Some(model) = self.list.selected() {
                    self.remember();
                    if self.tree.shows_families() {
                        self.draw_tree_around(model.into());
                    }
                    self.go_to(Pane::Tree);
                }
            }
            Pane::Models => {
                let height = self.list.height(area);
                self.list.cursor.go(action, self.list.lines(), height);
                self.follow_list();
            }
            Pane::Tree => self.act_in_tree(action),
            Pane::Histogram => self.act_in_histogram(action),
            Pane::Details => {
                let look = Look {
                    hub: &hub,
                    theme: &self.theme,
                    focused: true,
                };
                self.details.act(look, action, area);
            }
        }
    }

    pub(super) fn go_to(&mut self, pane: Pane) {
        self.leave_line();
        self.focus = pane;
        match pane {
            Pane::Models => self.follow_list(),
            Pane::Tree => self.follow_tree(),
            _ => {}
        }
        if pane != Pane::Models {
            self.companion = pane;
        }
    }

    /// One step out: of a range of bars, of the zoom, of the pane, of the query, of the marks.
    fn back(&mut self) {
        if self.focus == Pane::Histogram && self.chart.is_marking() {
            self.chart.unmark();
        } else if self.zoomed {
            self.zoomed = false;
        } else if self.focus != Pane::Models {
            self.go_to(Pane::Models);
        } else if !self.list.input.value().is_empty() {
            self.list.input.reset();
            self.ask_list_anew();
        } else {
            self.marks.clear();
        }
    }

    /// The order of the tree where keys go to it, else of the list.
    fn order_here(&self) -> Order {
        match self.focus {
            Pane::Tree => self.tree.order(),
            _ => self.list.sorted(),
        }
    }

    /// What is chosen from the menu counts, whatever the query says of its order.
    fn sort(&mut self, order: Order) {
        if self.focus == Pane::Tree {
            return self.sort_tree(order);
        }
        self.list.order = order;
        let text = filters::without_sort(self.list.input.value());
        self.list.input = text.into();
        self.ask_list_anew();
    }

    fn mark(&mut self) {
        let Some(model) = self.current_model() else {
            return;
        };
        if !self.marks.remove(&model) {
            self.marks.insert(model);
        }
        if matches!(self.focus, Pane::Models | Pane::Tree) {
            self.act_in_pane(Action::Down);
        }
    }

    /// Every action that this explorer has.
    pub(super) fn actions(&self, title: &'static str) -> Overlay {
        Overlay::actions(title, self.picking)
    }

    /// The fields to sort by, the present one selected.
    fn sort_menu(&self) -> Overlay {
        let order = self.order_here();
        let fields = || Order::fields().filter(|info| self.offers(info.field));
        let item = |info: &'static FieldInfo| Item {
            name: info.title.to_owned(),
            about: info.about.to_owned(),
            keys: match (info.field == order.field, order.ascending) {
                (true, true) => "now ↑".to_owned(),
                (true, false) => "now ↓".to_owned(),
                (false, _) => String::new(),
            },
            choice: Choice::SortBy(info.field),
        };
        let at = fields().position(|info| info.field == order.field);
        let menu = Overlay::new("Sort by", fields().map(item).collect());
        Overlay {
            cursor: Cursor {
                at: at.unwrap_or(0),
                top: 0,
            },
            ..menu
        }
    }
}
