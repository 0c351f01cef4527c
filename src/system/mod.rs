//! What the operating systems do in different ways, under the same names for all: another run of the
//! program, private files, the state of a file, links, mapped files, signals.
//!
//! `unix.rs` is for Linux, macOS and their like. `windows.rs` does the plainest that works, or nothing
//! where a feature is only for Unix. The terminal has the same two in `tui/terminal/tty`, and no other
//! file names what only one system has.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

/// The limits that the shell sets to the program. `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct ProcessLimits {
    pub processes: Option<u64>,
    pub open_files: Option<u64>,
    pub file_bytes: Option<u64>,
    pub memory_bytes: Option<u64>,
}

/// The state of a file as far as its metadata shows it. Times are seconds since 1970 and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// The inode number; 0 where files have none.
    pub inode: u64,
    pub modified: (i64, i64),
    /// The status time (ctime), which no program can set; where there is none, the time of creation.
    pub status_changed: (i64, i64),
    /// True if the file has no name any more: it was removed or replaced while it was open.
    pub is_unlinked: bool,
}
