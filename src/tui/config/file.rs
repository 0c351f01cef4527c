//! The config file on disk.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::read::{Config, Mistake, read};
use crate::engine::table::clean::clean;
use crate::present::atomic::is_replaceable;

/// A longer file is none that a user wrote, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The value of `--config` that stands for no file.
const NO_FILE: &str = "none";

/// A config file, and what it says.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    /// Its path; `None` where there is no place for it, or none is wanted.
    pub path: Option<PathBuf>,
    /// True if it is there.
    pub exists: bool,
    pub config: Config,
    pub mistakes: Vec<Mistake>,
    /// The reason that it cannot be read, if it is there.
    pub unreadable: Option<String>,
}

impl ConfigFile {
    /// Reads the file at a path, or none for `none`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn named(path: &Path) -> Result<ConfigFile> {
        if path == Path::new(NO_FILE) {
            return Ok(ConfigFile::default());
        }
        ensure!(
            is_replaceable(path)?,
            "{}: there is no such config file; leave it out for the usual one, or `none` for none",
            path.display()
        );
        ConfigFile::at(path)
    }

    /// Reads the file of the user who runs the program: `$XDG_CONFIG_HOME/hubscope/config.toml`, else
    /// `~/.config/hubscope/config.toml`. One that is missing sets nothing.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn of_user() -> Result<ConfigFile> {
        let path = user_path();
        match &path {
            Some(there) if is_replaceable(there)? => ConfigFile::at(there),
            _ => Ok(ConfigFile {
                path,
                ..ConfigFile::default()
            }),
        }
    }

    /// Reads the same; a file that cannot be read sets nothing, too.
    pub fn of_user_or_defaults() -> ConfigFile {
        ConfigFile::of_user().unwrap_or_else(|error| ConfigFile {
            path: user_path(),
            unreadable: Some(format!("{error:#}")),
            ..ConfigFile::default()
        })
    }

    fn at(path: &Path) -> Result<ConfigFile> {
        let name = path.display();
        let mut bytes = Vec::new();
        let file = File::open(path).with_context(|| format!("{name}: cannot be opened"))?;
        let read_all = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read_all.with_context(|| format!("{name}: cannot be read"))?;
        ensure!(
            bytes.len() as u64 <= MAX_BYTES,
            "{name}: is longer than 1 MB and no config file"
        );
        let (config, mistakes) = read_bytes(&bytes);
        Ok(ConfigFile {
            path: Some(path.to_owned()),
            exists: true,
            config,
            mistakes,
            unreadable: None,
        })
    }

    /// Returns the first thing that is wrong, in one line for the status line.
    pub fn complaint(&self) -> Option<String> {
        if let Some(reason) = &self.unreadable {
            return Some(format!("{reason}; the defaults hold"));
        }
        let first = self.mistakes.first()?;
        let name = self.path.as_ref()?.file_name()?.to_string_lossy();
        // The remedy must fit, too.
        let reason = first.reason.split("; one of").next().unwrap_or_default();
        let all = match self.mistakes.len() {
            1 => String::new(),
            all => format!("{all} mistakes, "),
        };
        let line = format!(
            "{name}:{}: {reason} ({all}`hubscope config --check`)",
            first.line
        );
        Some(clean(&line).into_owned())
    }
}

fn user_path() -> Option<PathBuf> {
    // The XDG specification says to ignore a path that is not absolute.
    let set = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let folder = set.or_else(|| Some(std::env::home_dir()?.join(".config")));
    folder.map(|folder| folder.join("hubscope/config.toml"))
}

/// Reads a file's bytes as far as they are text.
fn read_bytes(bytes: &[u8]) -> (Config, Vec<Mistake>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = before.rsplit('\n').next().unwrap_or_default();
            let mistake = Mistake {
                line: before.matches('\n').count() + 1,
                column: line.chars().count() + 1,
                reason: "this byte is no UTF-8; save the file as UTF-8".to_owned(),
            };
            (Config::default(), vec![mistake])
        }
    }
}
