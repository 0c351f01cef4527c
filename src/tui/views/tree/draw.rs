//! Draws the tree: names on the left; children, relation, share of the parent and the measure on the
//! right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Tree;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::{LineageTree, TreeRow, TreeRowKind};
use crate::engine::table::field::{Field, Kind as FieldKind};
use crate::engine::table::stage::Stage;
use crate::present::bars::bar;
use crate::present::format;
use crate::tui::highlight::highlight;
use crate::tui::layout::below_title;
use crate::tui::view::PaneContext;
use crate::tui::widgets::{fit, put, put_right, scrollbar, width};

/// Cells of indentation a step of depth.
const INDENT: usize = 2;
/// Columns on the right.
const CHILDREN_WIDTH: u16 = 8;
const MATCHING_WIDTH: u16 = 14;
const SHARE_WIDTH: u16 = 6;
const RELATION_WIDTH: u16 = 9;

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
                buffer.set_style(place, cx.selected());
                let sign = if cx.focused { "▶" } else { "▷" };
                put(buffer, (place.x, place.y), sign, 1, cx.selected());
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

    fn children_width(cx: PaneContext) -> u16 {
        match cx.session.passing {
            Some(_) => MATCHING_WIDTH,
            None => CHILDREN_WIDTH,
        }
    }

    /// Returns the width of the measure: that of its heading with an arrow, or more.
    fn measure_width(&self) -> u16 {
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
        put(buffer, (area.x + 1, area.y), &own, area.width.into(), dim);
        let headings = [
            (by.as_str(), self.measure_width()),
            ("share", SHARE_WIDTH),
            ("relation", RELATION_WIDTH),
            ("children", Self::children_width(cx)),
        ];
        let mut right = area.right().saturating_sub(1);
        for (heading, cells) in headings {
            let left = right.saturating_sub(cells);
            if left <= area.x + 6 {
                return;
            }
            put_right(buffer, right, area.y, heading, dim);
            right = left.saturating_sub(1);
        }
    }

    fn draw_row(
        &self,
        cx: PaneContext,
        outline: &LineageTree,
        row: &TreeRow,
        place: Rect,
        buffer: &mut Buffer,
    ) {
        // Deep rows keep at least half of the width for their names.
        let indent = (row.depth * INDENT).min(usize::from(place.width) / 2);
        let x = place.x + 1 + u16::try_from(indent).unwrap_or(0);
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
        let room = room.saturating_sub(2);
        if let TreeRowKind::Group(how) = row.kind {
            let text = format!(
                "{}  {}",
                relation_name(cx.hub.graph.relation_name(how)),
                format::count(row.children)
            );
            put(buffer, (after + 1, place.y), &text, room, cx.theme.accent);
            return;
        }
        let name = fit(cx.hub.name(row.node), room);
        let style = self.name_style(cx, outline, row.node);
        let mut end = put(buffer, (after + 1, place.y), &name, room, style);
        if cx.hub.name(row.node) == name && is_found(cx, row.node) {
            highlight(cx, &name, (after + 1, place.y), buffer);
        }
        for remark in remarks(cx, row, outline.focus()) {
            let room = usize::from(place.right().saturating_sub(end + 2));
            end = put(buffer, (end + 1, place.y), &remark, room, cx.theme.dim);
        }
        self.draw_columns(cx, outline, row, (end, place), buffer);
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
        (end, place): (u16, Rect),
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
        // From the right; a long name covers them from the left.
        let columns = [
            (value, self.measure_width(), cx.theme.text),
            (share, SHARE_WIDTH, cx.theme.bar),
            (relation, RELATION_WIDTH, dim),
            (self.children(cx, row), Self::children_width(cx), dim),
        ];
        let mut right = place.right().saturating_sub(1);
        for (text, cells, style) in columns {
            let left = right.saturating_sub(cells);
            if left <= end {
                return;
            }
            let text = text.unwrap_or_default();
            match style == cx.theme.bar {
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

/// Returns true if a node matches the query.
fn is_found(cx: PaneContext, node: Node) -> bool {
    let model = cx.hub.graph.model(node);
    let matching = cx.session.matching.as_ref().zip(model);
    matching.is_some_and(|(matching, model)| matching.has(model))
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
