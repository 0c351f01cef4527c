//! From one frame to the next in as few bytes as a terminal understands: over a slow line bytes
//! are time. Compared with writing each changed cell, it erases instead of writing spaces, goes
//! over a short unchanged stretch instead of jumping it, and says of a style only what is new.
//!
//! Sequences are those of ECMA-48 that every terminal since the VT220 has.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::widgets::width;

/// An unchanged stretch of so many cells is written again: a jump takes as many bytes.
const BRIDGE: u16 = 5;
/// So many blank cells are erased rather than written: erasing and the jump behind it take as many
/// bytes. At the end of a line there is no jump.
const ERASE: u16 = 10;
const ERASE_TO_END: u16 = 3;
/// What cannot be seen on a blank.
const UNSEEN: Modifier = Modifier::BOLD.union(Modifier::DIM).union(Modifier::ITALIC);

/// The bytes that turn a screen showing `shown` into one showing `next`; both are of one size.
/// Nothing when they are the same. The terminal's style is its normal one before and after.
pub fn changes(shown: &Buffer, next: &Buffer) -> Vec<u8> {
    let mut pen = Pen {
        bytes: Vec::new(),
        place: None,
        style: Style::default(),
    };
    for y in next.area.y..next.area.bottom() {
        pen.row(shown, next, y);
    }
    if !pen.bytes.is_empty() {
        pen.set(Style::default());
    }
    pen.bytes
}

/// How a cell looks, apart from its symbol.
#[derive(Clone, Copy, PartialEq)]
struct Style {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            fg: Color::Reset,
            bg: Color::Reset,
            modifier: Modifier::empty(),
        }
    }
}

impl Style {
    /// The style to write a cell in, when the terminal is in the style `now`: on a blank what is
    /// not seen stays as it is.
    fn of(cell: &Cell, now: Style) -> Style {
        let (fg, modifier) = match is_blank(cell) {
            true => (now.fg, (cell.modifier - UNSEEN) | (now.modifier & UNSEEN)),
            false => (cell.fg, cell.modifier),
        };
        Style {
            fg,
            bg: cell.bg,
            modifier,
        }
    }
}

/// Whether nothing but its background is seen of a cell.
fn is_blank(cell: &Cell) -> bool {
    let drawn = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
    cell.symbol() == " " && !cell.modifier.intersects(drawn)
}

/// The terminal's cursor and style, as the bytes so far leave them.
struct Pen {
    bytes: Vec<u8>,
    /// Column and line; nothing where a terminal may differ, as behind the last column.
    place: Option<(u16, u16)>,
    style: Style,
}

impl Pen {
    fn row(&mut self, shown: &Buffer, next: &Buffer, y: u16) {
        let area = next.area;
        let mut x = area.x;
        while x < area.right() {
            if !is_changed(shown, next, x, y) {
                // What lies under the right half of a wide letter is not seen.
                x += columns(&next[(x, y)]);
                continue;
            }
            let blanks = blanks(next, x, y);
            let to_the_end = x + blanks == area.right();
            if blanks >= if to_the_end { ERASE_TO_END } else { ERASE } {
                self.erase(x, y, blanks, to_the_end);
                x += blanks;
            } else {
                self.go_to(next, x, y);
                x += self.write(&next[(x, y)], area.right());
            }
        }
    }

