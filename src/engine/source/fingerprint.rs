//! Whether a source is still the one that was read: where its files are, how large they are and
//! when they were changed last. A link counts as what it leads to, so that in the Hugging Face
//! cache it is the blob that decides.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::engine::source::{Part, Source};

/// The files of a source as they were at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity(Vec<File>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    path: PathBuf,
    bytes: u64,
    changed: Duration,
}

impl Identity {
    /// What the source is now; `None` for what is no file, and for files that do not exist.
    pub fn of(source: &Source) -> Option<Identity> {
        let file = |part: Part| {
            let Part::File(path) = part else {
                return None;
            };
            let about = path.metadata().ok()?;
            let changed = about.modified().ok()?;
            Some(File {
                path: path.canonicalize().ok()?,
                bytes: about.len(),
                changed: changed.duration_since(SystemTime::UNIX_EPOCH).ok()?,
            })
        };
        source
            .parts()
            .into_iter()
            .map(file)
            .collect::<Option<_>>()
            .map(Identity)
    }

    /// Whether the files are as they were.
    pub fn is_current(&self) -> bool {
        let source = |file: &File| Source::File(file.path.clone());
        let now = self.0.iter().map(|file| Identity::of(&source(file)));
        let now: Option<Vec<Identity>> = now.collect();
        now.is_some_and(|now| {
            now.into_iter()
                .flat_map(|one| one.0)
                .eq(self.0.iter().cloned())
        })
    }

    /// Where the files are, whatever is in them.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().map(|file| &file.path)
    }
}
