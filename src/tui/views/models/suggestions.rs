//! Draws the completions of the word that is being typed, below it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use crate::engine::query::partial::Subject;
use crate::engine::search::completions::Completion;
use crate::present::format;
use crate::tui::suggestions::Suggestions;
use crate::tui::view::PaneContext;
use crate::tui::widgets::{Cursor, draw_dialog, fit, put, put_right, width};

/// The maximum number of words shown at once.
const LINES: usize = 8;

/// Returns the number of cells by which a query is scrolled while it is typed. Where it is, the line has
/// no note beside it.
pub(super) fn scroll_of(input: &Input, area: Rect) -> usize {
    input.visual_scroll(usize::from(area.width).saturating_sub(6))
}

/// Draws the rest of the name of a filter after what is typed of it, at a place that ends before `right`.
pub(super) fn draw_rest(cx: PaneContext, (x, y): (u16, u16), right: u16, buffer: &mut Buffer) {
    let suggestions = cx.session.query.suggestions.as_ref();
    if let Some(rest) = suggestions.and_then(|s| s.partial.rest_of_key(cx.session.compares())) {
        let room = usize::from(right.saturating_sub(x));
        put(buffer, (x, y), &rest, room, cx.theme.dim);
    }
}

/// Draws the completions of a value below the query line, the first line of the area; `start` is the
/// column of the text.
pub(super) fn draw_suggestions(cx: PaneContext, start: u16, area: Rect, buffer: &mut Buffer) {
    let query = &cx.session.query;
    let Some(suggestions) = query.suggestions.as_ref().filter(|_| query.editing) else {
        return;
    };
    if suggestions.words.is_empty() && suggestions.partial.is_valid() {
        return;
    }
    let title = match suggestions.partial.subject {
        Subject::Key => return,
        Subject::Sort => "sort",
        Subject::Value(key) => key.info().name,
    };
    let before = query.input.value()[..suggestions.partial.at.start].width();
    let scroll = scroll_of(&query.input, area);
    let x = start + u16::try_from(before.saturating_sub(scroll + 2)).unwrap_or(0);
    let lines = suggestions.words.len().clamp(1, LINES) + 2;
    let names = suggestions.words.iter().map(|found| width(&found.word));
    let cells = names.max().unwrap_or(0).max(24) + 14;
    let wide = u16::try_from(cells).unwrap_or(u16::MAX).min(area.width);
    let place = Rect {
        x: x.min(area.right() - wide),
        y: area.y + 1,
        width: wide,
        height: u16::try_from(lines)
            .unwrap_or(0)
            .min(area.height.saturating_sub(1)),
    };
    if place.height > 2 {
        let inside = draw_dialog(title, place, cx.theme, buffer);
        draw_words(cx, suggestions, inside, buffer);
    }
}

/// Returns an example of a filter whose values are not listed.
fn example(suggestions: &Suggestions) -> String {
    match suggestions.partial.subject {
        Subject::Value(key) => format!("such as {}", key.info().example),
        Subject::Key | Subject::Sort => String::new(),
    }
}

fn draw_words(cx: PaneContext, suggestions: &Suggestions, area: Rect, buffer: &mut Buffer) {
    let theme = cx.theme;
    let room = usize::from(area.width).saturating_sub(2);
    if suggestions.words.is_empty() {
        let text = match suggestions.is_answered {
            true if suggestions.partial.typed.is_empty() => example(suggestions),
            true => format!("none contains `{}`", suggestions.partial.typed),
            false => "Counting…".to_owned(),
        };
        put(
            buffer,
            (area.x + 1, area.y),
            &fit(&text, room),
            room,
            theme.dim,
        );
        return;
    }
    let mut cursor = Cursor {
        at: suggestions.selected.unwrap_or(0),
        top: 0,
    };
    let height = usize::from(area.height);
    cursor.settle(suggestions.words.len(), height);
    for (at, row) in cursor
        .window(suggestions.words.len(), height)
        .zip(area.rows())
    {
        let Completion { word, models } = &suggestions.words[at];
        let count = models.map(format::count).unwrap_or_default();
        let right = row.right().saturating_sub(1);
        put_right(buffer, right, row.y, &count, theme.dim);
        let room = room.saturating_sub(width(&count) + 1);
        put(
            buffer,
            (row.x + 1, row.y),
            &fit(word, room),
            room,
            theme.text,
        );
        if suggestions.selected == Some(at) {
            buffer.set_style(row, theme.selected);
            put(buffer, (row.x, row.y), "▶", 1, theme.selected);
        }
    }
}
