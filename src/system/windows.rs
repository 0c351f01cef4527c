//! Windows. There are no signals: Ctrl-C ends a command at once, and what it was writing stays beside
//! its place under a temporary name.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::{FileExt, symlink_file};
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};
use std::time::SystemTime;

use super::{FileState, ProcessLimits};

/// The numbers of signals, for exit codes.
pub const SIGHUP: i32 = 1;
pub const SIGINT: i32 = 2;

/// The flag of `CreateProcess` for a group of its own, which Ctrl-C does not reach.
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

/// Does nothing: the system reports faults itself.
pub fn handle_faults() {}

/// Runs a command in place of this program, and exits with its code. Returns only if that fails.
pub fn replace_process(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}

/// Makes a child outlive Ctrl-C in this terminal.
pub fn detach(child: &mut Command) {
    child.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// Does nothing: there is no such limit.
///
/// # Errors
/// Never.
pub fn survive_file_sizes() -> io::Result<()> {
    Ok(())
}

/// Creates a folder and those above it. In the folder of the user, it is the user's alone.
///
/// # Errors
/// As [`fs::create_dir_all`].
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Changes nothing: in the folder of the user, a file is the user's alone.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Changes nothing: pipes are no files.
pub fn unwaiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Changes nothing; who opens the file looks for a link before.
pub fn unwaiting_unfollowed(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Reads bytes at a place of a file; several threads may do so at the same time.
///
/// # Errors
/// When the file ends before, or cannot be read.
pub fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_read(bytes, at) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Returns the state of a file.
pub fn file_state(about: &Metadata) -> FileState {
    FileState {
        inode: 0,
        modified: since_1970(about.modified()),
        status_changed: since_1970(about.created()),
        is_unlinked: false,
    }
}

fn since_1970(time: io::Result<SystemTime>) -> (i64, i64) {
    let time = time.unwrap_or(SystemTime::UNIX_EPOCH);
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let since = since.unwrap_or_default();
    (since.as_secs() as i64, since.subsec_nanos().into())
}

/// Creates a link, which the system allows to some users only.
///
/// # Errors
/// When it does not, or the link exists.
pub fn symlink(to: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    // A relative link with slashes leads nowhere.
    let to = to.as_ref().to_string_lossy().replace('/', "\\");
    symlink_file(to, link)
}

/// Returns `None`: the standard library does not know the free space of a disk.
pub fn free_space(_: &Path) -> Option<u64> {
    None
}

/// Returns the reason why the user cannot write into a folder, as far as its metadata has it.
pub fn write_refusal(folder: &Path) -> Option<String> {
    let is_read_only = folder.metadata().ok()?.permissions().readonly();
    is_read_only.then(|| "it is read-only".to_owned())
}

/// Returns `None`: there are no limits.
pub fn process_limits() -> Option<ProcessLimits> {
    None
}

/// Returns false: a mapped file could not be replaced.
pub fn is_mappable(_: &File) -> bool {
    false
}

/// Returns a text of the system from its bytes.
pub fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Would wait for a signal that asks the program to end; there is none.
pub struct Interruption;

impl Interruption {
    /// Does nothing.
    ///
    /// # Errors
    /// Never.
    pub fn new() -> io::Result<Interruption> {
        Ok(Interruption)
    }

    /// Returns false.
    pub fn has_come(&self) -> bool {
        false
    }

    /// Does nothing.
    ///
    /// # Errors
    /// Never.
    pub fn end(self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns a function that returns `None`, since there are no signals.
///
/// # Errors
/// Never.
pub fn ending_signal() -> io::Result<impl FnOnce() -> Option<i32> + Send + 'static> {
    Ok(|| None)
}
