//! The list of models: the query line and, below it, what it finds.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::Input;
use unicode_width::UnicodeWidthChar;

use super::Look;
use crate::engine::Hub;
use crate::engine::query::ast::Query;
use crate::engine::query::parse::{Parsed, QueryError, parse};
use crate::engine::search::fuzzy::matched_chars;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::field::{Field, FieldInfo, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::figures::in_short;
use crate::present::format;
use crate::tui::rows::{Cursor, draw_marked_input, fit, put, put_right, scrollbar, width};

/// The columns beside the id, from the left: the nearer to the id, the sooner one gives way.
const COLUMNS: [Field; 8] = [
    Field::Relation,
    Field::Task,
    Field::Params,
    Field::Likes,
    Field::DownloadsAllTime,
    Field::Growth,
    Field::Delta,
    Field::Downloads,
];

/// So much is kept for ids before a column is shown.
const ID_ROOM: usize = 40;

/// The lines above the list: the query and the headings. One of filters may come between them.
const HEAD: u16 = 2;

/// The list's state.
#[derive(Default)]
pub struct List {
    pub input: Input,
    /// Whether keys are typed into the query.
    pub editing: bool,
    /// The order where the query asks for none.
    pub order: Order,
    /// The last query that could be read.
    pub parsed: Parsed,
    /// Its filters, as typed.
    chips: Vec<String>,
    /// Why the text is no query.
    pub mistake: Option<QueryError>,
    /// What the query found; nothing before the first answer.
    pub hits: Option<Hits>,
    pub cursor: Cursor,
}

impl List {
    /// How many models are listed.
    pub fn lines(&self) -> usize {
        self.hits.as_ref().map_or(0, |h| h.models.len())
    }

    /// How many are found; more than are listed while only the first ones are.
    pub fn found(&self) -> usize {
        let found = self.hits.as_ref().map_or(0, Hits::found);
        found.max(self.lines())
    }

    /// The selected model.
    pub fn selected(&self) -> Option<ModelId> {
        self.hits.as_ref()?.models.get(self.cursor.at).copied()
    }

    /// Takes in what the text says, or that it says nothing: the last good query stays then. What
    /// `compares` with an older snapshot says nothing where there is none.
    pub fn read(&mut self, compares: bool) -> bool {
        let text = self.input.value();
        let parsed = parse(text).and_then(|parsed| match &parsed.comparison {
            Some(mistake) if !compares => Err(mistake.clone()),
            _ => Ok(parsed),
        });
        match parsed {
            Ok(parsed) => {
                let chips = parsed.conditions.iter();
                self.chips = chips.map(|at| text[at.clone()].to_owned()).collect();
                self.parsed = parsed;
                self.mistake = None;
            }
            Err(mistake) => self.mistake = Some(mistake),
        }
        self.mistake.is_none()
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

    /// Lists the selected model alone, by its new number, until a new list comes; nothing where it
    /// has none.
    pub fn renumber(&mut self, moved: impl Fn(ModelId) -> Option<ModelId>) {
        let selected = self.selected().and_then(moved);
        self.hits = self.hits.take().zip(selected).map(|(hits, model)| Hits {
            models: vec![model].into(),
            completeness: Completeness::FirstPage,
            ..hits
        });
        self.cursor = Cursor::default();
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
    pub fn height(&self, area: Rect) -> usize {
        area.height.saturating_sub(self.head()).into()
    }

    fn head(&self) -> u16 {
        HEAD + u16::from(!self.parsed.conditions.is_empty())
    }

    /// The order of the list.
    pub fn sorted(&self) -> Order {
        self.parsed.query.sort.unwrap_or(self.order)
    }

    /// Draws the query line, the headings and the window of the list.
    pub fn draw(&self, look: Look, marks: &BTreeSet<ModelId>, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let line = |down: u16| Rect {
            y: area.y + down,
            height: 1,
            ..area
        };
        self.draw_query(look, line(0), buffer);
        let head = self.head();
        if area.height < head {
            return;
        }
        let list = Rect {
            y: area.y + head,
            height: area.height - head,
            ..area
        };
        if head > HEAD {
            self.draw_filters(look, line(1), buffer);
        }
        let columns = columns(look.hub, area.width.into(), self.sorted());
        match &self.mistake {
            Some(mistake) => self.draw_mistake(look, mistake, line(head - 1), buffer),
            None => self.draw_headings(look, &columns, line(head - 1), buffer),
        }
        let Some(hits) = &self.hits else { return };
        if hits.models.is_empty() {
            self.draw_nothing(look, hits, list, buffer);
        }
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
            highlight(look, &self.parsed.query, model, row, buffer);
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
        scrollbar(buffer, list, self.cursor, hits.found(), look.theme.line);
    }

    fn draw_query(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let theme = look.theme;
        let counts = self.counts(look, area.width);
        put(buffer, (area.x + 1, area.y), "/", 1, theme.accent);
        let room = usize::from(area.width).saturating_sub(5 + width(&counts));
        let place = Rect {
            x: area.x + 3,
            width: u16::try_from(room).unwrap_or(0),
            ..area
        };
        let text = self.input.value();
        if text.is_empty() && !self.editing {
            put(
                buffer,
                (place.x, place.y),
                "search, such as `llama 8b task:text-generation`",
                room,
                theme.dim,
            );
        } else {
            let wrong = self.mistake.as_ref().map(|m| (m.at.clone(), theme.wrong));
            draw_marked_input(&self.input, self.editing, place, theme.text, wrong, buffer);
        }
        put_right(
            buffer,
            area.right().saturating_sub(1),
            area.y,
            &counts,
            theme.dim,
        );
    }

    /// How much was found, and of how much.
    fn counts(&self, look: Look, room: u16) -> String {
        let all = format::count(look.hub.models.len());
        let Some(hits) = &self.hits else {
            return "…".to_owned();
        };
        if self.parsed.query.is_empty() {
            return format!("{all} models");
        }
        let mut counts = format!("{} exact", format::count(hits.exact()));
        if hits.completeness == Completeness::FirstPage {
            return format!("counting, of {all}");
        }
        if hits.completeness < Completeness::Complete {
            counts.push_str(" · … fuzzy");
        } else if hits.fuzzy() > 0 {
            counts.push_str(&format!(" · {} fuzzy", format::count(hits.fuzzy())));
        }
        match room >= 60 {
            true => format!("{counts} of {all}"),
            false => counts,
        }
    }

    /// The filters as typed, and how much they hide.
    fn draw_filters(&self, look: Look, area: Rect, buffer: &mut Buffer) {
        let theme = look.theme;
        let hidden = self.hits.as_ref().map_or(0, |h| h.hidden);
        let told = match hidden {
            0 => String::new(),
            hidden => format!("+{} hidden by filters", format::count(hidden)),
        };
        put_right(
            buffer,
            area.right().saturating_sub(1),
            area.y,
            &told,
            theme.dim,
        );
        let end = area
            .right()
            .saturating_sub(u16::try_from(width(&told) + 2).unwrap_or(u16::MAX));
        let mut x = area.x + 1;
        for (at, text) in self.chips.iter().enumerate() {
            let room = usize::from(end.saturating_sub(x));
            let left = self.chips.len() - at;
            let cells = width(text) + 2;
            if cells + if left > 1 { 4 } else { 0 } > room && at > 0 {
                put(buffer, (x, area.y), &format!("+{left}"), room, theme.dim);
                return;
            }
            let chip = format!(" {} ", fit(text, room.saturating_sub(2)));
            x = put(buffer, (x, area.y), &chip, room, theme.chip) + 1;
        }
    }

    fn draw_mistake(&self, look: Look, mistake: &QueryError, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width).saturating_sub(3);
        let text = mistake.with_column(self.input.value());
        put(
            buffer,
            (area.x + 2, area.y),
            &fit(&text, room),
            room,
            look.theme.error,
        );
    }

    fn draw_headings(&self, look: Look, columns: &[&FieldInfo], area: Rect, buffer: &mut Buffer) {
        let arrow = if self.sorted().ascending {
            "↑"
        } else {
            "↓"
        };
        let heading = |info: &FieldInfo| match info.field == self.sorted().field {
            true => format!("{}{arrow}", info.title),
            false => info.title.to_owned(),
        };
        let shown = columns.iter().any(|c| c.field == self.sorted().field);
        let own = match shown || self.sorted().field == Field::Id {
            true => heading(Field::Id.info()),
            false => format!("model, by {}{arrow}", self.sorted().field.info().title),
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

    /// Why nothing is listed, and what to do about it.
    fn draw_nothing(&self, look: Look, hits: &Hits, area: Rect, buffer: &mut Buffer) {
        let barring = hits
            .blocking_filter
            .and_then(|at| self.parsed.query.filters.get(at));
        let why = match barring {
            Some(test) => format!("No model at all passes `{test}`."),
            None if hits.hidden > 0 => "What has these words does not pass the filters.".to_owned(),
            None if self.parsed.query.words.is_empty() => {
                "No model passes all these filters.".to_owned()
            }
            None => "No id has all these words.".to_owned(),
        };
        let stage = barring.and_then(|t| t.key.info().field).map(Stage::of);
        let waits = barring.is_some_and(|test| test.compares() && look.hub.comparison.is_none());
        let early = waits || stage.is_some_and(|stage| look.hub.stage < stage);
        let what = match (early, hits.blocking_filter.is_some() || hits.hidden > 0) {
            (true, _) => "It is still being loaded.",
            (false, true) => "`x` takes a filter away, `f` shows what there is to filter by.",
            (false, false) => "Esc clears the query; fewer or shorter words find more.",
        };
        let room = usize::from(area.width).saturating_sub(3);
        for (line, y) in [why.as_str(), what].iter().zip(area.y..area.bottom()) {
            put(
                buffer,
                (area.x + 2, y),
                &fit(line, room),
                room,
                look.theme.dim,
            );
        }
    }
}

/// The columns that a width has room for, from the left; what the list is sorted by is always one,
/// and the last to give way.
fn columns(hub: &Hub, room: usize, order: Order) -> Vec<&'static FieldInfo> {
    // In the order in which they are given room.
    let mut wanted = vec![
        Field::Downloads,
        Field::Delta,
        Field::Growth,
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
    wanted.retain(|field| hub.offers(*field));
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
            Kind::Score => models
                .score(info.field, model)
                .map(|score| score.to_string()),
            _ => models
                .number(info.field, model)
                .map(|n| in_short(info.field, n)),
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

/// Marks the letters of an id that the query matches, unless the id is cut.
fn highlight(look: Look, query: &Query, model: ModelId, row: Rect, buffer: &mut Buffer) {
    let id = look.hub.models.id(model);
    let room = usize::from(row.width).saturating_sub(3);
    if query.words.is_empty() || width(id) > room {
        return;
    }
    let mut places = matched_chars(query, id).into_iter().peekable();
    let mut x = row.x + 2;
    for (at, letter) in id.chars().enumerate() {
        let cells = u16::try_from(letter.width().unwrap_or(0)).unwrap_or(0);
        if places.next_if_eq(&at).is_some() {
            let place = Rect {
                x,
                width: cells,
                ..row
            };
            buffer.set_style(place.intersection(row), look.theme.matched);
        }
        x += cells;
    }
}
