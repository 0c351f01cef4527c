//! The lineage path from a root to a model, or between two models over their nearest common
//! ancestor: a line for each step, and what changed at it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::path;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::stage::Stage;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, blank, fit, put, put_right, scrollbar, width};

/// The columns beside the name with their widths; the last ones give way first. `None` stands for
/// the relation.
const COLUMNS: [(Option<Field>, u16); 5] = [
    (None, 9),
    (Some(Field::Params), 7),
    (Some(Field::License), 12),
    (Some(Field::Task), 19),
    (Some(Field::Downloads), 9),
];
/// The width that names keep before a column is shown.
const NAME_ROOM: u16 = 24;

/// The steps, and the one that is selected.
pub struct PathView {
    steps: Vec<Step>,
    cursor: Cursor,
    /// The nodes at its ends, and their nearest common ancestor if it is neither.
    ends: [Node; 2],
    ancestor: Option<Node>,
}

/// A node on the path.
struct Step {
    node: Node,
    /// The base next to it on the path; `None` at the top.
    base: Option<Node>,
    sign: &'static str,
}

impl PathView {
    /// Opens the path between two marked models, or from the root to the current one.
    ///
    /// # Errors
    /// With the reason that there is none.
    pub fn open(session: &Session) -> Result<PathView, String> {
        let hub = session.hub.as_ref().ok_or("No model is selected")?;
        let marked: Vec<Node> = session.marks.iter().map(|m| Node::from(*m)).collect();
        if let [from, to] = marked[..] {
            let path = PathView::between(hub, from, to);
            return path.ok_or_else(|| "The marked models have no common ancestor".to_owned());
        }
        let node = session.current.ok_or("No model is selected")?;
        let path = PathView::from_root(hub, node);
        path.ok_or_else(|| format!("{} states no base", hub.name(node)))
    }

    /// Returns the path down to a node from its root, along first bases; `None` for a root.
    fn from_root(hub: &Hub, node: Node) -> Option<PathView> {
        let nodes = path::from_root(&hub.graph, node);
        let above = std::iter::once(None).chain(nodes.iter().copied().map(Some));
        let steps = nodes.iter().copied().zip(above).map(new_step).collect();
        (nodes.len() > 1).then(|| PathView::new(steps, 0, None, [nodes[0], node]))
    }

    /// Returns the shortest path between two nodes over a common ancestor, if they have one.
    fn between(hub: &Hub, from: Node, to: Node) -> Option<PathView> {
        let between = path::between(&hub.graph, from, to)?;
        let ancestor = between.ancestor()?;
        let top = between.up.len() - 1;
        let up = between.up.iter().enumerate();
        let up = up.map(|(at, node)| (*node, between.up.get(at + 1).copied()));
        let above = std::iter::once(ancestor).chain(between.down.iter().copied());
        let down = between.down.iter().copied().zip(above.map(Some));
        let steps = up.chain(down).map(new_step).collect();
        let common = Some(ancestor).filter(|node| ![from, to].contains(node));
        Some(PathView::new(steps, top, common, [from, to]))
    }

    fn new(mut steps: Vec<Step>, top: usize, ancestor: Option<Node>, ends: [Node; 2]) -> PathView {
        set_directions(&mut steps, top);
        PathView {
            steps,
            cursor: Cursor::default(),
            ends,
            ancestor,
        }
    }
}

impl View for PathView {
    fn context(&self) -> KeyContext {
        KeyContext("path")
    }

