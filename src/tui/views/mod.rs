//! The views: the four panes, and the overlays and menus that cover them. Each is the state, the
//! actions and the drawing of one thing. Views never import each other: what a view asks of the
//! rest is a [`Request`](super::view::Request).
//!
//! To add an overlay, write its file, declare it here, and open it in [`overlay`]; its keys are a
//! section of `assets/keymap.toml`.

pub mod compare;
pub mod density;
pub mod details;
pub mod histogram;
pub mod menu;
pub mod models;
pub mod path;
pub mod prompt;
pub mod schema;
pub mod statistics;
pub mod tree;

use super::keymap::Action;
use super::session::Session;
use super::view::View;

/// Opens the overlay of an action.
///
/// # Errors
/// With the reason that there is nothing to show.
pub fn overlay(action: Action, session: &Session) -> Option<Result<Box<dyn View>, String>> {
    Some(match action {
        Action::Compare => compare::Compare::open(session).map(boxed),
        Action::Path => path::LineagePath::open(session).map(boxed),
        Action::Statistics => Ok(boxed(statistics::Statistics::default())),
        Action::Density => Ok(boxed(density::Plot::default())),
        Action::Schema => Ok(boxed(schema::Columns::default())),
        _ => return None,
    })
}

fn boxed(view: impl View) -> Box<dyn View> {
    Box::new(view)
}
