//! A folder of archives, each made from a source. An archive is valid if its layout is the current one
//! and its source has not changed since; an invalid one is ignored, and replaced by the next that is
//! stored. A folder that cannot be written costs nothing but time.

pub mod archive;

use std::fs::{self, File, TryLockError};
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::source;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;

/// The number of archives that are kept, the newest.
const MAX_ARCHIVES: usize = 4;

/// The extension of archives; unfinished ones and locks have another.
const EXTENSION: &str = "hub";

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
        Some(Cache::at(source::cache_home()?.join("hubscope")))
    }

    /// Returns the cache in a folder, which need not exist yet.
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the archive of a source, if it is valid.
    pub fn open<T>(
        &self,
        source: &Source,
        layout: &str,
        read: impl FnOnce(&mut Reader, Header) -> Result<T>,
    ) -> Option<T> {
        let fingerprint = Fingerprint::of(source)?;
        let (mut reader, header) = Reader::open::<Header>(&self.path(&fingerprint)).ok()?;
        let is_valid = header.layout == layout && header.source == fingerprint;
        is_valid.then(|| read(&mut reader, header).ok())?
    }

    /// Locks a source; `None` where another process has locked it, or it cannot be stored.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn lock(&self, source: &Source) -> Result<Option<Lock>> {
        let Some(fingerprint) = Fingerprint::of(source) else {
            return Ok(None);
        };
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&fingerprint).with_extension("lock");
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
    /// When the folder cannot be written.
    pub fn store(
        &self,
        header: Header,
        write: impl FnOnce(&mut Writer) -> io::Result<()>,
    ) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&header.source);
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
        let path = self.path(&fingerprint);
        archive::check(&path).inspect_err(|_| {
            let _ = fs::remove_file(&path);
        })
    }

    /// Returns all archives, the newest first, each read whole.
    pub fn entries(&self, layout: &str) -> Vec<CacheEntry> {
        let paths = self.files(|extension| extension == EXTENSION).into_iter();
        paths.map(|path| entry(path, layout)).collect()
    }

    /// Removes everything; returns the number of archives and the bytes of all files.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn clear(&self) -> Result<(usize, i64)> {
        let (mut archives, mut bytes) = (0, 0);
        for path in self.files(|_| true) {
            let size = size(&path);
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            archives += usize::from(path.extension().is_some_and(|found| found == EXTENSION));
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
            .join(format!("{:016x}.{EXTENSION}", hasher.finish()))
    }

    /// The files in the folder with a wanted extension, the newest first.
    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let modified = |path: &Path| -> Option<SystemTime> {
            let metadata = path.metadata().ok()?;
            metadata.is_file().then(|| metadata.modified().ok())?
        };
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<(SystemTime, PathBuf)> = paths
            .filter(|path| {
                path.extension()
                    .and_then(|e| e.to_str())
                    .is_some_and(&wanted)
            })
            .filter_map(|path| Some((modified(&path)?, path)))
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        files.into_iter().map(|(_, path)| path).collect()
    }

    /// Removes the oldest archives, so that there is room for one at `path`, and the unfinished files
    /// of processes that have ended.
    fn tidy(&self, path: &Path) {
        let archives = self.files(|extension| extension == EXTENSION).into_iter();
        let old = archives
            .filter(|other| other != path)
            .skip(MAX_ARCHIVES - 1);
        let others = self.files(|extension| extension != EXTENSION).into_iter();
        let left = others.filter(|path| {
            let locked = File::open(path).map(|file| file.try_lock());
            !matches!(locked, Ok(Err(TryLockError::WouldBlock)))
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

fn entry(path: PathBuf, layout: &str) -> CacheEntry {
    let header = archive::header::<Header>(&path);
    let invalid = match &header {
        Err(error) => Some(error.to_string()),
        Ok(header) if header.layout != layout => Some("of another version".to_owned()),
        Ok(header) if !header.source.is_current() => Some("its source has changed".to_owned()),
        Ok(_) => archive::check(&path).err().map(|error| error.to_string()),
    };
    let header = header.as_ref().ok();
    CacheEntry {
        bytes: size(&path),
        source: header.and_then(|header| Some(header.source.paths().next()?.to_owned())),
        models: header.map_or(0, |header| header.models),
        invalid,
        path,
    }
}
