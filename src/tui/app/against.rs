//! Comparing with an older snapshot: it comes after the hub itself, or does not come.

use super::App;
use crate::engine::table::field::Field;
use crate::engine::table::stage::Stage;

impl App {
    /// Whether queries may compare with an older snapshot: it is there, or will be.
    pub(super) fn compares(&self) -> bool {
        let hub = self.hub.as_ref();
        self.against.is_some() || hub.is_some_and(|hub| hub.against.is_some())
    }

    /// Whether the older snapshot is being read, after the hub was.
    pub fn is_comparing(&self) -> bool {
        let hub = self.hub.as_ref();
        let waits = hub.is_some_and(|hub| hub.stage == Stage::Complete && hub.against.is_none());
        waits && self.against.is_some()
    }

    /// Whether a field is to be listed among others.
    pub(super) fn offers(&self, field: Field) -> bool {
        let hub = self.hub.as_ref();
        hub.map_or(!field.is_compared(), |hub| hub.offers(field))
    }

    /// The explorer goes on without; a query that compares is none any more.
    pub(super) fn uncompared(&mut self, reason: &str) {
        self.against = None;
        self.message = Some(format!("not compared: {reason}"));
        if self.list.order.field.is_compared() {
            self.list.order = Default::default();
        }
        self.ask_list();
    }
}
