//! The panes: each its own state and its own drawing. They never meet; `app.rs` leads what one
//! selects to the others.

pub mod compare;
pub mod density;
pub mod details;
pub mod histogram;
pub mod models;
pub mod overlay;
pub mod prompt;
pub mod schema;
pub mod statistics;
pub mod tree;
pub mod way;

use crate::engine::Hub;
use crate::engine::table::stage::Stage;

use super::theme::Theme;

/// What every pane needs to draw itself.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub hub: &'a Hub,
    pub theme: &'a Theme,
    /// Whether keys go to this pane.
    pub focused: bool,
}

impl Look<'_> {
    /// What stands for a value: its text, `…` while it may still come, `–` where it is unknown.
    pub fn value(&self, stage: Stage, text: Option<String>) -> String {
        match text {
            Some(text) => text,
            None if self.hub.stage < stage => "…".to_owned(),
            None => "–".to_owned(),
        }
    }

    /// The style of the selected line.
    pub fn selected(&self) -> ratatui::style::Style {
        match self.focused {
            true => self.theme.selected,
            false => self.theme.selected_elsewhere,
        }
    }
}
