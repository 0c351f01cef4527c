//! The menu of the columns of the list.

use super::{App, Effect};
use crate::engine::table::field::{FIELDS, Field};
use crate::tui::dialog::Dialog;
use crate::tui::keymap::KeyContext;
use crate::tui::view::Request;
use crate::tui::views::menu::{Item, Menu};

impl App {
    /// Returns the menu of all fields that can be columns, those of the list first.
    pub(super) fn columns_menu(&self) -> Menu {
        Menu {
            context: KeyContext::COLUMNS,
            ..Menu::new("Columns, from the left", self.column_items())
        }
    }

    fn column_items(&self) -> Vec<Item> {
        let chosen = &self.session.settings.columns;
        let others = FIELDS.iter().map(|info| info.field);
        let others = others.filter(|field| !chosen.contains(field) && field.info().width > 0);
        let all = chosen.iter().copied().chain(others);
        let hub = self.session.hub.as_ref();
        let offered =
            |field: &Field| self.session.offers(*field) && hub.is_none_or(|hub| !hub.lacks(*field));
        let item = |field: Field| Item {
            keys: if chosen.contains(&field) { "✓" } else { "" }.to_owned(),
            words: format!("{} {}", field.info().key, field.info().name),
            ..Item::new(
                field.info().title,
                field.info().about,
                Request::ToggleColumn(field),
            )
        };
        all.filter(offered).map(item).collect()
    }

    /// Adds a column on the right, or removes it.
    pub(super) fn toggle_column(&mut self, field: Field) {
        let columns = &mut self.session.settings.columns;
        match columns.iter().position(|column| *column == field) {
            Some(at) => drop(columns.remove(at)),
            None => columns.push(field),
        }
        self.columns_changed(field);
    }

    /// Moves the selected column to the left or to the right, past the next one that is offered.
    pub(super) fn move_column(&mut self, left: bool) {
        let Some(menu) = self.menu() else { return };
        let items = menu.items.iter();
        let fields: Vec<Field> = items.filter_map(field_of).collect();
        let Some(own) = menu.selected().and_then(field_of) else {
            return;
        };
        let at = fields.iter().position(|field| *field == own);
        let beside = at.and_then(|at| {
            if left {
                at.checked_sub(1)
            } else {
                Some(at + 1)
            }
        });
        let other = beside.and_then(|at| fields.get(at).copied());
        let columns = &mut self.session.settings.columns;
        let place = |field: Field| columns.iter().position(|column| *column == field);
        if let (Some(at), Some(to)) = (place(own), other.and_then(place)) {
            columns.swap(at, to);
            self.columns_changed(own);
        }
    }

    /// Keeps the columns, and lists them anew in the menu with the changed one selected.
    fn columns_changed(&mut self, field: Field) {
        self.effects
            .push(Effect::KeepSettings(self.session.settings.clone()));
        let items = self.column_items();
        if let Some(Dialog::Menu(menu)) = &mut self.dialog {
            menu.items = items;
            let mut found = menu.found().into_iter();
            let at = found.position(|item| field_of(item) == Some(field));
            menu.cursor.at = at.unwrap_or(0);
        }
    }
}

fn field_of(item: &Item) -> Option<Field> {
    match item.request {
        Some(Request::ToggleColumn(field)) => Some(field),
        _ => None,
    }
}
