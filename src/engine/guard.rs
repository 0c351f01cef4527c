//! The panics of decoders as errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, anyhow};

use crate::engine::source::Source;

/// Runs a reader of files; decoders panic on some damaged ones.
pub(super) fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let reason = panic.downcast_ref::<String>().map(String::as_str);
        let reason = reason
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        let reason = reason.lines().next().unwrap_or_default();
        Err(anyhow!(
            "{source}: the file is damaged ({reason}); download it again"
        ))
    })
}
