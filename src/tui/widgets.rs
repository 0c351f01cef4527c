//! Parts that views share: a cursor in a window, text cut to a width, a text line, a scrollbar.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Widget};
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::keymap::Action;
use super::theme::Theme;
use super::view::Clicked;

/// The selected line of a list and the first line on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub at: usize,
    pub top: usize,
}

impl Cursor {
    /// Moves as the action says, in a list of `len` lines of which `height` are seen. `false` for
    /// actions that do not move.
    pub fn go(&mut self, action: Action, len: usize, height: usize) -> bool {
        let page = (height / 2).max(1);
        self.at = match action {
            Action::Down => self.at.saturating_add(1),
            Action::Up => self.at.saturating_sub(1),
            Action::PageDown => self.at.saturating_add(page),
            Action::PageUp => self.at.saturating_sub(page),
            Action::First => 0,
            Action::Last => usize::MAX,
            _ => return false,
        };
        self.settle(len, height);
        true
    }

    /// Keeps the cursor in the list and the window around the cursor.
    pub fn settle(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let first = (self.at + 1).saturating_sub(height.max(1));
        self.top = self
            .top
            .clamp(first, self.at)
            .min(len.saturating_sub(height));
    }

    /// Scrolls the window by this many lines, downwards if positive. The cursor stays on its line as
    /// long as that is seen.
    pub fn scroll(&mut self, lines: isize, len: usize, height: usize) {
        self.top = self.top.saturating_add_signed(lines);
        self.top = self.top.min(len.saturating_sub(height));
        let last = (self.top + height.max(1) - 1).min(len.saturating_sub(1));
        self.at = self.at.clamp(self.top.min(last), last);
    }

    /// Selects the line that is drawn in a row of the window.
    pub fn click(&mut self, row: u16, len: usize) -> Clicked {
        let at = self.top + usize::from(row);
        match at < len {
            false => Clicked::Nothing,
            true if at == self.at => Clicked::SelectedBefore,
            true => {
                self.at = at;
                Clicked::Selected
            }
        }
    }

    /// The lines on screen.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        self.top.min(len)..len.min(self.top + height)
    }
}

/// The width of a text in terminal cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, or as much of its beginning and end as fits the width, with `…` between: the end of
/// an id says as much as its beginning.
pub fn fit(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let take = |graphemes: &mut dyn Iterator<Item = &str>, room: usize| -> usize {
        let mut used = 0;
        let fits = |g: &&str| {
            used += width(g);
            used <= room
        };
        graphemes.take_while(fits).map(str::len).sum()
    };
    let tail = (room - 1) / 2;
    let end = text.len() - take(&mut text.graphemes(true).rev(), tail);
    let start = take(&mut text.graphemes(true), room - 1 - tail);
    Cow::Owned(format!("{}…{}", &text[..start], &text[end..]))
}

/// Wraps a text into pieces of at most `room` cells: broken after a space, else after a `/`, `-` or `_`,
/// as ids have them, else anywhere.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        // Only what fits is measured: a text may be a megabyte long.
        let end = room_end(rest, room);
        if rest[end..].trim_end().is_empty() {
            break;
        }
        let head = &rest[..end];
        let after = |marks: &[char]| head.rfind(marks).filter(|at| *at > 0).map(|at| at + 1);
        // A break at a mark is worth half a line, not more.
        let enough = |at: &usize| *at * 2 > end;
        let space = if rest[end..].starts_with(' ') {
            Some(end + 1)
        } else {
            after(&[' '])
        };
        let end = space
            .or_else(|| after(&['/', '-', '_']).filter(enough))
            .unwrap_or(end);
        pieces.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    pieces.push(rest.to_owned());
    pieces
}

/// Returns the length in bytes of the first `room` cells of a text; at least one character.
fn room_end(text: &str, room: usize) -> usize {
    let mut cells = 0;
    let over = |(_, c): &(usize, char)| {
        cells += c.width().unwrap_or(0);
        cells > room
    };
    let end = text
        .char_indices()
        .find(over)
        .map_or(text.len(), |(at, _)| at);
    let first = text.chars().next().map_or(0, char::len_utf8);
    end.max(first)
}

