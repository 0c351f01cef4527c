//! Linux, macOS and their like.

pub mod fatal;

use std::ffi::OsString;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{Access, OFlags, access};
use rustix::process::{Resource, getrlimit};
use signal_hook::SigId;
use signal_hook::consts::{SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, unregister};

pub use fatal::handle_faults;
pub use signal_hook::consts::{SIGHUP, SIGINT};
pub use std::os::unix::fs::symlink;

use super::{FileState, ProcessLimits};

/// Signals that ask a program to end, which may clean up before.
const ENDING: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Replaces this run of the program by a command. Returns only if that fails.
pub fn replace_process(command: &mut Command) -> io::Error {
    command.exec()
}

/// Makes a child outlive Ctrl-C in this terminal.
pub fn detach(child: &mut Command) {
    child.process_group(0);
}

/// Makes a write beyond the limit of file sizes an error, as that to a full disk is; by default, its
/// signal ends the process.
///
/// # Errors
/// When the system refuses it.
pub fn survive_file_sizes() -> io::Result<()> {
    flag::register(SIGXFSZ, Arc::default()).map(drop)
}

/// Creates a folder and those above it, for the user alone.
///
/// # Errors
/// As [`DirBuilder::create`].
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that is created for the user alone.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Makes opening a pipe not wait for its other end.
pub fn unwaiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed())
}

/// Makes opening a pipe not wait for its other end, and opening a link fail.
pub fn unwaiting_unfollowed(options: &mut OpenOptions) -> &mut OpenOptions {
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    options.custom_flags(flags.bits().cast_signed())
}

/// Reads bytes at a place of a file; several threads may do so at the same time.
///
/// # Errors
/// When the file ends before, or cannot be read.
pub fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact_at(bytes, at)
}

/// Returns the state of a file.
pub fn file_state(about: &Metadata) -> FileState {
    FileState {
        inode: about.ino(),
        modified: (about.mtime(), about.mtime_nsec()),
        status_changed: (about.ctime(), about.ctime_nsec()),
        is_unlinked: about.nlink() == 0,
    }
}

/// Returns the bytes that the user may still write to the disk of a folder, if the system knows it.
pub fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Returns the reason why the user cannot write into a folder, if there is one.
pub fn write_refusal(folder: &Path) -> Option<String> {
    let refused = access(folder, Access::WRITE_OK | Access::EXEC_OK).err()?;
    Some(io::Error::from(refused).to_string())
}

/// Returns the limits of this process; `None` where there are none.
pub fn process_limits() -> Option<ProcessLimits> {
    let of = |resource| getrlimit(resource).current;
    Some(ProcessLimits {
        processes: of(Resource::Nproc),
        open_files: of(Resource::Nofile),
        file_bytes: of(Resource::Fsize),
        memory_bytes: of(Resource::As),
    })
}

/// Returns true if a file that nobody here writes to can be mapped. On a file system that other hosts
/// or programs may change behind the kernel's back, as far as Linux names those, it cannot.
#[cfg(target_os = "linux")]
pub fn is_mappable(file: &File) -> bool {
    /// 9P, AFS, Ceph, CIFS, Coda, FUSE, GFS2, Lustre, NFS, OCFS2, SMB, SMB2.
    const REMOTE: [u32; 12] = [
        0x0102_1997,
        0x5346_414F,
        0x00C3_6400,
        0xFF53_4D42,
        0x7375_7245,
        0x6573_5546,
        0x0116_1970,
        0x0BD0_0BD0,
        0x6969,
        0x7461_636F,
        0x517B,
        0xFE53_4D42,
    ];
    !rustix::fs::fstatfs(file).is_ok_and(|about| REMOTE.contains(&(about.f_type as u32)))
}

/// Returns true: other systems have no common names for network file systems.
#[cfg(not(target_os = "linux"))]
pub fn is_mappable(_: &File) -> bool {
    true
}

/// Returns a text of the system from its bytes.
pub fn os_string(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// Waits, while it exists, for a signal that asks the program to end.
pub struct Interruption {
    /// The number of the signal; 0 until one came.
    signal: Arc<AtomicUsize>,
    handlers: Vec<SigId>,
}

impl Interruption {
    /// Begins to wait.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn new() -> io::Result<Interruption> {
        let mut interruption = Interruption {
            signal: Arc::default(),
            handlers: Vec::new(),
        };
        for number in ENDING {
            let signal = interruption.signal.clone();
            let handler = flag::register_usize(number, signal, number as usize)?;
            interruption.handlers.push(handler);
        }
        Ok(interruption)
    }

    /// Returns true once a signal came.
    pub fn has_come(&self) -> bool {
        self.signal.load(Ordering::Relaxed) > 0
    }

    /// Ends the program as the signal would have done, if one came.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn end(self) -> io::Result<()> {
        let number = self.signal.load(Ordering::Relaxed);
        drop(self);
        match number {
            0 => Ok(()),
            number => emulate_default_handler(number as i32),
        }
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            unregister(handler);
        }
    }
}

/// Keeps the signals that ask the program to end from doing so. Returns a function that waits for the
/// first one.
///
/// # Errors
/// When the system refuses it.
pub fn ending_signal() -> io::Result<impl FnOnce() -> Option<i32> + Send + 'static> {
    let mut signals = Signals::new(ENDING)?;
    Ok(move || signals.forever().next())
}
