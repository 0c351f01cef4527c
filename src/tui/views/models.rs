//! The list of models: the query line and, below it, the models that it finds. `head.rs` draws
//! what is above the list.

mod columns;
mod head;
mod suggestions;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use columns::{ListColumn, ListColumns};
use head::{draw_headings, draw_mistake, draw_nothing, draw_query, query_text};
use suggestions::{draw_suggestions, scroll_of};

use crate::engine::search::hits::Hits;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::tui::command::{self, ShellCommand};
use crate::tui::highlight::highlight;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{Clicked, PaneContext, Request, View};
use crate::tui::widgets::{Cursor, draw_selection, fit, put, put_right, scrollbar, width};

/// The lines above the list: the query and the headings.
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

    /// Returns the id of the selected model where a list of this width shortens it.
    pub fn shortened<'h>(&self, cx: PaneContext<'h>, room: u16) -> Option<&'h str> {
        let id = cx.hub.models.id(self.selected(cx.session)?);
        let is_short = width(id) <= ListColumns::of(cx, room.into()).name;
        (!is_short).then_some(id)
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
        let height = list_height(area);
        // All of the list has the words of the query.
        let action = match action {
            Action::NextMatch => Action::Down,
            Action::PreviousMatch => Action::Up,
            action => action,
        };
        self.cursor.go(action, listed(cx.session), height);
        Vec::new()
    }

    fn settle(&mut self, cx: PaneContext, area: Rect) {
        let height = list_height(area);
        self.cursor.settle(listed(cx.session), height);
    }

    fn scroll(&mut self, lines: isize, cx: PaneContext, area: Rect) {
        self.cursor
            .scroll(lines, listed(cx.session), list_height(area));
    }

    fn click(&mut self, at: Position, cx: PaneContext, area: Rect) -> Clicked {
        let line = at.y - area.y;
        match line.checked_sub(HEAD) {
            Some(row) => self.cursor.click(row, listed(cx.session)),
            None if line == 0 => {
                let query = &cx.session.query;
                let scroll = match query.editing {
                    true => scroll_of(&query.input, area),
                    false => 0,
                };
                let column = at.x.saturating_sub(query_text(area).x);
                Clicked::Query(scroll + usize::from(column))
            }
            None => {
                let columns = ListColumns::of(cx, area.width.into());
                let left = area.right().saturating_sub(at.x + 1);
                Clicked::Heading(columns.field_before(left.into()))
            }
        }
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
        if area.height < HEAD {
            return;
        }
        let columns = ListColumns::of(cx, area.width.into());
        match &cx.session.query.mistake {
            Some(mistake) => draw_mistake(cx, mistake, line(1), buffer),
            None => draw_headings(cx, &columns, line(1), buffer),
        }
        let list = Rect {
            y: area.y + HEAD,
            height: area.height - HEAD,
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
        columns: &ListColumns,
        list: Rect,
        buffer: &mut Buffer,
    ) {
        if hits.models.is_empty() {
            draw_nothing(cx, hits, list, buffer);
        }
        let window = self.cursor.window(hits.models.len(), list.height.into());
        for (at, row) in window.zip(list.rows()) {
            let model = hits.models[at];
            let id = cx.hub.models.id(model);
            let name = fit(id, columns.name);
            put(
                buffer,
                (row.x + 2, row.y),
                &name,
                columns.name,
                cx.theme.text,
            );
            highlight(cx, id, &name, (row.x + 2, row.y), buffer);
            draw_values(cx, model, &columns.columns, row, buffer);
            if cx.session.marks.contains(&model) {
                put(buffer, (row.x + 1, row.y), "✓", 1, cx.theme.here);
            }
            if at == self.cursor.at {
                let sign = if cx.focused { "▶" } else { "▷" };
                draw_selection(cx.theme, cx.selected(), sign, row, buffer);
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

fn list_height(area: Rect) -> usize {
    area.height.saturating_sub(HEAD).into()
}

/// Draws the values of a model, each in the cells of its column.
fn draw_values(
    cx: PaneContext,
    model: ModelId,
    columns: &[ListColumn],
    row: Rect,
    buffer: &mut Buffer,
) {
    let mut right = usize::from(row.right()).saturating_sub(1);
    for column in columns.iter().rev() {
        let info = column.info;
        let is_known = cx.hub.models.has(info.field) || cx.hub.stage >= Stage::of(info.field);
        let text = match is_known {
            true => cx.of_model(info.field, model),
            false => "…".to_owned(),
        };
        let style = match column.leads {
            true => cx.theme.text,
            false => cx.theme.dim,
        };
        let x = u16::try_from(right).unwrap_or(u16::MAX);
        put_right(buffer, x, row.y, &fit(&text, column.width), style);
        right = right.saturating_sub(column.width + 1);
    }
}
