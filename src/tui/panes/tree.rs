//! The base-model tree: ancestors above the model, everything made from it below.

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use crate::engine::Hub;
use crate::engine::data::field::Field;
use crate::engine::data::load::Stage;
use crate::engine::data::set::ModelSet;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::outline::{Kind, Outline, Row};
use crate::format;
use crate::tui::action::Action;
use crate::tui::layout::below_title;
use crate::tui::rows::{Cursor, fit, put, put_right, scrollbar};

/// Cells of indentation a step of depth.
const INDENT: usize = 2;
/// Columns on the right: children, downloads, how it was made.
const CHILDREN_WIDTH: u16 = 8;
const MATCHING_WIDTH: u16 = 14;
const DOWNLOADS_WIDTH: u16 = 9;
const RELATION_WIDTH: u16 = 9;

/// The tree's state.
#[derive(Default)]
pub struct Tree {
    pub outline: Option<Outline>,
    pub cursor: Cursor,
    /// The models that the query asks for; nothing where it asks for all.
    pub matching: Option<Arc<ModelSet>>,
    /// Whether all others are to be folded away, but for what leads to one.
    pub folds: bool,
    /// What is left when they are.
    kin: Option<Arc<ModelSet>>,
    /// How many children match, of the nodes that have been on screen.
    pub counts: HashMap<Node, usize>,
}

impl Tree {
    /// Draws the tree around this node from now on.
    pub fn show(&mut self, hub: &Hub, node: Node) {
        let outline = Outline::new(&hub.graph, node, self.kin.clone());
        self.cursor = Cursor {
            at: outline.focus_row(),
            top: 0,
        };
        self.outline = Some(outline);
    }

    /// Forgets the tree, but not what matches.
    pub fn clear(&mut self) {
        self.outline = None;
        self.cursor = Cursor::default();
    }

    /// Lists only these models from now on, or all again; the selected line stays selected if it
    /// is still there.
    pub fn fold(&mut self, hub: &Hub, kin: Option<Arc<ModelSet>>) {
        if kin.is_none() && self.kin.is_none() {
            return;
        }
        self.kin = kin.clone();
        let selected = self.row();
        let Some(outline) = &mut self.outline else {
            return;
        };
        outline.keep(&hub.graph, kin);
        let same = |row: &Row| selected.is_some_and(|s| s.kind == row.kind && s.node == row.node);
        let place = outline.rows().iter().position(same);
        self.cursor.at = place.unwrap_or_else(|| outline.focus_row());
    }

    /// Counts the matching children of the lines on screen, of which `height` are seen.
    pub fn count_matching(&mut self, hub: &Hub, height: usize) {
        let Some((outline, matching)) = self.outline.as_ref().zip(self.matching.as_ref()) else {
            return;
        };
        let window = self.cursor.window(outline.rows().len(), height);
        for row in &outline.rows()[window] {
            self.counts.entry(row.node).or_insert_with(|| {
                let children = hub.graph.children(row.node).iter();
                let models = children.filter_map(|child| hub.graph.model(*child));
                models.filter(|model| matching.has(*model)).count()
            });
        }
    }

    fn children_width(&self) -> u16 {
        match self.matching {
            Some(_) => MATCHING_WIDTH,
            None => CHILDREN_WIDTH,
        }
    }

    /// Whether the query asks for a node's model.
    fn matches(&self, hub: &Hub, node: Node) -> bool {
        let model = hub.graph.model(node);
        let wanted = |set: &Arc<ModelSet>| model.is_some_and(|model| set.has(model));
        self.matching.as_ref().is_none_or(wanted)
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.outline.as_ref().map_or(0, |o| o.rows().len())
    }

    /// The selected line.
    pub fn row(&self) -> Option<Row> {
        self.outline.as_ref()?.rows().get(self.cursor.at).copied()
    }

    /// How many lines fit the pane, below the headings.
    pub fn height(area: Rect) -> usize {
        area.height.saturating_sub(1).into()
    }

    /// Does what the action says; `height` lines are seen.
    pub fn act(&mut self, hub: &Hub, action: Action, height: usize) {
        let len = self.lines();
        if self.cursor.go(action, len, height) {
            return;
        }
        let Some(row) = self.row() else { return };
        let Some(outline) = &mut self.outline else {
            return;
        };
        match action {
            Action::Right if row.open => self.cursor.at += 1,
            Action::Right => {
                outline.toggle(&hub.graph, self.cursor.at);
            }
            Action::Left
                if row.open && row.kind == Kind::Child && outline.is_foldable(self.cursor.at) =>
            {
                outline.toggle(&hub.graph, self.cursor.at);
            }
            Action::Left => {
                self.cursor.at = outline.parent_row(self.cursor.at).unwrap_or(self.cursor.at)
            }
            Action::Open if matches!(row.kind, Kind::More(_)) => {
                outline.toggle(&hub.graph, self.cursor.at);
            }
            Action::OpenAll => outline.open_all(&hub.graph),
            Action::CloseAll => {
                outline.close_all(&hub.graph);
                self.cursor.at = outline.focus_row();
            }
            _ => {}
        }
        self.cursor.settle(self.lines(), height);
    }

