//! Prints the effective config as a config file.

use std::fmt::Write;

use toml_edit::{Array, Value};

use super::read::{Config, KEYS, THEMES};
use super::settings::SETTINGS;
use super::themes::{ROLES, name_of};
use crate::tui::keymap::{ContextKeys, KEYMAP};
use crate::tui::settings::Settings;

const HEAD: &str = "\
# The settings of hubscope. A name with a # before it has its default; without it, the value counts.
# `hubscope help config` explains the file, `hubscope config --check` finds mistakes in it.
";

/// Returns the text of the file: every setting and key with a comment, those at their default
/// commented out.
pub fn text(config: &Config) -> String {
    let mut text = HEAD.to_owned();
    let default = Settings::default();
    let mut table = "";
    for setting in &SETTINGS {
        if setting.table != table {
            table = setting.table;
            text.push_str(&format!("\n[{table}]"));
        }
        let value = (setting.write)(&config.settings).to_string();
        let is_default = value == (setting.write)(&default).to_string();
        let values = setting.values.replace('`', "");
        text.push_str(&format!(
            "\n# {}: {values}\n",
            setting.help.replace('`', "")
        ));
        text.push_str(&line(setting.name, &value, is_default));
    }
    themes(config, &mut text);
    text.push_str(
        "\n# Keys: for an action of a context, the list of its keys; an empty list takes them away.\n",
    );
    let contexts = config.keymap.contexts().iter().zip(KEYMAP.contexts());
    contexts.for_each(|(keys, default)| context(keys, default, &mut text));
    text
}

fn line(name: &str, value: &str, is_default: bool) -> String {
    let mark = if is_default { "#" } else { "" };
    format!("{mark}{name} = {}\n", value.trim())
}

fn themes(config: &Config, text: &mut String) {
    let roles: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
    let _ = write!(
        text,
        "\n# Themes of your own: a built-in base, and styles in place of its own.\n\
         #   [{THEMES}.mine]\n\
         #   base = \"dark\"\n\
         #   selected = \"bold black on #ffd700\"\n\
         # Styles: {}.\n",
        roles.join(", ")
    );
    for theme in &config.themes {
        let name = quoted(&theme.name);
        let base = quoted(&name_of(theme.base));
        text.push_str(&format!("\n[{THEMES}.{name}]\nbase = {base}\n"));
        for (role, style, _) in &theme.styles {
            text.push_str(&line(role, &quoted(style), false));
        }
    }
}

fn context(keys: &ContextKeys, default: &ContextKeys, text: &mut String) {
    text.push_str(&format!("\n[{KEYS}.{}]\n", keys.name));
    for (binding, default) in keys.bindings.iter().zip(&default.bindings) {
        let names: Array = binding.keys.iter().map(String::as_str).collect();
        let names = Value::Array(names).to_string();
        text.push_str(&format!("# {}\n", binding.help));
        let is_default = binding.keys == default.keys;
        text.push_str(&line(&binding.action.name(), &names, is_default));
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
