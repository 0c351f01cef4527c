//! Archives: files of arrays that are mapped into memory, so that a page is read when it is first used.
//!
//! An archive is the arrays, each at a multiple of 64 bytes; its contents as JSON, which are the header
//! and the place and CRC-32 of each array; the length and CRC-32 of that JSON; and [`MAGIC`]. Opening
//! one finds out whether it is complete and has not been written to since; [`check`] reads all of it
//! and finds what a failing disk did.

use std::fs::{File, FileTimes};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use bytemuck::Pod;
use memmap2::Mmap;
pub use polars_buffer::Buffer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The last bytes of the file.
const MAGIC: &[u8; 8] = b"hubscope";

/// The length and checksum of the contents, and the magic.
const TAIL: usize = 16;

/// Arrays start at multiples of this many bytes.
const ALIGNMENT: u64 = 64;

/// The modification time of a finished archive is set back by this much and noted in it: any later
/// write gives it another one.
const SET_BACK: Duration = Duration::from_hours(24);

/// The end of an archive; `H` is the header.
#[derive(Serialize, Deserialize)]
struct Contents<H> {
    header: H,
    /// The modification time of the file, in seconds since 1970.
    modified: u64,
    arrays: Vec<Extent>,
}

/// The place of an array in bytes, and its CRC-32.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Extent {
    start: u64,
    bytes: u64,
    crc: u32,
}

/// Writes arrays to a new archive.
pub struct Writer {
    file: BufWriter<File>,
    at: u64,
    arrays: Vec<Extent>,
}

impl Writer {
    /// Begins an archive in an empty file.
    pub fn new(file: File) -> Writer {
        Writer {
            file: BufWriter::with_capacity(1 << 20, file),
            at: 0,
            arrays: Vec::new(),
        }
    }

    /// Adds an array.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put<T: Pod>(&mut self, array: &[T]) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(array);
        self.arrays.push(Extent {
            start: self.at,
            bytes: bytes.len() as u64,
            crc: crc32fast::hash(bytes),
        });
        self.file.write_all(bytes)?;
        let end = self.at + bytes.len() as u64;
        self.at = end.next_multiple_of(ALIGNMENT);
        let gap = [0; ALIGNMENT as usize];
        #[expect(clippy::cast_possible_truncation, reason = "less than the alignment")]
        self.file.write_all(&gap[..(self.at - end) as usize])
    }

    /// Adds one number.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn put_number(&mut self, number: u64) -> io::Result<()> {
        self.put(&[number])
    }

    /// Writes the contents, waits until all is on the disk and sets the modification time back.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn close<H: Serialize>(mut self, header: H) -> Result<()> {
        let now = self.file.get_ref().metadata()?.modified()?;
        let modified = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_sub(SET_BACK)
            .as_secs();
        let contents = serde_json::to_vec(&Contents {
            header,
            modified,
            arrays: self.arrays,
        })?;
        let length = u32::try_from(contents.len()).context("the contents are longer than 4 GiB")?;
        self.file.write_all(&contents)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file
            .write_all(&crc32fast::hash(&contents).to_le_bytes())?;
        self.file.write_all(MAGIC)?;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        file.set_times(FileTimes::new().set_modified(time(modified)))?;
        Ok(())
    }
}

/// A number of seconds since 1970 as a time.
fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Returns the arrays of an archive in the order in which they were written.
pub struct Reader {
    map: Arc<Mmap>,
    arrays: std::vec::IntoIter<Extent>,
}

impl Reader {
    /// Maps an archive, and returns its header too.
    ///
    /// # Errors
    /// When it is incomplete, not an archive of this version, or was written to since it was closed.
    pub fn open<H: DeserializeOwned>(path: &Path) -> Result<(Reader, H)> {
        let (file, contents) = open(path)?;
        // SAFETY: the file must neither change nor shrink (SIGBUS) while it is mapped. Nothing writes
        // to a finished archive: the cache replaces it by renaming a new file over it and removes it
        // by name, neither of which touches what is mapped. Earlier writes by others were found above.
        let map = unsafe { Mmap::map(&file) }?;
        let reader = Reader {
            map: Arc::new(map),
            arrays: contents.arrays.into_iter(),
        };
        Ok((reader, contents.header))
    }

