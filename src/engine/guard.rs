//! The panics of decoders as errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, bail};

use crate::engine::source::Source;

/// Runs a reader of files; decoders panic on some damaged ones.
pub fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| bail!("{source}: the file is damaged; download it again"))
}
