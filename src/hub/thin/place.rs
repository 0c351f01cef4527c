//! Where thin files lie.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::file::Wanted;
use super::origin::Origin;
use crate::engine::source::hub_cache::dataset_folder;
use crate::engine::source::thin_folder;
use crate::hub::headers::Version;

/// The thin files of a dataset.
pub struct ThinPlace {
    pub(super) folder: PathBuf,
}

impl ThinPlace {
    /// Returns the place of a dataset.
    ///
    /// # Errors
    /// When there is no home folder.
    pub fn of(dataset: &str) -> Result<ThinPlace> {
        let root = thin_folder().context("there is no home folder; set XDG_CACHE_HOME")?;
        Ok(ThinPlace {
            folder: dataset_folder(&root.path, dataset),
        })
    }

    /// Returns the path of the thin file of a commit.
    pub(super) fn path(&self, commit: &str, file: &str) -> PathBuf {
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
            origin.etag == version.etag && origin.size == version.size && origin.has(wanted)
        };
        self.all(file)
            .find(|(_, origin)| fits(origin))
            .map(|(path, _)| path)
    }

    /// Returns the newest thin file that has these columns.
    pub fn latest(&self, file: &str, wanted: &Wanted) -> Option<PathBuf> {
        let modified = |path: &PathBuf| path.metadata().ok()?.modified().ok();
        let fitting = self.all(file).filter(|(_, origin)| origin.has(wanted));
        fitting.map(|(path, _)| path).max_by_key(modified)
    }
}
