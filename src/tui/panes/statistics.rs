//! The statistics over the panes: the tables of the report on what the query asks for, one below
//! the other, to be walked through line by line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use crate::engine::data::load::Stage;
use crate::format::columns;
use crate::report::Section;
use crate::tui::action::Action;
use crate::tui::rows::{Cursor, blank, fit, put, put_right, scrollbar, width, wrap};

/// Texts are not cut shorter than this.
const LEAST: usize = 16;

/// The tables, once they are worked out, and the selected line.
#[derive(Default)]
pub struct Statistics {
    pub sections: Option<Vec<Section>>,
    cursor: Cursor,
}

/// A line of a table with this number.
enum Line {
    Title(usize),
    Head(usize),
    Row(usize, usize),
    Note(String),
    Blank,
}

impl Statistics {
    /// Moves as the action says: by lines, or to the next table or the one before.
    pub fn act(&mut self, action: Action, area: Rect) {
        let (lines, height) = (self.lines(area.width), list(area).height.into());
        let is_title = |at: &usize| matches!(lines[*at], Line::Title(_));
        let found = match action {
            Action::NextPane => (self.cursor.at + 1..lines.len()).find(is_title),
            Action::PreviousPane => (0..self.cursor.at.min(lines.len())).rev().find(is_title),
            _ => {
                self.cursor.go(action, lines.len(), height);
                return;
            }
        };
        if let Some(at) = found {
            // The table is seen with its title on top.
            self.cursor = Cursor { at, top: at };
            self.cursor.settle(lines.len(), height);
        }
    }

    /// Keeps the selection among the lines.
    pub fn settle(&mut self, area: Rect) {
        let lines = self.lines(area.width).len();
        self.cursor.settle(lines, list(area).height.into());
    }

    /// A test that finds the models of the selected line.
    pub fn test(&self, area: Rect) -> Option<&str> {
        match self.lines(area.width).get(self.cursor.at)? {
            Line::Row(table, row) => {
                let row = &self.sections.as_ref()?[*table].rows[*row];
                row.test.as_deref()
            }
            _ => None,
        }
    }

    /// All lines; a table has no more rows than a person may want to read.
    fn lines(&self, width: u16) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, section) in self.sections.iter().flatten().enumerate() {
            if at > 0 {
                lines.push(Line::Blank);
            }
            lines.push(Line::Title(at));
            lines.push(Line::Head(at));
            lines.extend((0..section.rows.len()).map(|row| Line::Row(at, row)));
            if !section.note.is_empty() {
                let room = usize::from(width).saturating_sub(3).max(1);
                lines.extend(wrap(&section.note, room).into_iter().map(Line::Note));
            }
        }
        lines
    }

    /// Draws a title that tells what it is about, and the lines that have room.
    pub fn draw(&self, look: Look, about: &str, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        if area.is_empty() {
            return;
        }
        let room = usize::from(area.width);
        let test = self.test(area);
        let hint = test.map_or(String::new(), |test| format!("enter: {test}"));
        let hint = fit(&hint, room / 2);
        put_right(buffer, area.right(), area.y, &hint, look.theme.accent);
        let room = room.saturating_sub(width(&hint) + 2);
        let title = format!("━ Statistics of {about}");
        let title = fit(&title, room);
        put(buffer, (area.x, area.y), &title, room, look.theme.focused);
        let list = list(area);
        let Some(sections) = &self.sections else {
            let text = match look.hub.stage < Stage::Complete {
                true => "loading…",
                false => "counting…",
            };
            put(buffer, (list.x + 1, list.y), text, room, look.theme.dim);
            return;
        };
        let lines = self.lines(area.width);
        let window = self.cursor.window(lines.len(), list.height.into());
        // Neighbouring lines are mostly of one table.
        let mut widths = (usize::MAX, Vec::new());
        for (at, y) in window.zip(list.y..) {
            let line = Rect {
                y,
                height: 1,
                width: list.width.saturating_sub(1),
                ..list
            };
            if let Line::Head(table) | Line::Row(table, _) = lines[at]
                && widths.0 != table
            {
                widths = (table, widths_of(&sections[table], line.width.into()));
            }
            draw_line(look, sections, &lines[at], &widths.1, line, buffer);
            if at == self.cursor.at {
                buffer.set_style(line, look.theme.selected);
                put(buffer, (line.x, y), "▶", 1, look.theme.selected);
            }
        }
        scrollbar(buffer, list, self.cursor, lines.len(), look.theme.line);
    }
}

/// What is below the title.
fn list(area: Rect) -> Rect {
    let title = area.height.min(1);
    Rect {
        y: area.y + title,
        height: area.height - title,
        ..area
    }
}

fn draw_line(
    look: Look,
    sections: &[Section],
    line: &Line,
    widths: &[(usize, bool)],
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = look.theme;
    let room = usize::from(area.width).saturating_sub(1);
    let place = (area.x + 1, area.y);
    match line {
        Line::Blank => {}
        Line::Title(table) => {
            put(buffer, place, &sections[*table].title, room, theme.title);
        }
        Line::Note(text) => {
            put(buffer, place, text.trim_end(), room, theme.dim);
        }
        Line::Head(table) => {
            let header = &sections[*table].header;
            draw_cells(header, widths, |_| theme.dim, area, buffer);
        }
        Line::Row(table, row) => {
            let section = &sections[*table];
            let style = |column: usize| match section.header[column] {
                "" => theme.bar,
                _ if column == 0 => theme.text,
                _ => theme.dim,
            };
            let cells = &section.rows[*row].cells;
            draw_cells(cells, widths, style, area, buffer);
        }
    }
}

fn draw_cells(
    cells: &[impl AsRef<str>],
    widths: &[(usize, bool)],
    style: impl Fn(usize) -> Style,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut x = area.x + 1;
    for (column, (cell, (cells, right))) in cells.iter().zip(widths).enumerate() {
        let end = x.saturating_add(u16::try_from(*cells).unwrap_or(u16::MAX));
        let text = fit(cell.as_ref(), *cells);
        match right {
            true => put_right(buffer, end, area.y, &text, style(column)),
            false => {
                put(buffer, (x, area.y), &text, *cells, style(column));
            }
        }
        x = end.saturating_add(2);
    }
}

/// How wide the columns of a table are in some room: bars are left out first, then the widest texts
/// are cut, then columns are left out.
fn widths_of(section: &Section, room: usize) -> Vec<(usize, bool)> {
    let header: Vec<String> = section.header.iter().map(ToString::to_string).collect();
    let mut rows: Vec<&[String]> = vec![&header];
    rows.extend(section.rows.iter().map(|row| row.cells.as_slice()));
    let mut widths = columns(&rows);
    let over = |widths: &[(usize, bool)]| {
        let cells: usize = widths.iter().map(|(cells, _)| cells + 2).sum();
        cells.saturating_sub(room + 1)
    };
    if over(&widths) > 0 && header.last().is_some_and(String::is_empty) {
        widths.pop();
    }
    while over(&widths) > 0 && widths.len() > 1 {
        let cut = over(&widths);
        let texts = widths
            .iter_mut()
            .filter(|(cells, right)| !right && *cells > LEAST);
        match texts.max_by_key(|(cells, _)| *cells) {
            Some((cells, _)) => *cells = cells.saturating_sub(cut).max(LEAST),
            None => drop(widths.pop()),
        }
    }
    widths
}
