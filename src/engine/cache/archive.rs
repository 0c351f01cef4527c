//! Archives: files of arrays that are mapped into memory, so that a page is read when it is first used.
//!
//! An archive is the arrays, each at a multiple of 64 bytes; its contents as JSON, which are the header
//! and the place and CRC-32 of each array; the length and CRC-32 of that JSON; and [`MAGIC`]. Opening
//! one finds out whether it is complete and has not been written to since; [`Archive::check`] reads all
//! of it and finds what a failing disk did. A file may be a [`Chain`] of archives, of which each was added
//! at the end.

use std::fs::{File, FileTimes};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use bytemuck::Pod;
use memmap2::Mmap;
pub use polars_buffer::Buffer;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::source::handle::open_regular;
use crate::system::{is_mappable, read_exact_at};

/// The last bytes of the file.
const MAGIC: &[u8; 8] = b"hubscope";

/// The length and checksum of the contents, and the magic.
const TAIL: usize = 16;

/// Arrays start at multiples of this many bytes.
const ALIGNMENT: u64 = 64;

/// Bytes that are compared with a checksum at a time: they stay in the cache of a processor.
const CHUNK: usize = 1 << 18;

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

impl Extent {
    fn end(&self) -> Result<u64> {
        let end = self.start.checked_add(self.bytes);
        end.context("no such place")
    }

    /// Compares the array with its checksum.
    fn check(&self, file: &File) -> Result<()> {
        let (mut chunk, mut found) = (vec![0; CHUNK], crc32fast::Hasher::new());
        let (mut at, end) = (self.start, self.end()?);
        while at < end {
            let next = (at + CHUNK as u64).min(end);
            let chunk = &mut chunk[..usize::try_from(next - at)?];
            read_exact_at(file, chunk, at)?;
            found.update(chunk);
            at = next;
        }
        ensure!(found.finalize() == self.crc, "the file is damaged");
        Ok(())
    }
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

