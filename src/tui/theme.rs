//! Roles and their styles. Text keeps the terminal's own foreground, so it is readable on any
//! background; colour only adds to what marks, words and weight already say.

use ratatui::style::{Color, Modifier, Style};

pub use crate::present::palette::Palette;

/// From few to many, ever farther from the background: violet over blue and green to yellow, which
/// people who see few colours tell apart by brightness.
const RAMP_ON_DARK: [Style; 7] = ramp([55, 61, 67, 72, 77, 149, 227]);
const RAMP_ON_LIGHT: [Style; 7] = ramp([187, 150, 78, 36, 31, 61, 54]);

/// What is drawn how.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    pub palette: Palette,
    pub text: Style,
    /// Less important than text.
    pub dim: Style,
    /// Lines between panes.
    pub line: Style,
    pub title: Style,
    /// The title of the pane that keys go to.
    pub focused: Style,
    /// The selected line, there and elsewhere.
    pub selected: Style,
    pub selected_elsewhere: Style,
    /// What matches the query.
    pub matched: Style,
    /// Numbers that matter, keys in hints.
    pub accent: Style,
    pub bar: Style,
    /// Few to many, where there are colours enough to tell them apart.
    pub ramp: &'static [Style],
    /// Bars for what is zero or unknown.
    pub bar_apart: Style,
    /// The place of the selected model.
    pub here: Style,
    /// What is not in the table, or cut off.
    pub ghost: Style,
    pub error: Style,
    /// A mistake in what was typed.
    pub wrong: Style,
    /// A filter.
    pub chip: Style,
}

impl Theme {
    /// The theme of a palette.
    pub fn of(palette: Palette) -> Theme {
        match palette {
            Palette::Dark => Theme {
                ramp: &RAMP_ON_DARK,
                ..colours(palette, [110, 245, 239, 180, 237, 108, 173, 203])
            },
            Palette::Light => Theme {
                ramp: &RAMP_ON_LIGHT,
                ..colours(palette, [25, 242, 250, 130, 254, 65, 130, 160])
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

    /// What fits the environment: `NO_COLOR` (<https://no-color.org>), `TERM`, and `COLORFGBG`,
    /// in which some terminals tell their background. `value` looks a variable up.
    pub fn palette_for(value: impl Fn(&str) -> Option<String>) -> Palette {
        let set = |name: &str| value(name).filter(|v| !v.is_empty());
        let term = set("TERM").unwrap_or_default();
        if set("NO_COLOR").is_some() || term == "dumb" {
            return Palette::None;
        }
        let many =
            term.contains("256color") || term.contains("direct") || set("COLORTERM").is_some();
        if !many {
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

/// Weight alone.
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

/// Accent, dim, line, match, selection, bar, here and error, as numbers of the 256 colours.
fn colours(palette: Palette, numbers: [u8; 8]) -> Theme {
    let [accent, dim, line, matched, selection, bar, here, error] = numbers.map(Color::Indexed);
    let fg = |colour| Style::new().fg(colour);
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
    fn the_environment_chooses() {
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
