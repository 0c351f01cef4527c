//! The panics of decoders as errors.

use anyhow::{Result, bail};

use crate::engine::source::Source;
use crate::engine::source::caught::caught;

/// Runs a reader of files; decoders panic on some damaged ones.
pub fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(read).unwrap_or_else(|| bail!("{source}: the file is damaged; download it again"))
}
