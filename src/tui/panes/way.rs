//! The way from a root to a model, or between two models over what both were made from: a line for
//! each step, and what changed at it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::path;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::stage::Stage;
use crate::present::figures::in_short;
use crate::tui::action::Action;
use crate::tui::rows::{Cursor, blank, fit, put, put_right, scrollbar, width};

/// What is told of each step beside its name, with the cells it takes; the first ones are the last
/// to give way. No field stands for how it was made.
const COLUMNS: [(Option<Field>, u16); 5] = [
    (None, 9),
    (Some(Field::Params), 7),
    (Some(Field::License), 12),
    (Some(Field::Task), 19),
    (Some(Field::Downloads), 9),
];
/// So much is kept for names before a column is shown.
const NAME_ROOM: u16 = 24;

/// The steps, and the one that is selected.
pub struct Way {
    steps: Vec<Step>,
    cursor: Cursor,
    /// The nodes at its ends, and the nearest one that both were made from if it is neither.
    ends: [Node; 2],
    ancestor: Option<Node>,
}

/// A node on the way.
struct Step {
    node: Node,
    /// The base that it stands next to on the way; nothing at the top of it.
    base: Option<Node>,
    sign: &'static str,
}

impl Way {
    /// Down to this node from its root, along first bases; `None` for a root.
    pub fn from_root(hub: &Hub, node: Node) -> Option<Way> {
        let nodes = path::from_root(&hub.graph, node);
        let above = std::iter::once(None).chain(nodes.iter().copied().map(Some));
        let steps = nodes.iter().copied().zip(above).map(new_step).collect();
        (nodes.len() > 1).then(|| Way::new(steps, 0, None, [nodes[0], node]))
    }

    /// The shortest way between two nodes over a common ancestor; `None` where they have none.
    pub fn between(hub: &Hub, from: Node, to: Node) -> Option<Way> {
        let between = path::between(&hub.graph, from, to)?;
        let ancestor = between.ancestor()?;
        let top = between.up.len() - 1;
        let up = between.up.iter().enumerate();
        let up = up.map(|(at, node)| (*node, between.up.get(at + 1).copied()));
        let above = std::iter::once(ancestor).chain(between.down.iter().copied());
        let down = between.down.iter().copied().zip(above.map(Some));
        let steps = up.chain(down).map(new_step).collect();
        let common = Some(ancestor).filter(|node| ![from, to].contains(node));
        Some(Way::new(steps, top, common, [from, to]))
    }

    fn new(mut steps: Vec<Step>, top: usize, ancestor: Option<Node>, ends: [Node; 2]) -> Way {
        set_signs(&mut steps, top);
        Way {
            steps,
            cursor: Cursor::default(),
            ends,
            ancestor,
        }
    }

    /// The selected step's node.
    pub fn selected(&self) -> Node {
        self.steps[self.cursor.at].node
    }

    /// Moves as the action says.
    pub fn act(&mut self, action: Action, area: Rect) {
        let height = usize::from(area.height.saturating_sub(2));
        self.cursor.go(action, self.steps.len(), height);
    }

    /// Draws the title, the headings and the steps.
    pub fn draw(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        if area.height < 3 {
            return;
        }
        self.draw_title(look, area, buffer);
        let list = Rect {
            y: area.y + 2,
            height: area.height - 2,
            ..area
        };
        let columns = columns(area.width);
        put(
            buffer,
            (area.x + 1, area.y + 1),
            "model",
            10,
            look.theme.dim,
        );
        let mut right = area.right().saturating_sub(1);
        for (title, width) in columns.iter().map(|(field, width)| (title(*field), *width)) {
            put_right(buffer, right, area.y + 1, title, look.theme.dim);
            right = right.saturating_sub(width + 1);
        }
        let window = self.cursor.window(self.steps.len(), list.height.into());
        for (at, y) in window.zip(list.y..) {
            let row = Rect {
                y,
                height: 1,
                ..list
            };
            self.draw_step(look, at, &columns, row, buffer);
            if at == self.cursor.at {
                buffer.set_style(row, look.selected());
                put(buffer, (row.x, y), "▶", 1, look.selected());
            }
        }
        scrollbar(buffer, list, self.cursor, self.steps.len(), look.theme.line);
    }

