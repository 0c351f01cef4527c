//! Actions: what each one changes.

use super::{App, Effect};
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::query::ast::Filter;
use crate::engine::query::edit::{without_filter, without_sort};
use crate::engine::query::keys::{FILTERS, FilterInfo, FilterKey, Flag};
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::command;
use crate::tui::dialog::Dialog;
use crate::tui::keymap::Action;
use crate::tui::layout::Pane;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::views;
use crate::tui::views::menu::{Item, Menu};

/// The order of models with their quantizations and mirrors.
const WITH_COPIES: Order = Order::by(Field::DownloadsWithCopies, false);

impl App {
    /// Runs an action on the overlay on top, or on the panes.
    pub(super) fn run(&mut self, action: Action) {
        if self.run_in_program(action) || self.open_overlay(action) {
            return;
        }
        match self.overlays.is_empty() || action.works_over_views() {
            true => self.run_in_panes(action),
            false => {
                let area = self.layout().body;
                let run = |view: &mut dyn View, cx: PaneContext, area| view.act(action, cx, area);
                let requests = self.with_overlay(area, run);
                self.perform_all(requests.into_iter().flatten());
            }
        }
    }

    /// Runs an action that the program has everywhere; false if it is none.
    pub(super) fn run_in_program(&mut self, action: Action) -> bool {
        self.effects.push(match action {
            Action::Quit => Effect::Quit,
            Action::Interrupt => Effect::Interrupt,
            Action::Suspend => Effect::Suspend,
            Action::Redraw => Effect::Redraw,
            _ => return false,
        });
        true
    }

    /// Opens the overlay of an action; false if it has none.
    fn open_overlay(&mut self, action: Action) -> bool {
        let Some(opened) = views::overlay(action, &self.session) else {
            return false;
        };
        if self.session.hub.is_none() {
            self.status = Some("Loading…".to_owned());
            return true;
        }
        match opened {
            Ok(view) => {
                self.leave_line();
                let topics = view.topics(&self.session);
                self.overlays.push(view);
                self.ask_all(topics);
            }
            Err(reason) => self.status = Some(reason),
        }
        true
    }

    /// Closes the overlay on top; the one below is brought up to date.
    pub(super) fn close_overlay(&mut self) {
        self.overlays.pop();
        self.ask_overlay();
    }

    fn run_in_panes(&mut self, action: Action) {
        match action {
            Action::Reload => self.reload(),
            Action::Resume => self.resume(),
            Action::Help => {
                let offered =
                    |info: &&FilterInfo| info.field.is_none_or(|field| self.session.offers(field));
                let help = Menu::help(
                    self.session.keymap,
                    self.picking,
                    FILTERS.iter().filter(offered),
                );
                self.open_menu(help);
            }
            Action::Palette => self.open_menu(Menu::palette(self.session.keymap, self.picking)),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::HidePane => self.hide_pane(),
            Action::BorderLeft | Action::BorderRight | Action::BorderUp | Action::BorderDown => {
                self.move_border(action);
            }
            Action::NextPane | Action::PreviousPane => self.go_on(action == Action::NextPane),
            Action::GoModels => self.go_to(Pane::Models),
            Action::GoTree => self.go_to(Pane::Tree),
            Action::GoHistogram => self.go_to(Pane::Histogram),
            Action::GoDetails => self.go_to(Pane::Details),
            Action::Query => {
                self.remember();
                self.overlays.clear();
                self.go_to(Pane::Models);
                self.session.query.editing = true;
            }
            Action::Back => self.back(),
            Action::Sort => self.open_menu(self.sort_menu()),
            Action::Columns => self.open_menu(self.columns_menu()),
            Action::Reverse => self.sort(self.order().reversed()),
            Action::ToggleMouse => self.toggle_mouse(),
            Action::Mark => self.mark(),
            Action::Unmark => {
                self.remember();
                self.session.marks.clear();
            }
            Action::Copy => {
                let ids = Some(self.session.chosen_ids()).filter(|ids| !ids.is_empty());
                self.effects
                    .extend(ids.map(|ids| Effect::Copy(ids.join("\n"))));
            }
            Action::Pick => {
                let ids = Some(self.session.chosen_ids()).filter(|ids| !ids.is_empty());
                self.effects.extend(ids.map(Effect::Pick));
            }
            Action::CopyMenu => self.copy_menu(),
            Action::Command => self.offer_commands(),
            Action::Export => self.export_menu(),
            Action::SaveQuery => self.ask_name(),
            Action::SavedQueries => self.list_saved(),
            Action::Link => {
                let name = self.session.current_name();
                self.effects
                    .extend(name.map(|id| Effect::Visit(format::link(&id))));
            }
            Action::Live => self.ask_live(),
            Action::Earlier | Action::Later => self.travel(action == Action::Later),
            Action::Filter => self.open_menu(filter_menu()),
            Action::RemoveFilter => self.remove_filter(),
            Action::Families => self.toggle_families(),
            Action::FoldCopies => self.toggle_copies(),
            _ => match action.filter_key() {
                Some(key) => {
                    let (what, value) = match action {
                        Action::Children => ("children", self.session.current_parent()),
                        _ => (key.info().name, self.session.current_value(key)),
                    };
                    self.filter_by_current(key, value, what);
                }
                None => self.run_in_pane(action),
            },
        }
    }

