//! What a terminal shows after the bytes of the backend, driven through ratatui's `Terminal`.

use super::*;
use crate::tui::terminal::wide;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Frame, Terminal};

const SIZE: (u16, u16) = (24, 5);
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// A text at a position in a style.
type Piece = (u16, u16, String, u8);

/// A screen whose first frame, an empty one, is drawn already.
fn terminal() -> Terminal<CompactBackend<Vec<u8>>> {
    let backend = CompactBackend::new(Vec::new(), SIZE.into());
    let mut terminal = Terminal::new(backend).unwrap();
    assert_eq!(draw(&mut terminal, &[]), format!("{BEGIN}\x1b[2J{END}"));
    terminal
}

/// Draws a frame, and returns the bytes written.
fn draw(terminal: &mut Terminal<CompactBackend<Vec<u8>>>, pieces: &[Piece]) -> String {
    terminal
        .draw(|frame| paint(frame.buffer_mut(), pieces))
        .unwrap();
    written(terminal)
}

/// Returns the bytes written since the last call.
fn written(terminal: &mut Terminal<CompactBackend<Vec<u8>>>) -> String {
    let bytes = std::mem::take(terminal.backend_mut().writer_mut());
    String::from_utf8(bytes).unwrap()
}

fn paint(buffer: &mut Buffer, pieces: &[Piece]) {
    for (x, y, text, style) in pieces {
        let style = match style {
            0 => Style::new(),
            1 => Style::new().bold(),
            2 => Style::new().fg(Color::Indexed(110)),
            3 => Style::new().bg(Color::Blue).underlined(),
            4 => Style::new().reversed(),
            _ => Style::new()
                .italic()
                .fg(Color::LightRed)
                .bg(Color::Rgb(1, 2, 3)),
        };
        if buffer.area.contains(Position::new(*x, *y)) {
            buffer.set_string(*x, *y, text, style);
        }
    }
    wide::cover(buffer);
}

fn text(x: u16, text: &str) -> Piece {
    (x, 1, text.to_owned(), 0)
}
/// Describes what a terminal shows, cell by cell, as `cells_of` does.
fn seen(terminal: &vt100::Parser) -> Vec<String> {
    let mut cells = Vec::new();
    let (rows, columns) = terminal.screen().size();
    for y in 0..rows.get() {
        for x in 0..columns.get() {
            let cell = terminal.screen().cell(y, x).unwrap();
            if cell.is_wide_continuation() {
                continue;
            }
            let text = if cell.contents().is_empty() {
                " "
            } else {
                cell.contents()
            };
            let (underline, inverse) = (cell.underline(), cell.inverse());
            let mut words = format!("{text} {:?} {underline}{inverse}", cell.bgcolor());
            if text != " " || underline || inverse {
                words.push_str(&format!(
                    " {:?} {}{}",
                    cell.fgcolor(),
                    cell.bold(),
                    cell.italic()
                ));
            }
            cells.push(words);
        }
    }
    cells
}

/// Describes the cells of a frame that can be seen.
fn cells_of(buffer: &Buffer) -> Vec<String> {
    let color_of = |color| match color {
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Blue => vt100::Color::Idx(4),
        Color::LightRed => vt100::Color::Idx(9),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    };
    let mut cells = Vec::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let cell = &buffer[(x, y)];
            let has = |m| cell.modifier.contains(m);
            let (underline, inverse) = (has(Modifier::UNDERLINED), has(Modifier::REVERSED));
            let symbol = cell.symbol();
            let mut words = format!("{symbol} {:?} {underline}{inverse}", color_of(cell.bg));
            if symbol != " " || underline || inverse {
                let (bold, italic) = (has(Modifier::BOLD), has(Modifier::ITALIC));
                words.push_str(&format!(" {:?} {bold}{italic}", color_of(cell.fg)));
            }
            cells.push(words);
            x += cell.symbol().cell_width().max(1);
        }
    }
    cells
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let text = prop_oneof!["[a-c ]{1,12}", "[a模 ]{1,6}", " {3,20}"];
    prop::collection::vec((0..SIZE.0, 0..SIZE.1, text, 0..6_u8), 0..6)
}