    /// Begins an archive at the end of a chain; what lies there is overwritten.
    ///
    /// # Errors
    /// When the file cannot be cut off there.
    pub fn after(mut file: File, end: u64) -> io::Result<Writer> {
        let at = end.next_multiple_of(ALIGNMENT);
        file.set_len(end)?;
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(Writer {
            at,
            ..Writer::new(file)
        })
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

/// An open archive, none of whose arrays was looked at yet.
pub struct Archive<H> {
    pub file: File,
    contents: Contents<H>,
}

impl<H: DeserializeOwned> Archive<H> {
    /// Opens an archive and reads its contents.
    ///
    /// # Errors
    /// When it is incomplete, not an archive of this version, no regular file, or was written to since
    /// it was closed.
    pub fn open(path: &Path) -> Result<Archive<H>> {
        let file = open_regular(path)?;
        let contents: Contents<H> = contents(&file)?;
        ensure!(
            file.metadata()?.modified()? == time(contents.modified),
            "the file was changed"
        );
        Ok(Archive { file, contents })
    }

    /// The header.
    pub fn header(&self) -> &H {
        &self.contents.header
    }

    /// Compares all arrays with their checksums, on all cores. They are read, not mapped: a disk that
    /// fails is an error then, and not a signal.
    ///
    /// # Errors
    /// When one differs or cannot be read.
    pub fn check(&self) -> Result<()> {
        let (arrays, file) = (self.contents.arrays.par_iter(), &self.file);
        arrays.try_for_each(|array| array.check(file))
    }

    /// Maps the archive, or reads it where it cannot be mapped, as from a network file system: another
    /// host may cut off a file there, and touching what it mapped would end the program.
    ///
    /// # Errors
    /// When the system cannot map or read it.
    pub fn reader(self) -> Result<(Reader, H)> {
        let reader = Reader {
            bytes: Arc::new(Bytes::of(&self.file)?),
            arrays: self.contents.arrays.into_iter(),
        };
        Ok((reader, self.contents.header))
    }
}

/// A file of archives, each added at the end; its arrays are those of all.
pub struct Chain<H> {
    /// The archives in the order in which they were added.
    pub archives: Vec<(Reader, H)>,
    /// The end of the last one. Bytes after it are of a write that was cut off.
    pub end: u64,
    crcs: Vec<Vec<Extent>>,
    file: File,
}

impl<H: DeserializeOwned> Chain<H> {
    /// Opens a chain; `before` returns the end of the archive before one, 0 if it is the first.
    ///
    /// # Errors
    /// When it cannot be read or mapped, or an archive before the last whole one is damaged.
    pub fn open(path: &Path, before: impl Fn(&H) -> u64) -> Result<Chain<H>> {
        let file = open_regular(path)?;
        let bytes = Arc::new(Bytes::of(&file)?);
        let end = last_end(bytes.as_slice());
        let (mut archives, mut crcs) = (Vec::new(), Vec::new());
        let mut at = end;
        while at > 0 {
            let contents: Contents<H> = contents_before(&file, at)?;
            let next = before(&contents.header);
            ensure!(next < at, "the file is damaged");
            at = next;
            crcs.push(contents.arrays.clone());
            let reader = Reader {
                bytes: bytes.clone(),
                arrays: contents.arrays.into_iter(),
            };
            archives.push((reader, contents.header));
        }
        archives.reverse();
        crcs.reverse();
        Ok(Chain {
            archives,
            end,
            crcs,
            file,
        })
    }

    /// Compares all arrays with their checksums, as [`Archive::check`] does.
    ///
    /// # Errors
    /// When one differs or cannot be read.
    pub fn check(&self) -> Result<()> {
        let (arrays, file) = (self.crcs.par_iter().flatten(), &self.file);
        arrays.try_for_each(|array| array.check(file))
    }
}

/// Returns the end of the last whole archive; 0 if there is none.
fn last_end(bytes: &[u8]) -> u64 {
    let mut ends = memchr::memmem::rfind_iter(bytes, MAGIC).map(|at| at + MAGIC.len());
    ends.find(|end| is_tail(&bytes[..*end]))
        .map_or(0, |end| end as u64)
}

/// Returns true if bytes end with the contents of an archive.
fn is_tail(bytes: &[u8]) -> bool {
    let number = |back: usize| {
        let start = bytes.len().checked_sub(back)?;
        let bytes = bytes.get(start..start + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let Some((length, crc)) = number(TAIL).zip(number(TAIL - 4)) else {
        return false;
    };
    let end = bytes.len() - TAIL;
    let json = end
        .checked_sub(length as usize)
        .map(|start| &bytes[start..end]);
    json.is_some_and(|json| crc32fast::hash(json) == crc)
}

/// The bytes of an archive.
enum Bytes {
    Mapped(Mmap),
    /// Read into memory, as words, so that arrays are aligned.
    Read(Vec<u64>),
}

impl Bytes {
    /// Maps a file, or reads it where it cannot be mapped.
    fn of(file: &File) -> Result<Bytes> {
        Ok(match is_mappable(file) {
            false => Bytes::read(file)?,
            // SAFETY: the file must neither change nor shrink (SIGBUS) while it is mapped. Nothing
            // writes to a finished archive: the cache replaces it by renaming a new file over it and
            // removes it by name, neither of which touches what is mapped, and a chain grows only
            // after its last archive. Earlier writes by others were found when it was opened.
            true => Bytes::Mapped(unsafe { Mmap::map(file) }?),
        })
    }

    fn read(file: &File) -> Result<Bytes> {
        let length = usize::try_from(file.metadata()?.len())?;
        let mut words = vec![0; length.div_ceil(size_of::<u64>())];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        read_exact_at(file, &mut bytes[..length], 0)?;
        Ok(Bytes::Read(words))
    }

    fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Read(words) => bytemuck::cast_slice(words),
        }
    }
}

/// Returns the arrays of an archive in the order in which they were written.
pub struct Reader {
    bytes: Arc<Bytes>,
    arrays: std::vec::IntoIter<Extent>,
}

impl Reader {
    /// Returns the next array; it shares the memory of the archive.
    ///
    /// # Errors
    /// When there is none, or its size is no multiple of that of `T`.
    pub fn take<T: Pod + Send + Sync>(&mut self) -> Result<Buffer<T>> {
        let array = self.arrays.next().context("an array is missing")?;
        let range = usize::try_from(array.start)?..usize::try_from(array.end()?)?;
        let bytes = self.bytes.as_slice().get(range.clone());
        let bytes = bytes.context("an array is cut off")?;
        ensure!(
            bytemuck::try_cast_slice::<u8, T>(bytes).is_ok(),
            "an array of another kind"
        );
        Ok(Buffer::from_owner(Shared {
            bytes: self.bytes.clone(),
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

/// An array in the bytes of an archive.
struct Shared<T> {
    bytes: Arc<Bytes>,
    range: Range<usize>,
    element: PhantomData<T>,
}

impl<T: Pod> AsRef<[T]> for Shared<T> {
    fn as_ref(&self) -> &[T] {
        bytemuck::cast_slice(&self.bytes.as_slice()[self.range.clone()])
    }
}

fn contents<H: DeserializeOwned>(file: &File) -> Result<Contents<H>> {
    contents_before(file, file.metadata()?.len())
}

/// Reads the contents that end at a place.
fn contents_before<H: DeserializeOwned>(file: &File, bytes: u64) -> Result<Contents<H>> {
    let from_end = |back: u64| bytes.checked_sub(back).context("the file is cut off");
    let mut tail = [0; TAIL];
    read_exact_at(file, &mut tail, from_end(TAIL as u64)?)?;
    let [length, crc] = [0, 4].map(|at| u32::from_le_bytes([0, 1, 2, 3].map(|n| tail[at + n])));
    ensure!(tail.ends_with(MAGIC), "the file is cut off");
    let start = from_end(TAIL as u64 + u64::from(length))?;
    let mut json = vec![0; length as usize];
    read_exact_at(file, &mut json, start)?;
    ensure!(crc32fast::hash(&json) == crc, "the file is damaged");
    serde_json::from_slice(&json).context("of another version")
}

/// Returns the header of an archive, and the size and checksum of each array, whenever it was written
/// to: version control does not preserve modification times.
///
/// # Errors
/// When the file is no archive with such a header.
#[cfg(test)]
pub fn checksums<H: DeserializeOwned>(path: &Path) -> Result<(H, Vec<(u64, u32)>)> {
    let contents: Contents<H> = contents(&File::open(path)?)?;
    let arrays = contents.arrays.iter();
    Ok((
        contents.header,
        arrays.map(|array| (array.bytes, array.crc)).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_the_same_mapped_or_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = Writer::new(file.reopen().unwrap());
        let (bytes, numbers) = ([7_u8; 5], [1_u64, u64::MAX]);
        writer.put(&bytes).unwrap();
        writer.put(&numbers).unwrap();
        writer.close("header").unwrap();
        let archive = Archive::<String>::open(file.path()).unwrap();
        archive.check().unwrap();
        let read = Bytes::read(&archive.file).unwrap();
        let (mapped, header) = archive.reader().unwrap();
        assert_eq!(header, "header");
        assert!(matches!(*mapped.bytes, Bytes::Mapped(_)));
        let arrays = mapped.arrays.clone();
        let bytes_read = Arc::new(read);
        let readers = [
            mapped,
            Reader {
                bytes: bytes_read,
                arrays,
            },
        ];
        for mut reader in readers {
            assert_eq!(reader.take::<u8>().unwrap().as_slice(), bytes);
            assert_eq!(reader.take::<u64>().unwrap().as_slice(), numbers);
            assert!(reader.take::<u8>().is_err());
        }
    }
}