    /// Draws the window of the tree.
    pub fn draw(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let Some(outline) = &self.outline else {
            let text = match look.hub.stage < Stage::Lineage {
                true => "reading who was made from whom…",
                false => "no model is selected",
            };
            put(
                buffer,
                (area.x + 2, area.y),
                text,
                usize::from(area.width).saturating_sub(2),
                look.theme.dim,
            );
            return;
        };
        let rows = outline.rows();
        draw_headings(look, self.children_width(), area, buffer);
        let area = below_title(area);
        for (line, at) in self
            .cursor
            .window(rows.len(), area.height.into())
            .enumerate()
        {
            let y = area.y + u16::try_from(line).unwrap_or(0);
            let place = Rect {
                y,
                height: 1,
                ..area
            };
            self.draw_row(look, &rows[at], outline.focus(), place, buffer);
            if at == self.cursor.at {
                buffer.set_style(place, look.selected());
                put(
                    buffer,
                    (place.x, y),
                    if look.focused { "▶" } else { "▷" },
                    1,
                    look.selected(),
                );
            }
        }
        scrollbar(buffer, area, self.cursor, rows.len(), look.theme.line);
        let below = area.y
            + u16::try_from(rows.len())
                .unwrap_or(u16::MAX)
                .min(area.height);
        if rows.len() == 1 && below < area.bottom() {
            let text = match look.hub.lacks(Field::Relation) {
                true => "this file does not say what was made from what",
                false => "no base is stated, and no model states this one as its base",
            };
            put(
                buffer,
                (area.x + 3, below),
                text,
                usize::from(area.width).saturating_sub(3),
                look.theme.dim,
            );
        }
    }
}

fn draw_headings(look: Look, children_width: u16, area: Rect, buffer: &mut Buffer) {
    put(
        buffer,
        (area.x + 1, area.y),
        "model",
        area.width.into(),
        look.theme.dim,
    );
    let mut right = area.right().saturating_sub(1);
    let headings = [
        ("made by", RELATION_WIDTH),
        ("downloads", DOWNLOADS_WIDTH),
        ("children", children_width),
    ];
    for (heading, width) in headings {
        let left = right.saturating_sub(width);
        if left <= area.x + 6 {
            return;
        }
        put_right(buffer, right, area.y, heading, look.theme.dim);
        right = left.saturating_sub(1);
    }
}

impl Tree {
    fn draw_row(&self, look: Look, row: &Row, focus: Node, place: Rect, buffer: &mut Buffer) {
        let hub = look.hub;
        let theme = look.theme;
        // Deep rows keep at least half of the width for their names.
        let indent = (row.depth * INDENT).min(usize::from(place.width) / 2);
        let x = place.x + 1 + u16::try_from(indent).unwrap_or(0);
        let room = usize::from(place.right().saturating_sub(x + 1));
        let beside = match row.kind {
            Kind::More(count) => Some((count, "more made")),
            Kind::Folded(count) => Some((count, "that do not match, made")),
            _ => None,
        };
        if let Some((count, what)) = beside {
            let text = format!(
                "… {} {what} from {}",
                format::count(count),
                hub.name(row.node)
            );
            put(buffer, (x, place.y), &fit(&text, room), room, theme.dim);
            return;
        }
        let model = hub.graph.model(row.node);
        let sign = match (row.kind, row.open) {
            _ if row.cycle => "↻",
            (Kind::OtherBase, _) => "+",
            (_, true) => "▾",
            (_, false) if row.children > 0 => "▸",
            _ => "·",
        };
        let sign_style = if sign == "·" {
            theme.text
        } else {
            theme.accent
        };
        let after = put(buffer, (x, place.y), sign, 1, sign_style);
        let name_style = match model {
            None => theme.ghost,
            Some(_) if row.node == focus => theme.focused,
            Some(_) if !self.matches(hub, row.node) => theme.dim,
            Some(_) => theme.text,
        };
        let name = fit(hub.name(row.node), room.saturating_sub(2));
        let mut end = put(
            buffer,
            (after + 1, place.y),
            &name,
            room.saturating_sub(2),
            name_style,
        );
        for remark in remarks(look, row, focus) {
            let room = usize::from(place.right().saturating_sub(end + 2));
            end = put(buffer, (end + 1, place.y), &remark, room, theme.dim);
        }
        self.draw_columns(look, row, end, place, buffer);
    }

    /// How many children there are, and how many of them match where a query is asked.
    fn children(&self, row: &Row) -> Option<String> {
        let all = format::count(row.children);
        let some = self
            .matching
            .as_ref()
            .and_then(|_| self.counts.get(&row.node));
        let text = match some {
            Some(some) => format!("{} of {all}", format::count(*some)),
            None => all,
        };
        (row.children > 0).then_some(text)
    }
}

/// What else is to be said of a row.
fn remarks(look: Look, row: &Row, focus: Node) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut say = |text: &str| remarks.push(text.to_owned());
    if look.hub.graph.model(row.node).is_none() {
        say("(not in the table)");
    }
    if row.kind == Kind::OtherBase {
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
    if row.node != focus && row.kind == Kind::Child && bases.len() > 1 {
        remarks.push(format!("({} bases)", bases.len()));
    }
    remarks
}

impl Tree {
    fn draw_columns(&self, look: Look, row: &Row, end: u16, place: Rect, buffer: &mut Buffer) {
        let hub = look.hub;
        let downloads = hub
            .graph
            .model(row.node)
            .and_then(|m| hub.models.number(Field::Downloads, m));
        let relation = match row.kind {
            Kind::OtherBase => None,
            _ => row
                .above
                .and_then(|above| hub.graph.relation(row.node, above)),
        };
        let relation = relation.map(|how| if how.is_empty() { "unstated" } else { how }.to_owned());
        let children = self.children(row);
        // From the right: what a long name covers last.
        let columns = [
            (relation, RELATION_WIDTH),
            (downloads.map(format::short), DOWNLOADS_WIDTH),
            (children, self.children_width()),
        ];
        let mut right = place.right().saturating_sub(1);
        for (text, width) in columns {
            let left = right.saturating_sub(width);
            if left <= end {
                return;
            }
            let text = text.unwrap_or_default();
            put_right(
                buffer,
                right,
                place.y,
                &fit(&text, width.into()),
                look.theme.dim,
            );
            right = left.saturating_sub(1);
        }
    }
}
