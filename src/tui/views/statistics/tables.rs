//! Tables one below the other: the selected line, and the order of the rows of each.

use ratatui::layout::Rect;

use crate::present::report::{Row, Section};
use crate::tui::keymap::Action;
use crate::tui::widgets::{Cursor, wrap};

/// The tables, once they are worked out.
#[derive(Default)]
pub(super) struct Tables {
    pub sections: Option<Vec<Section>>,
    pub cursor: Cursor,
    /// The rows of each table in their order.
    orders: Vec<Vec<usize>>,
    /// By title, since the query decides which tables there are.
    sorts: Vec<(String, Sort)>,
}

/// The order of the rows of a table.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sort {
    /// The column to sort by; `None` for the order of the report.
    pub column: Option<usize>,
    reversed: bool,
}

/// A line of a table with this number.
pub(super) enum Line {
    Title(usize),
    Head(usize),
    Row(usize, usize),
    Note(usize, String),
    Blank,
}

impl Tables {
    /// Takes tables in; those of the same title stay sorted as they are. The selected row stays selected
    /// where it is on the screen, else the title of its table.
    pub fn take(&mut self, sections: Vec<Section>, list: Rect) {
        let title = self.selected(list).zip(self.sections.as_ref());
        let title = title.map(|(at, sections)| sections[at].title.clone());
        let name = self.row(list).and_then(|row| row.cells.first().cloned());
        let order = |section: &Section| order(section, self.sort_of(&section.title));
        self.orders = sections.iter().map(order).collect();
        let is_own = |at: &usize| Some(&sections[*at].title) == title.as_ref();
        let lines = self.lines_of(&sections, list.width);
        let row = lines.iter().position(|line| match line {
            Line::Row(at, row) => {
                is_own(at) && sections[*at].rows[*row].cells.first() == name.as_ref()
            }
            _ => false,
        });
        let mut titles = lines.iter();
        let table = titles.position(|line| matches!(line, Line::Title(at) if is_own(at)));
        if let Some(at) = row.or(table) {
            let above = self.cursor.at.saturating_sub(self.cursor.top);
            self.cursor = Cursor {
                at,
                top: at.saturating_sub(above),
            };
        }
        self.sections = Some(sections);
    }

    /// Moves as the action says: by lines, or to the next table or the one before.
    pub fn act(&mut self, action: Action, list: Rect) {
        let (lines, height) = (self.lines(list.width), list.height.into());
        let is_title = |at: &usize| matches!(lines[*at], Line::Title(_));
        let found = match action {
            Action::NextTable => (self.cursor.at + 1..lines.len()).find(is_title),
            Action::PreviousTable => (0..self.cursor.at.min(lines.len())).rev().find(is_title),
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

    /// Sorts the selected table by its next column, or turns its order round; what it then is.
    pub fn sort(&mut self, reverse: bool, list: Rect) -> Option<String> {
        let at = self.selected(list)?;
        let section = &self.sections.as_ref()?[at];
        let columns = section.rows.iter().map(|row| row.numbers.len()).max()?;
        if columns == 0 {
            return Some(format!("{} cannot be sorted", section.title));
        }
        let before = self.sort_of(&section.title);
        // The numbers come before the names, and after them the order of the report.
        let next = match before.column {
            None => Some(1),
            Some(0) => None,
            Some(column) if column < columns => Some(column + 1),
            Some(_) => Some(0),
        };
        let sort = match reverse {
            true => Sort {
                reversed: !before.reversed,
                ..before
            },
            false => Sort {
                column: next,
                reversed: false,
            },
        };
        let status = sort.status(section);
        self.set_sort(at, sort);
        Some(status)
    }

    /// Sorts a table by one of its columns, or turns its order round if it is sorted by that. Bars
    /// have no order.
    pub fn sort_by(&mut self, table: usize, column: usize) {
        let Some(section) = self.sections.as_ref().map(|all| &all[table]) else {
            return;
        };
        let numbers = section.rows.iter().map(|row| row.numbers.len()).max();
        if column > numbers.unwrap_or(0) || numbers == Some(0) {
            return;
        }
        let before = self.sort_of(&section.title);
        let is_same = before.column == Some(column);
        self.set_sort(
            table,
            Sort {
                column: Some(column),
                reversed: is_same && !before.reversed,
            },
        );
    }

    fn set_sort(&mut self, table: usize, sort: Sort) {
        let Some(section) = self.sections.as_ref().map(|all| &all[table]) else {
            return;
        };
        self.orders[table] = order(section, sort);
        self.sorts.retain(|(title, _)| *title != section.title);
        self.sorts.push((section.title.clone(), sort));
    }

    /// Returns the order of the table of a title.
    pub fn sort_of(&self, title: &str) -> Sort {
        let mut own = self.sorts.iter().filter(|(other, _)| other == title);
        own.next().map_or_else(Sort::default, |(_, sort)| *sort)
    }

    /// The table that the selected line belongs to.
    pub fn selected(&self, list: Rect) -> Option<usize> {
        let lines = self.lines(list.width);
        let before = lines.get(..=self.cursor.at)?.iter().rev();
        before.into_iter().find_map(|line| match line {
            Line::Title(at) | Line::Head(at) | Line::Row(at, _) | Line::Note(at, _) => Some(*at),
            Line::Blank => None,
        })
    }

    /// The selected row.
    pub fn row(&self, list: Rect) -> Option<&Row> {
        match self.lines(list.width).get(self.cursor.at)? {
            Line::Row(table, row) => self.sections.as_ref()?[*table].rows.get(*row),
            _ => None,
        }
    }

    /// Returns all lines; tables are short.
    pub fn lines(&self, width: u16) -> Vec<Line> {
        self.lines_of(self.sections.as_deref().unwrap_or_default(), width)
    }

    fn lines_of(&self, sections: &[Section], width: u16) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, section) in sections.iter().enumerate() {
            if at > 0 {
                lines.push(Line::Blank);
            }
            lines.push(Line::Title(at));
            lines.push(Line::Head(at));
            lines.extend(self.orders[at].iter().map(|row| Line::Row(at, *row)));
            if !section.note.is_empty() {
                let room = usize::from(width).saturating_sub(3).max(1);
                let notes = wrap(&section.note, room).into_iter();
                lines.extend(notes.map(|note| Line::Note(at, note)));
            }
        }
        lines
    }
}

