//! The columns of the list beside the names: which fit, and where they are. They are the same for
//! every row, so that no name covers a value.

use crate::engine::table::field::{Field, FieldInfo};
use crate::engine::table::order::Order;
use crate::tui::view::PaneContext;
use crate::tui::widgets::width;

/// The cells that names keep before another column is shown: at most these, and 11/20 of the list.
const NAME_ROOM: usize = 42;
/// The cells of a row that are neither name nor column: signs on the left, scrollbar on the right.
const MARGINS: usize = 3;
/// The width from which the column that leads the order is always shown.
const NARROWEST: usize = 30;

/// The layout of the list.
pub struct ListColumns {
    /// The cells of a name.
    pub name: usize,
    /// From the left, all of them beside each other at the right end.
    pub columns: Vec<ListColumn>,
}

/// A column of the list.
pub struct ListColumn {
    pub info: &'static FieldInfo,
    /// Its title, with an arrow if the list is sorted by it.
    pub heading: String,
    /// In cells.
    pub width: usize,
    /// True if the list is sorted by it before all others.
    pub leads: bool,
}

impl ListColumns {
    /// Returns the columns for a list of some width: those of the settings, and those that the list
    /// is sorted by. The ones nearer to the name give way first, the one that leads the order never.
    pub fn of(cx: PaneContext, room: usize) -> ListColumns {
        let order = cx.session.query.order();
        let offered = |field: &Field| cx.hub.offers(*field) && !cx.hub.lacks(*field);
        let chosen = cx.session.settings.columns.iter().copied();
        let mut fields: Vec<Field> = chosen.filter(offered).collect();
        let keys: Vec<Field> = order.keys().map(|key| key.field).collect();
        let more = keys.iter().rev().filter(|key| !fields.contains(key));
        fields.extend(more.copied().collect::<Vec<_>>());
        fields.retain(|field| field.info().width > 0);
        let mut left = room.saturating_sub(MARGINS + (room * 11 / 20).min(NAME_ROOM));
        let mut fits = |column: &ListColumn| {
            let fits = column.width < left;
            left = left.saturating_sub(if fits { column.width + 1 } else { 0 });
            fits
        };
        let columns = fields.iter().map(|field| ListColumn::of(*field, order));
        let (lead, others): (Vec<_>, Vec<_>) = columns.partition(|column| column.leads);
        let lead_fits = lead.iter().all(&mut fits) || room >= NARROWEST;
        let mut columns: Vec<ListColumn> = others.into_iter().rev().filter(fits).collect();
        columns.extend(lead.into_iter().filter(|_| lead_fits));
        let place = |column: &ListColumn| fields.iter().position(|f| *f == column.info.field);
        columns.sort_by_key(place);
        let taken: usize = columns.iter().map(|column| column.width + 1).sum();
        ListColumns {
            name: room.saturating_sub(MARGINS + taken),
            columns,
        }
    }
}

impl ListColumns {
    /// Returns the field of the column at a distance from the scrollbar, in cells; the id beyond all columns.
    pub fn field_before(&self, cells: usize) -> Field {
        let mut right = 0;
        let found = self.columns.iter().rev().find(|column| {
            right += column.width + 1;
            cells <= right
        });
        found.map_or(Field::Id, |column| column.info.field)
    }
}

impl ListColumn {
    fn of(field: Field, order: Order) -> ListColumn {
        let info = field.info();
        let heading = heading(info, order);
        ListColumn {
            info,
            width: width(&heading).max(info.width.into()),
            heading,
            leads: field == order.field,
        }
    }
}

/// Returns the title of a field, with an arrow if the list is sorted by it, and with its place among
/// several.
pub fn heading(info: &FieldInfo, order: Order) -> String {
    let several = order.further().is_some();
    let mut keys = order.keys().zip(1..);
    match keys.find(|(key, _)| key.field == info.field) {
        None => info.title.to_owned(),
        Some((key, place)) => {
            let arrow = if key.ascending { "↑" } else { "↓" };
            let place = if several {
                place.to_string()
            } else {
                String::new()
            };
            format!("{}{arrow}{place}", info.title)
        }
    }
}
