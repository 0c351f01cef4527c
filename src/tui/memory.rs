//! What the person's queries are kept in, from one time to the next: two small files of lines in
//! `$XDG_STATE_HOME/hubscope`. A home that cannot be written costs the memory and nothing else.
//!
//! Several explorers may run at once. A typed query is one appended line; whoever replaces a file
//! does it under a lock, by the file's newest content, and in one step.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::queries::{Named, Note};
use crate::engine::table::clean::clean;
use crate::present::atomic::is_replaceable;

/// A history of more lines than this is cut down …
const MOST: usize = 2_000;
/// … to so many different ones.
const KEPT: usize = 1_000;
/// No more bytes of a file are read, from its end: what is larger is not ours.
const BYTES: u64 = 1 << 20;
/// No query that a person typed is longer.
const LETTERS: usize = 1_000;

/// The folder of the files, if there is a place for it.
pub struct Memory {
    folder: Option<PathBuf>,
}

impl Memory {
    /// The memory of the person who runs us: `$XDG_STATE_HOME/hubscope`, else
    /// `~/.local/state/hubscope`.
    pub fn of_person() -> Memory {
        // A path that is not absolute is to be ignored, says the XDG specification.
        let set = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let state = set.or_else(|| Some(std::env::home_dir()?.join(".local/state")));
        Memory {
            folder: state.map(|state| state.join("hubscope")),
        }
    }

    /// The queries typed before, the newest last. A history that has grown too long is cut.
    pub fn typed(&self) -> Vec<String> {
        let Some(path) = self.path("history") else {
            return Vec::new();
        };
        let lines = lines(&path);
        if lines.len() > MOST || fs::metadata(&path).is_ok_and(|about| about.len() > BYTES) {
            let _ = self.cut(&path);
        }
        lines
    }

    fn cut(&self, path: &Path) -> Result<()> {
        let _lock = self.lock()?;
        replace(path, newest_of(lines(path)))
    }

    /// The queries that have names, in the order in which they were saved.
    pub fn named(&self) -> Vec<Named> {
        let read = |line: String| {
            let (name, query) = line.split_once('\t')?;
            Some(Named {
                name: clean(name).into_owned(),
                query: clean(query).into_owned(),
            })
        };
        let path = self.path("queries");
        let lines = path.map(|path| raw_lines(&path)).unwrap_or_default();
        lines.into_iter().filter_map(read).collect()
    }

    /// Keeps something. Where that is about queries with names, they are given back as they are
    /// now, with what other explorers have saved.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, note: &Note) -> Result<Option<Vec<Named>>> {
        let _lock = self.lock()?;
        let mut named = self.named();
        match note {
            Note::Typed(query) => {
                self.append(&clean(query))?;
                return Ok(None);
            }
            Note::Saved(new) => {
                named.retain(|other| other.name != new.name);
                named.push(new.clone());
            }
            Note::Dropped(name) => named.retain(|other| other.name != *name),
        }
        let path = self.path("queries").context("there is no home folder")?;
        let line = |named: &Named| format!("{}\t{}", clean(&named.name), clean(&named.query));
        replace(&path, named.iter().map(line).collect())?;
        Ok(Some(named))
    }

    fn append(&self, query: &str) -> Result<()> {
        let path = self.path("history").context("there is no home folder")?;
        is_replaceable(&path)?;
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).mode(0o600).open(&path)?;
        // In one piece, so that no line of another explorer comes between.
        file.write_all(format!("{query}\n").as_bytes())?;
        Ok(())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(name))
    }

    /// Waits until no other explorer writes; the folder is made if it is not there. Where the
    /// system has no locks, none is taken: then the worst is a lost line.
    fn lock(&self) -> Result<File> {
        let folder = self.folder.as_ref().context("there is no home folder")?;
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(|| folder.display().to_string())?;
        let path = folder.join("lock");
        is_replaceable(&path)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600);
        let file = file
            .open(&path)
            .with_context(|| path.display().to_string())?;
        let _ = file.lock();
        Ok(file)
    }
}

