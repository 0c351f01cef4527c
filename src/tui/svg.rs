//! Renders a screen as an SVG document: a rectangle for each run of background, a text for each run
//! of one style. The terminal's own colors are those of a common dark or light scheme.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::theme::Palette;
use super::widgets::width;

/// The size of a cell in pixels, for a font of 14 pixels.
const CELL: (u16, u16) = (8, 18);
/// The margin around the screen in pixels.
const MARGIN: u16 = 10;

/// The style of a run of cells, with colors as `#rrggbb`.
#[derive(Clone, PartialEq)]
struct RunStyle {
    fg: String,
    bg: Option<String>,
    modifier: Modifier,
}

/// Returns the document.
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
            let style = run_style(&buffer[(x, y)], fg, bg);
            let start = x;
            let mut text = String::new();
            while x < area.right() && run_style(&buffer[(x, y)], fg, bg) == style {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(width(symbol)).unwrap_or(1).max(1);
            }
            draw_run(
                &mut svg,
                &style,
                (start - area.x, y - area.y),
                x - start,
                &text,
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_run(svg: &mut String, style: &RunStyle, (x, y): (u16, u16), cells: u16, text: &str) {
    let (left, top) = (MARGIN + x * CELL.0, MARGIN + y * CELL.1);
    let wide = cells * CELL.0;
    if let Some(bg) = &style.bg {
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"{bg}\"/>",
            CELL.1
        );
    }
    let mut attributes = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.65\""),
    ] {
        if style.modifier.contains(modifier) {
            attributes.push_str(attribute);
        }
    }
    // Each segment has its own position, since fonts are not all as wide as a cell.
    for (at, segment) in segments(text) {
        let escaped = segment.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" fill=\"{}\" textLength=\"{}\" xml:space=\"preserve\"{attributes}>{escaped}</text>",
            usize::from(left) + at * usize::from(CELL.0),
            top + 13,
            style.fg,
            width(segment) * usize::from(CELL.0),
        );
    }
}

/// Splits a text at gaps of two or more spaces. Returns each segment with the column of its start.
fn segments(text: &str) -> Vec<(usize, &str)> {
    let mut segments = Vec::new();
    let mut start = 0;
    for segment in text.split_inclusive("  ") {
        let shown = segment.trim();
        if !shown.is_empty() {
            let blank = segment.len() - segment.trim_start().len();
            segments.push((width(&text[..start + blank]), shown));
        }
        start += segment.len();
    }
    segments
}

fn run_style(cell: &Cell, fg: &str, bg: &str) -> RunStyle {
    let mut front = hex(cell.fg).unwrap_or_else(|| fg.to_owned());
    let mut back = hex(cell.bg);
    if cell.modifier.contains(Modifier::REVERSED) {
        let behind = back.unwrap_or_else(|| bg.to_owned());
        back = Some(std::mem::replace(&mut front, behind));
    }
    RunStyle {
        fg: front,
        bg: back,
        modifier: cell.modifier,
    }
}

/// Returns a color as `#rrggbb`; `None` for the terminal's own.
fn hex(color: Color) -> Option<String> {
    let index = match color {
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
    Some(indexed(index))
}

/// Returns one of the 256 colors of xterm: 16 named ones, a cube of 6×6×6, 24 grays.
fn indexed(index: u8) -> String {
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
            let gray = 8 + 10 * (index - 232);
            format!("#{gray:02x}{gray:02x}{gray:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_keep_their_columns() {
        assert_eq!(segments("  a b   c  "), [(2, "a b"), (8, "c")]);
        assert_eq!(segments("模  x"), [(0, "模"), (4, "x")]);
        assert_eq!(segments("   "), []);
    }

    #[test]
    fn colors_of_the_cube_and_the_grays() {
        assert_eq!(
            [16, 21, 196, 231, 232, 255].map(indexed),
            [
                "#000000", "#0000ff", "#ff0000", "#ffffff", "#080808", "#eeeeee"
            ]
        );
    }
}
