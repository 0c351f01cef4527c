//! A screen as an SVG document: a rectangle for each run of background, a text for each run of
//! one style. The terminal's own colours are taken from a common dark or light scheme.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::theme::Palette;
use super::widgets::width;

/// A cell in pixels, for a font of 14 pixels.
const CELL: (u16, u16) = (8, 18);
/// Pixels around the screen.
const MARGIN: u16 = 10;

/// How a run of cells looks.
#[derive(Clone, PartialEq)]
struct Look {
    fg: String,
    bg: Option<String>,
    modifier: Modifier,
}

/// The document.
pub fn document(buffer: &Buffer, palette: Palette) -> String {
    let area = buffer.area;
    let light = palette == Palette::Light;
    let (fg, bg) = if light {
        ("#1f2328", "#ffffff")
    } else {
        ("#d8dee9", "#16191f")
    };
    let wide = area.width * CELL.0 + 2 * MARGIN;
    let high = area.height * CELL.1 + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" \
         font-family=\"'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"13.3\">\n\
         <rect width=\"{wide}\" height=\"{high}\" rx=\"6\" fill=\"{bg}\"/>\n"
    );
    for y in area.y..area.bottom() {
        let mut x = area.x;
        while x < area.right() {
            let look = look(&buffer[(x, y)], fg, bg);
            let start = x;
            let mut text = String::new();
            while x < area.right() && self::look(&buffer[(x, y)], fg, bg) == look {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(width(symbol)).unwrap_or(1).max(1);
            }
            run(
                &mut svg,
                &look,
                (start - area.x, y - area.y),
                x - start,
                &text,
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn run(svg: &mut String, look: &Look, (x, y): (u16, u16), cells: u16, text: &str) {
    let (left, top) = (MARGIN + x * CELL.0, MARGIN + y * CELL.1);
    let wide = cells * CELL.0;
    if let Some(bg) = &look.bg {
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"{bg}\"/>",
            CELL.1
        );
    }
    let mut style = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.65\""),
    ] {
        if look.modifier.contains(modifier) {
            style.push_str(attribute);
        }
    }
    // Each piece is put in its own place: fonts are not all as wide as a cell.
    for (at, piece) in pieces(text) {
        let escaped = piece.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" fill=\"{}\" textLength=\"{}\" xml:space=\"preserve\"{style}>{escaped}</text>",
            usize::from(left) + at * usize::from(CELL.0),
            top + 13,
            look.fg,
            width(piece) * usize::from(CELL.0),
        );
    }
}

/// What stands between gaps of two spaces and more, each with the cell it starts in.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive("  ") {
        let shown = piece.trim();
        if !shown.is_empty() {
            let blank = piece.len() - piece.trim_start().len();
            pieces.push((width(&text[..start + blank]), shown));
        }
        start += piece.len();
    }
    pieces
}

fn look(cell: &Cell, fg: &str, bg: &str) -> Look {
    let mut front = hex(cell.fg).unwrap_or_else(|| fg.to_owned());
    let mut back = hex(cell.bg);
    if cell.modifier.contains(Modifier::REVERSED) {
        let behind = back.unwrap_or_else(|| bg.to_owned());
        back = Some(std::mem::replace(&mut front, behind));
    }
    Look {
        fg: front,
        bg: back,
        modifier: cell.modifier,
    }
}

/// A colour as `#rrggbb`; nothing for the terminal's own.
fn hex(colour: Color) -> Option<String> {
    let index = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(of_index(index))
}

/// The 256 colours of xterm: 16 named ones, a cube of 6×6×6, 24 greys.
fn of_index(index: u8) -> String {
    const NAMED: [&str; 16] = [
        "#2e3440", "#bf4b55", "#6a9955", "#c9a14a", "#5b8dd6", "#a573b8", "#4aa5b5", "#c8ccd4",
        "#5c6370", "#e06c75", "#98c379", "#e5c07b", "#7aa8f0", "#c688d9", "#6cc5d3", "#ffffff",
    ];
    match index {
        0..=15 => NAMED[usize::from(index)].to_owned(),
        16..=231 => {
            let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
            let cube = index - 16;
            let (r, g, b) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
            format!("#{r:02x}{g:02x}{b:02x}")
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_cells() {
        assert_eq!(pieces("  a b   c  "), [(2, "a b"), (8, "c")]);
        assert_eq!(pieces("模  x"), [(0, "模"), (4, "x")]);
        assert_eq!(pieces("   "), []);
    }

    #[test]
    fn colours_of_the_cube_and_the_greys() {
        assert_eq!(
            [16, 21, 196, 231, 232, 255].map(of_index),
            [
                "#000000", "#0000ff", "#ff0000", "#ffffff", "#080808", "#eeeeee"
            ]
        );
    }
}
