//! The characters of a name that the words of the query match.

use std::cmp::Ordering;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

use super::view::PaneContext;
use crate::engine::search::fuzzy::matched_chars;

/// Highlights the matched characters of a name that is drawn at a place, perhaps shortened in the
/// middle.
pub fn highlight(
    cx: PaneContext,
    name: &str,
    drawn: &str,
    (mut x, y): (u16, u16),
    buffer: &mut Buffer,
) {
    let query = &cx.session.query.parsed.query;
    if query.words.is_empty() {
        return;
    }
    let places = matched_chars(query, name);
    let left_out = name.chars().count() - drawn.chars().count();
    let same = name.chars().zip(drawn.chars());
    let head = same.take_while(|(own, other)| own == other).count();
    for (at, letter) in drawn.chars().enumerate() {
        let width = u16::try_from(letter.width().unwrap_or(0)).unwrap_or(0);
        let is_matched = match at.cmp(&head) {
            Ordering::Less => places.contains(&at),
            Ordering::Equal => false,
            Ordering::Greater => places.contains(&(at + left_out)),
        };
        if is_matched {
            let place = Rect::new(x, y, width, 1);
            buffer.set_style(place.intersection(buffer.area), cx.theme.matched);
        }
        x = x.saturating_add(width);
    }
}
