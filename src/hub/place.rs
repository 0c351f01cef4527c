//! The layout of the Hugging Face cache: `blobs` has the bytes of a file, named by their ETag;
//! `snapshots` has links to them, by commit and path; `refs` has the commit of a branch.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use crate::engine::source::cache_folder;
use crate::hub::client::Version;
use crate::hub::size::size;
use crate::present::atomic::is_replaceable;

/// The part of the cache that belongs to one dataset.
pub(super) struct Place {
    repo: CacheRepo,
    blobs: PathBuf,
}

impl Place {
    pub(super) fn of(dataset: &str) -> Place {
        let cache = Cache::new(cache_folder());
        let repo = Repo::new(dataset.to_owned(), RepoType::Dataset);
        Place {
            blobs: cache.path().join(repo.folder_name()).join("blobs"),
            repo: cache.repo(repo),
        }
    }

    fn blob(&self, version: &Version) -> PathBuf {
        self.blobs.join(&version.etag)
    }

    /// Returns the path of the partial file, named as the hf-hub crate does.
    fn partial(&self, version: &Version) -> PathBuf {
        self.blobs.join(format!("{}.part", version.etag))
    }

    /// Returns true if the cache has these bytes.
    pub(super) fn has(&self, version: &Version) -> bool {
        let about = self.blob(version).metadata();
        about.is_ok_and(|about| about.is_file() && about.len() == version.size)
    }

    /// Opens the partial file to append to it, with a lock against other runs.
    ///
    /// # Errors
    /// When the cache cannot be written, has no room for the rest, or another run is downloading it; when
    /// something else than a regular file has the name of the blob or of the partial file.
    pub(super) fn part(&self, version: &Version) -> Result<File> {
        let path = self.partial(version);
        let refused = || {
            let path = path.display();
            format!("{path}: cannot be written; set HF_HUB_CACHE to a folder that can")
        };
        fs::create_dir_all(&self.blobs).with_context(refused)?;
        for path in [&path, &self.blob(version)] {
            is_replaceable(path)?;
            ensure!(
                !path.is_symlink(),
                "{}: is a link and is not replaced; remove it",
                path.display()
            );
        }
        let mut options = File::options();
        let opened = options.append(true).create(true).open(&path);
        let part = opened.with_context(refused)?;
        match part.try_lock() {
            Err(TryLockError::WouldBlock) => bail!(
                "{}: another fetch is downloading it; wait for it to end",
                path.display()
            ),
            // Some network folders have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut done = part.metadata()?.len();
        if done > version.size {
            part.set_len(0)?;
            done = 0;
        }
        check_room(&self.blobs, version.size - done)?;
        Ok(part)
    }

    /// Makes the partial file the blob.
    ///
    /// # Errors
    /// When it cannot be written to the end or renamed.
    pub(super) fn keep(&self, part: &File, version: &Version) -> Result<()> {
        let blob = self.blob(version);
        part.sync_all()
            .and_then(|()| fs::rename(self.partial(version), &blob))
            .with_context(|| format!("{}: cannot be written", blob.display()))
    }

    /// Removes a partial file that cannot be resumed.
    pub(super) fn forget(&self, version: &Version) {
        let _ = fs::remove_file(self.partial(version));
    }

    /// Links the blob as the file of its commit, makes the commit that of the branch, and returns the
    /// file's path.
    ///
    /// # Errors
    /// When links cannot be made in the cache, or something else than a file or a link to one has
    /// the name of the file or of the branch.
    pub(super) fn link(&self, file: &str, version: &Version) -> Result<PathBuf> {
        let commit = self.repo.pointer_path(&version.commit);
        let path = commit.join(file);
        let branch = self.blobs.with_file_name("refs").join("main");
        for path in [&path, &branch] {
            is_replaceable(path)?;
        }
        self.point(&path, file, version)
            .and_then(|()| self.repo.create_ref(&version.commit))
            .with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(path)
    }

    /// Links `snapshots/<commit>/<file>` to the blob, relative, so that the cache can be moved; renamed
    /// into place, since another program may be reading it.
    fn point(&self, path: &Path, file: &str, version: &Version) -> std::io::Result<()> {
        if path.canonicalize().is_ok_and(|to| {
            self.blob(version)
                .canonicalize()
                .is_ok_and(|blob| blob == to)
        }) {
            return Ok(());
        }
        let up = "../".repeat(2 + file.matches('/').count());
        let beside = path.with_extension(format!("{}.link", std::process::id()));
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        symlink(format!("{up}blobs/{}", version.etag), &beside)?;
        fs::rename(&beside, path)
    }
}

/// Refuses a download for which the disk has no room.
fn check_room(folder: &Path, needed: u64) -> Result<()> {
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        return Ok(());
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if needed > free {
        bail!(
            "{}: {} to download, {} free; make room, or set HF_HUB_CACHE to a folder on another disk",
            folder.display(),
            size(needed),
            size(free)
        );
    }
    Ok(())
}