    /// Returns the next array; it shares the mapped memory.
    ///
    /// # Errors
    /// When there is none, or its size is no multiple of that of `T`.
    pub fn take<T: Pod + Send + Sync>(&mut self) -> Result<Buffer<T>> {
        let Extent { start, bytes, .. } = self.arrays.next().context("an array is missing")?;
        let end = start.checked_add(bytes).context("no such place")?;
        let range = usize::try_from(start)?..usize::try_from(end)?;
        let bytes = self.map.get(range.clone()).context("an array is cut off")?;
        ensure!(
            bytemuck::try_cast_slice::<u8, T>(bytes).is_ok(),
            "an array of another kind"
        );
        Ok(Buffer::from_owner(Mapped {
            map: self.map.clone(),
            range,
            element: PhantomData,
        }))
    }

    /// Returns the next array, of one number.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn take_number(&mut self) -> Result<u64> {
        self.take()?.first().copied().context("a number is missing")
    }

    /// Returns the next number as a size.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn take_size(&mut self) -> Result<usize> {
        Ok(usize::try_from(self.take_number()?)?)
    }
}

/// An array in a mapped file.
struct Mapped<T> {
    map: Arc<Mmap>,
    range: Range<usize>,
    element: PhantomData<T>,
}

impl<T: Pod> AsRef<[T]> for Mapped<T> {
    fn as_ref(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[self.range.clone()])
    }
}

/// Opens an archive and reads its contents.
fn open<H: DeserializeOwned>(path: &Path) -> Result<(File, Contents<H>)> {
    let mut file = File::open(path)?;
    let contents: Contents<H> = contents(&mut file)?;
    ensure!(
        file.metadata()?.modified()? == time(contents.modified),
        "the file was changed"
    );
    Ok((file, contents))
}

fn contents<H: DeserializeOwned>(file: &mut File) -> Result<Contents<H>> {
    let bytes = file.metadata()?.len();
    let from_end = |back: u64| bytes.checked_sub(back).context("the file is cut off");
    let mut tail = [0; TAIL];
    file.seek(SeekFrom::Start(from_end(TAIL as u64)?))?;
    file.read_exact(&mut tail)?;
    let [length, crc] = [0, 4].map(|at| u32::from_le_bytes([0, 1, 2, 3].map(|n| tail[at + n])));
    ensure!(tail.ends_with(MAGIC), "the file is cut off");
    let start = from_end(TAIL as u64 + u64::from(length))?;
    file.seek(SeekFrom::Start(start))?;
    let mut json = vec![0; length as usize];
    file.read_exact(&mut json)?;
    ensure!(crc32fast::hash(&json) == crc, "the file is damaged");
    serde_json::from_slice(&json).context("of another version")
}

/// Returns the header of an archive.
///
/// # Errors
/// As [`Reader::open`].
pub fn header<H: DeserializeOwned>(path: &Path) -> Result<H> {
    Ok(open(path)?.1.header)
}

/// Compares all arrays of an archive with their checksums. It takes a megabyte of memory.
///
/// # Errors
/// When one differs, or as [`Reader::open`].
pub fn check(path: &Path) -> Result<()> {
    let (mut file, contents) = open::<serde::de::IgnoredAny>(path)?;
    let mut chunk = vec![0; 1 << 20];
    for Extent { start, bytes, crc } in contents.arrays {
        file.seek(SeekFrom::Start(start))?;
        let mut array = (&file).take(bytes);
        let mut found = crc32fast::Hasher::new();
        loop {
            match array.read(&mut chunk)? {
                0 => break,
                read => found.update(&chunk[..read]),
            }
        }
        ensure!(found.finalize() == crc, "the file is damaged");
    }
    Ok(())
}

/// Returns the header of an archive, and the size and checksum of each array, whenever it was written
/// to: version control does not preserve modification times.
///
/// # Errors
/// When the file is no archive with such a header.
#[cfg(test)]
pub fn checksums<H: DeserializeOwned>(path: &Path) -> Result<(H, Vec<(u64, u32)>)> {
    let contents: Contents<H> = contents(&mut File::open(path)?)?;
    let arrays = contents.arrays.iter();
    Ok((
        contents.header,
        arrays.map(|array| (array.bytes, array.crc)).collect(),
    ))
}
