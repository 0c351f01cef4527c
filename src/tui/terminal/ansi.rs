//! Encodes changed cells as escape sequences, in as few bytes as a terminal understands. Compared
//! with writing each changed cell, it erases instead of writing blanks, writes over a short
//! unchanged stretch instead of jumping across it, and sets of a style only what is new.
//!
//! The sequences are those of ECMA-48 that every terminal since the VT220 has.

use std::fmt::{Arguments, Write};
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// The fewest blanks that are erased rather than written: erasing and the jump behind it take as
/// many bytes. At the end of a line there is no jump.
const MIN_ERASED: u16 = 10;
const MIN_ERASED_TO_END: u16 = 3;
/// The modifiers that cannot be seen on a blank.
const UNSEEN: Modifier = Modifier::BOLD.union(Modifier::DIM).union(Modifier::ITALIC);

/// A set of cells to be written.
#[derive(Default)]
pub struct Damage {
    area: Rect,
    cells: Vec<bool>,
}

impl Damage {
    /// Returns an empty set for a screen of this area.
    pub fn none(area: Rect) -> Damage {
        Damage {
            area,
            cells: vec![false; usize::from(area.width) * usize::from(area.height)],
        }
    }

    /// Returns the cells of a screen that differ from an erased one.
    pub fn of_all(screen: &Buffer) -> Damage {
        let is_seen = |cell: &Cell| !is_blank(cell) || cell.bg != Color::Reset;
        Damage {
            area: screen.area,
            cells: screen.content.iter().map(is_seen).collect(),
        }
    }

    /// Returns true if these are most of the cells.
    pub fn is_most(&self) -> bool {
        let damaged = self.cells.iter().filter(|is_damaged| **is_damaged);
        damaged.count() * 2 > self.cells.len()
    }

    /// Adds the columns of a row that are on the screen.
    pub fn add(&mut self, columns: Range<u16>, y: u16) {
        let end = columns.end.min(self.area.width);
        let cells = self.index(columns.start, y)..self.index(end, y);
        self.cells[cells].fill(true);
    }

    /// Makes the set empty.
    pub fn clear(&mut self) {
        self.cells.fill(false);
    }

    fn has(&self, x: u16, y: u16) -> bool {
        self.cells[self.index(x, y)]
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.area.width) + usize::from(x)
    }
}

/// Returns the bytes that write the damaged cells of a screen whose area begins at (0, 0); none if
/// nothing is damaged. The terminal's style is its normal one before and after.
pub fn encode(screen: &Buffer, damage: &Damage) -> String {
    let mut pen = Pen {
        bytes: String::new(),
        place: None,
        style: CellStyle::default(),
        screen,
    };
    for y in screen.area.y..screen.area.bottom() {
        pen.row(damage, y);
    }
    if !pen.bytes.is_empty() {
        pen.set(CellStyle::default());
    }
    pen.bytes
}

/// The style of a cell, as far as it is written.
#[derive(Clone, Copy, PartialEq)]
struct CellStyle {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Default for CellStyle {
    fn default() -> CellStyle {
        CellStyle {
            fg: Color::Reset,
            bg: Color::Reset,
            modifier: Modifier::empty(),
        }
    }
}

impl CellStyle {
    /// Returns the style to write a cell in when the terminal has the style `now`: what cannot be
    /// seen on a blank stays as it is.
    fn of(cell: &Cell, now: CellStyle) -> CellStyle {
        let (fg, modifier) = match is_blank(cell) {
            true => (now.fg, (cell.modifier - UNSEEN) | (now.modifier & UNSEEN)),
            false => (cell.fg, cell.modifier),
        };
        CellStyle {
            fg,
            bg: cell.bg,
            modifier,
        }
    }
}

/// Returns true if nothing but its background is seen of a cell.
fn is_blank(cell: &Cell) -> bool {
    let drawn = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
    cell.symbol() == " " && !cell.modifier.intersects(drawn)
}

/// The terminal's cursor and style after the bytes so far.
struct Pen<'a> {
    bytes: String,
    /// Column and line; `None` where terminals may differ, as behind the last column.
    place: Option<(u16, u16)>,
    style: CellStyle,
    screen: &'a Buffer,
}

