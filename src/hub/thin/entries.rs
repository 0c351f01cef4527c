//! All thin files of the cache.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::origin::Origin;
use crate::engine::source::thin_folder;

/// Folders within each other: dataset, snapshots, commit, and those of the file in the dataset.
const LEVELS: usize = 8;

/// A thin file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThinEntry {
    /// The dataset that it is of, `owner/name`.
    pub dataset: String,
    /// The path of the whole file in the dataset.
    pub file: String,
    pub commit: String,
    pub path: String,
    /// Its own size.
    pub bytes: i64,
}

/// Returns the thin files of the cache, in the order of their paths.
pub fn thin_entries() -> Vec<ThinEntry> {
    let mut entries = Vec::new();
    if let Some(folder) = thin_folder() {
        add(&folder.path, LEVELS, &mut entries);
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn add(folder: &Path, levels: usize, to: &mut Vec<ThinEntry>) {
    for path in fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        if path.is_dir() && levels > 0 {
            add(&path, levels - 1, to);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "parquet")
            && let Some(origin) = Origin::of(&path)
        {
            to.push(ThinEntry {
                dataset: origin.dataset,
                file: origin.file,
                commit: origin.commit,
                bytes: path.metadata().map_or(0, |about| about.len().cast_signed()),
                path: path.display().to_string(),
            });
        }
    }
}

/// Removes all thin files, also half ones, and returns their number and bytes.
///
/// # Errors
/// When they cannot be removed.
pub fn remove_thin() -> Result<(usize, i64)> {
    let entries = thin_entries();
    if let Some(folder) = thin_folder().filter(|folder| folder.path.exists()) {
        let path = folder.path;
        fs::remove_dir_all(&path)
            .with_context(|| format!("{}: cannot be removed", path.display()))?;
    }
    Ok((entries.len(), entries.iter().map(|entry| entry.bytes).sum()))
}
