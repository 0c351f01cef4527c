//! The list of models: the query line and, below it, what it finds.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use super::Look;
use crate::engine::data::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::data::load::Stage;
use crate::engine::data::models::ModelId;
use crate::engine::search::matcher::Hits;
use crate::engine::search::rank::Order;
use crate::format;
use crate::tui::rows::{Cursor, draw_input, fit, put, put_right, scrollbar, width};

/// The columns beside the id, from the left: the nearer to the id, the sooner one gives way.
const COLUMNS: [Field; 6] = [
    Field::Relation,
    Field::Task,
    Field::Params,
    Field::Likes,
    Field::DownloadsAllTime,
    Field::Downloads,
];

/// So much is kept for ids before a column is shown.
const ID_ROOM: usize = 40;

/// The lines above the list: the query and the headings.
const HEAD: u16 = 2;

/// The list's state.
#[derive(Default)]
pub struct List {
    pub input: Input,
    /// Whether keys are typed into the query.
    pub editing: bool,
    pub order: Order,
    /// What the query found; nothing before the first answer.
    pub hits: Option<Hits>,
    pub cursor: Cursor,
}

impl List {
    /// How many models are listed.
    pub fn lines(&self) -> usize {
        self.hits.as_ref().map_or(0, |h| h.models.len())
    }

    /// The selected model.
    pub fn selected(&self) -> Option<ModelId> {
        self.hits.as_ref()?.models.get(self.cursor.at).copied()
    }

    /// Takes an answer; the selected model stays selected if `keep` and it is still listed.
    pub fn take(&mut self, hits: Hits, keep: Option<ModelId>) {
        let place = keep.and_then(|model| hits.models.iter().position(|m| *m == model));
        self.cursor = Cursor {
            at: place.unwrap_or(0),
            top: self.cursor.top,
        };
        self.hits = Some(hits);
    }

    /// Selects a model if it is listed.
    pub fn select(&mut self, model: ModelId) -> bool {
        let place = self
            .hits
            .as_ref()
            .and_then(|h| h.models.iter().position(|m| *m == model));
        if let Some(place) = place {
            self.cursor.at = place;
        }
        place.is_some()
    }

    /// How many models fit the pane.
    pub fn height(area: Rect) -> usize {
        area.height.saturating_sub(HEAD).into()
    }

    /// Draws the query line, the headings and the window of the list.
    pub fn draw(&self, look: Look, marks: &BTreeSet<ModelId>, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        self.draw_query(look, area, buffer);
        let list = Rect {
            y: area.y + HEAD,
            height: area.height.saturating_sub(HEAD),
            ..area
        };
        if area.height < HEAD {
            return;
        }
        let columns = columns(area.width.into(), self.order);
        self.draw_headings(
            look,
            &columns,
            Rect {
                y: area.y + 1,
                height: 1,
                ..area
            },
            buffer,
        );
        let Some(hits) = &self.hits else { return };
        if hits.models.is_empty() {
            self.draw_nothing(look, list, buffer);
        }
        let words: Vec<String> = self
            .input
            .value()
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        for (line, at) in self
            .cursor
            .window(hits.models.len(), list.height.into())
            .enumerate()
        {
            let y = list.y + u16::try_from(line).unwrap_or(0);
            let row = Rect {
                y,
                height: 1,
                ..list
            };
            let model = hits.models[at];
            draw_model(look, model, &columns, row, buffer);
            if marks.contains(&model) {
                put(buffer, (row.x + 1, y), "✓", 1, look.theme.here);
            }
            if !words.is_empty() {
                highlight(
                    look.hub.models.id(model),
                    &words,
                    row,
                    look.theme.matched,
                    buffer,
                );
            }
            if at == self.cursor.at {
                buffer.set_style(row, look.selected());
                put(
                    buffer,
                    (row.x, y),
                    if look.focused { "▶" } else { "▷" },
                    1,
                    look.selected(),
                );
            }
        }
        scrollbar(
            buffer,
            list,
            self.cursor,
            hits.models.len(),
            look.theme.line,
        );
    }

    fn draw_query(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let theme = look.theme;
        let counts = match &self.hits {
            Some(hits) if !self.input.value().trim().is_empty() => match hits.fuzzy() {
                0 => format!("{} found", format::count(hits.exact)),
                fuzzy => format!(
                    "{} exact · {} fuzzy",
                    format::count(hits.exact),
                    format::count(fuzzy)
                ),
            },
            _ => String::new(),
        };
        put(buffer, (area.x + 1, area.y), "/", 1, theme.accent);
        let room = usize::from(area.width).saturating_sub(5 + width(&counts));
        let place = Rect {
            x: area.x + 3,
            width: u16::try_from(room).unwrap_or(0),
            ..area
        };
        if self.editing {
            draw_input(&self.input, place, theme.text, buffer);
        } else if self.input.value().is_empty() {
            let count = format::count(look.hub.models.len());
            put(
                buffer,
                (place.x, place.y),
                &format!("search {count} models"),
                room,
                theme.dim,
            );
        } else {
            put(
                buffer,
                (place.x, place.y),
                self.input.value(),
                room,
                theme.text,
            );
        }
        put_right(
            buffer,
            area.right().saturating_sub(1),
            area.y,
            &counts,
            theme.dim,
        );
    }