    /// Runs an action of the focused pane.
    fn run_in_pane(&mut self, action: Action) {
        if action == Action::OpenTree {
            return self.open_tree();
        }
        let area = self.layout().inside(self.focus);
        let run = |view: &mut dyn View, cx: PaneContext, area| view.act(action, cx, area);
        let requests = self.with_pane(self.focus, area, run);
        self.follow(self.focus);
        self.perform_all(requests.into_iter().flatten());
    }

    fn open_tree(&mut self) {
        if let Some(model) = self.list.selected(&self.session) {
            self.remember();
            if self.tree.shows_families() {
                self.draw_tree_around(model.into());
            }
            self.go_to(Pane::Tree);
        }
    }

    /// Takes one step back: from a range, the zoom, the pane, the query.
    fn back(&mut self) {
        if self.focus == Pane::Histogram && self.chart.is_marking() {
            self.chart.unmark();
        } else if self.zoomed {
            self.zoomed = false;
        } else if self.focus != Pane::Models {
            self.go_to(Pane::Models);
        } else if !self.session.query.input.value().is_empty() {
            self.set_query(String::new());
        }
    }

    pub(super) fn open_menu(&mut self, menu: Menu) {
        self.dialog = Some(Dialog::Menu(menu));
    }

    fn mark(&mut self) {
        let Some(model) = self.session.current_model() else {
            return;
        };
        let marks = &mut self.session.marks;
        match marks.iter().position(|mark| *mark == model) {
            Some(at) => drop(marks.remove(at)),
            None => marks.push(model),
        }
        if matches!(self.focus, Pane::Models | Pane::Tree) {
            self.run_in_pane(Action::Down);
        }
    }

    /// Shows the tree of all families, or that of the current node again.
    fn toggle_families(&mut self) {
        let Some(hub) = self.session.hub_at(Stage::Lineage) else {
            return;
        };
        if !self.tree.shows_families() {
            self.tree.show_families(hub);
        } else if let Some(node) = self.session.current {
            self.tree.show(hub, node);
        }
        self.go_to(Pane::Tree);
    }

    /// Counts quantizations and mirrors with their originals, in list and tree, by a filter and an
    /// order of the query; or removes both.
    fn toggle_copies(&mut self) {
        let text = without_sort(self.session.query.input.value());
        let filter = Filter {
            negated: true,
            ..Filter::of_flag(Flag::Copy)
        };
        let folds = !self.session.query.parsed.query.filters.contains(&filter);
        let (text, order) = match folds {
            true => (format!("{text} {filter} sort:{WITH_COPIES}"), WITH_COPIES),
            false => (without_filter(&text, &filter), TreeOptions::DEFAULT_ORDER),
        };
        self.tree.folds = folds;
        self.sort_tree(order);
        self.set_query(text.trim_start().to_owned());
        let status = match folds {
            true => "Quantizations and mirrors count with their original",
            false => "Every repository counts on its own",
        };
        self.status = Some(status.to_owned());
    }

    fn copy_menu(&mut self) {
        let Some(id) = self.session.current_name() else {
            return;
        };
        let show = command::show(&id, self.session.opened());
        let mut texts = vec![
            ("id", id.clone()),
            ("link", format::link(&id)),
            (
                "command",
                self.command()
                    .map(|own| own.to_string())
                    .unwrap_or_default(),
            ),
            ("show command", show.to_string()),
        ];
        texts.extend(self.session.snippets());
        // The pane may have no command, or the one that shows the model.
        texts.retain(|(_, text)| !text.is_empty());
        texts.dedup_by(|one, before| one.1 == before.1);
        self.offer("Copy", texts);
    }

    /// Offers texts to copy.
    pub(super) fn offer(&mut self, title: &'static str, texts: Vec<(&'static str, String)>) {
        let item =
            |(name, text): (&str, String)| Item::new(name, &text, Request::Copy(text.clone()));
        self.open_menu(Menu::new(title, texts.into_iter().map(item).collect()));
    }
}

/// Returns the menu of the filters whose values can be listed.
fn filter_menu() -> Menu {
    let item = |key: &FilterKey| {
        let info = key.info();
        Item {
            keys: info.example.to_owned(),
            ..Item::new(info.name, info.about, Request::PickValue(*key))
        }
    };
    Menu::new("Filter by", FilterKey::FACETS.iter().map(item).collect())
}
