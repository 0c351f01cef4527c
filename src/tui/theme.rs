//! The styles of the screen, by role. Text keeps the terminal's own foreground, so that it is
//! readable on any background. Marks, words and weight carry the meaning; color adds to them.
//!
//! A style with a background has a foreground, too. Text has a contrast of at least 4.5:1 and
//! graphics of 3:1 (WCAG 2.1), on the backgrounds that terminals have and on that of the selection.

use ratatui::style::{Color, Modifier, Style};

pub use crate::present::palette::Palette;

/// A color ramp from few to many, away from the background: violet, blue, green, yellow. Its colors
/// differ in brightness, for color-blind readers.
const RAMP_ON_DARK: [Style; 7] = ramp([98, 68, 73, 78, 149, 185, 227]);
const RAMP_ON_LIGHT: [Style; 7] = ramp([100, 65, 30, 61, 24, 55, 17]);

/// The styles of a palette.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    pub palette: Palette,
    pub text: Style,
    /// Less important text.
    pub dim: Style,
    /// The lines between panes.
    pub line: Style,
    pub title: Style,
    /// The title of the focused pane.
    pub focused: Style,
    /// The selected line of the focused pane.
    pub selected: Style,
    /// The selected line of other panes.
    pub selected_elsewhere: Style,
    /// Text that matches the query.
    pub matched: Style,
    /// Important numbers; keys in hints.
    pub accent: Style,
    pub bar: Style,
    /// The ramp from few to many; empty with too few colors.
    pub ramp: &'static [Style],
    /// Bars of zero and unknown values.
    pub bar_apart: Style,
    /// The position of the selected model.
    pub here: Style,
    /// Missing models, and text that is cut off.
    pub ghost: Style,
    pub error: Style,
    /// An error in typed text.
    pub wrong: Style,
}

impl Theme {
    /// Returns the theme of a palette.
    pub fn of(palette: Palette) -> Theme {
        match palette {
            Palette::Dark => Theme {
                ramp: &RAMP_ON_DARK,
                ..colors(
                    palette,
                    Numbers {
                        accent: 110,
                        dim: 246,
                        matched: 180,
                        selected: (255, 237),
                        bar: 108,
                        here: 209,
                        error: 203,
                    },
                )
            },
            Palette::Light => Theme {
                ramp: &RAMP_ON_LIGHT,
                ..colors(
                    palette,
                    Numbers {
                        accent: 25,
                        dim: 242,
                        matched: 90,
                        selected: (233, 254),
                        bar: 23,
                        here: 94,
                        error: 160,
                    },
                )
            },
            Palette::Sixteen => sixteen(palette),
            Palette::None => plain(palette),
        }
    }
}

const fn ramp(numbers: [u8; 7]) -> [Style; 7] {
    let mut styles = [Style::new(); 7];
    let mut at = 0;
    while at < numbers.len() {
        styles[at] = Style::new().fg(Color::Indexed(numbers[at]));
        at += 1;
    }
    styles
}

/// Returns the theme without colors.
fn plain(palette: Palette) -> Theme {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let reversed = Style::new().add_modifier(Modifier::REVERSED);
    Theme {
        palette,
        text: Style::new(),
        dim: Style::new(),
        line: Style::new(),
        title: Style::new(),
        focused: bold,
        selected: reversed,
        selected_elsewhere: Style::new().add_modifier(Modifier::UNDERLINED),
        matched: bold.add_modifier(Modifier::UNDERLINED),
        accent: bold,
        bar: Style::new(),
        ramp: &[],
        bar_apart: Style::new(),
        here: bold,
        ghost: Style::new().add_modifier(Modifier::ITALIC),
        error: bold,
        wrong: Style::new().add_modifier(Modifier::UNDERLINED),
    }
}

/// Returns the theme of 16 colors. What they look like is up to each terminal, and none of them is
/// readable on every background, so they appear in pairs, which are.
fn sixteen(palette: Palette) -> Theme {
    let pair = |text, background| Style::new().fg(text).bg(background);
    Theme {
        selected: pair(Color::Black, Color::Cyan),
        error: pair(Color::White, Color::Red),
        ..plain(palette)
    }
}

/// The colors of a theme by their numbers among 256.
struct Numbers {
    accent: u8,
    dim: u8,
    matched: u8,
    /// Text and background of the selection.
    selected: (u8, u8),
    bar: u8,
    here: u8,
    error: u8,
}

/// Returns a theme of 256 colors. Lines have the color of the text beside them, so that most of the
/// screen is written in two colors.
fn colors(palette: Palette, numbers: Numbers) -> Theme {
    let fg = |number| Style::new().fg(Color::Indexed(number));
    let (text, background) = numbers.selected;
    let selection = Color::Indexed(background);
    Theme {
        dim: fg(numbers.dim),
        line: fg(numbers.dim),
        title: fg(numbers.dim),
        focused: fg(numbers.accent).add_modifier(Modifier::BOLD),
        selected: fg(text).bg(selection).add_modifier(Modifier::BOLD),
        selected_elsewhere: fg(text).bg(selection),
        matched: fg(numbers.matched).add_modifier(Modifier::BOLD),
        accent: fg(numbers.accent),
        bar: fg(numbers.bar),
        bar_apart: fg(numbers.dim),
        here: fg(numbers.here).add_modifier(Modifier::BOLD),
        ghost: fg(numbers.dim).add_modifier(Modifier::ITALIC),
        error: fg(numbers.error).add_modifier(Modifier::BOLD),
        wrong: fg(numbers.error).add_modifier(Modifier::UNDERLINED),
        ..plain(palette)
    }
}
