//! A folder of archives, each made from a source. An archive is valid if its layout is the current one
//! and its source has not changed since; an invalid one is ignored, and replaced by the next that is
//! stored. A folder that cannot be written costs nothing but time.
//!
//! Other programs and the user may keep files in the folder: only those that [`CacheFile::of`]
//! recognizes are ever opened for writing, replaced or removed.

pub mod archive;
mod checked;

use std::fs::{self, File, TryLockError};
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::engine::cache::archive::{Archive, Reader, Writer};
use crate::engine::source;
use crate::engine::source::Source;
use crate::engine::source::caught::caught;
use crate::engine::source::fingerprint::Fingerprint;
use crate::system::is_mappable;

/// The maximum number of archives; the oldest are removed.
const MAX_ARCHIVES: usize = 4;

/// The extension of archives.
const ARCHIVE: &str = "hub";

/// The extension of locks.
const LOCK: &str = "lock";

/// The extension of notes, see [`checked`].
const NOTE: &str = "checked";

/// The hexadecimal digits of a file's name: a hash of its source's paths.
const DIGITS: usize = 16;

/// The first bytes of a Parquet file, which is a source under whatever name.
const PARQUET: &[u8; 4] = b"PAR1";

/// A file of the cache, by its extension after [`DIGITS`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum CacheFile {
    Archive,
    Lock,
    Note,
    /// An archive or note that the process with this id as extension is writing.
    Unfinished,
}

impl CacheFile {
    /// Returns the kind of a file of the cache; `None` for any other file, for a link, for anything
    /// that is no regular file, and for a Parquet file.
    fn of(path: &Path) -> Option<CacheFile> {
        let (hash, extension) = path.file_name()?.to_str()?.split_once('.')?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let kind = match extension {
            ARCHIVE => CacheFile::Archive,
            LOCK => CacheFile::Lock,
            NOTE => CacheFile::Note,
            id if id
                .parse::<u32>()
                .is_ok_and(|number| number.to_string() == id) =>
            {
                CacheFile::Unfinished
            }
            _ => return None,
        };
        let is_ours = hash.len() == DIGITS
            && hash.bytes().all(is_digit)
            && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
            && !is_parquet(path);
        is_ours.then_some(kind)
    }
}

/// Returns true if the file begins as Parquet; one that cannot be read may.
fn is_parquet(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut bytes));
    read.is_err() || bytes == PARQUET
}

/// Refuses a path at which there is anything but a file of the cache.
fn check_free(path: &Path) -> Result<()> {
    ensure!(
        fs::symlink_metadata(path).is_err() || CacheFile::of(path).is_some(),
        "{}: is not a file of the cache and is not replaced; move it to another folder",
        path.display()
    );
    Ok(())
}

/// The cache folder.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// The header of an archive.
#[derive(Serialize, Deserialize)]
pub struct Header {
    /// Of the arrays; archives of another layout are invalid.
    pub layout: String,
    pub source: Fingerprint,
    pub models: usize,
}

/// An archive, for a listing.
pub struct CacheEntry {
    pub path: PathBuf,
    /// The size of the archive.
    pub bytes: i64,
    /// The path of its source; `None` if the archive cannot be read.
    pub source: Option<PathBuf>,
    pub models: usize,
    /// The reason why it is invalid; `None` for a valid one.
    pub invalid: Option<String>,
}

/// The exclusive right to store a source, until it is dropped.
pub struct Lock {
    path: PathBuf,
    _locked: File,
}

impl Cache {
    /// Returns the cache of the user: `$XDG_CACHE_HOME/hubscope`, else `~/.cache/hubscope`; `None`
    /// without a home.
    pub fn of_user() -> Option<Cache> {
        Some(Cache::at(source::cache_home()?.path.join("hubscope")))
    }

