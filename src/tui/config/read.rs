//! Reads the config file: what is right in it, and every mistake with its line and column.

use std::fmt;

use anyhow::{Result, anyhow};
use toml::de::DeTable;

use super::keys;
use super::settings::SETTINGS;
use super::themes::{self, ThemeChoice, UserTheme};
use super::values::{Fault, Placed, entries, in_order, unknown};
use crate::tui::keymap::{KEYMAP, Keymap};
use crate::tui::settings::Settings;

/// The name of the table of keys.
pub const KEYS: &str = "keys";
/// The name of the table of the user's themes.
pub const THEMES: &str = "themes";

/// The settings of the config file, and the defaults of all others.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    pub keymap: &'static Keymap,
    pub themes: Vec<UserTheme>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            settings: Settings::default(),
            keymap: &KEYMAP,
            themes: Vec::new(),
        }
    }
}

impl Config {
    /// Returns the theme of this name, by default the one that the settings name.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn theme_or(&self, name: Option<&str>) -> Result<ThemeChoice> {
        // An empty variable is none.
        let name = name.filter(|name| !name.is_empty());
        let name = name.unwrap_or(&self.settings.theme);
        ThemeChoice::named(name, &self.themes).map_err(|reason| anyhow!("--theme: {reason}"))
    }
}

/// A mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The mistake and its remedy, in one line.
    pub reason: String,
}

impl Mistake {
    fn of(text: &str, fault: Fault) -> Mistake {
        let before = &text[..text.floor_char_boundary(fault.at)];
        let line = before.rsplit('\n').next().unwrap_or_default();
        Mistake {
            line: line_of(text, fault.at),
            column: line.chars().filter(|c| *c != '\u{FEFF}').count() + 1,
            reason: fault.reason,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.reason)
    }
}

/// Reads the text of a config file. Returns what is right, and the mistakes in their order.
pub fn read(text: &str) -> (Config, Vec<Mistake>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut of_syntax: Vec<Fault> = errors
        .into_iter()
        .map(|error| Fault {
            at: error.span().map_or(text.len(), |span| span.start),
            reason: error.message().replace('\n', ", "),
        })
        .collect();
    let mut faults = Vec::new();
    let mut config = Config::default();
    let mut keymap = KEYMAP.clone();
    let mut theme = None;
    for (name, at, value) in in_order(table.get_ref()) {
        match name {
            KEYS => keys::read(value, &mut keymap, &mut faults),
            THEMES => config.themes = themes::read(value, &mut faults),
            _ if SETTINGS.iter().any(|setting| setting.table == name) => {
                for (inner, at, value) in entries(value, &mut faults) {
                    set(&mut config.settings, (name, inner), at, value, &mut faults);
                }
            }
            _ => set(&mut config.settings, ("", name), at, value, &mut faults),
        }
        theme = theme.or((name == "theme").then_some(value));
    }
    check_theme(&mut config, theme, &mut faults);
    if keymap != *KEYMAP {
        // It is needed as long as the program runs.
        config.keymap = Box::leak(Box::new(keymap));
    }
    // Whatever else is wrong in a line is an echo of its wrong syntax.
    let line = |fault: &Fault| line_of(text, fault.at);
    of_syntax.dedup_by_key(|fault| line(fault));
    faults.retain(|fault| of_syntax.iter().all(|other| line(other) != line(fault)));
    faults.extend(of_syntax);
    faults.sort_by_key(|fault| fault.at);
    let mistakes = faults.into_iter().map(|fault| Mistake::of(text, fault));
    (config, mistakes.collect())
}

/// Returns the line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at)].matches('\n').count() + 1
}

/// Sets the setting of a table and a name.
fn set(
    settings: &mut Settings,
    (table, name): (&str, &str),
    at: usize,
    value: &Placed,
    faults: &mut Vec<Fault>,
) {
    let of_table = || SETTINGS.iter().filter(|setting| setting.table == table);
    match of_table().find(|setting| setting.name == name) {
        Some(setting) => faults.extend((setting.read)(settings, value).err()),
        None => {
            let mut names: Vec<&str> = of_table().map(|setting| setting.name).collect();
            if table.is_empty() {
                names.extend(SETTINGS.iter().map(|setting| setting.table));
                names.extend([KEYS, THEMES]);
                names.retain(|name| !name.is_empty());
                names.dedup();
            }
            let reason = unknown("setting", name, &names);
            faults.push(Fault { at, reason });
        }
    }
}

/// Checks that the chosen theme exists, wherever in the file it is.
fn check_theme(config: &mut Config, theme: Option<&Placed>, faults: &mut Vec<Fault>) {
    let chosen = ThemeChoice::named(&config.settings.theme, &config.themes);
    if let (Err(reason), Some(value)) = (chosen, theme) {
        faults.push(Fault::of(value, reason));
        config.settings.theme = Settings::default().theme;
    }
}
