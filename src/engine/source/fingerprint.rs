//! The fingerprint of a file: its place, size and times. It tells whether a file is still the one
//! that was read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::source::{Part, Source};

/// The fingerprints of a source's files, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub(super) Vec<FileFingerprint>);

/// The fingerprint of one file.
///
/// The status time (ctime) catches a replacement of the same size and modification time: no program
/// can set it. Inode numbers would be weaker: they are reused, and change whenever a network file
/// system is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFingerprint {
    /// Without symbolic links, so that in the Hugging Face cache it is the blob that counts.
    pub path: PathBuf,
    pub bytes: u64,
    /// Seconds since 1970 and nanoseconds.
    modified: (i64, i64),
    status_changed: (i64, i64),
}

impl Fingerprint {
    /// Returns the present fingerprint of a source; `None` for the sample and where a file is
    /// missing.
    pub fn of(source: &Source) -> Option<Fingerprint> {
        let of_part = |part: &Part| match part {
            Part::File(path) => FileFingerprint::at(path),
            Part::BuiltIn => None,
        };
        let parts = source.parts();
        parts
            .iter()
            .map(of_part)
            .collect::<Option<_>>()
            .map(Fingerprint)
    }

    /// Whether the files at these paths still have this fingerprint.
    pub fn is_current(&self) -> bool {
        self.0
            .iter()
            .all(|file| FileFingerprint::at(&file.path).as_ref() == Some(file))
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|file| file.path.as_path())
    }
}

impl FileFingerprint {
    /// Returns the present fingerprint of the file at a path, if there is one.
    pub fn at(path: &Path) -> Option<FileFingerprint> {
        let path = path.canonicalize().ok()?;
        let metadata = path.metadata().ok()?;
        Some(FileFingerprint::new(path, &metadata))
    }

    /// The fingerprint of a file from its metadata; `path` is canonical.
    pub(super) fn new(path: PathBuf, metadata: &Metadata) -> FileFingerprint {
        FileFingerprint {
            path,
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            status_changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a file with this metadata has this fingerprint, wherever it is.
    pub(super) fn matches(&self, metadata: &Metadata) -> bool {
        *self == FileFingerprint::new(self.path.clone(), metadata)
    }
}
