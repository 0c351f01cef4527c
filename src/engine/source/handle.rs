//! Open files of a source.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use polars_buffer::Buffer;

use crate::engine::source::fingerprint::{FileFingerprint, Fingerprint};
use crate::engine::source::{BUILT_IN, Part, Source};

/// A source of more files than this keeps none of them open: processes may open about a thousand.
const MAX_OPEN: usize = 128;

/// An open file of a source. Reads are positional and may run at the same time on many threads.
///
/// All bytes are those of one file: a read fails if the file was written to, or, where it was closed
/// meanwhile, replaced. Files are read, not mapped, so that one that shrinks is an error.
pub struct Handle {
    part: Part,
    content: Content,
}

enum Content {
    BuiltIn,
    File(File, FileFingerprint),
    /// Opened anew for each read.
    Closed(FileFingerprint),
}

impl Source {
    /// Opens the files of the source, in reading order.
    ///
    /// # Errors
    /// As [`Part::open`].
    pub fn open(&self) -> Result<Vec<Handle>> {
        let parts = self.parts();
        let keep_open = parts.len() <= MAX_OPEN;
        let open = |part: &Part| match (part.open()?, keep_open) {
            (
                Handle {
                    part,
                    content: Content::File(_, fingerprint),
                },
                false,
            ) => Ok(Handle {
                part,
                content: Content::Closed(fingerprint),
            }),
            (handle, _) => Ok(handle),
        };
        parts.iter().map(open).collect()
    }
}

impl Part {
    /// Opens the file.
    ///
    /// # Errors
    /// When it cannot be read, is no regular file, or is empty.
    pub fn open(&self) -> Result<Handle> {
        let content = match self {
            Part::BuiltIn => Content::BuiltIn,
            Part::File(path) => {
                // Before it is opened: opening a pipe waits for its writer.
                if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
                    bail!(
                        "{self}: not a file that can be read here and there; name a parquet file"
                    );
                }
                let open = || -> io::Result<(File, FileFingerprint)> { open(path.canonicalize()?) };
                let (file, fingerprint) = open()
                    .with_context(|| format!("{self}: cannot be read; check its permissions"))?;
                ensure!(
                    fingerprint.bytes > 0,
                    "{self}: the file is empty; download it again"
                );
                Content::File(file, fingerprint)
            }
        };
        Ok(Handle {
            part: self.clone(),
            content,
        })
    }
}

/// Opens a file; `path` is canonical.
fn open(path: PathBuf) -> io::Result<(File, FileFingerprint)> {
    let file = File::open(&path)?;
    let fingerprint = FileFingerprint::new(path, &file.metadata()?);
    Ok((file, fingerprint))
}

impl Handle {
    /// The size in bytes.
    #[expect(clippy::len_without_is_empty, reason = "empty files are refused")]
    pub fn len(&self) -> u64 {
        self.fingerprint()
            .map_or(BUILT_IN.len() as u64, |file| file.bytes)
    }

    /// The fingerprint of the open file; `None` for the sample.
    pub fn fingerprint(&self) -> Option<&FileFingerprint> {
        match &self.content {
            Content::BuiltIn => None,
            Content::File(_, fingerprint) | Content::Closed(fingerprint) => Some(fingerprint),
        }
    }

    /// Reads a range of bytes; those of the sample are shared, not copied.
    ///
    /// # Errors
    /// As [`Handle::read_into`].
    pub fn read_at(&self, range: Range<usize>) -> io::Result<Buffer<u8>> {
        if let Content::BuiltIn = self.content {
            let bytes = BUILT_IN.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
            return Ok(Buffer::from_static(bytes));
        }
        let mut bytes = Vec::new();
        self.read_into(range, &mut bytes)?;
        Ok(bytes.into())
    }

    /// Replaces the content of `bytes` by a range of the file's.
    ///
    /// # Errors
    /// When the range is not within the file, the system cannot read it, or the file has changed
    /// since it was opened.
    pub fn read_into(&self, range: Range<usize>, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        // Before memory is asked for: a damaged file may claim anything.
        if range.start > range.end || range.end as u64 > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let reopened;
        let (file, fingerprint) = match &self.content {
            Content::BuiltIn => {
                bytes.extend_from_slice(&BUILT_IN[range]);
                return Ok(());
            }
            Content::File(file, fingerprint) => (file, fingerprint),
            Content::Closed(fingerprint) => {
                reopened = File::open(&fingerprint.path)?;
                (&reopened, fingerprint)
            }
        };
        bytes.resize(range.len(), 0);
        let read = file.read_exact_at(bytes, range.start as u64);
        // After it was read: whatever is written from now on is not in these bytes.
        if !fingerprint.matches(&file.metadata()?) {
            return Err(io::Error::other("the file has changed since it was read"));
        }
        read
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
        self.part.fmt(f)
    }
}
