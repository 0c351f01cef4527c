//! Limits that the system sets to this process, by `ulimit` or a container.

use std::sync::Arc;

use anyhow::{Context, Result};
use signal_hook::consts::SIGXFSZ;

/// Makes a write beyond the limit of file sizes an error, as that to a full disk is; by default, its
/// signal ends the process.
///
/// # Errors
/// When the system refuses it.
pub fn survive_file_sizes() -> Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::default()).context("waiting for signals")?;
    Ok(())
}
