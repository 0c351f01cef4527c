//! What an explorer begins with.

use super::config::file::ConfigFile;
use super::config::themes::ThemeChoice;
use super::sessions::Opening;

/// The way in which an explorer begins, on a terminal or without one.
#[derive(Default)]
pub struct Setup {
    pub config: ConfigFile,
    /// The colors: those of the config file, or of the command line.
    pub theme: ThemeChoice,
    pub opening: Opening,
}
