//! The styles of the screen, by role. Text keeps the terminal's own foreground, so that it is
//! readable on any background. Marks, words and weight carry the meaning; color adds to them.

use ratatui::style::{Color, Modifier, Style};

pub use crate::present::palette::Palette;

/// A color ramp from few to many, away from the background: violet, blue, green, yellow. Its colors
/// differ in brightness, for color-blind readers.
const RAMP_ON_DARK: [Style; 7] = ramp([55, 61, 67, 72, 77, 149, 227]);
const RAMP_ON_LIGHT: [Style; 7] = ramp([187, 150, 78, 36, 31, 61, 54]);

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
    /// A filter.
    pub chip: Style,
}

impl Theme {
    /// Returns the theme of a palette.
    pub fn of(palette: Palette) -> Theme {
        match palette {
            Palette::Dark => Theme {
                ramp: &RAMP_ON_DARK,
                ..colors(palette, [110, 245, 239, 180, 237, 108, 173, 203])
            },
            Palette::Light => Theme {
                ramp: &RAMP_ON_LIGHT,
                ..colors(palette, [25, 242, 250, 130, 254, 65, 130, 160])
            },
            Palette::Sixteen => Theme {
                dim: Style::new().add_modifier(Modifier::DIM),
                line: Style::new().add_modifier(Modifier::DIM),
                focused: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
                matched: Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD),
                accent: Style::new().fg(Color::Cyan),
                bar: Style::new().fg(Color::Blue),
                here: Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD),
                ghost: Style::new().fg(Color::Magenta),
                error: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
                wrong: Style::new()
                    .fg(Color::Red)
                    .add_modifier(Modifier::UNDERLINED),
                chip: Style::new()
                    .fg(Color::Cyan)
                    .add_modifier(Modifier::REVERSED),
                ..plain(palette)
            },
            Palette::None => plain(palette),
        }
    }

    /// Returns the palette for the environment: `NO_COLOR` (<https://no-color.org>), `TERM`, and
    /// `COLORFGBG`, in which some terminals report their background. `value` reads a variable.
    pub fn palette_for(value: impl Fn(&str) -> Option<String>) -> Palette {
        let set = |name: &str| value(name).filter(|v| !v.is_empty());
        let term = set("TERM").unwrap_or_default();
        if set("NO_COLOR").is_some() {
            return Palette::None;
        }
        let has_256_colors =
            term.contains("256color") || term.contains("direct") || set("COLORTERM").is_some();
        if !has_256_colors {
            return Palette::Sixteen;
        }
        let background = set("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok());
        match background {
            Some(7 | 9..) => Palette::Light,
            _ => Palette::Dark,
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
        chip: reversed,
    }
}

/// Returns a theme of 256 colors: the numbers of accent, dim, line, match, selection, bar, here and
/// error.
fn colors(palette: Palette, numbers: [u8; 8]) -> Theme {
    let [accent, dim, line, matched, selection, bar, here, error] = numbers.map(Color::Indexed);
    let fg = |color| Style::new().fg(color);
    Theme {
        dim: fg(dim),
        line: fg(line),
        title: fg(dim),
        focused: fg(accent).add_modifier(Modifier::BOLD),
        selected: Style::new().bg(selection).add_modifier(Modifier::BOLD),
        selected_elsewhere: Style::new().bg(selection),
        matched: fg(matched).add_modifier(Modifier::BOLD),
        accent: fg(accent),
        bar: fg(bar),
        bar_apart: fg(dim),
        here: fg(here).add_modifier(Modifier::BOLD),
        ghost: fg(dim).add_modifier(Modifier::ITALIC),
        error: fg(error).add_modifier(Modifier::BOLD),
        wrong: fg(error).add_modifier(Modifier::UNDERLINED),
        chip: fg(accent).bg(selection),
        ..plain(palette)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(set: &[(&str, &str)]) -> Palette {
        Theme::palette_for(|name| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_environment_selects_a_palette() {
        assert_eq!(palette(&[("TERM", "xterm-256color")]), Palette::Dark);
        assert_eq!(
            palette(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]),
            Palette::None
        );
        assert_eq!(
            palette(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]),
            Palette::Dark
        );
        assert_eq!(palette(&[("TERM", "linux")]), Palette::Sixteen);
        assert_eq!(
            palette(&[("TERM", "rxvt-256color"), ("COLORFGBG", "0;15")]),
            Palette::Light
        );
        assert_eq!(
            palette(&[("TERM", "rxvt-256color"), ("COLORFGBG", "15;0")]),
            Palette::Dark
        );
    }
}
