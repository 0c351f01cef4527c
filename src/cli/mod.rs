//! The commands that answer once and leave, written to any `impl Write`. `args.rs` says which
//! there are; each has a file of its own.

pub mod args;
mod model;
pub mod sample;
pub mod schema;
pub mod show;
pub mod table;

use std::thread;

use anyhow::{Context, Result};

use crate::engine::Hub;
use crate::engine::data::source::Source;

/// What a command came to, apart from errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Something,
    Nothing,
}

/// Opens a hub whole, on a thread whose panics are told as errors of the file.
///
/// # Errors
/// As [`Hub::open`].
pub fn open(source: &Source) -> Result<Hub> {
    thread::scope(|scope| {
        let loading = thread::Builder::new()
            .name("engine-load".to_owned())
            .spawn_scoped(scope, || Hub::open(source, &|_| {}))
            .context("starting a thread")?;
        loading
            .join()
            .unwrap_or_else(|_| anyhow::bail!("{source}: reading it failed"))
    })
}