#[test]
fn a_frame_without_changes_writes_nothing() {
    let mut terminal = terminal();
    assert!(!draw(&mut terminal, &[text(3, "模型 abc")]).is_empty());
    assert_eq!(draw(&mut terminal, &[text(3, "模型 abc")]), "");
}

#[test]
fn blanks_are_erased() {
    let mut terminal = terminal();
    draw(&mut terminal, &[text(0, &"a".repeat(24))]);
    assert_eq!(
        draw(&mut terminal, &[]),
        format!("{BEGIN}\x1b[2;1H\x1b[K{END}")
    );
}

#[test]
fn a_short_unchanged_stretch_is_written_again() {
    let mut terminal = terminal();
    draw(&mut terminal, &[text(0, "abcd")]);
    let bytes = draw(&mut terminal, &[text(0, "xbcx")]);
    assert_eq!(bytes, format!("{BEGIN}\x1b[2;1Hxbcx{END}"));
}

#[test]
fn the_cursor_is_shown_moved_and_hidden_once() {
    let mut terminal = terminal();
    for (cursor, bytes) in [
        (Some((2, 1)), "\x1b[2;3H\x1b[?25h"),
        (Some((2, 1)), ""),
        (Some((3, 1)), "\x1b[2;4H"),
        (None, "\x1b[?25l"),
        (None, ""),
    ] {
        let show = |frame: &mut Frame<'_>| {
            if let Some(position) = cursor {
                frame.set_cursor_position(position);
            }
        };
        terminal.draw(show).unwrap();
        let frame = match bytes {
            "" => String::new(),
            bytes => format!("{BEGIN}{bytes}{END}"),
        };
        assert_eq!(written(&mut terminal), frame);
    }
}

#[test]
fn parts_of_the_screen_are_cleared_as_a_terminal_does() {
    let regions = [
        (ClearType::AfterCursor, "aa------"),
        (ClearType::BeforeCursor, "---aaaaa"),
        (ClearType::CurrentLine, "----aaaa"),
        (ClearType::UntilNewLine, "aa--aaaa"),
        (ClearType::All, "--------"),
    ];
    for (region, left) in regions {
        let mut backend = CompactBackend::new(Vec::new(), Size::new(4, 2));
        let full = Buffer::with_lines(["aaaa", "aaaa"]);
        let empty = Buffer::empty(full.area);
        backend.draw(empty.diff(&full).into_iter()).unwrap();
        backend.set_cursor_position((2, 0)).unwrap();
        backend.clear_region(region).unwrap();
        let cells = backend.screen.content.iter().map(Cell::symbol);
        assert_eq!(cells.collect::<String>().replace(' ', "-"), left);
    }
}

/// A change of the screen before its next frame.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Clear,
    Resize(u16, u16),
}

fn before() -> impl Strategy<Value = Before> {
    prop_oneof![
        6 => Just(Before::Nothing),
        1 => Just(Before::Clear),
        1 => (1..30_u16, 1..8_u16).prop_map(|(width, height)| Before::Resize(width, height)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_terminal_shows_each_frame_as_it_is(frames in prop::collection::vec((before(), pieces()), 1..6)) {
        let cells = |cells: u16| std::num::NonZeroU16::new(cells).unwrap();
        let mut screen = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
        let mut terminal = terminal();
        for (before, pieces) in frames {
            match before {
                Before::Nothing => {}
                Before::Clear => terminal.clear().unwrap(),
                Before::Resize(width, height) => {
                    screen.screen_mut().set_size(cells(height), cells(width));
                    terminal.backend_mut().resize(Size::new(width, height));
                    terminal.clear().unwrap();
                }
            }
            screen.process(draw(&mut terminal, &pieces).as_bytes());
            let size = terminal.size().unwrap();
            let mut frame = Buffer::empty(Rect::from((Position::ORIGIN, size)));
            paint(&mut frame, &pieces);
            prop_assert_eq!(seen(&screen), cells_of(&frame));
        }
    }
}
