//! The lines of the details as they are written.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use serde_json::{Map, Value};

use crate::engine::Hub;
use crate::engine::history::Counter;
use crate::engine::history::curve::CurvePoint;
use crate::engine::lineage::suspect::suspect_reason;
use crate::engine::parquet::record::{Gguf, Record};
use crate::engine::table::dtype;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::hub::{FileGroup, ValueChange};
use crate::present::bars::{bar, sparkline};
use crate::present::{card, figures, format};
use crate::tui::view::PaneContext;
use crate::tui::widgets::{fit, width, wrap};

/// The width of the labels.
const LABEL: usize = 12;

/// The lines as they are written.
pub(super) struct Page<'a> {
    pub cx: PaneContext<'a>,
    /// The width in cells.
    pub room: usize,
    pub lines: Vec<Line<'a>>,
}

impl Page<'_> {
    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    pub fn pair(&mut self, label: &str, value: &str) {
        self.labelled(label, value, self.cx.theme.text);
    }

    /// Writes a label and its value, wrapped in its column.
    pub fn labelled(&mut self, label: &str, value: &str, style: Style) {
        let room = self.room.saturating_sub(LABEL).max(8);
        let mut label = label;
        for piece in wrap(value, room) {
            let label = Span::styled(
                format!("{:LABEL$}", std::mem::take(&mut label)),
                self.cx.theme.dim,
            );
            self.lines
                .push(Line::from(vec![label, Span::styled(piece, style)]));
        }
    }

    pub fn wrapped(&mut self, text: &str, style: Style) {
        let pieces = wrap(text, self.room.max(8));
        self.lines
            .extend(pieces.into_iter().map(|piece| Line::styled(piece, style)));
    }

    pub fn number(&mut self, label: &str, hub: &Hub, field: Field, model: ModelId) {
        let value = hub.models.number(field, model).map(format::grouped);
        let value = self.cx.value(Stage::of(field), value);
        self.pair(label, &value);
    }

    pub fn word(&mut self, label: &str, model: ModelId, field: Field) {
        let value = self.cx.hub.models.word(field, model).map(str::to_owned);
        let value = self.cx.value(Stage::of(field), value);
        self.pair(label, &value);
    }

    pub fn downloads(&mut self, model: ModelId) {
        let hub = self.cx.hub;
        let recent = hub
            .models
            .number(Field::Downloads, model)
            .map(format::grouped);
        let recent = self.cx.value(Stage::Names, recent);
        self.pair("downloads", &format!("{recent} in 30 days"));
        self.change(model);
        self.number("all-time", hub, Field::DownloadsAllTime, model);
        if let Some(share) = hub.models.recent_share(model) {
            self.pair("", &format!("{} recent", format::percent(share)));
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

    /// Writes the change since the older snapshot, if there is one.
    pub fn change(&mut self, model: ModelId) {
        let hub = self.cx.hub;
        let Some(older) = &hub.comparison else { return };
        let number = |field| hub.models.number(field, model);
        let (now, delta) = (number(Field::Downloads), number(Field::Delta));
        if let Some((now, delta)) = now.zip(delta) {
            let change = match delta {
                0 => "unchanged".to_owned(),
                _ => format::signed(delta, format::grouped(delta)),
            };
            let growth = number(Field::Growth).filter(|_| delta != 0);
            let growth = growth.map(|growth| figures::in_short(Field::Growth, growth));
            let growth = growth.map_or_else(String::new, |growth| format!(", {growth}"));
            let then = format::grouped(now - delta);
            self.pair("before", &format!("{then} ({change}{growth})"));
        } else if older.is_new(model) {
            self.pair("before", &format!("new since {}", figures::snapshot(older)));
        }
        if let Some(was) = older.former_name(model) {
            self.pair("", &format!("renamed from {was}"));
        }
    }

    pub fn params(&mut self, model: ModelId) {
        let hub = self.cx.hub;
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
            text => self.cx.value(Stage::Lineage, text),
        };
        self.pair("params", &text);
        if let Some(doubt) = suspect_reason(&hub.models, &hub.graph, model) {
            let why = format!("suspect: {}", figures::doubt(&hub.models, &doubt));
            self.labelled("", &why, self.cx.theme.error);
        }
    }

    /// Keeps the lines that are likely to arrive, so that those below stay in place.
    pub fn pending(&mut self, model: ModelId) {
        match self.cx.hub.models.word(Field::ParamsSource, model) {
            Some("safetensors") => {
                self.pair("  …", "");
                self.pair("memory", "…");
            }
            Some(_) => self.pair("gguf", "…"),
            None => {}
        }
    }

    /// Writes the share of each dtype as a bar, and the memory of all of them.
    pub fn dtypes(&mut self, record: &Record) {
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
                Span::styled(format!("  {:<10}", fit(dtype, 9)), self.cx.theme.dim),
                Span::styled(filled, self.cx.theme.bar),
                Span::raw(format!(
                    "{rest} {:>6} {:>6}",
                    format::percent(share),
                    format::short(*count)
                )),
            ]));
        }
        if let Some(note) = figures::packed(&record.dtypes) {
            self.labelled("", &note, self.cx.theme.dim);
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
            &format!("{} for the weights{unknown}", self.bytes(bytes)),
        );
    }

    /// Returns a number of bytes in the unit of the settings.
    fn bytes(&self, number: i64) -> String {
        format::memory(number, self.cx.session.settings.memory)
    }

    /// Writes the memory of the weights at other bit widths.
    pub fn memory(&mut self, model: ModelId) {
        if let Some(params) = self.cx.hub.models.number(Field::Params, model) {
            let [label, bytes] = figures::memory_in_short(params, self.cx.session.settings.memory);
            self.pair(&label, &bytes);
        }
    }

    pub fn gguf(&mut self, gguf: Option<&Gguf>) {
        let Some(gguf) = gguf else { return };
        let context = gguf
            .context_length
            .map(|n| format!("context {}", format::grouped(n)));
        let size = gguf
            .total_file_size
            .map(|n| format!("files {}", self.bytes(n)));
        let parts: Vec<String> = [gguf.architecture.clone(), context, size]
            .into_iter()
            .flatten()
            .collect();
        if !parts.is_empty() {
            self.pair("gguf", &parts.join(", "));
        }
    }

    /// Writes the values that the Hub has now; those that have changed stand out.
    pub fn changes(&mut self, changes: &[ValueChange]) {
        for change in changes {
            let now = change.now();
            match change.difference() {
                Some(difference) => {
                    let now = now.unwrap_or_else(|| "none".to_owned());
                    let text = format!("{now} ({difference})");
                    self.labelled(change.title, &text, self.cx.theme.accent);
                }
                None => now
                    .iter()
                    .for_each(|now| self.labelled(change.title, now, self.cx.theme.dim)),
            }
        }
    }

    /// Writes the files of the repository by quantization or format, with their sizes.
    pub fn files(&mut self, groups: &[FileGroup]) {
        let group = |group: &FileGroup| {
            let size = group.size.map(|size| format!(" {}", self.bytes(size)));
            format!("{}{}", group.name, size.unwrap_or_default())
        };
        let groups: Vec<String> = groups.iter().map(group).collect();
        if !groups.is_empty() {
            self.pair("files", &groups.join(" · "));
        }
    }

    /// Writes the downloads over the history, as many of the last snapshots as there is room for.
    pub fn curve(&mut self, curve: &[CurvePoint]) {
        let room = self.room.saturating_sub(LABEL).max(1);
        // Before the model came up, there is nothing to show.
        let first = curve.iter().position(|point| point.models > 0);
        let first = first
            .unwrap_or(curve.len())
            .max(curve.len().saturating_sub(room));
        let shown = &curve[first..];
        let ([first, ..], [_, .., last]) = (shown, shown) else {
            return;
        };
        let sum = |point: &CurvePoint| point.sum(Counter::Downloads);
        let downloads: Vec<Option<i64>> = shown.iter().map(sum).collect();
        self.blank();
        self.labelled("history", &sparkline(&downloads), self.cx.theme.bar);
        let delta = sum(last).zip(sum(first)).map(|(last, first)| last - first);
        let delta = delta.map(|delta| format::signed(delta, format::short(delta)));
        let since = format!("{} since {}", delta.unwrap_or_default(), first.day);
        self.labelled("", since.trim(), self.cx.theme.dim);
    }

    /// Writes the metadata of the model card.
    pub fn card(&mut self, card: &Map<String, Value>) {
        for (name, value) in card::facts(card) {
            self.labelled(&fit(&name, LABEL - 1), &value, self.cx.theme.dim);
        }
    }

    pub fn dates(&mut self, model: ModelId) {
        for (label, field) in [
            ("created", Field::CreatedAt),
            ("modified", Field::LastModified),
        ] {
            let value = self.cx.hub.models.number(field, model).map(format::day);
            let value = self.cx.value(Stage::of(field), value);
            self.pair(label, &value);
        }
    }
}
