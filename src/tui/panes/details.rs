//! Everything known of one model, as lines of text.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::Look;
use crate::engine::Hub;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::suspect::suspect_reason;
use crate::engine::parquet::record::{Gguf, Record};
use crate::engine::table::dtype;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::bars::bar;
use crate::present::{figures, format};
use crate::tui::action::Action;
use crate::tui::rows::{Cursor, fit, scrollbar, width, wrap};

/// Cells of the column of labels.
const LABEL: usize = 12;
/// Bases that are named; the others are counted.
const BASES_NAMED: usize = 12;

/// The state: what is shown and what has been found out about it.
#[derive(Default)]
pub struct Details {
    pub node: Option<Node>,
    pub record: Option<Result<Arc<Record>, String>>,
    pub family: Option<Arc<Family>>,
    /// The first line on screen.
    pub top: usize,
}

impl Details {
    /// Shows this node from now on; what was found out about the one before is forgotten.
    pub fn show(&mut self, node: Node) {
        if self.node != Some(node) {
            *self = Details {
                node: Some(node),
                ..Details::default()
            };
        }
    }

    /// Scrolls as the action says.
    pub fn act(&mut self, look: Look, action: Action, area: Rect) {
        let len = self.lines(look, area.width.into()).len();
        let height = usize::from(area.height);
        // The pane has no cursor: a step moves the window.
        let at = match action {
            Action::Up | Action::PageUp | Action::First => self.top,
            _ => (self.top + height).saturating_sub(1),
        };
        let mut cursor = Cursor { at, top: self.top };
        cursor.go(action, len, height);
        self.top = cursor.top;
    }

    /// Draws the lines from the first one seen.
    pub fn draw(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let lines = self.lines(look, area.width.into());
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
            look.theme.line,
        );
    }

    fn lines<'a>(&'a self, look: Look<'a>, room: usize) -> Vec<Line<'a>> {
        let Some(node) = self.node else {
            return vec![Line::styled("no model is selected", look.theme.dim)];
        };
        let mut page = Page {
            look,
            room: room.saturating_sub(2),
            lines: Vec::new(),
        };
        page.wrapped(look.hub.name(node), look.theme.focused);
        match look.hub.graph.model(node) {
            Some(model) => self.of_model(&mut page, model),
            None => {
                page.wrapped(
                    "Named as a base, but not in the table: deleted, private or renamed.",
                    look.theme.ghost,
                );
                page.blank();
                self.of_family(&mut page, node);
            }
        }
        page.lines
    }

    fn of_model<'a>(&'a self, page: &mut Page<'a>, model: ModelId) {
        let hub = page.look.hub;
        page.wrapped(&format::link(hub.models.id(model)), page.look.theme.dim);
        page.blank();
        page.downloads(model);
        page.params(model);
        match &self.record {
            Some(Ok(record)) => {
                page.dtypes(record);
                page.gguf(record.gguf.as_ref());
            }
            Some(Err(_)) => {}
            None => page.awaited(model),
        }
        page.memory(model);
        page.blank();
        page.word("task", model, Field::Task);
        page.word("library", model, Field::Library);
        let license = match &self.record {
            None => "…".to_owned(),
            Some(Ok(record)) => record.license.clone().unwrap_or_else(|| "–".to_owned()),
            Some(Err(_)) => "–".to_owned(),
        };
        page.pair("licence", &license);
        page.dates(model);
        page.blank();
        self.of_family(page, model.into());
        match &self.record {
            Some(Ok(record)) if !record.tags.is_empty() => {
                page.blank();
                page.labelled("tags", &record.tags.join("  "), page.look.theme.dim);
            }
            Some(Err(reason)) => page.wrapped(reason, page.look.theme.error),
            _ => {}
        }
    }

    fn of_family<'a>(&'a self, page: &mut Page<'a>, node: Node) {
        let hub = page.look.hub;
        if hub.lacks(Field::Relation) {
            page.pair("made from", "this file does not say");
            return;
        }
        let bases = hub.graph.bases(node);
        for (at, &base) in bases.iter().take(BASES_NAMED).enumerate() {
            let how = hub
                .graph
                .relation(node, base)
                .filter(|how| !how.is_empty())
                .unwrap_or("made");
            let label = if at == 0 { "made from" } else { "" };
            let ghost = hub.graph.model(base).is_none() && base != node;
            let remark = if ghost { ", not in the table" } else { "" };
            let style = if ghost {
                page.look.theme.ghost
            } else {
                page.look.theme.text
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
            let downloads = format::grouped(family.downloads);
            page.pair(
                "family",
                &format!("{downloads} downloads, its own included"),
            );
        }
    }
}