/// Writes a text at a place, cut to the room, and gives the column after it.
pub fn put(buffer: &mut Buffer, (x, y): (u16, u16), text: &str, room: usize, style: Style) -> u16 {
    if !buffer.area.contains((x, y).into()) {
        return x;
    }
    buffer.set_stringn(x, y, text, room, style).0
}

/// Takes away whatever is drawn in an area.
pub fn blank(area: Rect, buffer: &mut Buffer) {
    for place in area.intersection(buffer.area).positions() {
        buffer[place].reset();
    }
}

/// Writes a text so that it ends before `right`.
pub fn put_right(buffer: &mut Buffer, right: u16, y: u16, text: &str, style: Style) {
    let cells = u16::try_from(width(text)).unwrap_or(u16::MAX);
    if let Some(x) = right.checked_sub(cells) {
        put(buffer, (x, y), text, cells.into(), style);
    }
}

/// Draws the selection over a row, and a sign at its start. Plain and dim text takes the color of the
/// selection, all others are readable on it.
pub fn draw_selection(theme: &Theme, style: Style, sign: &str, row: Rect, buffer: &mut Buffer) {
    for place in row.intersection(buffer.area).positions() {
        let cell = &mut buffer[place];
        let is_plain = cell.fg == Color::Reset || Some(cell.fg) == theme.dim.fg;
        let fg = style.fg.filter(|_| is_plain);
        cell.set_style(Style { fg, ..style });
    }
    put(buffer, (row.x, row.y), sign, 1, style);
}

/// Draws the frame of a dialog over whatever is in an area, and returns the area inside.
pub fn draw_dialog(title: &str, area: Rect, theme: &Theme, buffer: &mut Buffer) -> Rect {
    Clear.render(area, buffer);
    dialog_frame(area, buffer.area)
        .border_style(theme.line)
        .title(format!(" {title} "))
        .title_style(theme.focused)
        .render(area, buffer);
    inside_dialog(area, buffer.area)
}

/// Returns the area inside of the frame of a dialog.
pub fn inside_dialog(area: Rect, screen: Rect) -> Rect {
    dialog_frame(area, screen).inner(area)
}

/// Returns the frame of a dialog; of one that fills the screen above the status line, only the line
/// above.
fn dialog_frame(area: Rect, screen: Rect) -> Block<'static> {
    let fills = area.width == screen.width && area.height + 1 >= screen.height;
    let borders = match fills {
        true => Borders::TOP,
        false => Borders::ALL,
    };
    Block::new()
        .borders(borders)
        .border_type(BorderType::Rounded)
}

/// Writes the first line of an area as a text being typed, scrolled so that its cursor is seen.
pub fn draw_input(input: &Input, area: Rect, style: Style, buffer: &mut Buffer) {
    draw_marked_input(input, true, area, style, None, buffer);
}

/// The same with one part of the text (bytes) in a style of its own, and the cursor only if the
/// text is being typed.
pub fn draw_marked_input(
    input: &Input,
    editing: bool,
    area: Rect,
    style: Style,
    mark: Option<(Range<usize>, Style)>,
    buffer: &mut Buffer,
) {
    let room = usize::from(area.width).saturating_sub(1);
    let skip = if editing {
        input.visual_scroll(room)
    } else {
        0
    };
    let mut column = 0;
    let mut start = None;
    let first = |at: usize, column: usize, start: &mut Option<(usize, usize)>| {
        if column >= skip {
            start.get_or_insert((at, column));
        }
    };
    let text = input.value();
    let mut marked = None::<Range<usize>>;
    for (at, letter) in text.char_indices() {
        first(at, column, &mut start);
        let cells = letter.width().unwrap_or(0);
        if mark.as_ref().is_some_and(|(part, _)| part.contains(&at)) {
            let from = marked.map_or(column, |m| m.start);
            marked = Some(from..column + cells);
        }
        column += cells;
    }
    let (from, skipped) = start.unwrap_or((text.len(), column));
    put(buffer, (area.x, area.y), &text[from..], room, style);
    let mut set = |cells: Range<usize>, style: Style| {
        let cells = cells.start.saturating_sub(skipped)..cells.end.saturating_sub(skipped);
        let place = Rect {
            x: area
                .x
                .saturating_add(u16::try_from(cells.start).unwrap_or(u16::MAX)),
            y: area.y,
            width: u16::try_from(cells.len()).unwrap_or(u16::MAX),
            height: 1,
        };
        buffer.set_style(place.intersection(area), style);
    };
    if let Some(((_, style), cells)) = mark.zip(marked) {
        set(cells, style);
    }
    if editing {
        let at = input.visual_cursor();
        set(at..at + 1, Style::new().reversed());
    }
}

