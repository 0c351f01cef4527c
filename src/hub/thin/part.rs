//! A thin file while it arrives: `<name>.part` in its final length, and `<name>.part.log` with the
//! ranges that are there. A range is noted when its bytes are on the disk, so what the log says is
//! true after any interruption.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

/// The file and what of it has arrived.
pub(super) struct Part {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    file: File,
    log: File,
    arrived: Ranges,
}

impl Part {
    /// Opens the part of a thin file of this size, to go on with if it is of the same `identity`, a line
    /// that differs for other bytes.
    ///
    /// # Errors
    /// When it cannot be written, or another run is downloading it.
    pub fn open(path: &Path, size: u64, identity: &str) -> Result<Part> {
        let refused = || {
            format!(
                "{}: cannot be written; set XDG_CACHE_HOME to a folder that can",
                path.display()
            )
        };
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        fs::create_dir_all(path.parent().unwrap_or(path)).with_context(refused)?;
        let file = options.open(path).with_context(refused)?;
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            bail!(
                "{}: another fetch is downloading it; wait for it to end",
                path.display()
            );
        }
        let mut log = options.open(log_of(path)).with_context(refused)?;
        let mut text = String::new();
        let is_text = log.read_to_string(&mut text).is_ok();
        let arrived = match text
            .strip_prefix(identity)
            .and_then(|rest| rest.strip_prefix('\n'))
        {
            Some(lines) if is_text && file.metadata()?.len() == size => Ranges::read(lines, size),
            _ => {
                log.set_len(0)?;
                log.rewind()?;
                writeln!(log, "{identity}").with_context(refused)?;
                Ranges::default()
            }
        };
        file.set_len(size).with_context(refused)?;
        // Its last line may be half.
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(log)?;
        }
        Ok(Part {
            path: path.to_owned(),
            state: Mutex::new(State { file, log, arrived }),
        })
    }

    /// Returns what is missing of a range.
    pub fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        self.state().arrived.missing(range)
    }

    /// Number of bytes that are there.
    pub fn arrived(&self) -> u64 {
        self.state()
            .arrived
            .0
            .iter()
            .map(|range| range.end - range.start)
            .sum()
    }

    /// Writes bytes at an offset.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let mut state = self.state();
        state.file.seek(SeekFrom::Start(at))?;
        Ok(state.file.write_all(bytes)?)
    }

    /// Notes that ranges are there.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn note(&self, ranges: impl IntoIterator<Item = Range<u64>>) -> Result<()> {
        let file = self.state().file.try_clone()?;
        file.sync_data()?;
        let mut state = self.state();
        for range in ranges {
            writeln!(state.log, "{} {}", range.start, range.end)?;
            state.arrived.add(range);
        }
        Ok(())
    }

    /// Gives the file its name: all of it is there.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn finish(self, name: &Path) -> Result<()> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        state.file.sync_all()?;
        fs::rename(&self.path, name)
            .with_context(|| format!("{}: cannot be written", name.display()))?;
        let _ = fs::remove_file(log_of(&self.path));
        Ok(())
    }

    /// Removes what cannot be gone on with.
    pub fn forget(self) {
        let _ = fs::remove_file(log_of(&self.path));
        let _ = fs::remove_file(&self.path);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log_of(part: &Path) -> PathBuf {
    part.with_added_extension("log")
}

/// Ranges, ascending and apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Reads lines of starts and ends; what is no range of the file is no line.
    fn read(lines: &str, size: u64) -> Ranges {
        let mut ranges = Ranges::default();
        // A half line ends without a line break.
        let whole = lines.rfind('\n').map_or("", |end| &lines[..end]);
        for line in whole.lines() {
            let range = line
                .split_once(' ')
                .and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
            ranges.0.extend(
                range.filter(|range: &Range<u64>| range.start < range.end && range.end <= size),
            );
        }
        ranges.join();
        ranges
    }

    fn add(&mut self, range: Range<u64>) {
        self.0.push(range);
        self.join();
    }

    fn join(&mut self) {
        self.0.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::with_capacity(self.0.len());
        for range in self.0.drain(..) {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        self.0 = joined;
    }

    fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let (mut missing, mut at) = (Vec::new(), range.start);
        for own in self
            .0
            .iter()
            .filter(|own| own.end > range.start && own.start < range.end)
        {
            if own.start > at {
                missing.push(at..own.start);
            }
            at = at.max(own.end);
        }
        if at < range.end {
            missing.push(at..range.end);
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A set of single bytes has the same members.
        #[test]
        fn ranges_are_sets(ranges in prop::collection::vec((0..60_u64, 1..9_u64), 0..12), asked in (0..60_u64, 1..30_u64)) {
            let (mut set, mut all) = (std::collections::BTreeSet::new(), Ranges::default());
            for (start, length) in ranges {
                set.extend(start..start + length);
                all.add(start..start + length);
            }
            let asked = asked.0..asked.0 + asked.1;
            let missing: Vec<u64> = all.missing(asked.clone()).into_iter().flatten().collect();
            let wanted: Vec<u64> = asked.filter(|byte| !set.contains(byte)).collect();
            prop_assert_eq!(missing, wanted);
            prop_assert!(all.0.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }

    #[test]
    fn a_part_goes_on_where_it_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        let part = Part::open(&path, 10, "etag 10").unwrap();
        assert_eq!(part.missing(0..10), Vec::from_iter(Some(0..10)));
        part.write(2, b"cde").unwrap();
        part.note(Some(2..5)).unwrap();
        drop(part);
        // Half a line was written when the power failed; the number would be another one.
        let mut log = File::options().append(true).open(log_of(&path)).unwrap();
        log.write_all(b"7 1").unwrap();
        let part = Part::open(&path, 10, "etag 10").unwrap();
        assert_eq!(part.missing(0..10), [0..2, 5..10]);
        part.write(5, b"fghij").unwrap();
        part.write(0, b"ab").unwrap();
        part.note([5..10, 0..2]).unwrap();
        drop(part);
        let part = Part::open(&path, 10, "etag 10").unwrap();
        assert_eq!((part.missing(0..10), part.arrived()), (Vec::new(), 10));
        let name = folder.path().join("a");
        part.finish(&name).unwrap();
        assert_eq!(fs::read(name).unwrap(), b"abcdefghij");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // Another version begins anew.
        let other = Part::open(&path, 10, "etag 10").unwrap();
        other.note(Some(0..4)).unwrap();
        drop(other);
        assert_eq!(Part::open(&path, 10, "other 10").unwrap().arrived(), 0);
    }
}
