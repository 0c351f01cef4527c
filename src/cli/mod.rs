//! The commands that answer once and leave, written to any `impl Write`. `args.rs` says which
//! there are; each has a file of its own.

pub mod args;
pub mod cache;
pub mod diff;
pub mod export;
mod figures;
pub mod hist;
mod model;
mod node;
pub mod opener;
mod output;
mod picture;
pub mod plain;
mod report;
pub mod roots;
pub mod sample;
pub mod schema;
pub mod search;
pub mod show;
pub mod stats;
pub mod table;
pub mod tree;
pub mod within;

use std::thread;

use anyhow::{Context, Result, bail};

use crate::engine::source::Source;

/// What a command came to, apart from errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Something,
    Nothing,
}

/// Reads files on a thread whose panics are told as errors of the file.
fn apart<T: Send>(source: &Source, read: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let reading = thread::Builder::new()
            .name("engine-read".to_owned())
            .spawn_scoped(scope, read)
            .context("starting a thread")?;
        reading
            .join()
            .unwrap_or_else(|_| bail!("{source}: the file is damaged; download it again"))
    })
}
