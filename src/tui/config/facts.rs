//! Facts about the config file and the files beside it.

use std::path::Path;

use super::file::ConfigFile;
use super::read::Config;
use super::settings::SETTINGS;
use crate::present::facts::{Fact, FactSection};
use crate::present::folder::FolderState;
use crate::tui::keymap::KEYMAP;
use crate::tui::settings::Settings;
use crate::tui::state::StateFiles;

/// The files that keep queries and sessions.
const STATE_FILES: [&str; 3] = ["history", "queries", "sessions"];

/// Returns the facts; `theme` is the one that the command line or `$HUBSCOPE_THEME` names.
pub fn facts(file: &ConfigFile, theme: Option<&str>) -> FactSection {
    let config = &file.config;
    let path = file.path.as_ref().map(|path| path.display().to_string());
    let homeless = "there is no home folder; set XDG_CONFIG_HOME";
    let homeless = path.is_none().then_some(homeless);
    let unreadable = file.unreadable.as_ref();
    let unreadable = unreadable.map(|reason| format!("{reason}; mend its permissions, or move it"));
    let mut facts = vec![
        Fact::new("file", path).wrong_if(homeless),
        Fact::new("exists", file.exists || unreadable.is_some()).wrong_if(unreadable),
        mistakes(file),
        theme_of(config, theme),
    ];
    let themes = config.themes.iter().map(|theme| theme.name.as_str());
    facts.push(Fact::new("own_themes", themes.collect::<Vec<_>>()));
    facts.push(Fact::new("changed_settings", changed_settings(config)));
    facts.push(Fact::new("changed_keys", changed_keys(config)));
    facts.extend(state());
    FactSection {
        name: "config",
        facts,
    }
}

fn mistakes(file: &ConfigFile) -> Fact {
    let name = file.path.as_deref().unwrap_or(Path::new("config.toml"));
    let mut fact = Fact::new("mistakes", file.mistakes.len());
    for mistake in &file.mistakes {
        fact = fact.wrong(format!("{}:{mistake}", name.display()));
    }
    fact
}

fn theme_of(config: &Config, theme: Option<&str>) -> Fact {
    let named = theme.filter(|name| !name.is_empty());
    let reason = match named {
        Some(_) => "by --theme or $HUBSCOPE_THEME",
        None if config.settings.theme == Settings::default().theme => "the default",
        None => "by the config file",
    };
    let problem = config.theme_or(theme).err();
    Fact::new("theme", named.unwrap_or(&config.settings.theme))
        .because(reason)
        .wrong_if(problem.map(|error| error.to_string()))
}

fn changed_settings(config: &Config) -> Vec<String> {
    let default = Settings::default();
    let changed = SETTINGS.iter().filter(|setting| {
        let [own, default] = [&config.settings, &default].map(setting.write);
        own.to_string() != default.to_string()
    });
    changed.map(|setting| setting.full_name()).collect()
}

fn changed_keys(config: &Config) -> Vec<String> {
    let contexts = config.keymap.contexts().iter().zip(KEYMAP.contexts());
    let changed = contexts.flat_map(|(keys, default)| {
        let bindings = keys.bindings.iter().zip(&default.bindings);
        let changed = bindings.filter(|(binding, default)| binding.keys != default.keys);
        changed.map(|(binding, _)| format!("{}.{}", keys.name, binding.action.name()))
    });
    changed.collect()
}

/// The folder of queries and sessions, and the sizes of its files.
fn state() -> Vec<Fact> {
    let files = StateFiles::of_user();
    let path = |name| files.path(name);
    let Some(folder) = path("") else {
        let problem = "there is no home folder; set XDG_STATE_HOME to keep queries and sessions";
        return vec![Fact::new("state_folder", None::<String>).wrong(problem)];
    };
    let state = FolderState::of(&folder);
    let name = folder.display().to_string();
    let name = name.trim_end_matches('/');
    let problem = state.refusal.as_ref().map(|reason| {
        format!("{name}: cannot be written, so queries and sessions are not kept: {reason}; set XDG_STATE_HOME to a folder that can")
    });
    let sizes = STATE_FILES.iter().filter_map(|name| {
        let about = path(name)?.metadata().ok()?;
        Some(Fact::of_bytes(name, Some(about.len())))
    });
    [
        Fact::new("state_folder", name),
        Fact::new("state_is_writable", state.refusal.is_none()).wrong_if(problem),
    ]
    .into_iter()
    .chain(sizes)
    .collect()
}
