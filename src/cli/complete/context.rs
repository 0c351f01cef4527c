//! The command line that is being typed, as far as completions depend on it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, CommandFactory};

use crate::cli::args::{self, Cli};
use crate::engine::Hub;
use crate::engine::cache::Cache;
use crate::engine::source::Source;

/// The names that the explorer has, which this floor does not know.
#[derive(Clone, Copy)]
pub struct ExplorerNames {
    pub themes: fn() -> Vec<String>,
    pub views: fn() -> Vec<String>,
    /// The saved queries: name and text.
    pub saved: fn() -> Vec<(String, String)>,
}

/// The options among the words typed so far.
#[derive(Clone)]
pub struct CompletionContext {
    pub explorer: ExplorerNames,
    /// True if an older snapshot is named.
    pub compares: bool,
    data: Option<PathBuf>,
    cache: Option<Cache>,
}

impl CompletionContext {
    /// Reads the words of a command line, as far as they can be understood.
    pub fn new(words: Vec<OsString>, explorer: ExplorerNames) -> Self {
        let command = Cli::command().ignore_errors(true);
        let matches = command.try_get_matches_from(args::guarded(words.into_iter()));
        let matches = matches.ok();
        let path = |name: &str| {
            let path = matches.as_ref()?.get_one::<PathBuf>(name)?;
            Some(at_home(path)).filter(|path| path != Path::new(""))
        };
        // Without a default where a later word is wrong.
        let is_off = |matches: &ArgMatches| matches.get_one("no_cache") == Some(&true);
        CompletionContext {
            explorer,
            compares: path("against").is_some(),
            data: path("source").or_else(|| path("data")).or_else(variable),
            cache: Cache::of_user().filter(|_| !matches.as_ref().is_some_and(is_off)),
        }
    }

    /// Opens the hub, if it is in the cache and sound; nothing is loaded.
    pub fn hub(&self) -> Option<Hub> {
        let source = Source::named(self.data.as_deref()).ok()?;
        Hub::from_checked_cache(self.cache.as_ref()?, &source)
    }
}

/// Returns the source that the environment names, which clap forgets where a later word is wrong.
fn variable() -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os("HUBSCOPE_DATA")?);
    Some(path).filter(|path| path != Path::new(""))
}

/// Returns the path with the home folder in place of a tilde: no shell has expanded it yet.
fn at_home(path: &Path) -> PathBuf {
    let below = path.strip_prefix("~").ok();
    let home = below.and_then(|below| Some(env::home_dir()?.join(below)));
    home.unwrap_or_else(|| path.to_owned())
}
