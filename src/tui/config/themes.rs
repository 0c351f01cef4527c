//! Themes of the user: styles in place of those of a built-in palette.

use std::str::FromStr;

use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};

use super::values::{Fault, Placed, entries, text, unknown};
use crate::tui::theme::{Palette, Theme};

/// The name of the palette that suits the terminal.
pub const AUTO: &str = "auto";

/// A style of a theme, by its name in the file.
pub struct Role {
    pub name: &'static str,
    pub help: &'static str,
    style: fn(&mut Theme) -> &mut Style,
}

/// Declares [`ROLES`]: fields of [`Theme`] with their help.
macro_rules! roles {
    ($($name:ident $help:literal;)*) => {
        /// Every style, in the order of [`Theme`].
        pub const ROLES: &[Role] = &[$(Role {
            name: stringify!($name),
            help: $help,
            style: |theme| &mut theme.$name,
        }),*];
    };
}

roles! {
    text "text";
    dim "less important text";
    line "the lines between panes";
    title "the title of a pane";
    focused "the title of the focused pane";
    selected "the selected line of the focused pane";
    selected_elsewhere "the selected line of other panes";
    matched "text that matches the query";
    accent "important numbers, and keys in hints";
    bar "bars";
    bar_apart "bars of zero and unknown values";
    here "the position of the selected model, and messages";
    ghost "missing models, and text that is cut off";
    error "errors";
    wrong "an error in typed text";
}

const ATTRIBUTES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// A theme of the user.
#[derive(Clone, Debug, PartialEq)]
pub struct UserTheme {
    pub name: String,
    /// The palette of the styles that it does not set; `None` for the one that suits the terminal.
    pub base: Option<Palette>,
    /// Its styles by their roles, as text and as they are.
    pub styles: Vec<(String, String, Style)>,
}

/// The chosen colors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThemeChoice {
    /// The palette; `None` for the one that suits the terminal.
    pub palette: Option<Palette>,
    /// The styles in place of those of the palette, by their roles.
    styles: Vec<(String, Style)>,
}

impl From<Palette> for ThemeChoice {
    fn from(palette: Palette) -> ThemeChoice {
        ThemeChoice {
            palette: Some(palette),
            styles: Vec::new(),
        }
    }
}

impl ThemeChoice {
    /// Returns the choice of a name: a palette, a theme of the user, or `auto`.
    ///
    /// # Errors
    /// When there is none of this name: the nearest name.
    pub fn named(name: &str, themes: &[UserTheme]) -> Result<ThemeChoice, String> {
        if let Some(palette) = palette_of(name) {
            return Ok(palette.map(ThemeChoice::from).unwrap_or_default());
        }
        let theme = themes.iter().find(|theme| theme.name == name);
        let theme = theme.ok_or_else(|| {
            let built_in = built_in();
            let names = themes.iter().map(|theme| theme.name.as_str());
            let names: Vec<&str> = names.chain(built_in.iter().map(String::as_str)).collect();
            unknown("theme", name, &names)
        })?;
        let styles = theme.styles.iter();
        Ok(ThemeChoice {
            palette: theme.base,
            styles: styles
                .map(|(role, _, style)| (role.clone(), *style))
                .collect(),
        })
    }

    /// Returns the theme on a palette, which is the chosen one where one is chosen.
    pub fn on(&self, palette: Palette) -> Theme {
        let mut theme = Theme::of(self.palette.unwrap_or(palette));
        for (name, style) in &self.styles {
            if let Some(role) = ROLES.iter().find(|role| role.name == name) {
                *(role.style)(&mut theme) = *style;
            }
        }
        theme
    }
}

/// Returns the palette of a name; `None` inside for `auto`.
fn palette_of(name: &str) -> Option<Option<Palette>> {
    match name {
        AUTO => Some(None),
        name => Palette::from_str(name, false).ok().map(Some),
    }
}

/// Returns the name of a palette.
pub fn name_of(palette: Option<Palette>) -> String {
    let value = palette.and_then(|palette| palette.to_possible_value());
    value.map_or(AUTO.to_owned(), |value| value.get_name().to_owned())
}

/// Returns the names of the built-in themes.
pub fn built_in() -> Vec<String> {
    let palettes = Palette::value_variants()
        .iter()
        .map(|palette| Some(*palette));
    [None].into_iter().chain(palettes).map(name_of).collect()
}

