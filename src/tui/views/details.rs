//! The details of the current model, as lines of text. `page.rs` writes them.

mod page;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use page::Page;

use crate::engine::history::curve::CurvePoint;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::parquet::record::Record;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::hub::{LiveModel, changes};
use crate::present::format;
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, scrollbar};

/// The maximum number of bases that are named; the others are counted.
const BASES_NAMED: usize = 12;

/// The record and the family of the current node, and the first line on screen.
#[derive(Default)]
pub struct Details {
    pub record: Option<Result<Arc<Record>, String>>,
    pub family: Option<Family>,
    pub live: LiveState,
    /// The curve over the history; empty where that has none.
    curve: Option<Vec<CurvePoint>>,
    top: usize,
}

/// The current node as the Hub describes it now; it is asked only when the user wants to know.
#[derive(Default)]
pub enum LiveState {
    #[default]
    Unasked,
    Asked,
    Answered(Result<Arc<LiveModel>, String>),
}

impl View for Details {
    fn context(&self) -> KeyContext {
        KeyContext::DETAILS
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        let len = self.lines(cx, area.width.into()).len();
        let height = usize::from(area.height);
        // The pane has no cursor: a step moves the window.
        let at = match action {
            Action::Up | Action::PageUp | Action::First => self.top,
            _ => (self.top + height).saturating_sub(1),
        };
        let mut cursor = Cursor { at, top: self.top };
        cursor.go(action, len, height);
        self.top = cursor.top;
        Vec::new()
    }

    /// While the file is being loaded, reading a record from it would delay that.
    fn topics(&self, session: &Session) -> Vec<Topic> {
        let node = session
            .current
            .filter(|_| session.hub_at(Stage::Lineage).is_some());
        let is_read = session.hub_at(Stage::Complete).is_some() || session.failure.is_some();
        let record = session
            .current_model()
            .filter(|_| is_read && self.record.is_none());
        let curve = node
            .filter(|_| is_read && self.curve.is_none())
            .map(|node| Topic::Curves(vec![node], false));
        let family = node.map(Topic::Family);
        family
            .into_iter()
            .chain(record.map(Topic::Record))
            .chain(curve)
            .collect()
    }

    fn take(&mut self, finding: &Finding, session: &Session, _area: Rect) {
        match finding {
            Finding::Family(family) => self.family = Some(family.clone()),
            Finding::Record(record) => self.record = Some(record.clone()),
            // The answer may be about the node before.
            Finding::Live((node, live)) if session.current == Some(*node) => {
                self.live = LiveState::Answered(live.clone());
            }
            Finding::Curves(((nodes, false), curves)) if session.current.as_slice() == nodes => {
                let curve = curves.as_ref().ok().and_then(|curves| curves.first());
                self.curve = Some(curve.cloned().unwrap_or_default());
            }
            _ => {}
        }
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        let id = session.current_name()?;
        Some(command::show(&id, session.opened()))
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let lines = self.lines(cx, area.width.into());
        let height = usize::from(area.height);
        let top = self.top.min(lines.len().saturating_sub(height));
        for (line, y) in lines.iter().skip(top).zip(area.y..area.bottom()) {
            line.render(
                Rect {
                    x: area.x + 1,
                    y,
                    width: area.width.saturating_sub(1),
                    height: 1,
                },
                buffer,
            );
        }
        scrollbar(
            buffer,
            area,
            Cursor { at: top, top },
            lines.len(),
            cx.theme.line,
        );
    }
}

impl Details {
    fn lines<'a>(&'a self, cx: PaneContext<'a>, room: usize) -> Vec<Line<'a>> {
        let Some(node) = cx.session.current else {
            return vec![Line::styled("No model is selected", cx.theme.dim)];
        };
        let mut page = Page {
            cx,
            room: room.saturating_sub(2),
            lines: Vec::new(),
        };
        page.wrapped(cx.hub.name(node), cx.theme.focused);
        match cx.hub.graph.model(node) {
            Some(model) => self.of_model(&mut page, model),
            None => {
                page.wrapped(
                    "Named as a base, but missing: deleted, private or renamed.",
                    cx.theme.ghost,
                );
                self.of_now(&mut page, node);
                page.blank();
                self.of_family(&mut page, node);
            }
        }
        page.lines
    }

