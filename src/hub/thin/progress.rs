//! The events of a download.

use std::path::Path;
use std::time::Duration;

/// An event of a download.
pub enum Progress<'p> {
    /// It begins with `done` of `all` bytes.
    Start { done: u64, all: u64 },
    /// This many more bytes are there.
    Bytes(u64),
    /// The server asks to wait.
    Waiting(Duration),
    /// A file of ids and downloads alone is there; it is removed when the whole is.
    Names(&'p Path),
}

/// Gets the progress, from several threads.
pub type Watch<'w> = &'w (dyn Fn(Progress) + Sync);
