//! The settings of the explorer that its user changes while it runs.

use super::layout::PaneShares;
use crate::engine::table::field::Field;

/// The settings, each at its default until the user changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The columns of the list beside the id, from the left. Those nearer to the id give way first.
    pub columns: Vec<Field>,
    pub shares: PaneShares,
    /// True if the mouse scrolls, selects and opens.
    pub mouse: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            columns: vec![
                Field::Task,
                Field::Relation,
                Field::Likes,
                Field::DownloadsAllTime,
                Field::Params,
                Field::Growth,
                Field::Delta,
                Field::Downloads,
            ],
            shares: PaneShares::default(),
            mouse: true,
        }
    }
}
