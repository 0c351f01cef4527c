//! The order of list and tree, and the menu of the fields to sort by.

use super::App;
use crate::engine::query::edit::without_sort;
use crate::engine::table::field::{Field, FieldInfo};
use crate::engine::table::order::Order;
use crate::tui::dialog::Dialog;
use crate::tui::keymap::KeyContext;
use crate::tui::layout::Pane;
use crate::tui::view::Request;
use crate::tui::views::menu::{Item, Menu};
use crate::tui::widgets::Cursor;

impl App {
    /// Returns the order of the tree where that is focused, else of the list.
    pub(super) fn order(&self) -> Order {
        match self.focus {
            Pane::Tree => self.tree.order(),
            _ => self.session.query.order(),
        }
    }

    /// Sorts the tree where that is focused, else the list, whatever order the query states.
    pub(super) fn sort(&mut self, order: Order) {
        if self.focus == Pane::Tree {
            return self.sort_tree(order);
        }
        let query = &mut self.session.query;
        query.default_order = order;
        query.set(without_sort(query.input.value()));
        self.search();
    }

    pub(super) fn sort_tree(&mut self, order: Order) {
        if let Some(hub) = &self.session.hub {
            self.tree.list(hub, |options| options.order = order);
        }
    }

    /// Sorts by a field where the fields of the order are equal; turns the field round if it is one
    /// of them.
    pub(super) fn sort_further(&mut self, field: Field) {
        let order = self.order();
        let key = Order::by(field, field == Field::Id);
        if order.keys().any(|own| own.field == field) {
            self.sort(order.turned(field));
        } else if let Some(order) = order.then(key) {
            self.sort(order);
        } else {
            self.status = Some("An order has up to 4 fields".to_owned());
        }
        let items = self.sort_items();
        if let Some(Dialog::Menu(menu)) = &mut self.dialog {
            menu.items = items;
        }
    }

    /// Returns the menu of the fields to sort by, the present one selected.
    pub(super) fn sort_menu(&self) -> Menu {
        let items = self.sort_items();
        let first = Request::SortBy(self.order().field);
        let at = items
            .iter()
            .position(|item| item.request.as_ref() == Some(&first));
        Menu {
            cursor: Cursor {
                at: at.unwrap_or(0),
                top: 0,
            },
            context: KeyContext::SORT,
            ..Menu::new("Sort by", items)
        }
    }

    /// Returns the fields to sort by, those of the order with their places and directions.
    fn sort_items(&self) -> Vec<Item> {
        let order = self.order();
        let keys: Vec<Order> = order.keys().collect();
        let place = |field: Field| {
            let at = keys.iter().position(|key| key.field == field)?;
            let arrow = if keys[at].ascending { "↑" } else { "↓" };
            Some(match keys.len() {
                1 => format!("now {arrow}"),
                _ => format!("{} {arrow}", at + 1),
            })
        };
        let item = |info: &'static FieldInfo| Item {
            keys: place(info.field).unwrap_or_default(),
            ..Item::new(info.title, info.about, Request::SortBy(info.field))
        };
        let fields = Order::fields().filter(|info| self.session.offers(info.field));
        fields.map(item).collect()
    }
}