    /// Returns the cache in a folder, which need not exist yet.
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the archive of a source, if it is valid. One that is damaged is removed.
    pub fn open<T>(
        &self,
        source: &Source,
        layout: &str,
        read: impl FnOnce(&mut Reader, Header) -> Result<T>,
    ) -> Option<T> {
        let (path, archive) = self.valid(source, layout)?;
        let note = path.with_extension(NOTE);
        if !checked::is_noted(&note, &archive.file) {
            archive.check().inspect_err(|_| self.forget(source)).ok()?;
            if check_free(&note).is_ok() {
                checked::note(&note, &archive.file);
            }
        }
        let (mut reader, header) = archive.reader().ok()?;
        caught(|| read(&mut reader, header).ok()).unwrap_or_else(|| {
            self.forget(source);
            None
        })
    }

    /// Reads the archive of a source if it is valid, was compared since the system was started, and is
    /// on a disk of this machine. Nothing is written or removed.
    pub fn open_checked<T>(
        &self,
        source: &Source,
        layout: &str,
        read: impl FnOnce(&mut Reader, Header) -> Result<T>,
    ) -> Option<T> {
        let (path, archive) = self.valid(source, layout)?;
        let is_noted = checked::is_noted(&path.with_extension(NOTE), &archive.file);
        if !is_noted || !is_mappable(&archive.file) {
            return None;
        }
        let (mut reader, header) = archive.reader().ok()?;
        caught(|| read(&mut reader, header).ok()).flatten()
    }

    /// Returns the archive of a source and its path, if it is of this layout and of the files as they are.
    fn valid(&self, source: &Source, layout: &str) -> Option<(PathBuf, Archive<Header>)> {
        let fingerprint = Fingerprint::of(source)?;
        let path = self.path(&fingerprint);
        let archive = Archive::<Header>::open(&path).ok()?;
        let header = archive.header();
        let is_valid = header.layout == layout && header.source == fingerprint;
        is_valid.then_some((path, archive))
    }

    /// Removes the archive of a source.
    pub fn forget(&self, source: &Source) {
        let archive = Fingerprint::of(source).map(|fingerprint| self.path(&fingerprint));
        for path in archive
            .iter()
            .flat_map(|path| [path.with_extension(NOTE), path.clone()])
        {
            if CacheFile::of(&path).is_some() {
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Locks a source; `None` where another process has locked it, or it cannot be stored.
    ///
    /// # Errors
    /// When the folder cannot be written, or has something else under the lock's name.
    pub fn lock(&self, source: &Source) -> Result<Option<Lock>> {
        let Some(fingerprint) = Fingerprint::of(source) else {
            return Ok(None);
        };
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&fingerprint).with_extension(LOCK);
        check_free(&path)?;
        let file = File::create(&path)?;
        let is_locked = file.try_lock().is_ok();
        Ok(is_locked.then_some(Lock {
            path,
            _locked: file,
        }))
    }

    /// Stores an archive with the arrays that `write` writes, in the place of an older one of its
    /// source.
    ///
    /// # Errors
    /// When the folder cannot be written, or has something else under the archive's name.
    pub fn store(
        &self,
        header: Header,
        write: impl FnOnce(&mut Writer) -> io::Result<()>,
    ) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&header.source);
        check_free(&path)?;
        self.tidy(&path);
        let unfinished = path.with_extension(std::process::id().to_string());
        let file = File::create_new(&unfinished)?;
        let stored = || -> Result<()> {
            // Unlocked ones are removed as left behind.
            file.try_lock()?;
            let mut writer = Writer::new(file);
            write(&mut writer)?;
            writer.close(header)?;
            Ok(fs::rename(&unfinished, &path)?)
        };
        stored().with_context(|| {
            let _ = fs::remove_file(&unfinished);
            path.display().to_string()
        })
    }

    /// Reads the archive of a source whole, and removes it if it is damaged.
    ///
    /// # Errors
    /// When it is.
    pub fn check(&self, source: &Source) -> Result<()> {
        let Some(fingerprint) = Fingerprint::of(source) else {
            return Ok(());
        };
        let archive = Archive::<Header>::open(&self.path(&fingerprint));
        let checked = archive.and_then(|archive| archive.check());
        checked.inspect_err(|_| self.forget(source))
    }

