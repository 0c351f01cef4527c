//! The settings of the explorer, of which its user changes some while it runs.

use super::layout::{HiddenPanes, Pane, PaneShares};
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::present::format::MemoryUnit;

/// The settings, each at its default until the config file or the user changes it. The table of
/// `config/settings.rs` describes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The columns of the list beside the id, from the left. Those nearer to the id give way first.
    pub columns: Vec<Field>,
    /// The pane that has the focus at the start.
    pub focus: Pane,
    /// The panes that are hidden at the start.
    pub hidden: HiddenPanes,
    pub memory: MemoryUnit,
    /// True if the mouse scrolls, selects and opens.
    pub mouse: bool,
    pub shares: PaneShares,
    /// The order of the list where the query states none.
    pub sort: Order,
    /// The name of a palette or of a theme of the user; `auto` for the palette that suits the
    /// terminal.
    pub theme: String,
    /// True if only the pane with the focus is shown at the start.
    pub zoomed: bool,
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
            focus: Pane::Models,
            hidden: HiddenPanes::default(),
            memory: MemoryUnit::Decimal,
            mouse: true,
            shares: PaneShares::default(),
            sort: Order::default(),
            theme: "auto".to_owned(),
            zoomed: false,
        }
    }
}
