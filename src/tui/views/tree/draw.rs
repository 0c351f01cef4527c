//! Draws the tree: names on the left; children, relation, share of the parent and the measure on the
//! right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Tree, is_found};
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::{LineageTree, TreeRow, TreeRowKind};
use crate::engine::table::field::{Field, Kind as FieldKind};
use crate::engine::table::stage::Stage;
use crate::present::bars::bar;
use crate::present::format;
use crate::tui::highlight::highlight;
use crate::tui::layout::below_title;
use crate::tui::view::PaneContext;
use crate::tui::widgets::{draw_selection, fit, put, put_right, scrollbar, width};

/// Cells of indentation a step of depth.
const INDENT: usize = 2;
/// The cells of a row that are neither name nor column: a sign on the left, the scrollbar.
const MARGINS: usize = 2;
/// The cells that names keep before another column is shown: at most these, and half of the pane.
const NAME_ROOM: usize = 42;
/// Columns on the right.
const CHILDREN_WIDTH: u16 = 8;
const MATCHING_WIDTH: u16 = 14;
const SHARE_WIDTH: u16 = 6;
const RELATION_WIDTH: u16 = 9;
/// The columns, counted from the right, the ones to keep first.
const BY_PRIORITY: [usize; 4] = [0, 2, 1, 3];

