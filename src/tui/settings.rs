//! The settings of the explorer that its user changes while it runs.

use super::layout::PaneShares;
use crate::engine::table::field::Field;

/// The settings, each at its default until the user changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The columns of the list beside the id, from the left.
    pub columns: Vec<Field>,
    pub shares: PaneShares,
    /// True if the mouse scrolls, selects and opens.
    pub mouse: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            columns: vec![
                Field::Relation,
                Field::Task,
                Field::Params,
                Field::Likes,
                Field::DownloadsAllTime,
                Field::Growth,
                Field::Delta,
                Field::Downloads,
            ],
            shares: PaneShares::default(),
            mouse: true,
        }
    }
}