    fn draw_title(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let style = look.theme.focused;
        for x in area.x..area.right() {
            put(buffer, (x, area.y), "━", 1, style);
        }
        let [from, to] = self.ends.map(|node| look.hub.name(node));
        let text = match self.ancestor {
            Some(node) => format!("{from} and {to}, both from {}", look.hub.name(node)),
            None => format!("from {from} to {to}"),
        };
        let room = usize::from(area.width).saturating_sub(10);
        let text = format!(" ● Way {} ", fit(&text, room));
        put(buffer, (area.x + 1, area.y), &text, width(&text), style);
    }

    fn draw_step(
        &self,
        look: Look,
        at: usize,
        columns: &[(Option<Field>, u16)],
        row: Rect,
        buffer: &mut Buffer,
    ) {
        let step = &self.steps[at];
        let theme = look.theme;
        let mut right = row.right().saturating_sub(1);
        for (field, width) in columns {
            let (text, changed) = match field {
                Some(field) => value(look, step, *field),
                None => (relation(look, step), false),
            };
            let style = if changed { theme.here } else { theme.dim };
            // Marked by more than colour.
            let text = if changed { format!("≠{text}") } else { text };
            put_right(buffer, right, row.y, &fit(&text, (*width).into()), style);
            right = right.saturating_sub(width + 1);
        }
        let after = put(buffer, (row.x + 1, row.y), step.sign, 2, theme.accent);
        let room = usize::from(right.saturating_sub(after + 1));
        let style = match look.hub.graph.model(step.node) {
            None => theme.ghost,
            Some(_) if Some(step.node) == self.ancestor => theme.focused,
            Some(_) => theme.text,
        };
        let name = fit(look.hub.name(step.node), room);
        put(buffer, (after + 1, row.y), &name, room, style);
    }
}

fn new_step((node, base): (Node, Option<Node>)) -> Step {
    Step {
        node,
        base,
        sign: "",
    }
}

/// Which way each step goes: up to the one at `top`, down from it.
fn set_signs(steps: &mut [Step], top: usize) {
    for (at, step) in steps.iter_mut().enumerate() {
        step.sign = match at.cmp(&top) {
            std::cmp::Ordering::Less => "↑",
            std::cmp::Ordering::Equal => "◆",
            std::cmp::Ordering::Greater => "↓",
        };
    }
}

/// The columns that there is room for, from the right.
fn columns(room: u16) -> Vec<(Option<Field>, u16)> {
    let mut used = NAME_ROOM + 4;
    let mut shown = COLUMNS.to_vec();
    shown.retain(|(_, width)| {
        used += width + 1;
        used <= room
    });
    shown.reverse();
    shown
}

fn title(field: Option<Field>) -> &'static str {
    field.map_or("made by", |field| field.info().title)
}

fn relation(look: Look, step: &Step) -> String {
    let how = step
        .base
        .and_then(|base| look.hub.graph.relation(step.node, base));
    match how {
        Some("") => "unstated".to_owned(),
        how => how.unwrap_or_default().to_owned(),
    }
}

/// What a step has of a field, and whether its base on the way has something else.
fn value(look: Look, step: &Step, field: Field) -> (String, bool) {
    let models = &look.hub.models;
    let of = |node| {
        let model = look.hub.graph.model(node)?;
        match field.info().kind {
            Kind::Word => models.word(field, model).map(str::to_owned),
            _ => models.number(field, model).map(|n| in_short(field, n)),
        }
    };
    let own = of(step.node);
    let before = step.base.and_then(of);
    // Downloads are never the same; that is no change made.
    let changed = own.is_some() && before.is_some() && own != before && field != Field::Downloads;
    (look.value(Stage::of(field), own), changed)
}