impl Tree {
    /// Draws the rows on screen.
    pub(super) fn draw_tree(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width).saturating_sub(3);
        let Some(outline) = &self.outline else {
            let text = match cx.hub.stage < Stage::Lineage {
                true => "Loading the lineage…",
                false => "No model is selected",
            };
            put(buffer, (area.x + 2, area.y), text, room, cx.theme.dim);
            return;
        };
        let rows = outline.rows();
        self.draw_headings(cx, area, buffer);
        let area = below_title(area);
        let window = self.cursor.window(rows.len(), area.height.into());
        for (at, place) in window.zip(area.rows()) {
            self.draw_row(cx, outline, &rows[at], place, buffer);
            if at == self.cursor.at {
                let sign = if cx.focused { "▶" } else { "▷" };
                draw_selection(cx.theme, cx.selected(), sign, place, buffer);
            }
        }
        scrollbar(buffer, area, self.cursor, rows.len(), cx.theme.line);
        if rows.len() == 1 && area.height > 1 && !self.shows_families() {
            let text = match cx.hub.lacks(Field::Relation) {
                true => "This file has no lineage",
                false => "No base is stated, and no model states this one as its base",
            };
            put(buffer, (area.x + 3, area.y + 1), text, room, cx.theme.dim);
        }
    }

    /// Returns the column of the sign of a row. Deep rows keep at least half of the room for their
    /// names.
    pub(super) fn sign_column(&self, cx: PaneContext, row: &TreeRow, place: Rect) -> u16 {
        let names = room_beside(place.width, self.columns(cx, place.width.into()));
        let indent = (row.depth * INDENT).min(names / 2);
        place.x + 1 + u16::try_from(indent).unwrap_or(0)
    }

    fn children_width(cx: PaneContext) -> u16 {
        match cx.session.passing {
            Some(_) => MATCHING_WIDTH,
            None => CHILDREN_WIDTH,
        }
    }

    /// Returns the width of the measure: that of its heading with an arrow, or more.
    pub(super) fn measure_width(&self) -> u16 {
        let heading = width(self.measure().info().title) + 1;
        u16::try_from(heading).unwrap_or(u16::MAX).max(7)
    }

    fn draw_headings(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let dim = cx.theme.dim;
        let order = self.order();
        let arrow = if order.ascending { "↑" } else { "↓" };
        let measure = self.measure();
        let (by, own) = match measure == order.field {
            true => (
                format!("{}{arrow}", measure.info().title),
                "model".to_owned(),
            ),
            false => {
                let by = format!("model, by {}{arrow}", order.field.info().title);
                (measure.info().title.to_owned(), by)
            }
        };
        let columns = self.columns(cx, area.width.into());
        let own = fit(&own, room_beside(area.width, columns));
        put(buffer, (area.x + 1, area.y), &own, area.width.into(), dim);
        let headings = [by.as_str(), "share", "relation", "children"];
        let mut right = area.right().saturating_sub(1);
        let shown = headings.into_iter().zip(columns);
        for (heading, cells) in shown.filter(|(_, cells)| *cells > 0) {
            put_right(buffer, right, area.y, heading, dim);
            right = right.saturating_sub(cells + 1);
        }
    }

    /// Returns the widths of the columns, from the right, with 0 for those that do not fit. They are
    /// the same for every row, so that no name covers a value.
    fn columns(&self, cx: PaneContext, room: usize) -> [u16; 4] {
        let mut left = room.saturating_sub(MARGINS + (room / 2).min(NAME_ROOM));
        let mut columns = [
            self.measure_width(),
            SHARE_WIDTH,
            RELATION_WIDTH,
            Self::children_width(cx),
        ];
        for at in BY_PRIORITY {
            let cells = usize::from(columns[at]) + 1;
            match cells <= left {
                true => left -= cells,
                false => columns[at] = 0,
            }
        }
        columns
    }

    fn draw_row(
        &self,
        cx: PaneContext,
        outline: &LineageTree,
        row: &TreeRow,
        place: Rect,
        buffer: &mut Buffer,
    ) {
        let columns = self.columns(cx, place.width.into());
        let x = self.sign_column(cx, row, place);
        let room = usize::from(place.right().saturating_sub(x + 1));
        if let Some(text) = self.other_row(cx, row) {
            put(buffer, (x, place.y), &fit(&text, room), room, cx.theme.dim);
            return;
        }
        let sign = match (row.kind, row.open) {
            _ if row.cycle => "↻",
            (TreeRowKind::OtherBase, true) => "▴",
            (TreeRowKind::OtherBase, false) => "↖",
            (_, true) => "▾",
            (_, false) if row.children > 0 => "▸",
            _ => "·",
        };
        let style = if sign == "·" {
            cx.theme.text
        } else {
            cx.theme.accent
        };
        let after = put(buffer, (x, place.y), sign, 1, style);
        if let TreeRowKind::Group(how) = row.kind {
            let text = format!(
                "{}  {}",
                relation_name(cx.hub.graph.relation_name(how)),
                format::count(row.children)
            );
            put(buffer, (after + 1, place.y), &text, room, cx.theme.accent);
            return;
        }
        let remarks = remarks(cx, row, outline.focus());
        let remarks: String = remarks.iter().map(|remark| format!(" {remark}")).collect();
        let names = place.x + 1 + u16::try_from(room_beside(place.width, columns)).unwrap_or(0);
        let room = usize::from(names.saturating_sub(x + 2));
        let whole = cx.hub.name(row.node);
        let name = fit(whole, room.saturating_sub(width(&remarks)).max(room / 2));
        let style = self.name_style(cx, outline, row.node);
        let end = put(buffer, (after + 1, place.y), &name, room, style);
        if is_found(cx, row.node) {
            highlight(cx, whole, &name, (after + 1, place.y), buffer);
        }
        let room = room.saturating_sub(width(&name));
        put(
            buffer,
            (end, place.y),
            &fit(&remarks, room),
            room,
            cx.theme.dim,
        );
        self.draw_columns(cx, outline, row, (columns, place), buffer);
    }

    fn name_style(&self, cx: PaneContext, outline: &LineageTree, node: Node) -> Style {
        match cx.hub.graph.model(node) {
            None => cx.theme.ghost,
            Some(_) if Some(node) == outline.focus() => cx.theme.focused,
            Some(_) if !passes(cx, node) => cx.theme.dim,
            Some(_) => cx.theme.text,
        }
    }

    /// Returns the text of a row without a node of its own.
    fn other_row(&self, cx: PaneContext, row: &TreeRow) -> Option<String> {
        let name = cx.hub.name(row.node);
        let of_families = row.parent.is_none();
        Some(match row.kind {
            TreeRowKind::More(count) if of_families => {
                format!("… {} more families", format::count(count))
            }
            TreeRowKind::More(count) => {
                format!("… {} more children of {name}", format::count(count))
            }
            TreeRowKind::MoreBases(count) => {
                format!("… {} more bases of {name}", format::count(count))
            }
            TreeRowKind::Hidden(count) if of_families => {
                format!("… {} families without a match", format::count(count))
            }
            TreeRowKind::Hidden(count) => {
                let count = format::count(count);
                format!("… {count} children of {name} do not match")
            }
            TreeRowKind::Unrelated(1) => "… 1 model without a family; enter lists it".to_owned(),
            TreeRowKind::Unrelated(count) => {
                format!(
                    "… {} models without a family; enter lists them",
                    format::count(count)
                )
            }
            _ => return None,
        })
    }

    fn draw_columns(
        &self,
        cx: PaneContext,
        outline: &LineageTree,
        row: &TreeRow,
        (widths, place): ([u16; 4], Rect),
        buffer: &mut Buffer,
    ) {
        let dim = cx.theme.dim;
        let above = outline
            .parent_node(row)
            .filter(|_| row.kind == TreeRowKind::Node);
        let relation = above.and_then(|above| cx.hub.graph.relation(row.node, above));
        let relation = relation.map(|how| relation_name(how).to_owned());
        let field = self.measure();
        let own = cx.hub.lineage().number(field, row.node);
        let value = match own {
            // Totals that take too long are only computed for the current model.
            None if field.is_derived() && cx.hub.models.has(field) => Some("?".to_owned()),
            own => own.map(format::short),
        };
        let share = share(cx, outline, row, field);
        let columns = [
            (value, cx.theme.text, false),
            (share, cx.theme.bar, true),
            (relation, dim, false),
            (self.children(cx, row), dim, false),
        ];
        let mut right = place.right().saturating_sub(1);
        let shown = columns.into_iter().zip(widths);
        for ((text, style, is_bar), cells) in shown.filter(|(_, cells)| *cells > 0) {
            let left = right.saturating_sub(cells);
            let text = text.unwrap_or_default();
            match is_bar {
                // Bars start at the left of the column.
                true => drop(put(buffer, (left, place.y), &text, cells.into(), style)),
                false => put_right(buffer, right, place.y, &fit(&text, cells.into()), style),
            }
            right = left.saturating_sub(1);
        }
    }

    /// Returns the number of children, and of those that pass the filters.
    fn children(&self, cx: PaneContext, row: &TreeRow) -> Option<String> {
        if row.children == 0 || row.kind == TreeRowKind::OtherBase {
            return None;
        }
        let all = format::count(row.children);
        let matching = cx.session.passing.as_ref();
        let some = matching.and_then(|_| self.counts.get(&row.node));
        Some(match some {
            Some(some) => format!("{} of {all}", format::count(*some)),
            None => all,
        })
    }
}

