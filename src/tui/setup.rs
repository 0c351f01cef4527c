//! What an explorer begins with, and how it ends.

use std::path::PathBuf;

use super::config::file::ConfigFile;
use super::config::themes::ThemeChoice;
use super::sessions::Opening;
use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::source::dataset_file::DatasetFile;

/// The way in which an explorer begins, on a terminal or without one.
#[derive(Default)]
pub struct Setup {
    pub config: ConfigFile,
    /// The colors: those of the config file, or of the command line.
    pub theme: ThemeChoice,
    pub opening: Opening,
}

/// The arguments of the explorer.
pub struct Start {
    pub source: Source,
    /// The source as the user named it, if they did.
    pub named: Option<String>,
    /// The older snapshot to compare with, if there is one.
    pub against: Option<PathBuf>,
    /// The file on the Hub to fetch and open instead of the source, if one is wanted.
    pub fetch: Option<DatasetFile>,
    pub setup: Setup,
    /// True if the user is to pick models, whose ids are then printed.
    pub picking: bool,
    /// The cache of opened hubs, if it is used.
    pub cache: Option<Cache>,
}

/// The end of the explorer.
pub enum End {
    /// At the user's request.
    Quit,
    /// With the ids of the models that the user picked.
    Picked(Vec<String>),
    /// By a signal, with its number.
    Signal(i32),
    /// By an error: nothing could be opened, or a panic.
    Failed(String),
}
