//! Arrays in one file, behind one another, that are used where they are: the file is mapped into
//! memory, and a page of it is read when somebody looks there. What was written to it since it was
//! closed, or cut off, is noticed when it is opened; what a failing disk did to it, by [`check`].
//!
//! The file is the arrays, each at a multiple of 64 bytes; a table of them with what the file is
//! about, as JSON; that table's length and CRC-32, and [`MAGIC`].

use std::fs::{File, FileTimes};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use bytemuck::Pod;
use memmap2::Mmap;
pub use polars_buffer::Buffer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The last bytes of the file.
const MAGIC: &[u8; 8] = b"hubscope";

/// The table's length and checksum, and the magic.
const TAIL: usize = 16;

/// Every array starts at a multiple of this many bytes.
const ALIGNMENT: u64 = 64;

/// A closed file's time of change is set to one that is this long past, and noted in the file: who
/// writes to it later gives it another one.
const PAST: Duration = Duration::from_hours(24);

/// The table at the end of a file.
#[derive(Serialize, Deserialize)]
struct Table<A> {
    about: A,
    /// Seconds since 1970.
    changed: u64,
    arrays: Vec<Entry>,
}

/// Where an array is, and the CRC-32 of its bytes.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Entry {
    start: u64,
    bytes: u64,
    crc: u32,
}

/// Writes arrays to a new file.
pub struct Writer {
    file: BufWriter<File>,
    at: u64,
    arrays: Vec<Entry>,
}

impl Writer {
    /// Begins at the start of an empty file.
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
    /// When the disk refuses it.
    pub fn put<T: Pod>(&mut self, array: &[T]) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(array);
        self.arrays.push(Entry {
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

    /// Closes the file, once all of it is on the disk.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn close<A: Serialize>(mut self, about: A) -> Result<()> {
        let now = self.file.get_ref().metadata()?.modified()?;
        let changed = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_sub(PAST)
            .as_secs();
        let table = serde_json::to_vec(&Table {
            about,
            changed,
            arrays: self.arrays,
        })?;
        self.file.write_all(&table)?;
        let length = u32::try_from(table.len()).context("the table is longer than 4 GiB")?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file
            .write_all(&crc32fast::hash(&table).to_le_bytes())?;
        self.file.write_all(MAGIC)?;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        file.set_times(FileTimes::new().set_modified(seal(changed)))?;
        Ok(())
    }
}

fn seal(changed: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(changed)
}

/// Gives the arrays of a file back, in the order in which they were put.
pub struct Reader {
    map: Arc<Mmap>,
    arrays: std::vec::IntoIter<Entry>,
}

impl Reader {
    /// Opens a file and tells what it is about.
    ///
    /// # Errors
    /// When it is not whole, not one of ours, or was changed since it was closed.
    pub fn open<A: DeserializeOwned>(path: &Path) -> Result<(Reader, A)> {
        let mut file = File::open(path)?;
        let table = table(&mut file)?;
        // SAFETY: the bytes must not change while they are mapped. Nobody writes to a closed file:
        // a newer one is written beside it and takes its name, and whoever writes to it otherwise
        // is noticed here before it is used.
        let map = unsafe { Mmap::map(&file) }?;
        let reader = Reader {
            map: Arc::new(map),
            arrays: table.arrays.into_iter(),
        };
        Ok((reader, table.about))
    }

    /// The next array.
    ///
    /// # Errors
    /// When there is none, or it cannot be one of these.
    pub fn take<T: Pod + Send + Sync>(&mut self) -> Result<Buffer<T>> {
        let entry = self.arrays.next().context("an array is missing")?;
        let end = entry
            .start
            .checked_add(entry.bytes)
            .context("no such place")?;
        let range = usize::try_from(entry.start)?..usize::try_from(end)?;
        let bytes = self.map.get(range.clone()).context("an array is cut off")?;
        ensure!(
            bytemuck::try_cast_slice::<u8, T>(bytes).is_ok(),
            "an array of another kind"
        );
        Ok(Buffer::from_owner(Mapped {
            map: self.map.clone(),
            range,
            of: PhantomData,
        }))
    }

    /// The next array, which is one number.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn take_number(&mut self) -> Result<u64> {
        self.take()?.first().copied().context("a number is missing")
    }

    /// The same as a size.
    ///
    /// # Errors
    /// As [`Reader::take`].
    pub fn take_size(&mut self) -> Result<usize> {
        Ok(usize::try_from(self.take_number()?)?)
    }
}

/// A stretch of a mapped file.
struct Mapped<T> {
    map: Arc<Mmap>,
    range: Range<usize>,
    of: PhantomData<T>,
}

impl<T: Pod> AsRef<[T]> for Mapped<T> {
    fn as_ref(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[self.range.clone()])
    }
}

/// The table of a file, if it is whole and as it was closed.
fn table<A: DeserializeOwned>(file: &mut File) -> Result<Table<A>> {
    let about = file.metadata()?;
    let place = |back: u64| about.len().checked_sub(back).context("the file is cut off");
    let mut tail = [0; TAIL];
    file.seek(SeekFrom::Start(place(TAIL as u64)?))?;
    file.read_exact(&mut tail)?;
    let [length, crc] = [0, 4].map(|at| u32::from_le_bytes([0, 1, 2, 3].map(|n| tail[at + n])));
    ensure!(tail.ends_with(MAGIC), "the file is cut off");
    file.seek(SeekFrom::Start(place(TAIL as u64 + u64::from(length))?))?;
    let mut table = vec![0; length as usize];
    file.read_exact(&mut table)?;
    ensure!(crc32fast::hash(&table) == crc, "the file is damaged");
    let table: Table<A> = serde_json::from_slice(&table)?;
    ensure!(
        about.modified()? == seal(table.changed),
        "the file was changed"
    );
    Ok(table)
}

/// What a file is about, without its arrays.
///
/// # Errors
/// As [`Reader::open`].
pub fn about<A: DeserializeOwned>(path: &Path) -> Result<A> {
    Ok(table(&mut File::open(path)?)?.about)
}

/// Reads a whole file and compares it with its checksums. It takes no more than a megabyte of
/// memory.
///
/// # Errors
/// When an array is not what it was.
pub fn check(path: &Path) -> Result<()> {
    let mut file = File::open(path)?;
    let table: Table<serde_json::Value> = table(&mut file)?;
    let mut piece = vec![0; 1 << 20];
    for entry in table.arrays {
        file.seek(SeekFrom::Start(entry.start))?;
        let mut bytes = (&file).take(entry.bytes);
        let mut crc = crc32fast::Hasher::new();
        loop {
            match bytes.read(&mut piece)? {
                0 => break,
                read => crc.update(&piece[..read]),
            }
        }
        if crc.finalize() != entry.crc {
            bail!("the file is damaged");
        }
    }
    Ok(())
}
