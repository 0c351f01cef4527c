//! Stores settings that the user changed in the explorer. Comments, order and everything else in the
//! file stay as they are.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use toml_edit::{DocumentMut, Item, Table, Value};

use super::read::read;
use super::settings::{SETTINGS, Setting};
use crate::present::atomic::{AtomicFile, is_replaceable};
use crate::system::create_private_folder;
use crate::tui::settings::Settings;

/// Writes the settings in which `new` differs from `old` into the file at a path, which is created if
/// it is missing, and replaced in one step.
///
/// # Errors
/// When the file has a mistake in its syntax, is no regular file, or cannot be written.
pub fn store(path: &Path, old: &Settings, new: &Settings) -> Result<()> {
    let value = |setting: &Setting, of: &Settings| (setting.write)(of).to_string();
    let is_changed = |setting: &&Setting| value(setting, old) != value(setting, new);
    let changed: Vec<&Setting> = SETTINGS.iter().filter(is_changed).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let before = match is_replaceable(path)? {
        true => fs::read_to_string(path)
            .with_context(|| format!("{}: cannot be read", path.display()))?,
        false => String::new(),
    };
    let after = edit(&before, &changed, new).map_err(|reason| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        anyhow!("{name}:{reason} (`hubscope config --check`)")
    })?;
    if let Some(folder) = path.parent() {
        create_private_folder(folder).with_context(|| folder.display().to_string())?;
    }
    let mut file = AtomicFile::create(path)?;
    file.write_all(after.as_bytes())
        .and_then(|()| file.commit())
        .with_context(|| format!("{}: cannot be written", path.display()))
}

/// Returns the text of a file with other values of some settings.
///
/// # Errors
/// When it is no TOML: the place and the reason.
fn edit(text: &str, changed: &[&Setting], new: &Settings) -> Result<String, String> {
    let mut text = text.to_owned();
    for setting in changed {
        let value = (setting.write)(new);
        let mut document = parse(&text)?;
        let line = format!("{} = {}\n", setting.name, value.to_string().trim());
        let added = match is_set(&document, setting) {
            true => None,
            false => below_default(&text, setting, &line)
                .or_else(|| at_end(&text, &document, setting, &line))
                .or_else(|| above_tables(&text, setting, &line)),
        };
        text = match added {
            Some(added) => added,
            None => {
                set(&mut document, setting, value)?;
                document.to_string()
            }
        };
    }
    Ok(text)
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|_| {
        let (_, mistakes) = read(text);
        mistakes
            .first()
            .map_or_else(String::new, |mistake| mistake.to_string())
    })
}

fn is_set(document: &DocumentMut, setting: &Setting) -> bool {
    let table = match setting.table {
        "" => Some(document.as_table() as &dyn toml_edit::TableLike),
        name => document.get(name).and_then(Item::as_table_like),
    };
    table.is_some_and(|table| table.contains_key(setting.name))
}

/// Sets a value, with the comment that the old one has.
fn set(document: &mut DocumentMut, setting: &Setting, mut value: Value) -> Result<(), String> {
    let table = match setting.table {
        "" => document.as_table_mut() as &mut dyn toml_edit::TableLike,
        name => {
            let item = document.entry(name).or_insert(Item::Table(Table::new()));
            let reason = || format!(" `{name}` is no table");
            item.as_table_like_mut().ok_or_else(reason)?
        }
    };
    match table.get_mut(setting.name) {
        Some(item) => {
            if let Some(old) = item.as_value() {
                value.decor_mut().clone_from(old.decor());
            }
            *item = Item::Value(value);
        }
        None => drop(table.insert(setting.name, Item::Value(value))),
    }
    Ok(())
}

/// Returns the text with the line of a setting below the one that has it commented out, as `hubscope
/// config` prints it; `None` where there is no such line.
fn below_default(text: &str, setting: &Setting, line: &str) -> Option<String> {
    let start = format!("#{} =", setting.name);
    let mut table = String::new();
    let mut end = 0;
    for own in text.split_inclusive('\n') {
        end += own.len();
        if own.starts_with('[') {
            table = own.trim().trim_matches(['[', ']']).to_owned();
        } else if table == setting.table && own.starts_with(&start) {
            return inserted(text, end, line, setting);
        }
    }
    None
}

/// Returns the text with a new table at its end; `None` where the table exists.
fn at_end(text: &str, document: &DocumentMut, setting: &Setting, line: &str) -> Option<String> {
    let is_new = !setting.table.is_empty() && !document.contains_key(setting.table);
    let gap = if text.trim().is_empty() { "" } else { "\n" };
    let table = format!("{gap}[{}]\n{line}", setting.table);
    inserted(text, text.len(), &table, setting).filter(|_| is_new)
}

/// Returns the text with the line of a setting that is in no table before the first table and the
/// comments right above that.
fn above_tables(text: &str, setting: &Setting, line: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let table = lines.iter().position(|line| line.starts_with('['));
    let table = table.unwrap_or(lines.len());
    let comments = lines[..table].iter().rev();
    let comments = comments.take_while(|line| line.starts_with('#')).count();
    let is_last = table == lines.len();
    let at = if is_last { table } else { table - comments };
    let gap = if is_last { "" } else { "\n" };
    let start = lines[..at].iter().map(|line| line.len()).sum();
    inserted(text, start, &format!("{line}{gap}"), setting)
}