/// Returns the cells that columns leave to names, with what is before them.
fn room_beside(width: u16, columns: [u16; 4]) -> usize {
    let shown = columns.into_iter().filter(|cells| *cells > 0);
    let taken: usize = shown.map(|cells| usize::from(cells) + 1).sum();
    usize::from(width).saturating_sub(MARGINS + taken)
}

/// Returns the share of a node in its parent's measure as a bar; that of a root in the first root's.
fn share(cx: PaneContext, outline: &LineageTree, row: &TreeRow, field: Field) -> Option<String> {
    let measured = field.info().kind == FieldKind::Count && row.kind == TreeRowKind::Node;
    let number = |node| cx.hub.lineage().number(field, node);
    let whole = match outline.parent_node(row) {
        Some(above) => above,
        None if outline.focus().is_none() => outline.rows().first()?.node,
        None => return None,
    };
    let own = number(row.node).filter(|_| measured)?;
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let (own, whole) = (size(own), size(number(whole)?));
    Some(bar(own.min(whole), whole, SHARE_WIDTH.into()))
}

/// Returns the name of a relation.
fn relation_name(how: &str) -> &str {
    match how {
        "" => "unstated",
        how => how,
    }
}

/// Returns the remarks beside the name of a row.
fn remarks(cx: PaneContext, row: &TreeRow, focus: Option<Node>) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut say = |text: &str| remarks.push(text.to_owned());
    if cx.hub.graph.model(row.node).is_none() {
        say("(missing)");
    }
    if row.kind == TreeRowKind::OtherBase {
        say("(also a base)");
    }
    if row.cycle {
        say("(cycle: see above)");
    } else if row.again {
        say("(again)");
    }
    let bases = cx.hub.graph.bases(row.node);
    if bases.contains(&row.node) {
        say("(states itself as base)");
    }
    if Some(row.node) != focus && row.kind == TreeRowKind::Node && bases.len() > 1 {
        remarks.push(format!("({} bases)", bases.len()));
    }
    remarks
}

/// Returns true if a node passes the filters.
fn passes(cx: PaneContext, node: Node) -> bool {
    let Some(matching) = &cx.session.passing else {
        return true;
    };
    cx.hub
        .graph
        .model(node)
        .is_some_and(|model| matching.has(model))
}
