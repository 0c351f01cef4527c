//! The history of the user, and its snapshots as they are printed.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::engine::history::{History, HistorySnapshot};
use crate::engine::source::history_file;
use crate::present::figures::history_fault;

/// Returns the path of the history.
///
/// # Errors
/// When there is no home folder.
pub fn history_path() -> Result<PathBuf> {
    let located =
        history_file().context("there is no home folder; set HUBSCOPE_HISTORY to a file")?;
    Ok(located.path)
}

/// Opens the history.
///
/// # Errors
/// When it is damaged.
pub fn open() -> Result<History> {
    History::open(&history_path()?)
}

/// A snapshot as JSON.
#[derive(Serialize)]
pub struct SnapshotJson {
    pub date: String,
    rows: u64,
    source: String,
    new: u64,
    renamed: u64,
    gone: u64,
    /// True if models were matched by the Hub's keys.
    by_key: bool,
    /// The reason why its counters do not count; null for a sound one.
    fault: Option<String>,
}

impl From<&HistorySnapshot> for SnapshotJson {
    fn from(snapshot: &HistorySnapshot) -> SnapshotJson {
        let [new, renamed, gone] = snapshot.changes();
        SnapshotJson {
            date: snapshot.day.to_string(),
            rows: snapshot.models(),
            source: snapshot.source().to_owned(),
            new,
            renamed,
            gone,
            by_key: snapshot.by_key(),
            fault: fault(snapshot),
        }
    }
}

/// Returns the faults of a snapshot in one line.
pub fn fault(snapshot: &HistorySnapshot) -> Option<String> {
    let faults: Vec<String> = snapshot.faults().iter().map(history_fault).collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}