    /// Writes what the Hub has now, if it was asked.
    fn of_now<'a>(&'a self, page: &mut Page<'a>, node: Node) {
        let hub = page.cx.hub;
        match &self.live {
            LiveState::Unasked => {}
            LiveState::Asked => page.wrapped("Asking the Hub…", page.cx.theme.dim),
            LiveState::Answered(Err(reason)) => page.wrapped(reason, page.cx.theme.error),
            LiveState::Answered(Ok(live)) => {
                page.blank();
                page.wrapped("Now on the Hub", page.cx.theme.title);
                if live.id != hub.name(node) {
                    page.pair("renamed", &live.id);
                }
                page.changes(&changes(hub, Some(node), live));
                page.files(&live.groups);
                page.card(&live.card);
                page.blank();
                page.wrapped("In the snapshot", page.cx.theme.title);
            }
        }
    }

    fn of_model<'a>(&'a self, page: &mut Page<'a>, model: ModelId) {
        let hub = page.cx.hub;
        page.wrapped(&format::link(hub.models.id(model)), page.cx.theme.dim);
        self.of_now(page, model.into());
        if !matches!(self.live, LiveState::Answered(Ok(_))) {
            page.blank();
        }
        page.downloads(model);
        page.params(model);
        match &self.record {
            Some(Ok(record)) => {
                page.dtypes(record);
                page.gguf(record.gguf.as_ref());
            }
            Some(Err(_)) => {}
            None => page.pending(model),
        }
        page.memory(model);
        page.blank();
        page.word("task", model, Field::Task);
        page.word("library", model, Field::Library);
        page.word("license", model, Field::License);
        page.dates(model);
        page.blank();
        self.of_family(page, model.into());
        page.curve(self.curve.as_deref().unwrap_or_default());
        match &self.record {
            Some(Ok(record)) if !record.tags.is_empty() || !record.card.is_empty() => {
                page.blank();
                page.card(&record.card);
                page.labelled("tags", &record.tags.join("  "), page.cx.theme.dim);
            }
            Some(Err(reason)) => page.wrapped(reason, page.cx.theme.error),
            _ => {}
        }
    }

    fn of_family<'a>(&'a self, page: &mut Page<'a>, node: Node) {
        let hub = page.cx.hub;
        if hub.stage >= Stage::Lineage && hub.lacks(Field::Relation) {
            page.pair("bases", "unknown: this file has no lineage");
            return;
        }
        let bases = hub.graph.bases(node);
        for (at, &base) in bases.iter().take(BASES_NAMED).enumerate() {
            let how = hub
                .graph
                .relation(node, base)
                .filter(|how| !how.is_empty())
                .unwrap_or("unstated");
            let label = if at == 0 { "bases" } else { "" };
            let ghost = hub.graph.model(base).is_none() && base != node;
            let remark = if ghost { ", missing" } else { "" };
            let style = if ghost {
                page.cx.theme.ghost
            } else {
                page.cx.theme.text
            };
            page.labelled(label, &format!("{} ({how}{remark})", hub.name(base)), style);
        }
        if bases.len() > BASES_NAMED {
            page.pair("", &format!("and {} more bases", bases.len() - BASES_NAMED));
        }
        let Some(family) = &self.family else { return };
        let kinds = family.children.iter().map(|(how, count)| {
            let how = if how.is_empty() { "unstated" } else { how };
            format!("{} {how}", format::count(*count))
        });
        let kinds: Vec<String> = kinds.collect();
        page.pair(
            "children",
            &if kinds.is_empty() {
                "none".to_owned()
            } else {
                kinds.join(", ")
            },
        );
        if family.descendants > 0 {
            page.pair("descendants", &format::count(family.descendants));
            let downloads = family.downloads.map(format::grouped);
            let known = |downloads| format!("{downloads} downloads, including its own");
            page.pair(
                "family",
                &downloads.map_or("downloads unknown".to_owned(), known),
            );
        }
    }
}
