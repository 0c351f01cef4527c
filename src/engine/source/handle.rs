//! Open files of a source.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use polars_buffer::Buffer;

use crate::engine::source::fingerprint::{FileFingerprint, Fingerprint};
use crate::engine::source::foreign;
use crate::engine::source::{BUILT_IN, Source};
use crate::system::{read_exact_at, unwaiting};

/// The files of a larger source are opened anew for each read: a process may open about a thousand.
const MAX_OPEN: usize = 128;

/// An open file of a source. Reads are positional and may run at the same time on many threads.
///
/// All bytes are those of the file that was opened: a read fails if it was written to meanwhile. Files
/// are read, not mapped, so that one that shrinks is an error and not a signal.
pub struct Handle {
    /// The path as the user named it.
    name: String,
    /// `None` for the sample, and in a source of many files.
    file: Option<File>,
    /// `None` for the sample.
    fingerprint: Option<FileFingerprint>,
}

/// Opens a regular file for reading. Anything else is refused without waiting: opening a pipe waits for
/// its writer.
///
/// # Errors
/// When it cannot be opened or is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = unwaiting(File::options().read(true)).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    }
}

impl Source {
    /// Opens the files of the source, in reading order.
    ///
    /// # Errors
    /// When one cannot be read, is no regular file, is empty, or begins as another format.
    pub fn open(&self) -> Result<Vec<Handle>> {
        if *self == Source::Sample {
            let (name, file, fingerprint) = (self.to_string(), None, None);
            return Ok(vec![Handle {
                name,
                file,
                fingerprint,
            }]);
        }
        let files = self.files();
        let open = |path: &PathBuf| {
            let mut handle = Handle::open(path)?;
            handle.file.take_if(|_| files.len() > MAX_OPEN);
            Ok(handle)
        };
        files.iter().map(open).collect()
    }
}

impl Handle {
    fn open(path: &Path) -> Result<Handle> {
        let name = path.display().to_string();
        // Before it is opened: to open a device may have effects.
        ensure!(
            path.metadata().map_or(true, |metadata| metadata.is_file()),
            "{name}: not a file that can be read here and there; name a parquet file"
        );
        let open = || -> io::Result<(File, FileFingerprint)> {
            let path = path.canonicalize()?;
            let file = open_regular(&path)?;
            let fingerprint = FileFingerprint::new(path, &file.metadata()?);
            Ok((file, fingerprint))
        };
        let opened =
            open().with_context(|| format!("{name}: cannot be read; check its permissions"));
        let (file, fingerprint) = opened?;
        ensure!(
            fingerprint.bytes > 0,
            "{name}: the file is empty; download it again"
        );
        let mut start = Vec::new();
        let _ = (&file).take(foreign::START).read_to_end(&mut start);
        if let Some((format, remedy)) = foreign::recognize(&start) {
            bail!("{name}: {format}, not a Parquet file; {remedy}");
        }
        let (file, fingerprint) = (Some(file), Some(fingerprint));
        Ok(Handle {
            name,
            file,
            fingerprint,
        })
    }

    /// The size in bytes; never 0.
    #[expect(clippy::len_without_is_empty, reason = "empty files are refused")]
    pub fn len(&self) -> u64 {
        let file = self.fingerprint.as_ref();
        file.map_or(BUILT_IN.len() as u64, |file| file.bytes)
    }

    /// The fingerprint of the open file; `None` for the sample.
    pub fn fingerprint(&self) -> Option<&FileFingerprint> {
        self.fingerprint.as_ref()
    }

    /// Reads a range of bytes; those of the sample are shared, not copied.
    ///
    /// # Errors
    /// When the range is not within the file, the system cannot read it, or the file has changed
    /// since it was opened.
    pub fn read_at(&self, range: Range<usize>) -> io::Result<Buffer<u8>> {
        // Before memory is asked for: a damaged file may claim anything.
        if range.start > range.end || range.end as u64 > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(fingerprint) = &self.fingerprint else {
            return Ok(Buffer::from_static(&BUILT_IN[range]));
        };
        let reopened;
        let file = match &self.file {
            Some(file) => file,
            None => {
                reopened = open_regular(&fingerprint.path)?;
                &reopened
            }
        };
        let mut bytes = vec![0; range.len()];
        let read = read_exact_at(file, &mut bytes, range.start as u64);
        // After it was read: what is written from now on is not in these bytes.
        match fingerprint.matches(&file.metadata()?, self.file.is_some()) {
            true => read.map(|()| bytes.into()),
            false => Err(io::Error::other("the file has changed since it was read")),
        }
    }
}

impl Fingerprint {
    /// Returns the fingerprint of open files; `None` for the sample.
    pub fn of_handles<'a>(handles: impl IntoIterator<Item = &'a Handle>) -> Option<Fingerprint> {
        let files = handles.into_iter().map(|file| file.fingerprint().cloned());
        files.collect::<Option<_>>().map(Fingerprint)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn all_bytes_are_those_of_the_file_that_was_opened() {
        let folder = tempfile::tempdir().unwrap();
        let [path, other] = ["a.parquet", "b"].map(|name| folder.path().join(name));
        let open = || Handle::open(&path);
        // Times are as coarse as the clock of the file system.
        let until_changed = |write: &dyn Fn()| {
            let now = || Fingerprint::of(&Source::File(path.clone()));
            let before = now();
            while now() == before {
                write();
            }
        };
        let error = |handle: &Handle| handle.read_at(0..7).unwrap_err().to_string();
        let changed = "the file has changed since it was read";

        fs::write(&path, "PAR1old").unwrap();
        let handle = open().unwrap();
        assert_eq!(handle.read_at(4..7).unwrap().as_slice(), b"old");
        assert!(handle.read_at(4..8).is_err() && handle.read_at(0..usize::MAX).is_err());
        until_changed(&|| {
            fs::write(&other, "PAR1new").unwrap();
            fs::rename(&other, &path).unwrap();
        });
        assert_eq!(handle.read_at(4..7).unwrap().as_slice(), b"old");
        let closed = Handle {
            file: None,
            ..handle
        };
        assert_eq!(error(&closed), changed);

        let handle = open().unwrap();
        until_changed(&|| fs::write(&path, "PAR1bad").unwrap());
        assert_eq!(error(&handle), changed);
        let handle = open().unwrap();
        File::create(&path).unwrap();
        assert_eq!(error(&handle), changed);
        let empty = open().err().unwrap().to_string();
        assert!(
            empty.ends_with("the file is empty; download it again"),
            "{empty}"
        );
    }
}
