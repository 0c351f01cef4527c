//! The history of every model's counters over any number of snapshots, in one mapped file.
//!
//! The file is a chain of archives, one for each snapshot, in the order in which they were added; to add
//! one touches only the end. Models are numbered by [`Slot`], in the order in which they came up; an
//! archive has the names of its new models, the new names of renamed ones, and the counters of all models
//! up to then, [bit-packed](packed): about five bytes for a model and snapshot.
//!
//! A write that is cut off leaves bytes after the last whole archive, which count as nothing and are
//! overwritten by the next one.

pub mod add;
pub mod curve;
mod drop;
pub mod movers;
mod names;
mod packed;
mod snapshot;
pub mod span;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::engine::cache::archive::Chain;
pub use names::Slot;
use snapshot::Header;
pub use snapshot::{Counter, HistoryFault, HistorySnapshot};

/// An open history.
pub struct History {
    path: PathBuf,
    /// In the order of their days.
    snapshots: Vec<HistorySnapshot>,
    /// The names of the models of each archive, in the order of the archives.
    names: Vec<names::Names>,
    /// The end of the last archive.
    end: u64,
    chain: Option<Chain<Header>>,
}

impl History {
    /// Opens a history; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub fn open(path: &Path) -> Result<History> {
        let mut history = History {
            path: path.to_owned(),
            snapshots: Vec::new(),
            names: Vec::new(),
            end: 0,
            chain: None,
        };
        if !path.exists() {
            return Ok(history);
        }
        history.read().with_context(|| {
            format!(
                "{}: the history cannot be used; `hubscope history drop --all` removes it",
                path.display()
            )
        })?;
        Ok(history)
    }

    fn read(&mut self) -> Result<()> {
        let mut chain = Chain::open(&self.path, |header: &Header| header.before)?;
        let archives = std::mem::take(&mut chain.archives);
        for (mut reader, header) in archives {
            self.names.push(names::Names::read(&mut reader)?);
            if !header.is_dropped {
                let snapshot = HistorySnapshot::read(&mut reader, header)?;
                self.snapshots.push(snapshot);
            }
        }
        self.snapshots.sort_by_key(|snapshot| snapshot.day);
        (self.end, self.chain) = (chain.end, Some(chain));
        Ok(())
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the snapshots, ascending by their days.
    pub fn snapshots(&self) -> &[HistorySnapshot] {
        &self.snapshots
    }

    /// Returns the number of models that any snapshot has.
    pub fn len(&self) -> usize {
        self.names.iter().map(names::Names::len).sum()
    }

    /// Returns true if there is no snapshot.
    pub fn is_empty(&self) -> bool {
        self.snapshots.is_empty()
    }

    /// Returns the size of the file in bytes.
    pub fn bytes(&self) -> u64 {
        File::open(&self.path)
            .and_then(|file| file.metadata())
            .map_or(0, |about| about.len())
    }

    /// Compares all of the file with its checksums.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn check(&self) -> Result<()> {
        self.chain.as_ref().map_or(Ok(()), Chain::check)
    }
}