    fn act(&mut self, action: Action, _cx: PaneContext, area: Rect) -> Vec<Request> {
        match action {
            Action::Close => vec![Request::Close],
            Action::Focus => {
                let node = self.steps[self.cursor.at].node;
                vec![Request::Close, Request::Open(node)]
            }
            _ => {
                let height = usize::from(area.height.saturating_sub(2));
                self.cursor.go(action, self.steps.len(), height);
                Vec::new()
            }
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        if area.height < 3 {
            return;
        }
        self.draw_title(cx, area, buffer);
        let list = Rect {
            y: area.y + 2,
            height: area.height - 2,
            ..area
        };
        let columns = columns(area.width);
        put(buffer, (area.x + 1, area.y + 1), "model", 10, cx.theme.dim);
        let mut right = area.right().saturating_sub(1);
        for (title, width) in columns.iter().map(|(field, width)| (title(*field), *width)) {
            put_right(buffer, right, area.y + 1, title, cx.theme.dim);
            right = right.saturating_sub(width + 1);
        }
        let window = self.cursor.window(self.steps.len(), list.height.into());
        for (at, row) in window.zip(list.rows()) {
            self.draw_step(cx, at, &columns, row, buffer);
            if at == self.cursor.at {
                buffer.set_style(row, cx.selected());
                put(buffer, (row.x, row.y), "▶", 1, cx.selected());
            }
        }
        scrollbar(buffer, list, self.cursor, self.steps.len(), cx.theme.line);
    }
}

impl PathView {
    fn draw_title(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let style = cx.theme.focused;
        for x in area.x..area.right() {
            put(buffer, (x, area.y), "━", 1, style);
        }
        let [from, to] = self.ends.map(|node| cx.hub.name(node));
        let text = match self.ancestor {
            Some(node) => format!("{from} and {to}, both from {}", cx.hub.name(node)),
            None => format!("from {from} to {to}"),
        };
        let room = usize::from(area.width).saturating_sub(19);
        let text = format!(" ● Lineage path {} ", fit(&text, room));
        put(buffer, (area.x + 1, area.y), &text, width(&text), style);
    }

    fn draw_step(
        &self,
        cx: PaneContext,
        at: usize,
        columns: &[(Option<Field>, u16)],
        row: Rect,
        buffer: &mut Buffer,
    ) {
        let step = &self.steps[at];
        let theme = cx.theme;
        let mut right = row.right().saturating_sub(1);
        for (field, width) in columns {
            let (text, changed) = match field {
                Some(field) => value(cx, step, *field),
                None => (relation(cx, step), false),
            };
            let style = if changed { theme.here } else { theme.dim };
            // Readable without colors.
            let text = if changed { format!("≠{text}") } else { text };
            put_right(buffer, right, row.y, &fit(&text, (*width).into()), style);
            right = right.saturating_sub(width + 1);
        }
        let after = put(buffer, (row.x + 1, row.y), step.sign, 2, theme.accent);
        let room = usize::from(right.saturating_sub(after + 1));
        let style = match cx.hub.graph.model(step.node) {
            None => theme.ghost,
            Some(_) if Some(step.node) == self.ancestor => theme.focused,
            Some(_) => theme.text,
        };
        let name = fit(cx.hub.name(step.node), room);
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

/// Sets the direction of each step: up to the one at `top`, down from it.
fn set_directions(steps: &mut [Step], top: usize) {
    for (at, step) in steps.iter_mut().enumerate() {
        step.sign = match at.cmp(&top) {
            std::cmp::Ordering::Less => "↑",
            std::cmp::Ordering::Equal => "◆",
            std::cmp::Ordering::Greater => "↓",
        };
    }
}

/// Returns the columns that fit, from the right.
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
    field.map_or("relation", |field| field.info().title)
}

fn relation(cx: PaneContext, step: &Step) -> String {
    let how = step
        .base
        .and_then(|base| cx.hub.graph.relation(step.node, base));
    match how {
        Some("") => "unstated".to_owned(),
        how => how.unwrap_or_default().to_owned(),
    }
}

/// Returns the value of a step in a field, and true if its base on the path has another one.
fn value(cx: PaneContext, step: &Step, field: Field) -> (String, bool) {
    let models = &cx.hub.models;
    let of = |node| {
        let model = cx.hub.graph.model(node)?;
        match field.info().kind {
            Kind::Word => models.word(field, model).map(str::to_owned),
            _ => models.number(field, model).map(|n| cx.in_short(field, n)),
        }
    };
    let own = of(step.node);
    let before = step.base.and_then(of);
    // Downloads always differ.
    let changed = own.is_some() && before.is_some() && own != before && field != Field::Downloads;
    (cx.value(Stage::of(field), own), changed)
}
