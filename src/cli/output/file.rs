//! Files that commands write: whole or not at all, even when a signal ends the program meanwhile.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::{emulate_default_handler, unregister};

use crate::present::atomic::AtomicFile;

/// Signals that end a program, but not before it has cleaned up.
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Writes a file through `write`, and puts it in its place when all is written.
///
/// # Errors
/// As [`AtomicFile::create`] and `write`; then there is no file, or the one that there was.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut StoppableWriter<AtomicFile>) -> Result<()>,
) -> Result<()> {
    let signal = Arc::<AtomicUsize>::default();
    let mut handlers = Vec::new();
    for number in SIGNALS {
        let of_signal = usize::try_from(number)?;
        handlers.push(flag::register_usize(number, signal.clone(), of_signal)?);
    }
    let out = AtomicFile::create(path)?;
    let mut out = StoppableWriter {
        out,
        signal: signal.clone(),
    };
    let written = write(&mut out);
    // Dropped without a commit, the partial file is removed: before the signal ends the program.
    let placed = match written {
        Ok(()) => out.out.commit().map_err(Into::into),
        Err(error) => {
            drop(out);
            Err(error)
        }
    };
    for handler in handlers {
        unregister(handler);
    }
    if let (Err(_), Ok(number @ 1..)) = (&placed, i32::try_from(signal.load(Ordering::Relaxed))) {
        emulate_default_handler(number)?;
    }
    placed.with_context(|| format!("{}: not written", path.display()))
}

/// An output that fails once a signal came.
pub struct StoppableWriter<W> {
    out: W,
    signal: Arc<AtomicUsize>,
}

impl<W: Write> Write for StoppableWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.signal.load(Ordering::Relaxed) {
            0 => self.out.write(bytes),
            _ => Err(io::Error::other("interrupted")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
