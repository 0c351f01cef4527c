//! Tables that fit in the room there is: cells are wrapped.

use pulldown_cmark::Alignment;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::tui::widgets::{width, wrap};

/// The cells between two columns.
const GAP: usize = 2;

/// The rows of a table; the first is its head.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// True for columns that are aligned to the right.
    right: Vec<bool>,
}

impl Table {
    pub fn new(alignments: &[Alignment]) -> Table {
        let right = alignments.iter();
        let right = right.map(|alignment| *alignment == Alignment::Right);
        Table {
            rows: Vec::new(),
            right: right.collect(),
        }
    }

    pub fn row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub fn cell(&mut self) {
        self.rows
            .iter_mut()
            .last()
            .into_iter()
            .for_each(|row| row.push(String::new()));
    }

    /// Adds text to the last cell.
    pub fn push(&mut self, text: &str) {
        let cell = self.rows.last_mut().and_then(|row| row.last_mut());
        cell.into_iter().for_each(|cell| cell.push_str(text));
    }

    /// Returns the table as lines of at most this many cells.
    pub fn lines(&self, room: usize, text: Style, head: Style) -> Vec<Vec<Span<'static>>> {
        let widths = self.widths(room);
        let mut lines = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            let style = if at == 0 { head } else { text };
            let cells = row.iter().zip(&widths);
            let cells: Vec<Vec<String>> = cells
                .map(|(cell, width)| wrap(cell.trim(), *width))
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for y in 0..height {
                let texts = widths.iter().enumerate().map(|(x, width)| {
                    let text = cells.get(x).and_then(|cell| cell.get(y));
                    let is_right = self.right.get(x) == Some(&true);
                    padded(text.map_or("", String::as_str), *width, is_right)
                });
                lines.push(spans(texts, style));
            }
            if at == 0 {
                let rules = widths.iter().map(|width| "─".repeat(*width));
                lines.push(spans(rules, text));
            }
        }
        lines
    }

    /// Returns the widths of the columns: those of their texts, the widest narrowed until all fit; columns
    /// that do not fit with a cell each are left out.
    fn widths(&self, room: usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let columns = columns.min((room + GAP) / (GAP + 1)).max(1);
        let widest = |x: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(x));
            cells
                .map(|cell| width(cell.trim()))
                .max()
                .unwrap_or(0)
                .max(1)
        };
        let mut widths: Vec<usize> = (0..columns).map(widest).collect();
        let room = room.saturating_sub(GAP * (columns - 1));
        // A cell of thousands of characters would take as many steps.
        widths
            .iter_mut()
            .for_each(|width| *width = (*width).min(room.max(1)));
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max() {
                Some(width) if *width > 1 => *width -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn spans(texts: impl Iterator<Item = String>, style: Style) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (at, text) in texts.enumerate() {
        if at > 0 {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        spans.push(Span::styled(text, style));
    }
    spans
}

fn padded(text: &str, room: usize, is_right: bool) -> String {
    let text = text.trim_end();
    let gap = " ".repeat(room.saturating_sub(width(text)));
    match is_right {
        true => format!("{gap}{text}"),
        false => format!("{text}{gap}"),
    }
}
