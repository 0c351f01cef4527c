//! The layout of the Hugging Face cache: `blobs` has the bytes of a file, named by their ETag;
//! `snapshots` has links to them, by commit and path; `refs` has the commit of a branch. Where there
//! are no links, `snapshots` has the files themselves. A blob may be a link to a file that several
//! datasets share, in `blobs` of the whole cache.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail, ensure};

use crate::engine::source::cache_folder;
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::hub_cache::dataset_folder;
use crate::hub::client::is_set;
use crate::hub::headers::{Version, is_sha256};
use crate::hub::size::size;
use crate::present::atomic::is_replaceable;
use crate::system::{free_space, symlink, unwaiting_unfollowed};

/// The content of the file that marks a cache, by <https://bford.info/cachedir/>.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55
# This file marks a cache folder, by https://bford.info/cachedir/; hubscope made it.
";

/// The part of the cache that belongs to one dataset.
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    pub(super) fn of(dataset: &str) -> Place {
        Place {
            folder: dataset_folder(&cache_folder().path, dataset),
        }
    }

    fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    fn blob(&self, version: &Version) -> PathBuf {
        self.blobs().join(&version.etag)
    }

    /// Returns the path of the partial file, named as the hf-hub crate names it.
    fn partial(&self, version: &Version) -> PathBuf {
        self.blobs().join(format!("{}.part", version.etag))
    }

    fn snapshots_folder(&self) -> PathBuf {
        self.folder.join("snapshots")
    }

    fn branch(&self) -> PathBuf {
        self.folder.join("refs").join("main")
    }

    /// Returns the path of a file in the snapshot of a commit.
    fn snapshot(&self, commit: &str, file: &str) -> PathBuf {
        self.snapshots_folder().join(commit).join(file)
    }

    /// Returns the path of the bytes of a version, if they are there in the right length.
    pub(super) fn bytes(&self, file: &str, version: &Version) -> Option<PathBuf> {
        let unlinked = self.snapshot(&version.commit, file);
        let mut paths = [self.blob(version), unlinked].into_iter();
        paths.find(|path| is_file(path, version.size))
    }

    /// Returns the path of a file as far as the cache knows: in the commit of the branch, else in the
    /// one that it arrived in last.
    pub(super) fn latest(&self, file: &str) -> Option<PathBuf> {
        let commit = self.commit().ok().flatten();
        let current = commit.map(|commit| self.snapshot(&commit, file));
        let is_there = |path: &PathBuf| path.metadata().is_ok_and(|about| about.is_file());
        current.filter(is_there).or_else(|| {
            let modified = |path: &PathBuf| path.metadata().ok()?.modified().ok();
            let paths = self.snapshots(file).filter(is_there);
            paths.max_by_key(modified)
        })
    }

    /// The paths that a file has or would have in every snapshot.
    fn snapshots(&self, file: &str) -> impl Iterator<Item = PathBuf> {
        let commits = fs::read_dir(self.snapshots_folder());
        let commits = commits.into_iter().flatten().flatten();
        commits.map(move |commit| commit.path().join(file))
    }

    /// Opens the partial file to write its rest, with a lock against other runs.
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
        fs::create_dir_all(self.blobs()).with_context(refused)?;
        self.tag();
        check_own(&path)?;
        check_blob(&self.blob(version))?;
        // What has taken its place since is neither waited for nor followed.
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let part = unwaiting_unfollowed(&mut options).open(&path);
        let part = part.with_context(refused)?;
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
        check_room(&self.blobs(), version.size - done, "HF_HUB_CACHE")?;
        Ok(part)
    }

    /// Marks the cache as one, which backups leave out, unless it is.
    fn tag(&self) {
        let cache = self.folder.parent().unwrap_or(&self.folder);
        if let Ok(mut tag) = File::create_new(cache.join("CACHEDIR.TAG")) {
            let _ = tag.write_all(TAG);
        }
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

    /// Gives the bytes the name of the file in its commit, makes the commit that of the branch if
    /// the newest was wanted, and returns the file's path. `is_new` says that no other snapshot needs the blob. In a cache that
    /// is read-only, any name that the bytes have is the file's path.
    ///
    /// # Errors
    /// When the cache cannot be written, or something else than a file or a link to one has the name
    /// of the file or of the branch.
    pub(super) fn link(
        &self,
        wanted: &DatasetFile,
        version: &Version,
        is_new: bool,
    ) -> Result<PathBuf> {
        let file = &*wanted.file;
        let path = self.snapshot(&version.commit, file);
        let named = self.name(&path, file, version, is_new);
        let refer = || match wanted.revision {
            None => self.refer(&version.commit),
            Some(_) => Ok(()),
        };
        match named.and_then(|()| refer()) {
            Ok(()) => Ok(path),
            Err(error) if is_read_only(&error) => {
                let leads = |path: &PathBuf| self.leads(path, version);
                let paths = std::iter::once(path).chain(self.snapshots(file));
                paths.into_iter().find(leads).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Links `snapshots/<commit>/<file>` to the blob, relative, so that the cache can be moved; renamed
    /// into place, since another program may be reading it. Where there are no links, as the libraries
    /// do it, the blob itself gets the name.
    fn name(&self, path: &Path, file: &str, version: &Version, is_new: bool) -> Result<()> {
        is_replaceable(path)?;
        if self.leads(path, version) {
            return Ok(());
        }
        let up = "../".repeat(2 + file.matches('/').count());
        let beside = path.with_extension(format!("{}.link", std::process::id()));
        let link = || -> io::Result<()> {
            if is_set("HF_HUB_DISABLE_SYMLINKS") {
                return Err(ErrorKind::Unsupported.into());
            }
            symlink(format!("{up}blobs/{}", version.etag), &beside)
        };
        let named = || -> io::Result<()> {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            match (link(), is_new) {
                (Ok(()), _) => {}
                (Err(_), true) => return fs::rename(self.blob(version), path),
                (Err(_), false) => {
                    fs::copy(self.blob(version), &beside)?;
                }
            }
            fs::rename(&beside, path)
        };
        named().with_context(|| {
            let _ = fs::remove_file(&beside);
            format!("{}: cannot be written", path.display())
        })
    }

    /// Returns true if a path leads to the bytes of a version.
    fn leads(&self, path: &Path, version: &Version) -> bool {
        let is_linked = path.canonicalize().is_ok_and(|to| {
            let blob = self.blob(version).canonicalize();
            blob.is_ok_and(|blob| blob == to)
        });
        let own = self.snapshots_folder().join(&version.commit);
        is_linked || (path.starts_with(own) && !path.is_symlink() && is_file(path, version.size))
    }

    /// Makes a commit that of the branch.
    fn refer(&self, commit: &str) -> Result<()> {
        if self.commit()?.as_deref() == Some(commit) {
            return Ok(());
        }
        let branch = self.branch();
        // Renamed into place, since another program may be reading it.
        let beside = branch.with_added_extension(format!("{}.tmp", std::process::id()));
        fs::create_dir_all(self.folder.join("refs"))
            .and_then(|()| fs::write(&beside, commit))
            .and_then(|()| fs::rename(&beside, &branch))
            .with_context(|| {
                let _ = fs::remove_file(&beside);
                format!("{}: cannot be written", branch.display())
            })
    }

    /// Returns the commit of the branch, if there is one.
    ///
    /// # Errors
    /// When anything but a regular file has its name.
    fn commit(&self) -> Result<Option<String>> {
        let branch = self.branch();
        if !is_replaceable(&branch)? {
            return Ok(None);
        }
        let commit = fs::read_to_string(branch).ok();
        Ok(commit.map(|commit| commit.trim().to_owned()))
    }
}

/// Removes bytes of the cache that are not what they should be.
///
/// # Errors
/// When they cannot be removed, or are those of another place.
pub(super) fn remove(bytes: &Path) -> Result<()> {
    check_blob(bytes)?;
    fs::remove_file(bytes).with_context(|| {
        format!(
            "{}: the file is damaged and cannot be removed; set HF_HUB_CACHE to a folder that can be written",
            bytes.display()
        )
    })
}

/// Checks that there is nothing at a path, or a regular file and no link to one.
fn check_own(path: &Path) -> Result<()> {
    is_replaceable(path)?;
    ensure!(
        !path.is_symlink(),
        "{}: is a link and is not replaced; remove it",
        path.display()
    );
    Ok(())
}

/// Checks the same of a blob, which may also be a link into the store that datasets share: the link is
/// replaced, and what it leads to stays.
fn check_blob(path: &Path) -> Result<()> {
    match is_shared(path) {
        true => Ok(()),
        false => check_own(path),
    }
}

/// Returns true if a blob is a link to `blobs/<start of the name>/<name>` of the cache.
fn is_shared(blob: &Path) -> bool {
    let shared = || {
        let to = fs::read_link(blob).ok()?;
        let start = to.parent()?;
        let name = to.file_name()?.to_str()?;
        let is_name = is_sha256(name) && start.file_name()?.to_str()? == &name[..2];
        let store = blob.parent()?.parent()?.parent()?.join("blobs");
        // The link is relative to its folder, from which three steps lead to the cache and back.
        let own = Path::new("../../blobs");
        let is_store = start.parent()? == own || start.parent()? == store;
        Some(is_name && is_store)
    };
    shared().unwrap_or(false)
}

fn is_file(path: &Path, size: u64) -> bool {
    let about = path.metadata();
    about.is_ok_and(|about| about.is_file() && about.len() == size)
}

fn is_read_only(error: &Error) -> bool {
    let refused = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| refused.contains(&cause.kind()))
}

/// Refuses a download for which the disk of a folder, which this variable names, has no room.
pub(super) fn check_room(folder: &Path, needed: u64, variable: &str) -> Result<()> {
    let Some(free) = free_space(folder) else {
        return Ok(());
    };
    if needed > free {
        bail!(
            "{}: {} to download, {} free; make room, or set {variable} to a folder on another disk",
            folder.display(),
            size(needed),
            size(free)
        );
    }
    Ok(())
}
