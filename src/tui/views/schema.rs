//! The columns of the files: a line for each, and the details of the selected one below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::parquet::schema::{Column, Schema};
use crate::present::format::{count, percent, share};
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, blank, fit, put, put_right, scrollbar, width, wrap};

/// The maximum width of a type, some of which are very long, and the width of the share of nulls.
const KIND: usize = 26;
const NULLS: usize = 7;
/// The maximum width of a sample value.
const SAMPLE: usize = 60;
/// Lines for the details of the selected column.
const DETAILS: u16 = 3;

/// The columns, once they are read, and the selected one.
#[derive(Default)]
pub struct SchemaView {
    schema: Option<Result<Schema, String>>,
    /// True once nulls and samples are read.
    is_whole: bool,
    cursor: Cursor,
}

/// The parts below the title.
struct Areas {
    head: Rect,
    list: Rect,
    details: Rect,
}

impl View for SchemaView {
    fn context(&self) -> KeyContext {
        KeyContext("schema")
    }

    fn act(&mut self, action: Action, _cx: PaneContext, area: Rect) -> Vec<Request> {
        if action == Action::Close {
            return vec![Request::Close];
        }
        let height = Areas::of(area).list.height;
        self.cursor.go(action, self.columns().len(), height.into());
        Vec::new()
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        Some(command::schema(session.opened()))
    }

    fn settle(&mut self, _cx: PaneContext, area: Rect) {
        let height = Areas::of(area).list.height;
        self.cursor.settle(self.columns().len(), height.into());
    }

    /// The columns do not depend on the query.
    fn topics(&self, _session: &Session) -> Vec<Topic> {
        match self.schema {
            None => vec![Topic::Schema],
            Some(_) => Vec::new(),
        }
    }

    fn take(&mut self, finding: &Finding, _session: &Session, _area: Rect) {
        if let Finding::Schema((schema, is_whole)) = finding {
            self.schema = Some(schema.clone());
            self.is_whole = *is_whole;
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        if area.height < 3 {
            return;
        }
        let areas = Areas::of(area);
        let room = usize::from(area.width);
        let title = match &self.schema {
            Some(Ok(schema)) => format!(
                "━ {} columns of {}: {} models",
                schema.columns.len(),
                schema.source,
                count(schema.rows)
            ),
            _ => "━ Columns".to_owned(),
        };
        put(
            buffer,
            (area.x, area.y),
            &fit(&title, room),
            room,
            cx.theme.focused,
        );
        match &self.schema {
            None => {
                put(
                    buffer,
                    (area.x + 1, area.y + 1),
                    "Reading…",
                    room - 1,
                    cx.theme.dim,
                );
            }
            Some(Err(reason)) => {
                let lines = wrap(reason, room.saturating_sub(2).max(1));
                for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
                    put(buffer, (area.x + 1, y), line, room - 1, cx.theme.error);
                }
            }
            Some(Ok(schema)) => {
                self.draw_list(cx, schema, &areas, buffer);
                self.draw_details(cx, schema, areas.details, buffer);
            }
        }
    }
}

impl SchemaView {
    fn columns(&self) -> &[Column] {
        match &self.schema {
            Some(Ok(schema)) => &schema.columns,
            _ => &[],
        }
    }

    fn draw_list(&self, cx: PaneContext, schema: &Schema, areas: &Areas, buffer: &mut Buffer) {
        let names = schema.columns.iter().map(|column| width(&column.name));
        let name = names.max().unwrap_or(0);
        let room = usize::from(areas.list.width).saturating_sub(2);
        // Types give way first: that of the selected column is shown below.
        let kind = room.saturating_sub(name + NULLS + 6).min(2 * KIND) / 2;
        let line = |texts: [&str; 4], y: u16, style, buffer: &mut Buffer| {
            let [own, type_of, nulls, used] = texts;
            let mut x = areas.list.x + 1;
            let next = |x: u16, cells: usize| x + u16::try_from(cells + 2).unwrap_or(0);
            put(buffer, (x, y), own, name, style);
            x = next(x, name);
            put(buffer, (x, y), &fit(type_of, kind), kind, cx.theme.dim);
            x = next(x, kind);
            put_right(buffer, next(x, NULLS) - 2, y, nulls, cx.theme.dim);
            x = next(x, NULLS);
            let rest = usize::from((areas.list.right() - 1).saturating_sub(x));
            put(buffer, (x, y), &fit(used, rest), rest, style);
        };
        let heads = ["column", "type", "nulls", "used as"];
        line(heads, areas.head.y, cx.theme.dim, buffer);
        let window = self
            .cursor
            .window(schema.columns.len(), areas.list.height.into());
        for (at, y) in window.zip(areas.list.y..) {
            let column = &schema.columns[at];
            let nulls = column.nulls.map(|nulls| percent(share(nulls, schema.rows)));
            let unknown = if self.is_whole { "–" } else { "…" };
            let nulls = nulls.unwrap_or_else(|| unknown.to_owned());
            let used = column.used_as.as_ref().or(column.not_read.as_ref());
            let used = used.map_or("", String::as_str);
            let style = match column.used_as {
                Some(_) => cx.theme.text,
                None => cx.theme.dim,
            };
            line([&column.name, &column.kind, &nulls, used], y, style, buffer);
            if at == self.cursor.at {
                let row = Rect {
                    y,
                    height: 1,
                    ..areas.list
                };
                buffer.set_style(row, cx.theme.selected);
                put(buffer, (row.x, y), "▶", 1, cx.theme.selected);
            }
        }
        let len = schema.columns.len();
        scrollbar(buffer, areas.list, self.cursor, len, cx.theme.line);
    }

    fn draw_details(&self, cx: PaneContext, schema: &Schema, area: Rect, buffer: &mut Buffer) {
        let Some(column) = schema.columns.get(self.cursor.at) else {
            return;
        };
        let nulls = match column.nulls {
            Some(nulls) => format!("{} of {} null", count(nulls), count(schema.rows)),
            None if self.is_whole => "type not supported".to_owned(),
            None => "counting nulls…".to_owned(),
        };
        let used = match (&column.used_as, &column.not_read) {
            (Some(used), _) => format!("used as {used}"),
            (None, Some(reason)) => format!("not read: {reason}"),
            (None, None) => "not used".to_owned(),
        };
        let samples = column.samples.iter().map(|value| fit(value, SAMPLE));
        let samples = samples.collect::<Vec<_>>().join(" · ");
        let text = format!(
            "{}: {nulls}; {used}; {}; {samples}",
            column.name, column.kind
        );
        let room = usize::from(area.width).saturating_sub(2).max(1);
        for (line, y) in wrap(&text, room).iter().zip(area.y..area.bottom()) {
            put(buffer, (area.x + 1, y), line.trim_end(), room, cx.theme.dim);
        }
    }
}

impl Areas {
    fn of(area: Rect) -> Areas {
        let line = |y: u16, height: u16| Rect { y, height, ..area }.intersection(area);
        let details = if area.height < 10 { 1 } else { DETAILS };
        Areas {
            head: line(area.y + 1, 1),
            list: line(area.y + 2, area.height.saturating_sub(2 + details)),
            details: line(area.bottom().saturating_sub(details), details),
        }
    }
}
