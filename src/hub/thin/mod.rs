//! Brings some columns of a Parquet file on the Hub as a Parquet file of its own: `file.rs` plans it
//! from the footer, `ranges.rs` joins what lies near, `storage.rs` asks for ranges, `bring.rs` copies
//! them, and `part.rs` keeps what has arrived.
//!
//! Thin files lie in the folders of the Hugging Face cache's layout, but in a cache of their own, since
//! no other program expects a part of a file there.

mod bring;
mod file;
mod origin;
mod part;
mod ranges;
mod storage;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use file::ThinFile;
pub use file::Wanted;
use origin::Origin;
use part::Part;
use storage::{Changed, Storage};

use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::hub_cache::dataset_folder;
use crate::engine::source::thin_folder;
use crate::hub::client::Remote;
use crate::hub::digest::digest;
use crate::hub::headers::Version;
use crate::present::progress;

/// The times that a download begins anew because the file has changed.
const CHANGES: usize = 3;

/// The extension of the file that has the SHA-256 of a thin one.
const DIGEST: &str = "sha256";

/// The thin files of a dataset.
pub(super) struct ThinPlace {
    folder: PathBuf,
}

impl ThinPlace {
    /// # Errors
    /// When there is no home folder.
    pub fn of(dataset: &str) -> Result<ThinPlace> {
        let root = thin_folder().context("there is no home folder; set XDG_CACHE_HOME")?;
        Ok(ThinPlace {
            folder: dataset_folder(&root, dataset),
        })
    }

    fn path(&self, commit: &str, file: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit).join(file)
    }

    /// The thin files of a file, of all commits, with their origins.
    fn all(&self, file: &str) -> impl Iterator<Item = (PathBuf, Origin)> {
        let commits = fs::read_dir(self.folder.join("snapshots"));
        let paths = commits
            .into_iter()
            .flatten()
            .flatten()
            .map(move |commit| commit.path().join(file));
        paths.filter_map(|path| {
            let origin = Origin::of(&path)?;
            Some((path, origin))
        })
    }

    /// Returns the thin file of a version that has these columns, if it is there.
    pub fn find(&self, file: &str, version: &Version, wanted: &Wanted) -> Option<PathBuf> {
        let fits = |origin: &Origin| {
            origin.etag == version.etag
                && origin.size == version.size
                && wanted
                    .more
                    .iter()
                    .all(|column| origin.more.contains(column))
        };
        self.all(file)
            .find(|(_, origin)| fits(origin))
            .map(|(path, _)| path)
    }

    /// Returns the thin file that arrived last.
    pub fn latest(&self, file: &str) -> Option<PathBuf> {
        let modified = |path: &PathBuf| path.metadata().ok()?.modified().ok();
        self.all(file).map(|(path, _)| path).max_by_key(modified)
    }
}

/// A column of the whole file, and whether it is brought.
pub struct PlannedColumn {
    pub name: String,
    /// Bytes of its leaves that are brought.
    pub kept: u64,
    /// Bytes of all its leaves.
    pub size: u64,
}

/// What a download would bring.
pub struct Plan {
    pub columns: Vec<PlannedColumn>,
    pub rows: i64,
    /// The length of the thin file, in bytes.
    pub thin: u64,
    /// The length of the whole file, in bytes.
    pub whole: u64,
}

/// Returns what a download of a version would bring; only the footer is read.
///
/// # Errors
/// When the Hub does not serve it, or it is no Parquet file with models.
pub(super) fn plan(
    remote: &Remote,
    file: &DatasetFile,
    version: &Version,
    wanted: &Wanted,
) -> Result<Plan> {
    let plan = planned(&Storage::new(remote, file, version), wanted)?;
    let mut columns: Vec<PlannedColumn> = Vec::new();
    for leaf in &plan.leaves {
        if columns
            .last()
            .is_none_or(|column| column.name != leaf.path[0])
        {
            columns.push(PlannedColumn {
                name: leaf.path[0].clone(),
                kept: 0,
                size: 0,
            });
        }
        if let Some(column) = columns.last_mut() {
            column.size += leaf.size;
            column.kept += if leaf.is_kept { leaf.size } else { 0 };
        }
    }
    Ok(Plan {
        columns,
        rows: plan.rows,
        thin: plan.size(),
        whole: version.size,
    })
}

/// Brings the columns of a version that are not there yet, and returns the path of the thin file.
///
/// # Errors
/// When the Hub does not serve it, it is no Parquet file with models, or the disk is full. A later run
/// resumes it.
pub(super) fn bring(
    remote: &Remote,
    file: &DatasetFile,
    version: Version,
    wanted: &Wanted,
) -> Result<PathBuf> {
    bring_at(
        &ThinPlace::of(&file.dataset)?,
        remote,
        file,
        version,
        wanted,
    )
}

fn bring_at(
    place: &ThinPlace,
    remote: &Remote,
    file: &DatasetFile,
    mut version: Version,
    wanted: &Wanted,
) -> Result<PathBuf> {
    for _ in 1..CHANGES {
        match bring_version(remote, file, &version, wanted, place) {
            Err(error) if error.is::<Changed>() => version = remote.ask(file)?,
            brought => return brought,
        }
    }
    bring_version(remote, file, &version, wanted, place)
}

fn bring_version(
    remote: &Remote,
    file: &DatasetFile,
    version: &Version,
    wanted: &Wanted,
    place: &ThinPlace,
) -> Result<PathBuf> {
    let storage = Storage::new(remote, file, version);
    let plan = planned(&storage, wanted)?;
    let path = place.path(&version.commit, &file.file);
    let origin = Origin::new(file, version, wanted);
    let part = Part::open(
        &path.with_added_extension("part"),
        plan.size(),
        &origin.identity(&plan.footer),
    )?;
    let progress = progress::download(&file.file, plan.size(), part.arrived());
    let brought = bring::bring(&storage, &plan, &part, &progress);
    progress.abandon();
    match brought {
        Ok(()) => {
            part.finish(&path)?;
            note_digest(&path)?;
            Ok(path)
        }
        Err(error) if error.is::<Changed>() => {
            part.forget();
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Writes the SHA-256 of a file beside it, in the format of `sha256sum`.
fn note_digest(path: &Path) -> Result<()> {
    let digest = digest(path)?;
    let name = path.file_name().unwrap_or_default().display();
    let beside = path.with_added_extension(DIGEST);
    fs::write(&beside, format!("{digest}  {name}\n"))
        .with_context(|| format!("{}: cannot be written", beside.display()))
}

/// Returns true if a thin file has the SHA-256 that it had when it arrived.
///
/// # Errors
/// When it cannot be read.
pub(super) fn is_intact(path: &Path) -> Result<bool> {
    let noted = fs::read_to_string(path.with_added_extension(DIGEST)).unwrap_or_default();
    Ok(noted.split_whitespace().next() == Some(&digest(path)?))
}

fn planned(storage: &Storage, wanted: &Wanted) -> Result<ThinFile> {
    let footer = bring::footer(storage)?;
    let file = storage.wanted;
    let origin = Origin::new(file, storage.version, wanted).to_string();
    let plan = ThinFile::plan(&footer, storage.version.size, wanted, &origin);
    plan.with_context(|| {
        format!(
            "{}: {} cannot be brought by columns; `--columns all` brings the whole",
            file.dataset, file.file
        )
    })
}
