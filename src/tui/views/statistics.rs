//! The statistics: the tables of the report on the models that match the query, one below the
//! other; or one table with all its values.

mod tables;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::engine::table::stage::Stage;
use crate::present::format::columns;
use crate::present::report::{Row, Section, is_of_words};
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{Clicked, PaneContext, Request, View};
use crate::tui::widgets::{blank, draw_selection, fit, put, put_right, scrollbar, width};
use tables::{Line, Sort, Tables};

/// Texts are not cut shorter than this.
const LEAST: usize = 16;

/// All tables, and one with all its values while that is shown.
#[derive(Default)]
pub struct Statistics {
    all: Tables,
    whole: Option<(String, Tables)>,
}

impl Statistics {
    /// Returns the tables that are shown, once they have arrived.
    pub fn sections(&self) -> Option<&[Section]> {
        self.tables().sections.as_deref()
    }

    /// Returns the title of the table that is shown with all its values.
    fn whole(&self) -> Option<&str> {
        self.whole.as_ref().map(|(title, _)| title.as_str())
    }

    fn set(&mut self, whole: Option<&str>, sections: Vec<Section>, list: Rect) {
        match (&mut self.whole, whole) {
            (_, None) => self.all.take(sections, list),
            (Some((own, tables)), Some(title)) if own == title => tables.take(sections, list),
            _ => {}
        }
    }

    /// Shows all values of the selected table, or all tables again; false where it has no more.
    fn toggle_whole(&mut self, area: Rect) -> bool {
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

    /// Returns the selected row.
    fn row(&self, area: Rect) -> Option<&Row> {
        self.tables().row(list(area))
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
}

impl View for Statistics {
    fn context(&self) -> KeyContext {
        KeyContext("statistics")
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        let is_whole = self.whole.is_some();
        match action {
            Action::WholeTable => self.show_whole(cx, area),
            Action::Close if is_whole => self.show_whole(cx, area),
            Action::Close => vec![Request::Close],
            Action::Sort | Action::Reverse => {
                let reverse = action == Action::Reverse;
                let status = self.tables_mut().sort(reverse, list(area));
                status.map(Request::Status).into_iter().collect()
            }
            Action::FilterBySelected => match self.row(area) {
                Some(Row {
                    model: Some(model), ..
                }) => {
                    vec![Request::Close, Request::Open((*model).into())]
                }
                Some(Row {
                    test: Some(filter), ..
                }) => {
                    vec![Request::Filter(vec![filter.clone()])]
                }
                _ => Request::status("This row is neither a model nor a filter"),
            },
            _ => {
                self.tables_mut().act(action, list(area));
                Vec::new()
            }
        }
    }

    fn scroll(&mut self, lines: isize, _cx: PaneContext, area: Rect) {
        let list = list(area);
        let tables = self.tables_mut();
        let len = tables.lines(list.width).len();
        tables.cursor.scroll(lines, len, list.height.into());
    }

    /// A click on a heading sorts by it.
    fn click(&mut self, at: Position, _cx: PaneContext, area: Rect) -> Clicked {
        let list = list(area);
        if !list.contains(at) {
            return Clicked::Nothing;
        }
        let tables = self.tables_mut();
        let lines = tables.lines(list.width);
        let clicked = tables.cursor.click(at.y - list.y, lines.len());
        if clicked != Clicked::Nothing
            && let Line::Head(table) = lines[tables.cursor.at]
            && let Some(section) = tables.sections.as_ref().map(|all| &all[table])
        {
            let header = header_of(section, tables.sort_of(&section.title));
            let widths = widths_of(section, &header, usize::from(list.width).saturating_sub(1));
            let mut right = list.x + 1;
            let column = widths.iter().position(|(cells, _)| {
                right = right.saturating_add(u16::try_from(cells + 2).unwrap_or(u16::MAX));
                at.x < right
            });
            tables.sort_by(table, column.unwrap_or(0));
            return Clicked::Selected;
        }
        clicked
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        Some(command::stats(session.query.text(), session.opened()))
    }

    fn settle(&mut self, _cx: PaneContext, area: Rect) {
        let list = list(area);
        let tables = self.tables_mut();
        let lines = tables.lines(list.width).len();
        tables.cursor.settle(lines, list.height.into());
    }

    /// Before all is loaded, some tables would be wrong.
    fn topics(&self, session: &Session) -> Vec<Topic> {
        if session.hub_at(Stage::Complete).is_none() {
            return Vec::new();
        }
        let whole = self.whole().map(str::to_owned);
        vec![Topic::Statistics(whole, session.matching.clone())]
    }

    fn take(&mut self, finding: &Finding, _session: &Session, area: Rect) {
        if let Finding::Statistics((whole, sections)) = finding {
            self.set(whole.as_deref(), sections.clone(), list(area));
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let about = cx.session.scope();
        blank(area, buffer);
        if area.is_empty() {
            return;
        }
        let room = usize::from(area.width);
        let hint = match self.row(area) {
            Some(Row {
                model: Some(model), ..
            }) => format!("enter: {}", cx.hub.models.id(*model)),
            Some(Row {
                test: Some(filter), ..
            }) => format!("enter: {filter}"),
            _ => String::new(),
        };
        let hint = fit(&hint, room / 2);
        put_right(buffer, area.right(), area.y, &hint, cx.theme.accent);
        let room = room.saturating_sub(width(&hint) + 2);
        let title = match self.whole() {
            Some(title) => format!("━ {title} of {about}"),
            None => format!("━ Statistics of {about}"),
        };
        let title = fit(&title, room);
        put(buffer, (area.x, area.y), &title, room, cx.theme.focused);
        let list = list(area);
        let tables = self.tables();
        let Some(sections) = &tables.sections else {
            let text = match cx.hub.stage < Stage::Complete {
                true => "Loading…",
                false => "Counting…",
            };
            put(buffer, (list.x + 1, list.y), text, room, cx.theme.dim);
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
                Line::Head(_) => draw_cells(&header, &widths.1, |_| cx.theme.dim, line, buffer),
                other => draw_line(cx, sections, other, &widths.1, line, buffer),
            }
            if at == tables.cursor.at {
                draw_selection(cx.theme, cx.theme.selected, "▶", line, buffer);
            }
        }
        scrollbar(buffer, list, tables.cursor, lines.len(), cx.theme.line);
    }
}

impl Statistics {
    fn show_whole(&mut self, cx: PaneContext, area: Rect) -> Vec<Request> {
        match self.toggle_whole(area) {
            true => self
                .topics(cx.session)
                .into_iter()
                .map(Request::Ask)
                .collect(),
            false => Request::status("This table has no more values"),
        }
    }
}

/// Returns the area below the title.
fn list(area: Rect) -> Rect {
    let title = area.height.min(1);
    Rect {
        y: area.y + title,
        height: area.height - title,
        ..area
    }
}

fn draw_line(
    cx: PaneContext,
    sections: &[Section],
    line: &Line,
    widths: &[(usize, bool)],
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = cx.theme;
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