    /// Moves to a cell, by writing what lies between where that is short.
    fn go_to(&mut self, next: &Buffer, x: u16, y: u16) {
        match self.place {
            Some(place) if place == (x, y) => {}
            Some((from, line)) if line == y && from < x && self.can_bridge(next, from, x, y) => {
                for between in from..x {
                    self.bytes
                        .extend_from_slice(next[(between, y)].symbol().as_bytes());
                }
            }
            Some((_, line)) if line == y => self.say(format_args!("\x1b[{}G", x + 1)),
            _ => self.say(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
        self.place = Some((x, y));
    }

    fn can_bridge(&self, next: &Buffer, from: u16, to: u16, y: u16) -> bool {
        let same = |x| {
            let cell = &next[(x, y)];
            Style::of(cell, self.style) == self.style && width(cell.symbol()) == 1
        };
        to - from <= BRIDGE && (from..to).all(same)
    }

    /// Writes a cell, and gives the number of columns it takes.
    fn write(&mut self, cell: &Cell, right: u16) -> u16 {
        self.set(Style::of(cell, self.style));
        self.bytes.extend_from_slice(cell.symbol().as_bytes());
        let wide = columns(cell);
        self.place = self
            .place
            .map(|(x, y)| (x + wide, y))
            .filter(|(x, _)| *x < right);
        wide
    }

    /// Blanks cells; the cursor stays in front of them.
    fn erase(&mut self, x: u16, y: u16, cells: u16, to_the_end: bool) {
        if self.place != Some((x, y)) {
            let (column, line) = (x + 1, y + 1);
            match self.place {
                Some((_, line)) if line == y => self.say(format_args!("\x1b[{column}G")),
                _ => self.say(format_args!("\x1b[{line};{column}H")),
            }
            self.place = Some((x, y));
        }
        // What is erased takes the background of the moment.
        let modifier = self.style.modifier & UNSEEN;
        self.set(Style {
            bg: Color::Reset,
            modifier,
            ..self.style
        });
        match to_the_end {
            true => self.bytes.extend_from_slice(b"\x1b[K"),
            false => self.say(format_args!("\x1b[{cells}X")),
        }
    }

    /// Changes the style to this one.
    fn set(&mut self, style: Style) {
        if style == self.style {
            return;
        }
        if style == Style::default() {
            self.bytes.extend_from_slice(b"\x1b[m");
            self.style = style;
            return;
        }
        let mut codes = Vec::new();
        // Taking one modifier away is not the same code on all terminals; all at once is.
        if !(self.style.modifier - style.modifier).is_empty() {
            codes.push("0".to_owned());
            self.style = Style::default();
        }
        let fresh = style.modifier - self.style.modifier;
        codes.extend(
            MODIFIERS
                .iter()
                .filter(|(m, _)| fresh.contains(*m))
                .map(|(_, code)| (*code).to_owned()),
        );
        if style.fg != self.style.fg {
            codes.push(colour(style.fg, 30));
        }
        if style.bg != self.style.bg {
            codes.push(colour(style.bg, 40));
        }
        self.say(format_args!("\x1b[{}m", codes.join(";")));
        self.style = style;
    }

    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.bytes.write_fmt(text);
    }
}

/// The codes of modifiers.
const MODIFIERS: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::RAPID_BLINK, "6"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// The code of a colour: `base` is 30 for text, 40 for what is behind it.
fn colour(colour: Color, base: u8) -> String {
    let named = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match colour {
        Color::Reset => named(9),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(number) => format!("{};5;{number}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

/// How many columns a cell's symbol takes.
fn columns(cell: &Cell) -> u16 {
    u16::try_from(width(cell.symbol())).unwrap_or(1).max(1)
}

/// Whether a cell has to be written: it differs, or stood under the right half of a wide one that
/// does.
fn is_changed(shown: &Buffer, next: &Buffer, x: u16, y: u16) -> bool {
    let differs = |x| shown[(x, y)] != next[(x, y)];
    let covered = x > next.area.x && width(shown[(x - 1, y)].symbol()) > 1 && differs(x - 1);
    differs(x) || covered
}

/// How many cells from here on are blank, in the terminal's own colours.
fn blanks(next: &Buffer, x: u16, y: u16) -> u16 {
    let blank = |x: &u16| {
        let cell = &next[(*x, y)];
        is_blank(cell) && cell.bg == Color::Reset
    };
    u16::try_from((x..next.area.right()).take_while(blank).count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style as TextStyle;

    const SIZE: (u16, u16) = (24, 5);

    /// A text at a place in a style.
    type Piece = (u16, u16, String, u8);

    fn buffer(pieces: &[Piece]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        for (x, y, text, style) in pieces {
            let style = match style {
                0 => TextStyle::new(),
                1 => TextStyle::new().bold(),
                2 => TextStyle::new().fg(Color::Indexed(110)),
                3 => TextStyle::new().bg(Color::Blue).underlined(),
                4 => TextStyle::new().reversed(),
                _ => TextStyle::new()
                    .italic()
                    .fg(Color::LightRed)
                    .bg(Color::Rgb(1, 2, 3)),
            };
            buffer.set_string(*x, *y, text, style);
        }
        buffer
    }

    /// What a terminal shows, cell by cell, in the words of `cells_of`.
    fn seen(terminal: &vt100::Parser) -> Vec<String> {
        let mut cells = Vec::new();
        for y in 0..SIZE.1 {
            for x in 0..SIZE.0 {
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

    fn cells_of(buffer: &Buffer) -> Vec<String> {
        let colour = |colour| match colour {
            Color::Indexed(n) => vt100::Color::Idx(n),
            Color::Blue => vt100::Color::Idx(4),
            Color::LightRed => vt100::Color::Idx(9),
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            _ => vt100::Color::Default,
        };
        let mut cells = Vec::new();
        for y in 0..SIZE.1 {
            let mut x = 0;
            while x < SIZE.0 {
                let cell = &buffer[(x, y)];
                let has = |m| cell.modifier.contains(m);
                let (underline, inverse) = (has(Modifier::UNDERLINED), has(Modifier::REVERSED));
                let symbol = cell.symbol();
                let mut words = format!("{symbol} {:?} {underline}{inverse}", colour(cell.bg));
                if symbol != " " || underline || inverse {
                    let (bold, italic) = (has(Modifier::BOLD), has(Modifier::ITALIC));
                    words.push_str(&format!(" {:?} {bold}{italic}", colour(cell.fg)));
                }
                cells.push(words);
                x += u16::try_from(width(cell.symbol())).unwrap().max(1);
            }
        }
        cells
    }

    fn pieces() -> impl Strategy<Value = Vec<Piece>> {
        let text = prop_oneof!["[a-c ]{1,12}", "[a模 ]{1,6}", " {3,20}"];
        prop::collection::vec((0..SIZE.0, 0..SIZE.1, text, 0..6_u8), 0..6)
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        let frame = buffer(&[(3, 1, "模型 abc".to_owned(), 2)]);
        assert!(changes(&frame, &frame).is_empty());
    }

    #[test]
    fn blanks_are_erased() {
        let full = buffer(&[(0, 0, "a".repeat(24), 0)]);
        assert_eq!(changes(&full, &buffer(&[])), b"\x1b[1;1H\x1b[K");
    }

    #[test]
    fn what_lies_under_a_wide_letter_is_not_written() {
        let before = buffer(&[(3, 1, "模".to_owned(), 0)]);
        let after = buffer(&[(3, 1, "模".to_owned(), 0), (4, 1, "a".to_owned(), 0)]);
        assert!(changes(&before, &after).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_terminal_shows_each_frame_as_it_is(frames in prop::collection::vec(pieces(), 1..5)) {
            let (columns, rows) = (SIZE.0.try_into().unwrap(), SIZE.1.try_into().unwrap());
            let mut terminal = vt100::Parser::new(rows, columns, 0);
            let mut shown = buffer(&[]);
            for frame in frames {
                let next = buffer(&frame);
                terminal.process(&changes(&shown, &next));
                prop_assert_eq!(seen(&terminal), cells_of(&next));
                shown = next;
            }
        }
    }
}
