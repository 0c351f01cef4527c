//! Panics that are taken as damage of a file.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs work on a file that may be damaged; `None` if it panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
