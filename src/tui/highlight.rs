//! The characters of a name that the words of the query match.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

use super::view::PaneContext;
use crate::engine::search::fuzzy::matched_chars;

/// Highlights the matched characters of a name that is drawn whole at a place.
pub fn highlight(cx: PaneContext, name: &str, (mut x, y): (u16, u16), buffer: &mut Buffer) {
    let query = &cx.session.query.parsed.query;
    if query.words.is_empty() {
        return;
    }
    let mut places = matched_chars(query, name).into_iter().peekable();
    for (at, letter) in name.chars().enumerate() {
        let width = u16::try_from(letter.width().unwrap_or(0)).unwrap_or(0);
        if places.next_if_eq(&at).is_some() {
            let place = Rect::new(x, y, width, 1);
            buffer.set_style(place.intersection(buffer.area), cx.theme.matched);
        }
        x = x.saturating_add(width);
    }
}
