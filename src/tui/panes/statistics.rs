//! The statistics over the panes: the tables of the report on what the query asks for, one below
//! the other, to be walked through line by line; or one table with all its words.

mod tables;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use crate::engine::table::stage::Stage;
use crate::present::format::columns;
use crate::present::report::{Section, is_of_words};
use crate::tui::action::Action;
use crate::tui::rows::{blank, fit, put, put_right, scrollbar, width};
use tables::{Line, Sort, Tables};

/// StringArena are not cut shorter than this.
const LEAST: usize = 16;

/// The tables, and one of them whole while that is looked at.
#[derive(Default)]
pub struct Statistics {
    all: Tables,
    whole: Option<(String, Tables)>,
}

impl Statistics {
    /// The tables that are looked at, once they are worked out.
    pub fn sections(&self) -> Option<&[Section]> {
        self.tables().sections.as_deref()
    }

    /// The title of the table that is looked at whole.
    pub fn whole(&self) -> Option<&str> {
        self.whole.as_ref().map(|(title, _)| title.as_str())
    }

    /// Takes in all tables, or the whole one of this title.
    pub fn take(&mut self, whole: Option<&str>, sections: Vec<Section>) {
        match (&mut self.whole, whole) {
            (_, None) => self.all.take(sections),
            (Some((own, tables)), Some(title)) if own == title => tables.take(sections),
            _ => {}
        }
    }

    /// Shows the selected table whole, or all tables again; `false` where it is whole already.
    pub fn turn_whole(&mut self, area: Rect) -> bool {
        if self.whole.take().is_some() {
            return true;
        }
        let sections = self.all.sections.as_deref().unwrap_or_default();
        let at = self.all.selected(list(area));
        let title = at.map(|at| sections[at].title.clone());
        self.whole = title
            .filter(|title| is_of_words(title))
            .map(|title| (title, Tables::default()));
        self.whole.is_some()
    }

    /// Moves as the action says.
    pub fn act(&mut self, action: Action, area: Rect) {
        self.tables_mut().act(action, list(area));
    }

    /// Sorts the selected table by its next column, or turns its order round; what it then is.
    pub fn sort(&mut self, reverse: bool, area: Rect) -> Option<String> {
        self.tables_mut().sort(reverse, list(area))
    }

    /// Keeps the selection among the lines.
    pub fn settle(&mut self, area: Rect) {
        let list = list(area);
        let tables = self.tables_mut();
        let lines = tables.lines(list.width).len();
        tables.cursor.settle(lines, list.height.into());
    }

    /// A test that finds the models of the selected line.
    pub fn test(&self, area: Rect) -> Option<&str> {
        self.tables().row(list(area))?.test.as_deref()
    }

    fn tables(&self) -> &Tables {
        self.whole.as_ref().map_or(&self.all, |(_, tables)| tables)
    }

    fn tables_mut(&mut self) -> &mut Tables {
        match &mut self.whole {
            Some((_, tables)) => tables,
            None => &mut self.all,
        }
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
        let title = match self.whole() {
            Some(title) => format!("━ {title} of {about}"),
            None => format!("━ Statistics of {about}"),
        };
        let title = fit(&title, room);
        put(buffer, (area.x, area.y), &title, room, look.theme.focused);
        let list = list(area);
        let tables = self.tables();
        let Some(sections) = &tables.sections else {
            let text = match look.hub.stage < Stage::Complete {
                true => "loading…",
                false => "counting…",
            };
            put(buffer, (list.x + 1, list.y), text, room, look.theme.dim);
            return;
        };
        let lines = tables.lines(area.width);
        let window = tables.cursor.window(lines.len(), list.height.into());
        // Neighbouring lines are mostly of one table.
        let mut widths = (usize::MAX, Vec::new());
        let mut header = Vec::new();
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
                let section = &sections[table];
                header = header_of(section, tables.sort_of(&section.title));
                widths = (table, widths_of(section, &header, line.width.into()));
            }
            match &lines[at] {
                Line::Head(_) => draw_cells(&header, &widths.1, |_| look.theme.dim, line, buffer),
                other => draw_line(look, sections, other, &widths.1, line, buffer),
            }
            if at == tables.cursor.at {
                buffer.set_style(line, look.theme.selected);
                put(buffer, (line.x, y), "▶", 1, look.theme.selected);
            }
        }
        scrollbar(buffer, list, tables.cursor, lines.len(), look.theme.line);
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
        Line::Blank | Line::Head(_) => {}
        Line::Title(table) => {
            put(buffer, place, &sections[*table].title, room, theme.title);
        }
        Line::Note(_, text) => {
            put(buffer, place, text.trim_end(), room, theme.dim);
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

/// The headings of a table, the one it is sorted by with an arrow.
fn header_of(section: &Section, sort: Sort) -> Vec<String> {
    let named = |(column, name): (usize, &&str)| match sort.column == Some(column) {
        true => format!("{name}{}", sort.arrow()),
        false => (*name).to_owned(),
    };
    section.header.iter().enumerate().map(named).collect()
}

/// How wide the columns of a table are in some room: bars are left out first, then the widest texts
/// are cut, then columns are left out.
fn widths_of(section: &Section, header: &[String], room: usize) -> Vec<(usize, bool)> {
    let mut rows: Vec<&[String]> = vec![header];
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
