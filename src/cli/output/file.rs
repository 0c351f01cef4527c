//! Files that commands write: whole or not at all, even when a signal ends the program meanwhile.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::present::atomic::AtomicFile;
use crate::system::Interruption;

/// Writes a file through `write`, and puts it in its place when all is written.
///
/// # Errors
/// As [`AtomicFile::create`] and `write`; then there is no file, or the one that there was.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut StoppableWriter<'_>) -> Result<()>,
) -> Result<()> {
    let interruption = Interruption::new()?;
    let out = AtomicFile::create(path)?;
    let mut out = StoppableWriter {
        out,
        interruption: &interruption,
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
    if placed.is_err() {
        interruption.end()?;
    }
    placed.with_context(|| format!("{}: not written", path.display()))
}

/// An output that fails once a signal came.
pub struct StoppableWriter<'i> {
    out: AtomicFile,
    interruption: &'i Interruption,
}

impl Write for StoppableWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.interruption.has_come() {
            false => self.out.write(bytes),
            true => Err(io::Error::other("interrupted")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
