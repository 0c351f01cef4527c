//! The fingerprint of a file: its place, size and times. It shows whether a file is still the one
//! that was read.

use std::fs::Metadata;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::engine::source::Source;
use crate::system::file_state;

/// The fingerprints of a source's files, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub(super) Vec<FileFingerprint>);

/// The fingerprint of one file.
///
/// The status time (ctime) catches a replacement of the same size and modification time: no program
/// can set it. Some file systems have none, or do not change it on a rename; there the inode number
/// does. It is reused, so that it alone proves nothing. The number of the device is left out: it
/// changes when a disk is mounted anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFingerprint {
    /// Without symbolic links, so that in the Hugging Face cache it is the blob that counts.
    pub path: PathBuf,
    pub bytes: u64,
    /// Archives of older versions have none.
    #[serde(default)]
    inode: u64,
    /// Seconds since 1970 and nanoseconds.
    modified: (i64, i64),
    status_changed: (i64, i64),
}

impl Fingerprint {
    /// Returns the present fingerprint of a source; `None` for the sample and where a file is
    /// missing.
    pub fn of(source: &Source) -> Option<Fingerprint> {
        Fingerprint::at(source.files().iter())
    }

    fn at<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Option<Fingerprint> {
        let file = |path: &PathBuf| -> Option<FileFingerprint> {
            let path = path.canonicalize().ok()?;
            let metadata = path.metadata().ok()?;
            Some(FileFingerprint::new(path, &metadata))
        };
        let files: Vec<_> = paths.map(file).collect::<Option<_>>()?;
        (!files.is_empty()).then_some(Fingerprint(files))
    }

    /// Returns true if the files at these paths still have this fingerprint.
    pub fn is_current(&self) -> bool {
        Fingerprint::at(self.paths()).as_ref() == Some(self)
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().map(|file| &file.path)
    }
}

impl FileFingerprint {
    /// Returns the fingerprint of the file at a canonical path from its metadata.
    pub(super) fn new(path: PathBuf, metadata: &Metadata) -> FileFingerprint {
        let state = file_state(metadata);
        FileFingerprint {
            path,
            bytes: metadata.len(),
            inode: state.inode,
            modified: state.modified,
            status_changed: state.status_changed,
        }
    }

    /// Returns true if the metadata is that of the same file. One that `was_open` may have been
    /// unlinked since, as by a replacement: that changes its status time, but not its content.
    pub(super) fn matches(&self, metadata: &Metadata, was_open: bool) -> bool {
        let now = FileFingerprint::new(self.path.clone(), metadata);
        let content = |file: &FileFingerprint| (file.inode, file.bytes, file.modified);
        let is_unlinked = was_open && file_state(metadata).is_unlinked;
        content(self) == content(&now) && (is_unlinked || self.status_changed == now.status_changed)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, FileTimes};

    use super::*;

    /// As on a file system whose status times say nothing.
    #[test]
    fn another_file_of_the_same_size_and_times_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let fingerprints = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            fs::write(&path, name).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            let time = std::time::UNIX_EPOCH;
            file.set_times(FileTimes::new().set_modified(time)).unwrap();
            let metadata = path.metadata().unwrap();
            let mut fingerprint = FileFingerprint::new(folder.path().join("a"), &metadata);
            fingerprint.status_changed = (0, 0);
            fingerprint
        });
        assert_ne!(fingerprints[0], fingerprints[1]);
        let same_inode = FileFingerprint {
            inode: fingerprints[0].inode,
            ..fingerprints[1].clone()
        };
        assert_eq!(fingerprints[0], same_inode);
    }
}
