//! The files that keep queries between sessions: `history` and `queries` in
//! `$XDG_STATE_HOME/hubscope`, one query a line; `sessions` is beside them (`sessions.rs`). If they cannot be written, the explorer works
//! without them.
//!
//! Several explorers may run at once. An entered query is one appended line. A file is replaced
//! under a lock, from its newest content, in one step.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::queries::{QueryChange, SavedQuery};
use crate::engine::table::clean::clean;
use crate::present::atomic::is_replaceable;
use crate::system::{create_private_folder, private};

/// A history of more lines than this is compacted …
const MAX_LINES: usize = 2_000;
/// … to this many distinct ones.
const COMPACTED_LINES: usize = 1_000;
/// The bytes that are read of a file, from its end.
const MAX_BYTES: u64 = 1 << 20;
/// Lines of more characters than this are not queries that a user typed.
const MAX_CHARS: usize = 1_000;

/// The reason why there are no files.
const NO_HOME: &str = "there is no home folder";

/// The files, in their folder if there is a place for it.
pub struct StateFiles {
    folder: Option<PathBuf>,
}

impl StateFiles {
    /// Returns the files of the user who runs the program: in `$XDG_STATE_HOME/hubscope`, else in
    /// `~/.local/state/hubscope`.
    pub fn of_user() -> StateFiles {
        // The XDG specification says to ignore a path that is not absolute.
        let set = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let state = set.or_else(|| Some(std::env::home_dir()?.join(".local/state")));
        StateFiles {
            folder: state.map(|state| state.join("hubscope")),
        }
    }

    /// Returns the files in a folder of the test.
    #[cfg(test)]
    pub(super) fn at(folder: &Path) -> StateFiles {
        StateFiles {
            folder: Some(folder.join("hubscope")),
        }
    }

    /// Returns the queries entered before, the newest last. A history that has grown too long is
    /// compacted.
    pub fn history(&self) -> Vec<String> {
        let Some(path) = self.path("history") else {
            return Vec::new();
        };
        let lines = lines(&path);
        let is_large = || fs::metadata(&path).is_ok_and(|about| about.len() > MAX_BYTES);
        if lines.len() > MAX_LINES || is_large() {
            let _ = self.compact(&path);
        }
        lines
    }

    fn compact(&self, path: &Path) -> Result<()> {
        let _lock = self.lock()?;
        replace(path, newest_of(lines(path)))
    }

    /// Returns the saved queries in the order in which they were saved.
    pub fn saved(&self) -> Vec<SavedQuery> {
        let read = |line: String| {
            let (name, query) = line.split_once('\t')?;
            Some(SavedQuery {
                name: clean(name).into_owned(),
                query: clean(query).into_owned(),
            })
        };
        let path = self.path("queries");
        let lines = path.map(|path| raw_lines(&path)).unwrap_or_default();
        lines.into_iter().filter_map(read).collect()
    }

    /// Writes a change. If it is one of the saved queries, returns them as they are now, with those
    /// of other explorers.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn store(&self, change: &QueryChange) -> Result<Option<Vec<SavedQuery>>> {
        let _lock = self.lock()?;
        let mut saved = self.saved();
        match change {
            QueryChange::Entered(query) => {
                self.append(&clean(query))?;
                return Ok(None);
            }
            QueryChange::Saved(new) => {
                saved.retain(|other| other.name != new.name);
                saved.push(new.clone());
            }
            QueryChange::Removed(name) => saved.retain(|other| other.name != *name),
        }
        let path = self.path("queries").context(NO_HOME)?;
        let line = |query: &SavedQuery| format!("{}\t{}", clean(&query.name), clean(&query.query));
        replace(&path, saved.iter().map(line).collect())?;
        Ok(Some(saved))
    }

    fn append(&self, query: &str) -> Result<()> {
        let path = self.path("history").context(NO_HOME)?;
        is_replaceable(&path)?;
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut file = private(&mut options).open(&path)?;
        // In one write, so that no line of another explorer gets into it.
        file.write_all(format!("{query}\n").as_bytes())?;
        Ok(())
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(name))
    }

    /// Creates the folder if it is missing, and waits until no other explorer writes. Without
    /// locks in the system, a line may get lost.
    ///
    /// # Errors
    /// When there is no place for the lock.
    pub fn lock(&self) -> Result<File> {
        let folder = self.folder.as_ref().context(NO_HOME)?;
        create_private_folder(folder).with_context(|| folder.display().to_string())?;
        let path = folder.join("lock");
        is_replaceable(&path)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = private(&mut options).open(&path);
        let file = file.with_context(|| path.display().to_string())?;
        let _ = file.lock();
        Ok(file)
    }
}