/// The lines of a file, made safe to show; none where there is no file or it cannot be read.
fn lines(path: &Path) -> Vec<String> {
    let lines = raw_lines(path).into_iter();
    let lines = lines.map(|line| clean(line.trim()).into_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// The same as they are, but for those that nobody typed.
fn raw_lines(path: &Path) -> Vec<String> {
    let bytes = read_end(path).unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned());
    lines
        .filter(|line| line.chars().count() <= LETTERS)
        .collect()
}

fn read_end(path: &Path) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: opening a pipe waits for its writer.
    let about = fs::metadata(path)?;
    let mut bytes = Vec::new();
    if about.is_file() {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(about.len().saturating_sub(BYTES)))?;
        file.take(BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The last different lines, each where it stood last.
fn newest_of(lines: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let newest = lines.into_iter().rev();
    let mut kept: Vec<String> = newest
        .filter(|line| seen.insert(line.clone()))
        .take(KEPT)
        .collect();
    kept.reverse();
    kept
}

/// Puts a file of these lines in the place of another in one step: whoever reads meanwhile gets
/// the whole of one of them.
fn replace(path: &Path, lines: Vec<String>) -> Result<()> {
    is_replaceable(path)?;
    // A link is left where it is; what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let partial = path.with_extension(format!("{}.part", std::process::id()));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let write = || {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600);
        file.open(&partial)?.write_all(text.as_bytes())?;
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

    fn at(folder: &Path) -> Memory {
        Memory {
            folder: Some(folder.join("hubscope")),
        }
    }

    fn typed(query: &str) -> Note {
        Note::Typed(query.to_owned())
    }

    fn named(name: &str, query: &str) -> Named {
        Named {
            name: name.to_owned(),
            query: query.to_owned(),
        }
    }

    #[test]
    fn what_is_kept_is_there_the_next_time() {
        let home = tempfile::tempdir().unwrap();
        assert!(at(home.path()).typed().is_empty() && at(home.path()).named().is_empty());
        at(home.path()).keep(&typed("llama 7b")).unwrap();
        at(home.path()).keep(&typed("qwen\x1b[2J")).unwrap();
        assert_eq!(at(home.path()).typed(), ["llama 7b", "qwen\u{FFFD}[2J"]);
        let saved = named("big ones", "llama sort:params");
        at(home.path()).keep(&Note::Saved(saved.clone())).unwrap();
        assert_eq!(at(home.path()).named(), [saved]);
        // Nothing but the files, and nobody else's business.
        let mut names: Vec<_> = fs::read_dir(home.path().join("hubscope"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["history", "lock", "queries"]);
        use std::os::unix::fs::PermissionsExt;
        let about = fs::metadata(home.path().join("hubscope/history")).unwrap();
        assert_eq!(about.permissions().mode() & 0o77, 0);
    }

    #[test]
    fn two_explorers_keep_each_others_queries() {
        let home = tempfile::tempdir().unwrap();
        let (one, other) = (at(home.path()), at(home.path()));
        one.keep(&Note::Saved(named("a", "1"))).unwrap();
        let both = other.keep(&Note::Saved(named("b", "2"))).unwrap().unwrap();
        assert_eq!(both, [named("a", "1"), named("b", "2")]);
        one.keep(&Note::Saved(named("a", "3"))).unwrap();
        assert_eq!(other.named(), [named("b", "2"), named("a", "3")]);
        other.keep(&Note::Dropped("b".to_owned())).unwrap();
        assert_eq!(one.named(), [named("a", "3")]);
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing() {
        let home = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let memory = at(home.path());
                scope.spawn(move || {
                    for number in 0..50 {
                        let name = format!("{writer}-{number}");
                        memory.keep(&typed(&name)).unwrap();
                        memory.keep(&Note::Saved(named(&name, "x"))).unwrap();
                        // Cutting comes between as well.
                        memory.cut(&memory.path("history").unwrap()).unwrap();
                    }
                });
            }
        });
        let memory = at(home.path());
        assert_eq!(memory.named().len(), 200);
        assert_eq!(memory.typed().len(), 200);
    }

    #[test]
    fn a_long_history_is_cut_to_the_newest_different_queries() {
        let home = tempfile::tempdir().unwrap();
        let memory = at(home.path());
        memory.keep(&typed("old")).unwrap();
        let path = memory.path("history").unwrap();
        let text: String = (0..3_000).map(|n| format!("{}\n", n % 1_500)).collect();
        fs::write(&path, text).unwrap();
        memory.typed();
        let kept = memory.typed();
        let wanted: Vec<String> = (500..1_500).map(|n: usize| n.to_string()).collect();
        assert_eq!(kept, wanted);
    }

    #[test]
    fn damaged_files_are_read_as_far_as_they_go() {
        let home = tempfile::tempdir().unwrap();
        let memory = at(home.path());
        memory.keep(&Note::Saved(named("a", "1"))).unwrap();
        let binary: Vec<u8> = (0..3_000_000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for name in ["history", "queries"] {
            fs::write(
                memory.path(name).unwrap(),
                [&binary[..], b"\nb\t2\n"].concat(),
            )
            .unwrap();
        }
        assert_eq!(memory.named().last(), Some(&named("b", "2")));
        let typed = memory.typed();
        assert_eq!(typed.last().unwrap(), "b\u{FFFD}2");
        assert!(
            typed
                .iter()
                .all(|line| crate::engine::table::clean::is_clean(line))
        );
        assert!(
            memory
                .named()
                .iter()
                .all(|named| named.name.chars().count() <= LETTERS)
        );
        // What is no file at all is left alone.
        fs::remove_file(memory.path("history").unwrap()).unwrap();
        fs::create_dir(memory.path("history").unwrap()).unwrap();
        assert!(memory.typed().is_empty());
        assert!(memory.keep(&Note::Typed("x".to_owned())).is_err());
    }

    /// Opening a pipe would wait for its reader, and a device takes everything.
    #[test]
    fn only_regular_files_are_written() {
        use std::os::unix::fs::symlink;
        for name in ["history", "queries", "lock"] {
            let home = tempfile::tempdir().unwrap();
            let memory = at(home.path());
            memory.keep(&typed("old")).unwrap();
            let path = memory.path(name).unwrap();
            let _ = fs::remove_file(&path);
            symlink("/dev/full", &path).unwrap();
            let note = match name {
                "queries" => Note::Saved(named("a", "1")),
                _ => typed("new"),
            };
            let error = memory.keep(&note).unwrap_err();
            assert!(format!("{error:#}").contains(name), "{error:#}");
            assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/full"));

            fs::remove_file(&path).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made.unwrap().success());
            assert!(memory.keep(&note).is_err());
        }
    }

    #[test]
    fn where_nothing_can_be_written_that_is_told() {
        // A file in the folder's place stops even those whom no permission stops.
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("hubscope"), "").unwrap();
        let memory = at(home.path());
        assert!(memory.typed().is_empty() && memory.named().is_empty());
        let error = memory.keep(&Note::Saved(named("a", "1"))).unwrap_err();
        assert!(format!("{error:#}").contains("hubscope"), "{error:#}");
        let nowhere = Memory { folder: None };
        assert!(nowhere.typed().is_empty() && nowhere.keep(&typed("x")).is_err());
    }
}
