//! Isolated reading: a damaged file is an error, not the end of the program.

use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};

use crate::engine::source::Source;
use crate::engine::source::caught::caught;
use crate::panics::reading;

/// Reads files on a thread of its own, or on this one where the system has no room for another, and
/// reports its panics as errors of the source.
///
/// # Errors
/// As `read`; when it panics.
pub fn isolated<T: Send>(source: &Source, read: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let read = Mutex::new(Some(read));
    let work = || {
        let read = read.lock().unwrap_or_else(PoisonError::into_inner).take();
        read.map(|read| read())
    };
    let done = thread::scope(|scope| {
        let thread = thread::Builder::new().name("engine-read".to_owned());
        match thread.spawn_scoped(scope, work) {
            Ok(reading) => reading.join().ok(),
            Err(_) => caught(|| reading(work)),
        }
    });
    let damaged = || bail!("{source}: the file is damaged; download it again");
    done.flatten().unwrap_or_else(damaged)
}