/// A mark in the last column of an area: how far down the window is. Nothing where all is seen.
pub fn scrollbar(buffer: &mut Buffer, area: Rect, cursor: Cursor, len: usize, style: Style) {
    let height = usize::from(area.height);
    if len <= height || height < 2 || area.width < 10 {
        return;
    }
    let size = (height * height / len).clamp(1, height - 1);
    let span = len - height;
    let start = (cursor.top.min(span) * (height - size) + span / 2) / span;
    for at in start..start + size {
        let y = area.y + u16::try_from(at).unwrap_or(0);
        put(buffer, (area.right() - 1, y), "▐", 1, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_ids_keep_both_ends() {
        assert_eq!(fit("google/gemma-7b-it-GGUF", 11), "googl…-GGUF");
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("模型模型", 5), "模…型");
        assert_eq!(fit("ab", 1), "…");
        assert_eq!(fit("ab", 0), "");
    }

    #[test]
    fn breaks_at_spaces_and_else_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(
            wrap("org/model-7b-instruct", 12),
            ["org/model-", "7b-instruct"]
        );
    }

    /// In time that grows with the length, not with its square.
    #[test]
    fn a_text_of_a_megabyte_is_wrapped() {
        let text = "a".repeat(1_000_000);
        let pieces = wrap(&text, 40);
        assert_eq!(pieces.len(), 25_000);
        assert!(pieces.iter().all(|piece| piece.len() == 40));
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing_and_fits(text in "[a-c 模]{0,40}", room in 2..12_usize) {
            let pieces = wrap(&text, room);
            prop_assert_eq!(pieces.concat(), text);
            for piece in pieces {
                prop_assert!(width(piece.trim_end()) <= room);
            }
        }

        #[test]
        fn cut_text_fits(text in ".{0,30}", room in 0..20_usize) {
            prop_assert!(width(&fit(&text, room)) <= room);
        }

        #[test]
        fn scrolling_moves_the_window_and_keeps_the_cursor_in_it(
            at in 0..50_usize, top in 0..50_usize, len in 1..60_usize, height in 1..12_usize, lines in -9..9_isize,
        ) {
            let mut before = Cursor { at, top };
            before.settle(len, height);
            let mut after = before;
            after.scroll(lines, len, height);
            let furthest = len.saturating_sub(height);
            prop_assert_eq!(after.top, before.top.saturating_add_signed(lines).min(furthest));
            prop_assert!(after.window(len, height).contains(&after.at));
            if after.window(len, height).contains(&before.at) {
                prop_assert_eq!(after.at, before.at);
            }
            let mut settled = after;
            settled.settle(len, height);
            prop_assert_eq!(settled, after);
        }

        #[test]
        fn the_cursor_is_always_seen(at in 0..50_usize, top in 0..50_usize, len in 0..40_usize, height in 0..12_usize) {
            let mut cursor = Cursor { at, top };
            cursor.settle(len, height);
            if len > 0 && height > 0 {
                prop_assert!(cursor.window(len, height).contains(&cursor.at));
                prop_assert_eq!(cursor.window(len, height).len(), len.min(height));
            }
        }
    }
}