    fn draw_headings(&self, look: Look, columns: &[&FieldInfo], area: Rect, buffer: &mut Buffer) {
        let arrow = if self.order.ascending { "↑" } else { "↓" };
        let heading = |info: &FieldInfo| match info.field == self.order.field {
            true => format!("{}{arrow}", info.title),
            false => info.title.to_owned(),
        };
        let shown = columns.iter().any(|c| c.field == self.order.field);
        let own = match shown || self.order.field == Field::Id {
            true => heading(Field::Id.info()),
            false => format!("model, by {}{arrow}", self.order.field.info().title),
        };
        put(
            buffer,
            (area.x + 2, area.y),
            &own,
            usize::from(area.width).saturating_sub(2),
            look.theme.dim,
        );
        let mut right = area.right().saturating_sub(1);
        for info in columns.iter().rev() {
            put_right(buffer, right, area.y, &heading(info), look.theme.dim);
            right = right.saturating_sub(info.width + 1);
        }
    }

    fn draw_nothing(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let lines = [
            "No id has all these words.",
            "Esc clears the query; fewer or shorter words find more.",
        ];
        for (line, y) in lines.iter().zip(area.y..area.bottom()) {
            put(
                buffer,
                (area.x + 2, y),
                line,
                usize::from(area.width).saturating_sub(2),
                look.theme.dim,
            );
        }
    }
}

/// The columns that a width has room for, from the left; what the list is sorted by is always one,
/// and the last to give way.
fn columns(room: usize, order: Order) -> Vec<&'static FieldInfo> {
    // In the order in which they are given room.
    let mut wanted = vec![
        Field::Downloads,
        Field::Params,
        Field::DownloadsAllTime,
        Field::Likes,
        Field::Relation,
        Field::Task,
    ];
    if order.field != Field::Id {
        wanted.retain(|field| *field != order.field);
        wanted.insert(0, order.field);
    }
    let mut used = ID_ROOM.min(room / 2) + 3;
    wanted.retain(|field| {
        used += usize::from(field.info().width) + 1;
        used <= room
    });
    let usual = COLUMNS
        .iter()
        .copied()
        .filter(|f| *f != order.field && wanted.contains(f));
    let sorted = Some(order.field).filter(|f| wanted.contains(f));
    usual.chain(sorted).map(Field::info).collect()
}

/// One model: its id whole, and the columns that it leaves room for.
fn draw_model(look: Look, model: ModelId, columns: &[&FieldInfo], row: Rect, buffer: &mut Buffer) {
    let models = &look.hub.models;
    let room = usize::from(row.width).saturating_sub(3);
    let id_end = put(
        buffer,
        (row.x + 2, row.y),
        &fit(models.id(model), room),
        room,
        look.theme.text,
    );
    let mut right = row.right().saturating_sub(1);
    for info in columns.iter().rev() {
        let left = right.saturating_sub(info.width);
        if left <= id_end {
            return;
        }
        let text = match info.kind {
            Kind::Word => models.word(info.field, model).map(str::to_owned),
            Kind::Time => models.number(info.field, model).map(format::day),
            Kind::Score => models
                .score(info.field, model)
                .map(|score| score.to_string()),
            _ => models.number(info.field, model).map(format::short),
        };
        let text = look.value(Stage::of(info.field), text);
        let sorted = columns.last().is_some_and(|last| last.field == info.field);
        let style = match sorted {
            true => look.theme.text,
            false => look.theme.dim,
        };
        put_right(buffer, right, row.y, &fit(&text, info.width.into()), style);
        right = left.saturating_sub(1);
    }
}

/// Marks the letters of an id that the words match: where a word stands, else its letters.
fn highlight(id: &str, words: &[String], row: Rect, style: Style, buffer: &mut Buffer) {
    let lower = id.to_lowercase();
    let room = usize::from(row.width).saturating_sub(3);
    if lower.len() != id.len() || !id.is_ascii() || id.len() > room {
        return;
    }
    let mut mark = |at: usize, len: usize| {
        let x = row.x + 2 + u16::try_from(at).unwrap_or(u16::MAX);
        let place = Rect {
            x,
            y: row.y,
            width: u16::try_from(len).unwrap_or(0),
            height: 1,
        };
        buffer.set_style(place.intersection(row), style);
    };
    for word in words {
        if let Some(at) = lower.find(word.as_str()) {
            mark(at, word.len());
            continue;
        }
        let mut from = 0;
        for letter in word.chars() {
            let Some(at) = lower[from..].find(letter) else {
                break;
            };
            mark(from + at, 1);
            from += at + letter.len_utf8();
        }
    }
}

/// The fields that the list can be sorted by.
pub fn sortable() -> impl Iterator<Item = &'static FieldInfo> {
    FIELDS.iter().filter(|i| i.kind != Kind::Word)
}
