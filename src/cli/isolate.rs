//! Isolated reading: a damaged file is an error, not the end of the program.

use std::thread;

use anyhow::{Context, Result, bail};

use crate::engine::guard::NO_THREAD;
use crate::engine::source::Source;

/// Reads files on a thread of its own, and reports its panics as errors of the source.
///
/// # Errors
/// As `read`; when it panics.
pub fn isolated<T: Send>(source: &Source, read: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let reading = thread::Builder::new()
            .name("engine-read".to_owned())
            .spawn_scoped(scope, read);
        let reading = reading.ok().context(NO_THREAD)?;
        reading
            .join()
            .unwrap_or_else(|_| bail!("{source}: the file is damaged; download it again"))
    })
}
