//! The columns of the files over the panes: a line for each, and the whole of the selected one below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use crate::engine::parquet::schema::{Column, Schema};
use crate::present::format::{count, percent, share};
use crate::tui::action::Action;
use crate::tui::rows::{Cursor, blank, fit, put, put_right, scrollbar, width, wrap};

/// Cells of a type at most, for some are as long as a page, and of the share of nulls.
const KIND: usize = 26;
const NULLS: usize = 7;
/// Cells of a value at most, for cards have thousands.
const SAMPLE: usize = 60;
/// Lines for all that is known of the selected column.
const TOLD: u16 = 3;

/// The columns, once they are read, and the selected one.
#[derive(Default)]
pub struct Columns {
    pub schema: Option<Result<Schema, String>>,
    /// Whether nulls and samples are read, too.
    pub is_whole: bool,
    cursor: Cursor,
}

/// The parts below the title.
struct Areas {
    head: Rect,
    list: Rect,
    told: Rect,
}

impl Columns {
    /// Moves as the action says.
    pub fn act(&mut self, action: Action, area: Rect) {
        let height = Areas::of(area).list.height;
        self.cursor.go(action, self.columns().len(), height.into());
    }

    /// Keeps the selection among the columns.
    pub fn settle(&mut self, area: Rect) {
        let height = Areas::of(area).list.height;
        self.cursor.settle(self.columns().len(), height.into());
    }

    fn columns(&self) -> &[Column] {
        match &self.schema {
            Some(Ok(schema)) => &schema.columns,
            _ => &[],
        }
    }

    /// Draws the title, the headings, the columns and the selected one whole.
    pub fn draw(&self, look: Look, area: Rect, buffer: &mut Buffer) {
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
            _ => "━ The columns".to_owned(),
        };
        put(
            buffer,
            (area.x, area.y),
            &fit(&title, room),
            room,
            look.theme.focused,
        );
        match &self.schema {
            None => {
                put(
                    buffer,
                    (area.x + 1, area.y + 1),
                    "reading…",
                    room - 1,
                    look.theme.dim,
                );
            }
            Some(Err(reason)) => {
                let lines = wrap(reason, room.saturating_sub(2).max(1));
                for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
                    put(buffer, (area.x + 1, y), line, room - 1, look.theme.error);
                }
            }
            Some(Ok(schema)) => {
                self.draw_list(look, schema, &areas, buffer);
                self.draw_told(look, schema, areas.told, buffer);
            }
        }
    }

    fn draw_list(&self, look: Look, schema: &Schema, areas: &Areas, buffer: &mut Buffer) {
        let names = schema.columns.iter().map(|column| width(&column.name));
        let name = names.max().unwrap_or(0);
        let room = usize::from(areas.list.width).saturating_sub(2);
        // Where there is little room, types give way first: the selected one is told whole below.
        let kind = room.saturating_sub(name + NULLS + 6).min(2 * KIND) / 2;
        let line = |texts: [&str; 4], y: u16, style, buffer: &mut Buffer| {
            let [own, type_of, nulls, used] = texts;
            let mut x = areas.list.x + 1;
            let next = |x: u16, cells: usize| x + u16::try_from(cells + 2).unwrap_or(0);
            put(buffer, (x, y), own, name, style);
            x = next(x, name);
            put(buffer, (x, y), &fit(type_of, kind), kind, look.theme.dim);
            x = next(x, kind);
            put_right(buffer, next(x, NULLS) - 2, y, nulls, look.theme.dim);
            x = next(x, NULLS);
            let rest = usize::from((areas.list.right() - 1).saturating_sub(x));
            put(buffer, (x, y), &fit(used, rest), rest, style);
        };
        let heads = ["column", "type", "nulls", "used for"];
        line(heads, areas.head.y, look.theme.dim, buffer);
        let window = self
            .cursor
            .window(schema.columns.len(), areas.list.height.into());
        for (at, y) in window.zip(areas.list.y..) {
            let column = &schema.columns[at];
            let nulls = column.nulls.map(|nulls| percent(share(nulls, schema.rows)));
            let unknown = if self.is_whole { "–" } else { "…" };
            let nulls = nulls.unwrap_or_else(|| unknown.to_owned());
            let used = column.used_as.as_deref().unwrap_or_default();
            let style = match column.used_as {
                Some(_) => look.theme.text,
                None => look.theme.dim,
            };
            line([&column.name, &column.kind, &nulls, used], y, style, buffer);
            if at == self.cursor.at {
                let row = Rect {
                    y,
                    height: 1,
                    ..areas.list
                };
                buffer.set_style(row, look.theme.selected);
                put(buffer, (row.x, y), "▶", 1, look.theme.selected);
            }
        }
        let len = schema.columns.len();
        scrollbar(buffer, areas.list, self.cursor, len, look.theme.line);
    }

    fn draw_told(&self, look: Look, schema: &Schema, area: Rect, buffer: &mut Buffer) {
        let Some(column) = schema.columns.get(self.cursor.at) else {
            return;
        };
        let nulls = match column.nulls {
            Some(nulls) => format!("{} of {} null", count(nulls), count(schema.rows)),
            None if self.is_whole => "of a type that is not read".to_owned(),
            None => "nulls are being counted…".to_owned(),
        };
        let used = match &column.used_as {
            Some(used) => format!("used for {used}"),
            None => "not used".to_owned(),
        };
        let samples = column.samples.iter().map(|value| fit(value, SAMPLE));
        let samples = samples.collect::<Vec<_>>().join(" · ");
        let text = format!(
            "{}: {nulls}; {used}; {}; {samples}",
            column.name, column.kind
        );
        let room = usize::from(area.width).saturating_sub(2).max(1);
        for (line, y) in wrap(&text, room).iter().zip(area.y..area.bottom()) {
            put(
                buffer,
                (area.x + 1, y),
                line.trim_end(),
                room,
                look.theme.dim,
            );
        }
    }
}

impl Areas {
    fn of(area: Rect) -> Areas {
        let line = |y: u16, height: u16| Rect { y, height, ..area }.intersection(area);
        let told = if area.height < 10 { 1 } else { TOLD };
        Areas {
            head: line(area.y + 1, 1),
            list: line(area.y + 2, area.height.saturating_sub(2 + told)),
            told: line(area.bottom().saturating_sub(told), told),
        }
    }
}