/// The lines being written.
struct Page<'a> {
    look: Look<'a>,
    room: usize,
    lines: Vec<Line<'a>>,
}

impl<'a> Page<'a> {
    fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    fn pair(&mut self, label: &str, value: &str) {
        self.labelled(label, value, self.look.theme.text);
    }

    /// A label and its value, which goes on below itself where it is longer than the line.
    fn labelled(&mut self, label: &str, value: &str, style: Style) {
        let room = self.room.saturating_sub(LABEL).max(8);
        let mut label = label;
        for piece in wrap(value, room) {
            let label = Span::styled(
                format!("{:LABEL$}", std::mem::take(&mut label)),
                self.look.theme.dim,
            );
            self.lines
                .push(Line::from(vec![label, Span::styled(piece, style)]));
        }
    }

    fn wrapped(&mut self, text: &str, style: Style) {
        let pieces = wrap(text, self.room.max(8));
        self.lines
            .extend(pieces.into_iter().map(|piece| Line::styled(piece, style)));
    }

    fn number(&mut self, label: &str, hub: &Hub, field: Field, model: ModelId) {
        let value = hub.models.number(field, model).map(format::grouped);
        let value = self.look.value(Stage::of(field), value);
        self.pair(label, &value);
    }

    fn word(&mut self, label: &str, model: ModelId, field: Field) {
        let value = self.look.hub.models.word(field, model).map(str::to_owned);
        let value = self.look.value(Stage::of(field), value);
        self.pair(label, &value);
    }

    fn downloads(&mut self, model: ModelId) {
        let hub = self.look.hub;
        let recent = hub
            .models
            .number(Field::Downloads, model)
            .map(format::grouped);
        let recent = self.look.value(Stage::Names, recent);
        self.pair("downloads", &format!("{recent} in 30 days"));
        self.change(model);
        self.number("all time", hub, Field::DownloadsAllTime, model);
        if let Some(share) = hub.models.recent_share(model) {
            self.pair("", &format!("{} of them recent", format::percent(share)));
        }
        self.number("likes", hub, Field::Likes, model);
        if let Some(score) = hub
            .models
            .score(Field::TrendingScore, model)
            .filter(|s| *s > 0.0)
        {
            self.pair("trending", &format!("{score}"));
        }
    }

    /// What is known of it in the older snapshot, if there is one.
    fn change(&mut self, model: ModelId) {
        let hub = self.look.hub;
        let Some(older) = &hub.comparison else { return };
        let number = |field| hub.models.number(field, model);
        let (now, delta) = (number(Field::Downloads), number(Field::Delta));
        if let Some((now, delta)) = now.zip(delta) {
            let change = match delta {
                0 => "the same".to_owned(),
                _ => format::signed(delta, format::grouped(delta)),
            };
            let growth = number(Field::Growth).filter(|_| delta != 0);
            let growth = growth.map(|growth| figures::in_short(Field::Growth, growth));
            let growth = growth.map_or_else(String::new, |growth| format!(", {growth}"));
            let then = format::grouped(now - delta);
            self.pair("then", &format!("{then} ({change}{growth})"));
        } else if older.is_new(model) {
            self.pair("then", &format!("new since {}", figures::snapshot(older)));
        }
        if let Some(was) = older.former_name(model) {
            self.pair("", &format!("was named {was}"));
        }
    }