/// Reads the table of themes.
pub fn read(table: &Placed, faults: &mut Vec<Fault>) -> Vec<UserTheme> {
    let mut themes = Vec::new();
    for (name, at, value) in entries(table, faults) {
        match palette_of(name) {
            Some(_) => faults.push(Fault {
                at,
                reason: format!("`{name}` is a built-in theme; choose another name"),
            }),
            None => themes.push(read_theme(name, value, faults)),
        }
    }
    themes
}

fn read_theme(name: &str, table: &Placed, faults: &mut Vec<Fault>) -> UserTheme {
    let mut theme = UserTheme {
        name: name.to_owned(),
        base: None,
        styles: Vec::new(),
    };
    for (role, at, value) in entries(table, faults) {
        let read = match role {
            "base" => base(value).map(|base| theme.base = base),
            _ => style_of(role, at, value).map(|(text, style)| {
                theme.styles.push((role.to_owned(), text.to_owned(), style));
            }),
        };
        faults.extend(read.err());
    }
    theme
}

fn base(value: &Placed) -> Result<Option<Palette>, Fault> {
    let name = text(value)?;
    palette_of(name).ok_or_else(|| {
        let names = built_in();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Fault::of(value, unknown("built-in theme", name, &names))
    })
}

fn style_of<'v>(role: &str, at: usize, value: &'v Placed) -> Result<(&'v str, Style), Fault> {
    let names = ROLES.iter().map(|role| role.name).chain(["base"]);
    let names: Vec<&str> = names.collect();
    if !names.contains(&role) {
        let reason = unknown("style", role, &names);
        return Err(Fault { at, reason });
    }
    let text = text(value)?;
    let style = style(text).map_err(|reason| Fault::of(value, reason))?;
    Ok((text, style))
}

/// Reads a style: attributes and colors, the background after `on`, as in `bold black on #ffd700`.
///
/// # Errors
/// With the word that is neither.
pub fn style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let attribute = ATTRIBUTES.iter().find(|(name, _)| *name == word);
        style = match (attribute, word) {
            (Some((_, attribute)), _) => style.add_modifier(*attribute),
            (None, "on") => style.bg(color(words.next().unwrap_or_default())?),
            (None, word) => style.fg(color(word)?),
        };
    }
    Ok(style)
}

fn color(word: &str) -> Result<Color, String> {
    Color::from_str(word).map_err(|_| {
        let attributes = ATTRIBUTES.map(|(name, _)| name).join(", ");
        format!(
            "`{word}` is no color, such as `red`, `208` or `#ff8700`, and none of {attributes}, on"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_colors_and_attributes() {
        let plain = Style::new();
        let cases = [
            ("", plain),
            ("red", plain.fg(Color::Red)),
            ("on 208", plain.bg(Color::Indexed(208))),
            (
                "bold black on #ffd700",
                plain
                    .add_modifier(Modifier::BOLD)
                    .fg(Color::Black)
                    .bg(Color::Rgb(255, 215, 0)),
            ),
            (
                "dim italic underlined reversed lightblue",
                plain
                    .add_modifier(
                        Modifier::DIM
                            | Modifier::ITALIC
                            | Modifier::UNDERLINED
                            | Modifier::REVERSED,
                    )
                    .fg(Color::LightBlue),
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(style(text), Ok(wanted), "{text}");
        }
        for wrong in ["bald", "red on", "256", "#12345"] {
            assert!(style(wrong).unwrap_err().contains("is no color"), "{wrong}");
        }
    }

    /// A style that no role has could not be set.
    #[test]
    fn every_style_of_a_theme_has_a_role() {
        let mark = Style::new().fg(Color::Indexed(201));
        let styles = ROLES.iter().map(|role| (role.name.to_owned(), mark));
        let choice = ThemeChoice {
            palette: Some(Palette::Light),
            styles: styles.collect(),
        };
        let Theme {
            palette,
            ramp,
            text,
            dim,
            line,
            title,
            focused,
            selected,
            selected_elsewhere,
            matched,
            accent,
            bar,
            bar_apart,
            here,
            ghost,
            error,
            wrong,
        } = choice.on(Palette::Dark);
        let all = [
            text,
            dim,
            line,
            title,
            focused,
            selected,
            selected_elsewhere,
            matched,
            accent,
            bar,
            bar_apart,
            here,
            ghost,
            error,
            wrong,
        ];
        assert_eq!(all, [mark; 15]);
        assert_eq!(palette, Palette::Light);
        assert_eq!(ramp, Theme::of(Palette::Light).ramp);
    }
}
