//! The views: the four panes, and the overlays and menus that cover them. Each is the state, the
//! actions and the drawing of one thing. Views never import each other: what a view asks of the
//! rest is a [`Request`](super::view::Request).
//!
//! To add an overlay, write its file, declare it here, and open it in [`overlay`]; its keys, and the
//! one that opens it (`show NAME`), are lines of `assets/keymap.toml`.

pub mod card;
pub mod compare;
pub mod curves;
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
    let Action::Show(name) = action else {
        return None;
    };
    Some(match name {
        "card" => card::CardView::open(session).map(boxed),
        "curves" => curves::CurvesView::open(session).map(boxed),
        "compare" => compare::Compare::open(session).map(boxed),
        "path" => path::PathView::open(session).map(boxed),
        "statistics" => Ok(boxed(statistics::Statistics::default())),
        "density" => Ok(boxed(density::Plot::default())),
        "schema" => Ok(boxed(schema::SchemaView::default())),
        _ => return None,
    })
}

fn boxed(view: impl View) -> Box<dyn View> {
    Box::new(view)
}