/// Returns the lines of a file, made safe to show; none if it cannot be read.
fn lines(path: &Path) -> Vec<String> {
    let lines = raw_lines(path).into_iter();
    let lines = lines.map(|line| clean(line.trim()).into_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Returns the lines of a file as they are, without those that are too long to be queries.
fn raw_lines(path: &Path) -> Vec<String> {
    let bytes = read_end(path).unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned());
    lines
        .filter(|line| line.chars().count() <= MAX_CHARS)
        .collect()
}

/// Returns the end of a regular file, at most [`MAX_BYTES`].
///
/// # Errors
/// When it cannot be read.
pub(super) fn read_end(path: &Path) -> io::Result<Vec<u8>> {
    // Checked before it is opened: opening a pipe waits for its writer.
    let about = fs::metadata(path)?;
    let mut bytes = Vec::new();
    if about.is_file() {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(about.len().saturating_sub(MAX_BYTES)))?;
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Returns the last distinct lines, each at its last position.
fn newest_of(lines: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let newest = lines.into_iter().rev();
    let mut distinct: Vec<String> = newest
        .filter(|line| seen.insert(line.clone()))
        .take(COMPACTED_LINES)
        .collect();
    distinct.reverse();
    distinct
}

/// Replaces a file by one of these lines in one step: readers see either the old file or the new
/// one.
///
/// # Errors
/// When it is no regular file, or cannot be written.
pub(super) fn replace(path: &Path, lines: Vec<String>) -> Result<()> {
    is_replaceable(path)?;
    // Of a symbolic link, the target is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let partial = path.with_extension(format!("{}.part", std::process::id()));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = private(&mut options).open(&partial)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        fs::rename(&partial, &path)
    };
    write().with_context(|| {
        let _ = fs::remove_file(&partial);
        path.display().to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(folder: &Path) -> StateFiles {
        StateFiles::at(folder)
    }

    fn entered(query: &str) -> QueryChange {
        QueryChange::Entered(query.to_owned())
    }

    fn saved(name: &str, query: &str) -> SavedQuery {
        SavedQuery {
            name: name.to_owned(),
            query: query.to_owned(),
        }
    }

    #[test]
    fn stored_queries_are_read_by_the_next_session() {
        let home = tempfile::tempdir().unwrap();
        assert!(at(home.path()).history().is_empty() && at(home.path()).saved().is_empty());
        at(home.path()).store(&entered("llama 7b")).unwrap();
        at(home.path()).store(&entered("qwen\x1b[2J")).unwrap();
        assert_eq!(at(home.path()).history(), ["llama 7b", "qwen\u{FFFD}[2J"]);
        let query = saved("big ones", "llama sort:params");
        at(home.path())
            .store(&QueryChange::Saved(query.clone()))
            .unwrap();
        assert_eq!(at(home.path()).saved(), [query]);
        // No other files, and readable by nobody else.
        let mut names: Vec<_> = fs::read_dir(home.path().join("hubscope"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["history", "lock", "queries"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let about = fs::metadata(home.path().join("hubscope/history")).unwrap();
            assert_eq!(about.permissions().mode() & 0o77, 0);
        }
    }

    #[test]
    fn explorers_do_not_overwrite_each_others_queries() {
        let home = tempfile::tempdir().unwrap();
        let (one, other) = (at(home.path()), at(home.path()));
        one.store(&QueryChange::Saved(saved("a", "1"))).unwrap();
        let both = other
            .store(&QueryChange::Saved(saved("b", "2")))
            .unwrap()
            .unwrap();
        assert_eq!(both, [saved("a", "1"), saved("b", "2")]);
        one.store(&QueryChange::Saved(saved("a", "3"))).unwrap();
        assert_eq!(other.saved(), [saved("b", "2"), saved("a", "3")]);
        other.store(&QueryChange::Removed("b".to_owned())).unwrap();
        assert_eq!(one.saved(), [saved("a", "3")]);
    }

    #[test]
    fn concurrent_writers_lose_nothing() {
        let home = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let files = at(home.path());
                scope.spawn(move || {
                    for number in 0..50 {
                        let name = format!("{writer}-{number}");
                        files.store(&entered(&name)).unwrap();
                        files.store(&QueryChange::Saved(saved(&name, "x"))).unwrap();
                        // With compaction in between.
                        files.compact(&files.path("history").unwrap()).unwrap();
                    }
                });
            }
        });
        let files = at(home.path());
        assert_eq!(files.saved().len(), 200);
        assert_eq!(files.history().len(), 200);
    }

    #[test]
    fn a_long_history_is_compacted_to_the_newest_distinct_queries() {
        let home = tempfile::tempdir().unwrap();
        let files = at(home.path());
        files.store(&entered("old")).unwrap();
        let path = files.path("history").unwrap();
        let text: String = (0..3_000).map(|n| format!("{}\n", n % 1_500)).collect();
        fs::write(&path, text).unwrap();
        files.history();
        let history = files.history();
        let wanted: Vec<String> = (500..1_500).map(|n: usize| n.to_string()).collect();
        assert_eq!(history, wanted);
    }

    #[test]
    fn damaged_files_are_read_as_far_as_they_go() {
        let home = tempfile::tempdir().unwrap();
        let files = at(home.path());
        files.store(&QueryChange::Saved(saved("a", "1"))).unwrap();
        let binary: Vec<u8> = (0..3_000_000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for name in ["history", "queries"] {
            fs::write(
                files.path(name).unwrap(),
                [&binary[..], b"\nb\t2\n"].concat(),
            )
            .unwrap();
        }
        assert_eq!(files.saved().last(), Some(&saved("b", "2")));
        let history = files.history();
        assert_eq!(history.last().unwrap(), "b\u{FFFD}2");
        assert!(
            history
                .iter()
                .all(|line| crate::engine::table::clean::is_clean(line))
        );
        assert!(
            files
                .saved()
                .iter()
                .all(|query| query.name.chars().count() <= MAX_CHARS)
        );
        // A folder in the place of a file is not replaced.
        fs::remove_file(files.path("history").unwrap()).unwrap();
        fs::create_dir(files.path("history").unwrap()).unwrap();
        assert!(files.history().is_empty());
        assert!(files.store(&QueryChange::Entered("x".to_owned())).is_err());
    }

    /// Opening a pipe would wait for its reader, and a device takes everything.
    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_written() {
        use std::os::unix::fs::symlink;
        for name in ["history", "queries", "lock"] {
            let home = tempfile::tempdir().unwrap();
            let state = at(home.path());
            state.store(&entered("old")).unwrap();
            let path = state.path(name).unwrap();
            let _ = fs::remove_file(&path);
            symlink("/dev/full", &path).unwrap();
            let change = match name {
                "queries" => QueryChange::Saved(saved("a", "1")),
                _ => entered("new"),
            };
            let error = state.store(&change).unwrap_err();
            assert!(format!("{error:#}").contains(name), "{error:#}");
            assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/full"));

            fs::remove_file(&path).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made.unwrap().success());
            assert!(state.store(&change).is_err());
        }
    }

    #[test]
    fn a_failed_write_is_an_error() {
        // A file in the folder's place stops even those whom no permission stops.
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("hubscope"), "").unwrap();
        let files = at(home.path());
        assert!(files.history().is_empty() && files.saved().is_empty());
        let error = files
            .store(&QueryChange::Saved(saved("a", "1")))
            .unwrap_err();
        assert!(format!("{error:#}").contains("hubscope"), "{error:#}");
        let nowhere = StateFiles { folder: None };
        assert!(nowhere.history().is_empty() && nowhere.store(&entered("x")).is_err());
    }
}