    /// Returns all archives, the newest first, each read whole.
    pub fn entries(&self, layout: &str) -> Vec<CacheEntry> {
        self.listed(layout, Archive::check)
    }

    /// Returns the same by their headers alone, which do not show all damage.
    pub fn outline(&self, layout: &str) -> Vec<CacheEntry> {
        self.listed(layout, |_| Ok(()))
    }

    fn listed(&self, layout: &str, check: fn(&Archive<Header>) -> Result<()>) -> Vec<CacheEntry> {
        let paths = self.files(|kind| kind == CacheFile::Archive).into_iter();
        paths.map(|path| entry(path, layout, check)).collect()
    }

    /// Removes all files of the cache; returns the number of archives and the bytes of all.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn clear(&self) -> Result<(usize, i64)> {
        let (mut archives, mut bytes) = (0, 0);
        for path in self.files(|_| true) {
            let size = size(&path);
            let is_archive = CacheFile::of(&path) == Some(CacheFile::Archive);
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            archives += usize::from(is_archive);
            bytes += size;
        }
        Ok((archives, bytes))
    }

    /// The path of a source's archive, named by the paths of its files only: a new one replaces that
    /// of an older state.
    fn path(&self, source: &Fingerprint) -> PathBuf {
        let mut hasher = FxHasher::default();
        for path in source.paths() {
            hasher.write(path.as_os_str().as_encoded_bytes());
            hasher.write_u8(0);
        }
        self.folder
            .join(format!("{:0DIGITS$x}.{ARCHIVE}", hasher.finish()))
    }

    /// The files of the cache of a wanted kind, the newest first.
    fn files(&self, wanted: impl Fn(CacheFile) -> bool) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let paths = paths.filter(|path| CacheFile::of(path).is_some_and(&wanted));
        let modified = |path: &Path| path.metadata().ok()?.modified().ok();
        let mut files: Vec<(SystemTime, PathBuf)> = paths
            .filter_map(|path| Some((modified(&path)?, path)))
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        files.into_iter().map(|(_, path)| path).collect()
    }

    /// Removes the oldest archives, so that there is room for one at `path`, and the locks and
    /// unfinished archives of processes that have ended.
    fn tidy(&self, path: &Path) {
        let archives = self.files(|kind| kind == CacheFile::Archive).into_iter();
        let old = archives
            .filter(|other| other != path)
            .skip(MAX_ARCHIVES - 1);
        let others = self.files(|kind| kind != CacheFile::Archive).into_iter();
        let left = others.filter(|path| {
            let locked = File::open(path).map(|file| file.try_lock());
            let is_of_archive = path.extension().is_some_and(|extension| extension == NOTE)
                && path.with_extension(ARCHIVE).exists();
            !is_of_archive && !matches!(locked, Ok(Err(TryLockError::WouldBlock)))
        });
        for path in old.chain(left) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn size(path: &Path) -> i64 {
    let bytes = path.metadata().map_or(0, |metadata| metadata.len());
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn entry(path: PathBuf, layout: &str, check: fn(&Archive<Header>) -> Result<()>) -> CacheEntry {
    let archive = Archive::<Header>::open(&path);
    let invalid = match &archive {
        Err(error) => Some(error.to_string()),
        Ok(archive) if archive.header().layout != layout => Some("of another version".to_owned()),
        Ok(archive) if !archive.header().source.is_current() => {
            Some("its source has changed".to_owned())
        }
        Ok(archive) => check(archive).err().map(|error| error.to_string()),
    };
    let header = archive.as_ref().ok().map(|archive| archive.header());
    CacheEntry {
        bytes: size(&path),
        source: header.and_then(|header| Some(header.source.paths().next()?.to_owned())),
        models: header.map_or(0, |header| header.models),
        invalid,
        path,
    }
}
