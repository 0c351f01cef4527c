//! The lineage paths from roots to a model, or between two models over their nearest common ancestor:
//! a line for each step, and what changed at it.

use std::cmp::Ordering;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::path;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::stage::Stage;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{Clicked, PaneContext, Request, View};
use crate::tui::widgets::{Cursor, blank, draw_selection, fit, put, put_right, scrollbar, width};

/// The columns beside the name with their widths; the last ones give way first. `None` stands for
/// the relation.
const COLUMNS: [(Option<Field>, u16); 6] = [
    (None, 9),
    (Some(Field::Params), 7),
    (Some(Field::License), 12),
    (Some(Field::Dtype), 7),
    (Some(Field::Task), 16),
    (Some(Field::Downloads), 9),
];
/// The width that names keep before a column is shown.
const NAME_ROOM: u16 = 20;
/// The maximum number of paths shown.
const PATHS: usize = 100;

/// The signs of steps: towards the common ancestor, at the top of a path, and down from it.
const UP: &str = "↑";
const TOP: &str = "◆";
const DOWN: &str = "↓";

/// The steps, and the one that is selected.
pub struct PathView {
    steps: Vec<Step>,
    cursor: Cursor,
    kind: PathKind,
}

/// What the steps are.
enum PathKind {
    /// All paths from roots down to a node, or the first [`PATHS`].
    Down {
        to: Node,
        paths: usize,
        is_whole: bool,
    },
    /// The path between two nodes, and their nearest common ancestor if it is neither.
    Between([Node; 2], Option<Node>),
}

/// A node on the path.
struct Step {
    node: Node,
    /// The base next to it on the path; `None` at the top.
    base: Option<Node>,
    sign: &'static str,
}

impl PathView {
    /// Opens the path between two marked models, or all paths from roots to the current one.
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

    /// Returns the paths down to a node; `None` for a root.
    fn from_root(hub: &Hub, node: Node) -> Option<PathView> {
        let (paths, is_whole) = path::all_from_root(&hub.graph, node, PATHS);
        let before = std::iter::once(&[][..]).chain(paths.iter().map(Vec::as_slice));
        let steps = paths.iter().zip(before).flat_map(|(nodes, before)| {
            let above = std::iter::once(None).chain(nodes.iter().copied().map(Some));
            // From where it meets the path before, it is shown there.
            let same = nodes.iter().rev().zip(before.iter().rev());
            let shared = same.take_while(|(own, other)| own == other).count();
            let own = nodes.iter().take(nodes.len() + 1 - shared.max(1));
            own.copied().zip(above).map(|(node, base)| Step {
                node,
                base,
                sign: if base.is_some() { DOWN } else { TOP },
            })
        });
        let kind = PathKind::Down {
            to: node,
            paths: paths.len(),
            is_whole,
        };
        let steps: Vec<Step> = steps.collect();
        (steps.len() > 1).then(|| PathView::new(steps, kind))
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
        let steps = up.chain(down).enumerate();
        let steps = steps.map(|(at, (node, base))| Step {
            node,
            base,
            sign: match at.cmp(&top) {
                Ordering::Less => UP,
                Ordering::Equal => TOP,
                Ordering::Greater => DOWN,
            },
        });
        let common = Some(ancestor).filter(|node| ![from, to].contains(node));
        let kind = PathKind::Between([from, to], common);
        Some(PathView::new(steps.collect(), kind))
    }

    fn new(steps: Vec<Step>, kind: PathKind) -> PathView {
        PathView {
            steps,
            cursor: Cursor::default(),
            kind,
        }
    }

    /// Returns the common ancestor of the two ends, if it is neither.
    fn ancestor(&self) -> Option<Node> {
        match self.kind {
            PathKind::Between(_, ancestor) => ancestor,
            PathKind::Down { .. } => None,
        }
    }

    fn title(&self, hub: &Hub) -> String {
        let name = |node: Node| hub.name(node);
        match self.kind {
            PathKind::Between([from, to], Some(ancestor)) => {
                format!(
                    "{} and {}, both from {}",
                    name(from),
                    name(to),
                    name(ancestor)
                )
            }
            PathKind::Between([from, to], None) => format!("{} to {}", name(from), name(to)),
            PathKind::Down { to, paths: 1, .. } => {
                format!("{} to {}", name(self.steps[0].node), name(to))
            }
            PathKind::Down {
                to,
                paths,
                is_whole,
            } => {
                let first = if is_whole { "" } else { "the first " };
                format!("{first}{paths} paths to {}", name(to))
            }
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

    fn scroll(&mut self, lines: isize, _cx: PaneContext, area: Rect) {
        let height = usize::from(area.height.saturating_sub(2));
        self.cursor.scroll(lines, self.steps.len(), height);
    }

    fn click(&mut self, at: Position, _cx: PaneContext, area: Rect) -> Clicked {
        match (at.y - area.y).checked_sub(2) {
            Some(row) => self.cursor.click(row, self.steps.len()),
            None => Clicked::Nothing,
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
                draw_selection(cx.theme, cx.selected(), "▶", row, buffer);
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
        let room = usize::from(area.width).saturating_sub(15);
        let text = format!(" ● Lineage: {} ", fit(&self.title(cx.hub), room));
        put(buffer, (area.x + 1, area.y), &text, width(&text), style);
    }

    /// Returns the value of a step in a field, and true if the nearest step before it of which the field
    /// is known has another one.
    fn value(&self, cx: PaneContext, at: usize, field: Field) -> (String, bool) {
        let models = &cx.hub.models;
        let of = |step: &Step| {
            let model = cx.hub.graph.model(step.node)?;
            match field.info().kind {
                Kind::Word => models.word(field, model).map(str::to_owned),
                _ => models.number(field, model).map(|n| cx.in_short(field, n)),
            }
        };
        let own = of(&self.steps[at]);
        let above = |at: &usize| match self.steps[*at].sign {
            DOWN => at.checked_sub(1),
            UP => Some(at + 1),
            _ => None,
        };
        let mut before = std::iter::successors(above(&at), above);
        let before = before.find_map(|at| of(&self.steps[at]));
        // Downloads always differ.
        let differs = own.is_some() && before.is_some() && own != before;
        let changed = differs && field != Field::Downloads;
        (cx.value(Stage::of(field), own), changed)
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
                Some(field) => self.value(cx, at, *field),
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
            Some(_) if Some(step.node) == self.ancestor() => theme.focused,
            Some(_) => theme.text,
        };
        let name = fit(cx.hub.name(step.node), room);
        put(buffer, (after + 1, row.y), &name, room, style);
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
