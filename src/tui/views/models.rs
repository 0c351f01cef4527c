//! The list of models: the query line and, below it, the models that it finds. `head.rs` draws
//! what is above the list.

mod head;
mod suggestions;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use head::{draw_filters, draw_headings, draw_mistake, draw_nothing, draw_query};

use suggestions::draw_suggestions;

use crate::engine::Hub;
use crate::engine::search::hits::Hits;
use crate::engine::table::field::{Field, FieldInfo, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::figures::in_short;
use crate::tui::command::{self, ShellCommand};
use crate::tui::highlight::highlight;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, fit, put, put_right, scrollbar, width};

/// The columns beside the id, from the left; those nearer to the id give way first.
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

/// The width that ids keep before a column is shown.
const ID_ROOM: usize = 40;

/// The lines above the list: the query and the headings. One of filters may come between them.
const HEAD: u16 = 2;

/// The selection in the list of [`Session::hits`].
#[derive(Default)]
pub struct ModelList {
    pub cursor: Cursor,
}

impl ModelList {
    /// Returns the selected model.
    pub fn selected(&self, session: &Session) -> Option<ModelId> {
        session.hits.as_ref()?.models.get(self.cursor.at).copied()
    }

    /// Selects a model if it is listed, else the first.
    pub fn keep(&mut self, model: Option<ModelId>, session: &Session) {
        self.cursor.at = model.and_then(|model| row_of(model, session)).unwrap_or(0);
    }

    /// Selects a model if it is listed.
    pub fn select(&mut self, model: ModelId, session: &Session) {
        self.cursor.at = row_of(model, session).unwrap_or(self.cursor.at);
    }
}

impl View for ModelList {
    fn context(&self) -> KeyContext {
        KeyContext::MODELS
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        let height = list_height(cx.session, area);
        self.cursor.go(action, listed(cx.session), height);
        Vec::new()
    }

    fn settle(&mut self, cx: PaneContext, area: Rect) {
        let height = list_height(cx.session, area);
        self.cursor.settle(listed(cx.session), height);
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        let query = &session.query;
        let is_stated = query.parsed.query.sort.is_some();
        let order = Some(query.default_order).filter(|_| !is_stated);
        let order = order.unwrap_or_default();
        Some(command::search(query.text(), order, session.opened()))
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let line = |down: u16| Rect {
            y: area.y + down,
            height: 1,
            ..area
        };
        draw_query(cx, line(0), buffer);
        let head = head_height(cx.session);
        if area.height < head {
            return;
        }
        if head > HEAD {
            draw_filters(cx, line(1), buffer);
        }
        let columns = columns(cx.hub, area.width.into(), cx.session.query.order());
        match &cx.session.query.mistake {
            Some(mistake) => draw_mistake(cx, mistake, line(head - 1), buffer),
            None => draw_headings(cx, &columns, line(head - 1), buffer),
        }
        let list = Rect {
            y: area.y + head,
            height: area.height - head,
            ..area
        };
        if let Some(hits) = &cx.session.hits {
            self.draw_list(cx, hits, &columns, list, buffer);
        }
        if cx.session.query.mistake.is_some() {
            // It belongs to another query, which the query line names.
            buffer.set_style(list, cx.theme.dim);
        }
        draw_suggestions(cx, area.x + 3, area, buffer);
    }
}

impl ModelList {
    fn draw_list(
        &self,
        cx: PaneContext,
        hits: &Hits,
        columns: &[&FieldInfo],
        list: Rect,
        buffer: &mut Buffer,
    ) {
        if hits.models.is_empty() {
            draw_nothing(cx, hits, list, buffer);
        }
        let window = self.cursor.window(hits.models.len(), list.height.into());
        for (at, row) in window.zip(list.rows()) {
            let model = hits.models[at];
            draw_model(cx, model, columns, row, buffer);
            if cx.session.marks.contains(&model) {
                put(buffer, (row.x + 1, row.y), "✓", 1, cx.theme.here);
            }
            let id = cx.hub.models.id(model);
            if width(id) <= usize::from(row.width).saturating_sub(3) {
                highlight(cx, id, (row.x + 2, row.y), buffer);
            }
            if at == self.cursor.at {
                buffer.set_style(row, cx.selected());
                let sign = if cx.focused { "▶" } else { "▷" };
                put(buffer, (row.x, row.y), sign, 1, cx.selected());
            }
        }
        scrollbar(buffer, list, self.cursor, hits.found(), cx.theme.line);
    }
}

/// Returns the number of models listed.
fn listed(session: &Session) -> usize {
    session.hits.as_ref().map_or(0, |hits| hits.models.len())
}

fn row_of(model: ModelId, session: &Session) -> Option<usize> {
    let mut models = session.hits.as_ref()?.models.iter();
    models.position(|listed| *listed == model)
}

/// Returns the number of lines above the list.
fn head_height(session: &Session) -> u16 {
    HEAD + u16::from(!session.query.parsed.conditions.is_empty())
}

fn list_height(session: &Session, area: Rect) -> usize {
    area.height.saturating_sub(head_height(session)).into()
}

/// Returns the columns that fit a width, from the left; the one that the list is sorted by gives way
/// last.
fn columns(hub: &Hub, room: usize, order: Order) -> Vec<&'static FieldInfo> {
    // By priority.
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

/// Draws a model: its whole id, and the columns that fit beside it.
fn draw_model(
    cx: PaneContext,
    model: ModelId,
    columns: &[&FieldInfo],
    row: Rect,
    buffer: &mut Buffer,
) {
    let models = &cx.hub.models;
    let room = usize::from(row.width).saturating_sub(3);
    let id_end = put(
        buffer,
        (row.x + 2, row.y),
        &fit(models.id(model), room),
        room,
        cx.theme.text,
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
        let text = cx.value(Stage::of(info.field), text);
        let sorted = columns.last().is_some_and(|last| last.field == info.field);
        let style = match sorted {
            true => cx.theme.text,
            false => cx.theme.dim,
        };
        put_right(buffer, right, row.y, &fit(&text, info.width.into()), style);
        right = left.saturating_sub(1);
    }
}