impl Sort {
    /// Returns the arrow beside the heading of its column.
    pub fn arrow(self) -> &'static str {
        let ascends = (self.column == Some(0)) != self.reversed;
        if ascends { "↑" } else { "↓" }
    }

    fn status(self, section: &Section) -> String {
        let by = self.column.map(|column| section.header[column]);
        match (by, self.reversed) {
            (None, false) => format!("{} in the order of the report", section.title),
            (None, true) => format!("{} in reverse order", section.title),
            (Some(by), _) => format!("{} by {by}{}", section.title, self.arrow()),
        }
    }
}

/// Returns the rows of a table in an order: the largest first, words from A to Z, or the reverse.
/// What has no numbers stays at the end.
fn order(section: &Section, sort: Sort) -> Vec<usize> {
    let row = |at: &usize| &section.rows[*at];
    let all = 0..section.rows.len();
    let (mut sorted, last): (Vec<usize>, Vec<usize>) =
        all.partition(|at| !row(at).numbers.is_empty());
    match sort.column {
        None if sort.reversed => sorted.reverse(),
        None => {}
        Some(0) => {
            sorted.sort_by_key(|at| row(at).cells[0].to_lowercase());
            if sort.reversed {
                sorted.reverse();
            }
        }
        Some(column) => {
            let number = |at: &usize| row(at).numbers.get(column - 1).copied();
            let number = |at: &usize| number(at).unwrap_or(f64::NEG_INFINITY);
            sorted.sort_by(|a, b| match sort.reversed {
                false => number(b).total_cmp(&number(a)),
                true => number(a).total_cmp(&number(b)),
            });
        }
    }
    sorted.extend(last);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_as_numbers_and_the_rest_stays_below() {
        let row = |name: &str, number: Option<f64>| Row {
            numbers: number.into_iter().collect(),
            ..Row::from(vec![name.to_owned(), String::new()])
        };
        let section = Section {
            title: String::new(),
            header: vec!["word", "models"],
            rows: vec![
                row("b", Some(9.0)),
                row("A", Some(1_000.0)),
                row("c", Some(10.0)),
                row("(others)", None),
            ],
            note: String::new(),
        };
        let by = |column, reversed| order(&section, Sort { column, reversed });
        assert_eq!(by(None, false), [0, 1, 2, 3]);
        assert_eq!(by(None, true), [2, 1, 0, 3]);
        assert_eq!(by(Some(1), false), [1, 2, 0, 3]);
        assert_eq!(by(Some(1), true), [0, 2, 1, 3]);
        assert_eq!(by(Some(0), false), [1, 0, 2, 3]);
        assert_eq!(by(Some(0), true), [2, 0, 1, 3]);
    }
}