    fn params(&mut self, model: ModelId) {
        let hub = self.look.hub;
        let known = hub.models.number(Field::Params, model);
        let text = known.map(|params| {
            let source = hub
                .models
                .word(Field::ParamsSource, model)
                .unwrap_or("file");
            format!(
                "{} ({}, {source})",
                format::short(params),
                format::grouped(params)
            )
        });
        let text = match text {
            None if hub.stage >= Stage::Lineage => "unknown".to_owned(),
            text => self.look.value(Stage::Lineage, text),
        };
        self.pair("params", &text);
        if let Some(doubt) = suspect_reason(&hub.models, &hub.graph, model) {
            let why = format!("suspect: {}", figures::doubt(&hub.models, &doubt));
            self.labelled("", &why, self.look.theme.error);
        }
    }

    /// The lines that are most likely to come, so that those below them stay where they are.
    fn awaited(&mut self, model: ModelId) {
        match self.look.hub.models.word(Field::ParamsSource, model) {
            Some("safetensors") => {
                self.pair("  …", "");
                self.pair("memory", "…");
            }
            Some(_) => self.pair("gguf", "…"),
            None => {}
        }
    }

    /// Each dtype's share as a bar, and the memory that all of them mean.
    fn dtypes(&mut self, record: &Record) {
        let all: i64 = record
            .dtypes
            .iter()
            .map(|(_, n)| *n)
            .fold(0, i64::saturating_add);
        let as_len = |n: i64| usize::try_from(n).unwrap_or(0);
        let room = self.room.saturating_sub(LABEL + 18).clamp(4, 24);
        for (dtype, count) in &record.dtypes {
            let filled = bar(as_len(*count), as_len(all), room);
            let rest = " ".repeat(room - width(&filled));
            let share = format::share(as_len(*count), as_len(all));
            self.lines.push(Line::from(vec![
                Span::styled(format!("  {:<10}", fit(dtype, 9)), self.look.theme.dim),
                Span::styled(filled, self.look.theme.bar),
                Span::raw(format!(
                    "{rest} {:>6} {:>6}",
                    format::percent(share),
                    format::short(*count)
                )),
            ]));
        }
        let bits = record
            .dtypes
            .iter()
            .map(|(dtype, n)| Some(i128::from(dtype::named(dtype)?.bits) * i128::from(*n)));
        let known: Vec<i128> = bits.clone().flatten().collect();
        if known.is_empty() {
            return;
        }
        let bytes = i64::try_from(known.iter().sum::<i128>() / 8).unwrap_or(i64::MAX);
        let mut bits = bits;
        let unknown = if bits.any(|b| b.is_none()) {
            ", other dtypes not counted"
        } else {
            ""
        };
        self.pair(
            "memory",
            &format!("{} for the weights{unknown}", format::bytes(bytes)),
        );
    }

    /// What the weights would take at other widths.
    fn memory(&mut self, model: ModelId) {
        if let Some(params) = self.look.hub.models.number(Field::Params, model) {
            let [label, bytes] = figures::memory_in_short(params);
            self.pair(&label, &bytes);
        }
    }

    fn gguf(&mut self, gguf: Option<&Gguf>) {
        let Some(gguf) = gguf else { return };
        let context = gguf
            .context_length
            .map(|n| format!("context {}", format::grouped(n)));
        let size = gguf
            .total_file_size
            .map(|n| format!("files {}", format::bytes(n)));
        let parts: Vec<String> = [gguf.architecture.clone(), context, size]
            .into_iter()
            .flatten()
            .collect();
        if !parts.is_empty() {
            self.pair("gguf", &parts.join(", "));
        }
    }

    fn dates(&mut self, model: ModelId) {
        for (label, field) in [
            ("created", Field::CreatedAt),
            ("modified", Field::LastModified),
        ] {
            let value = self.look.hub.models.number(field, model).map(format::day);
            let value = self.look.value(Stage::of(field), value);
            self.pair(label, &value);
        }
    }
}
