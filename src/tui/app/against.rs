//! The comparison with an older snapshot, which arrives after the hub itself or fails.

use super::App;
use crate::engine::table::field::Field;
use crate::engine::table::stage::Stage;

impl App {
    /// Returns true if queries may compare with an older snapshot, loaded or still loading.
    pub(super) fn compares(&self) -> bool {
        let hub = self.hub.as_ref();
        self.against.is_some() || hub.is_some_and(|hub| hub.comparison.is_some())
    }

    /// Returns true if the older snapshot is still loading after the hub is complete.
    pub fn is_comparing(&self) -> bool {
        let hub = self.hub.as_ref();
        let waits = hub.is_some_and(|hub| hub.stage == Stage::Complete && hub.comparison.is_none());
        waits && self.against.is_some()
    }

    /// Returns true if a field is offered in menus and columns.
    pub(super) fn offers(&self, field: Field) -> bool {
        let hub = self.hub.as_ref();
        hub.map_or(!field.is_compared(), |hub| hub.offers(field))
    }

    /// Continues without a comparison; queries that compare become invalid.
    pub(super) fn uncompared(&mut self, reason: &str) {
        self.against = None;
        self.message = Some(format!("not compared: {reason}"));
        if self.list.order.field.is_compared() {
            self.list.order = Default::default();
        }
        self.ask_list();
    }
}