/// Returns the text with lines inserted; `None` where they do not set the setting there, as in a string.
fn inserted(text: &str, at: usize, lines: &str, setting: &Setting) -> Option<String> {
    let (before, after) = text.split_at(at);
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let text = format!("{before}{end}{lines}{after}");
    let document = text.parse().ok()?;
    is_set(&document, setting).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::field::Field;
    use crate::tui::config::print;
    use crate::tui::config::read::Config;
    use crate::tui::layout::PaneShares;

    fn changed() -> Settings {
        Settings {
            columns: vec![Field::Likes, Field::Downloads],
            mouse: false,
            shares: PaneShares {
                left: 45,
                ..PaneShares::default()
            },
            ..Settings::default()
        }
    }

    /// Returns the text of a file after these settings are stored in it.
    fn stored(text: &str, old: &Settings, new: &Settings) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        store(&path, old, new).unwrap();
        let names = fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 1, "partial files");
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn comments_order_and_everything_else_stay() {
        let text = "\
# My own file.
mouse   =   true # it is at hand

unknown = 'kept'
columns = [
  # the best first
  'task', # and its reason
]
# about panes
[panes]
  models = 30

[keys.panes]
mark = [\"f5\"]  # my keyboard
# The end.
";
        let old = read(text).0.settings;
        let new = Settings {
            shares: old.shares,
            ..changed()
        };
        let wanted = text
            .replace("mouse   =   true #", "mouse   =   false #")
            .replace(
                "columns = [\n  # the best first\n  'task', # and its reason\n]",
                "columns = [\"likes\", \"downloads\"]",
            );
        assert_eq!(stored(text, &old, &new), wanted);
        // A new value of a table is added to it.
        let mut new = old.clone();
        new.shares.left = 45;
        let wanted = text.replace("models = 30\n", "models = 30\nleft = 45\n");
        assert_eq!(stored(text, &old, &new), wanted);
        assert_eq!(stored(text, &old, &old), text);
    }

    #[test]
    fn tables_of_every_form_take_a_value() {
        let old = Settings::default();
        let mut new = old.clone();
        new.shares.left = 45;
        for (text, wanted) in [
            ("", "[panes]\nleft = 45\n"),
            ("# only this", "# only this\n\n[panes]\nleft = 45\n"),
            ("[units]\n# end\n", "[units]\n# end\n\n[panes]\nleft = 45\n"),
            ("panes.left = 50\n", "panes.left = 45\n"),
            (
                "panes.models = 50\n",
                "panes.models = 50\npanes.left = 45\n",
            ),
            ("panes = { left = 50 }\n", "panes = { left = 45 }\n"),
            ("[panes]\r\nleft = 50\r\n", "[panes]\nleft = 45\n"),
        ] {
            assert_eq!(stored(text, &old, &new), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_setting_of_no_table_comes_before_the_tables() {
        let old = Settings::default();
        let new = Settings {
            mouse: false,
            ..old.clone()
        };
        for (text, wanted) in [
            ("", "mouse = false\n"),
            ("# head", "# head\nmouse = false\n"),
            (
                "sort = 'likes'\n# tail\n",
                "sort = 'likes'\n# tail\nmouse = false\n",
            ),
            (
                "# head\n\n# of panes\n[panes]\nleft = 3\n",
                "# head\n\nmouse = false\n\n# of panes\n[panes]\nleft = 3\n",
            ),
            ("[panes]\n", "mouse = false\n\n[panes]\n"),
            // What looks like a table is the second line of a string.
            (
                "x = \"\"\"\n[panes]\n#mouse = true\n\"\"\"\n",
                "x = \"\"\"\n[panes]\n#mouse = true\n\"\"\"\nmouse = false\n",
            ),
        ] {
            assert_eq!(stored(text, &old, &new), wanted, "{text:?}");
        }
    }

    /// The value comes below its commented default, which stays.
    #[test]
    fn a_printed_file_gets_the_value_at_its_place() {
        let printed = print::text(&Config::default());
        let old = Settings::default();
        let after = stored(&printed, &old, &changed());
        let wanted = printed
            .replace("\n#mouse = true\n", "\n#mouse = true\nmouse = false\n")
            .replace("\n#left = 60\n", "\n#left = 60\nleft = 45\n");
        let columns = wanted.lines().find(|line| line.starts_with("#columns"));
        let columns = columns.unwrap();
        let with = format!("{columns}\ncolumns = [\"likes\", \"downloads\"]");
        assert_eq!(after, wanted.replace(columns, &with));
        let (config, mistakes) = read(&after);
        assert_eq!((config.settings, mistakes), (changed(), vec![]));
        // Once it is set, it is changed in its place.
        assert_eq!(stored(&after, &changed(), &old).len(), after.len() + 55);
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_file_is_created_and_a_link_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/hubscope/config.toml");
        let old = Settings::default();
        let new = Settings {
            mouse: false,
            ..old.clone()
        };
        store(&path, &old, &new).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mouse = false\n");
        let link = folder.path().join("link.toml");
        symlink(&path, &link).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        store(&link, &new, &old).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mouse = true\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn what_is_no_config_file_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let (old, new) = (Settings::default(), changed());
        for (text, reason) in [
            (
                "mouse = true\ntheme = \"dark\n",
                "config.toml:2:14: invalid",
            ),
            ("panes = 3\n", "config.toml: `panes` is no table"),
        ] {
            fs::write(&path, text).unwrap();
            let error = format!("{:#}", store(&path, &old, &new).unwrap_err());
            assert!(error.contains(reason), "{error}");
            assert!(error.ends_with(" (`hubscope config --check`)"));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, b"# \xFF\n").unwrap();
        assert!(store(&path, &old, &new).is_err());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(store(&path, &old, &new).is_err());
        #[cfg(unix)]
        {
            fs::remove_dir(&path).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made.unwrap().success());
            let error = store(&path, &old, &new).unwrap_err().to_string();
            assert!(error.contains("not a regular file"), "{error}");
        }
    }
}
