//! The picture of the tree: names and signs on the left, on the right how many children, how it was
//! made, the share in what it hangs from, and the number that the tree is sorted by.

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
use crate::tui::layout::below_title;
use crate::tui::panes::Look;
use crate::tui::rows::{fit, put, put_right, scrollbar, width};

/// Cells of indentation a step of depth.
const INDENT: usize = 2;
/// Columns on the right.
const CHILDREN_WIDTH: u16 = 8;
const MATCHING_WIDTH: u16 = 14;
const SHARE_WIDTH: u16 = 6;
const RELATION_WIDTH: u16 = 9;

impl Tree {
    /// Draws the window of the tree.
    pub fn draw(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width).saturating_sub(3);
        let Some(outline) = &self.outline else {
            let text = match look.hub.stage < Stage::Lineage {
                true => "reading who was made from whom…",
                false => "no model is selected",
            };
            put(buffer, (area.x + 2, area.y), text, room, look.theme.dim);
            return;
        };
        let rows = outline.rows();
        self.draw_headings(look, area, buffer);
        let area = below_title(area);
        let window = self.cursor.window(rows.len(), area.height.into());
        for (at, y) in window.zip(area.y..) {
            let place = Rect {
                y,
                height: 1,
                ..area
            };
            self.draw_row(look, outline, &rows[at], place, buffer);
            if at == self.cursor.at {
                buffer.set_style(place, look.selected());
                let sign = if look.focused { "▶" } else { "▷" };
                put(buffer, (place.x, y), sign, 1, look.selected());
            }
        }
        scrollbar(buffer, area, self.cursor, rows.len(), look.theme.line);
        if rows.len() == 1 && area.height > 1 && !self.shows_families() {
            let text = match look.hub.lacks(Field::Relation) {
                true => "this file does not say what was made from what",
                false => "no base is stated, and no model states this one as its base",
            };
            put(buffer, (area.x + 3, area.y + 1), text, room, look.theme.dim);
        }
    }

    fn children_width(&self) -> u16 {
        match self.matching {
            Some(_) => MATCHING_WIDTH,
            None => CHILDREN_WIDTH,
        }
    }

    /// The number's column: its heading, with an arrow, fits.
    fn measure_width(&self) -> u16 {
        let heading = width(self.measure().info().title) + 1;
        u16::try_from(heading).unwrap_or(u16::MAX).max(7)
    }

    fn draw_headings(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let dim = look.theme.dim;
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
            ("made by", RELATION_WIDTH),
            ("children", self.children_width()),
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
        look: Look,
        outline: &LineageTree,
        row: &TreeRow,
        place: Rect,
        buffer: &mut Buffer,
    ) {
        // Deep rows keep at least half of the width for their names.
        let indent = (row.depth * INDENT).min(usize::from(place.width) / 2);
        let x = place.x + 1 + u16::try_from(indent).unwrap_or(0);
        let room = usize::from(place.right().saturating_sub(x + 1));
        if let Some(text) = self.beside(look, row) {
            put(
                buffer,
                (x, place.y),
                &fit(&text, room),
                room,
                look.theme.dim,
            );
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
            look.theme.text
        } else {
            look.theme.accent
        };
        let after = put(buffer, (x, place.y), sign, 1, style);
        let room = room.saturating_sub(2);
        if let TreeRowKind::Group(how) = row.kind {
            let text = format!(
                "{}  {}",
                word(look.hub.graph.relation_name(how)),
                format::count(row.children)
            );
            put(buffer, (after + 1, place.y), &text, room, look.theme.accent);
            return;
        }
        let name = fit(look.hub.name(row.node), room);
        let style = self.name_style(look, outline, row.node);
        let mut end = put(buffer, (after + 1, place.y), &name, room, style);
        for remark in remarks(look, row, outline.focus()) {
            let room = usize::from(place.right().saturating_sub(end + 2));
            end = put(buffer, (end + 1, place.y), &remark, room, look.theme.dim);
        }
        self.draw_columns(look, outline, row, (end, place), buffer);
    }

    fn name_style(&self, look: Look, outline: &LineageTree, node: Node) -> Style {
        match look.hub.graph.model(node) {
            None => look.theme.ghost,
            Some(_) if Some(node) == outline.focus() => look.theme.focused,
            Some(_) if !self.matches(look.hub, node) => look.theme.dim,
            Some(_) => look.theme.text,
        }
    }

    /// What a line says that is of no node: how many there are beside those listed.
    fn beside(&self, look: Look, row: &TreeRow) -> Option<String> {
        let name = look.hub.name(row.node);
        let of_families = row.parent.is_none();
        Some(match row.kind {
            TreeRowKind::More(count) if of_families => {
                format!("… {} more families", format::count(count))
            }
            TreeRowKind::More(count) => format!("… {} more made from {name}", format::count(count)),
            TreeRowKind::MoreBases(count) => {
                format!("… {} more bases of {name}", format::count(count))
            }
            TreeRowKind::Hidden(count) if of_families => {
                format!("… {} families without a match", format::count(count))
            }
            TreeRowKind::Hidden(count) => {
                let count = format::count(count);
                format!("… {count} that do not match, made from {name}")
            }
            TreeRowKind::Unrelated(1) => "… 1 model of no family; enter lists it".to_owned(),
            TreeRowKind::Unrelated(count) => {
                format!(
                    "… {} models of no family; enter lists them",
                    format::count(count)
                )
            }
            _ => return None,
        })
    }

    fn draw_columns(
        &self,
        look: Look,
        outline: &LineageTree,
        row: &TreeRow,
        (end, place): (u16, Rect),
        buffer: &mut Buffer,
    ) {
        let dim = look.theme.dim;
        let above = outline
            .parent_node(row)
            .filter(|_| row.kind == TreeRowKind::Node);
        let relation = above.and_then(|above| look.hub.graph.relation(row.node, above));
        let relation = relation.map(|how| word(how).to_owned());
        let field = self.measure();
        let own = look.hub.lineage().number(field, row.node);
        let value = match own {
            // Totals that would take too long are added up for the one that is looked at.
            None if field.is_derived() && look.hub.models.has(field) => Some("?".to_owned()),
            own => own.map(format::short),
        };
        let share = share(look, outline, row, field);
        // From the right: what a long name covers last.
        let columns = [
            (value, self.measure_width(), look.theme.text),
            (share, SHARE_WIDTH, look.theme.bar),
            (relation, RELATION_WIDTH, dim),
            (self.children(row), self.children_width(), dim),
        ];
        let mut right = place.right().saturating_sub(1);
        for (text, cells, style) in columns {
            let left = right.saturating_sub(cells);
            if left <= end {
                return;
            }
            let text = text.unwrap_or_default();
            match style == look.theme.bar {
                // Bars begin where the column does.
                true => drop(put(buffer, (left, place.y), &text, cells.into(), style)),
                false => put_right(buffer, right, place.y, &fit(&text, cells.into()), style),
            }
            right = left.saturating_sub(1);
        }
    }

    /// How many children there are, and how many of them match where a query is asked.
    fn children(&self, row: &TreeRow) -> Option<String> {
        if row.children == 0 || row.kind == TreeRowKind::OtherBase {
            return None;
        }
        let all = format::count(row.children);
        let matching = self.matching.as_ref();
        let some = matching.and_then(|_| self.counts.get(&row.node));
        Some(match some {
            Some(some) => format!("{} of {all}", format::count(*some)),
            None => all,
        })
    }
}

/// The node's number in that of what it hangs from, as a bar; of a root in that of the first.
fn share(look: Look, outline: &LineageTree, row: &TreeRow, field: Field) -> Option<String> {
    let measured = field.info().kind == FieldKind::Count && row.kind == TreeRowKind::Node;
    let number = |node| look.hub.lineage().number(field, node);
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

/// How something was made, in a word.
fn word(how: &str) -> &str {
    match how {
        "" => "unstated",
        how => how,
    }
}

/// What else is to be said of a row.
fn remarks(look: Look, row: &TreeRow, focus: Option<Node>) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut say = |text: &str| remarks.push(text.to_owned());
    if look.hub.graph.model(row.node).is_none() {
        say("(not in the table)");
    }
    if row.kind == TreeRowKind::OtherBase {
        say("(also a base)");
    }
    if row.cycle {
        say("(a circle: stands above)");
    } else if row.again {
        say("(again)");
    }
    let bases = look.hub.graph.bases(row.node);
    if bases.contains(&row.node) {
        say("(states itself as base)");
    }
    if Some(row.node) != focus && row.kind == TreeRowKind::Node && bases.len() > 1 {
        remarks.push(format!("({} bases)", bases.len()));
    }
    remarks
}