impl Pen<'_> {
    fn row(&mut self, damage: &Damage, y: u16) {
        let (mut x, right) = (0, self.screen.area.right());
        while x < right {
            let cell = &self.screen[(x, y)];
            if !damage.has(x, y) {
                // The columns under a wide symbol are not seen.
                x += columns(cell);
                continue;
            }
            let blanks = self.blanks(x, y);
            let to_the_end = x + blanks == right;
            let fewest = match to_the_end {
                true => MIN_ERASED_TO_END,
                false => MIN_ERASED,
            };
            if blanks >= fewest {
                self.erase(x, y, blanks, to_the_end);
                x += blanks;
            } else {
                self.go_to(x, y);
                x += self.write(cell);
            }
        }
    }

    /// Counts the blanks from a cell on that have the terminal's own background.
    fn blanks(&self, x: u16, y: u16) -> u16 {
        let blank = |x: &u16| {
            let cell = &self.screen[(*x, y)];
            is_blank(cell) && cell.bg == Color::Reset
        };
        let right = self.screen.area.right();
        u16::try_from((x..right).take_while(blank).count()).unwrap_or(0)
    }

    /// Moves to a cell, by writing the cells before it where that takes fewer bytes.
    fn go_to(&mut self, x: u16, y: u16) {
        let from = match self.place {
            Some(place) if place == (x, y) => return,
            Some((from, line)) if line == y && from < x => from,
            _ => return self.jump(x, y),
        };
        let start = self.bytes.len();
        self.jump(x, y);
        let jump = self.bytes.len() - start;
        let between = (from..x).map(|x| &self.screen[(x, y)]);
        let bytes: usize = between.clone().map(|cell| cell.symbol().len()).sum();
        let same = |cell: &Cell| CellStyle::of(cell, self.style) == self.style && is_plain(cell);
        if bytes <= jump && between.clone().all(same) {
            self.bytes.truncate(start);
            self.bytes.extend(between.map(Cell::symbol));
        }
    }

    /// Moves to a cell by the shortest of the ways there. A line feed is followed by an absolute
    /// column, since some terminals make it return to the first one.
    fn jump(&mut self, x: u16, y: u16) {
        let mut ways = vec![format!("\x1b[{};{}H", y + 1, x + 1)];
        let column = match x {
            0 => "\r".to_owned(),
            x => format!("\x1b[{}G", x + 1),
        };
        match self.place {
            Some((from, line)) if line == y => ways.extend([column, along(from, x)]),
            Some((from, line)) if line + 1 == y => {
                ways.extend([format!("\n{column}"), format!("\x1b[B{}", along(from, x))]);
            }
            _ => {}
        }
        let shortest = ways.iter().min_by_key(|way| way.len());
        self.bytes.extend(shortest.map(String::as_str));
        self.place = Some((x, y));
    }

    /// Writes a cell, and returns the number of columns it takes.
    fn write(&mut self, cell: &Cell) -> u16 {
        self.set(CellStyle::of(cell, self.style));
        self.bytes.push_str(cell.symbol());
        let (columns, right) = (columns(cell), self.screen.area.right());
        // Terminals do not agree on the width of combined characters.
        let after = self.place.filter(|_| is_plain(cell) || is_single(cell));
        self.place = after
            .map(|(x, y)| (x + columns, y))
            .filter(|(x, _)| *x < right);
        columns
    }

    /// Erases cells; the cursor stays in front of them.
    fn erase(&mut self, x: u16, y: u16, cells: u16, to_the_end: bool) {
        if self.place != Some((x, y)) {
            self.jump(x, y);
        }
        // Erased cells take the background of the moment.
        let modifier = self.style.modifier & UNSEEN;
        self.set(CellStyle {
            bg: Color::Reset,
            modifier,
            ..self.style
        });
        match to_the_end {
            true => self.bytes.push_str("\x1b[K"),
            false => self.say(format_args!("\x1b[{cells}X")),
        }
    }

    /// Changes the style to this one.
    fn set(&mut self, style: CellStyle) {
        if style == self.style {
            return;
        }
        let reset = match style == CellStyle::default() {
            true => "\x1b[m".to_owned(),
            false => format!("\x1b[0;{}m", codes(CellStyle::default(), style).join(";")),
        };
        let change = ends(self.style.modifier, style.modifier).map(|ends| {
            let codes = ends.into_iter().chain(codes(self.style, style));
            format!("\x1b[{}m", codes.collect::<Vec<_>>().join(";"))
        });
        let shorter = change.filter(|change| change.len() < reset.len());
        self.bytes.push_str(&shorter.unwrap_or(reset));
        self.style = style;
    }

    fn say(&mut self, text: Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.bytes.write_fmt(text);
    }
}

/// Returns the shortest way along a line.
fn along(from: u16, to: u16) -> String {
    let (cells, way) = match to < from {
        true => (from - to, 'D'),
        false => (to - from, 'C'),
    };
    match cells {
        0 => String::new(),
        1 => format!("\x1b[{way}"),
        _ => format!("\x1b[{cells}{way}"),
    }
}

/// Returns the codes that add to a style what another one has more or has otherwise.
fn codes(now: CellStyle, style: CellStyle) -> Vec<String> {
    let fresh = style.modifier - now.modifier;
    let fresh = MODIFIERS.iter().filter(|(m, _)| fresh.contains(*m));
    let mut codes: Vec<String> = fresh.map(|(_, code)| (*code).to_owned()).collect();
    if style.fg != now.fg {
        codes.push(color_code(style.fg, 30));
    }
    if style.bg != now.bg {
        codes.push(color_code(style.bg, 40));
    }
    codes
}

/// Returns the codes that end the modifiers that another style lacks; `None` where only the end of
/// all of them is understood everywhere. Bold and dim end together.
fn ends(now: Modifier, style: Modifier) -> Option<Vec<String>> {
    let intensity = Modifier::BOLD | Modifier::DIM;
    let known = [
        (intensity, "22"),
        (Modifier::ITALIC, "23"),
        (Modifier::UNDERLINED, "24"),
        (Modifier::REVERSED, "27"),
    ];
    let ended = now - style;
    let all = known.iter().fold(Modifier::empty(), |all, (m, _)| all | *m);
    let is_known = all.contains(ended) && !(ended | style).contains(intensity);
    let codes = known.iter().filter(|(m, _)| ended.intersects(*m));
    is_known.then(|| codes.map(|(_, code)| (*code).to_owned()).collect())
}

/// Returns true if a cell holds a single character of one column.
fn is_plain(cell: &Cell) -> bool {
    columns(cell) == 1 && is_single(cell)
}

fn is_single(cell: &Cell) -> bool {
    cell.symbol().chars().nth(1).is_none()
}

/// Returns the number of columns that a cell's symbol takes.
fn columns(cell: &Cell) -> u16 {
    cell.symbol().cell_width().max(1)
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

/// Returns the code of a color: `base` is 30 for text, 40 for the background.
fn color_code(color: Color, base: u8) -> String {
    let named = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match color {
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
