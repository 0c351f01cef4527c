//! The parquet files of a source, opened together and read in batches of rows. What the columns
//! mean is decided in `load.rs`; this file only knows how to get at them, and which file to blame.

use std::io::{Read, Seek, SeekFrom};
use std::mem::take;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow, bail};
use polars::io::mmap::ReaderBytes;
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::*;
use polars_buffer::Buffer;
use polars_parquet::read::{ColumnChunkMetadata, RowGroupMetadata, n_columns};

use crate::engine::parquet::leaf;
use crate::engine::parquet::leaf::{Leaf, Spare, Values};
use crate::engine::parquet::pages;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::source::handle::Handle;

/// No batch is longer than this many rows, so that one giant row group cannot fill the memory.
const BATCH_ROWS: usize = 262_144;

/// The opened files of one source; its rows are numbered through all of them.
pub struct Parquet {
    parts: Vec<Opened>,
    /// Rows in all files together.
    pub rows: usize,
    /// What no leaf is being read in.
    spare: Mutex<Vec<Spare>>,
}

struct Opened {
    part: Handle,
    metadata: FileMetadataRef,
    schema: Arc<ArrowSchema>,
    /// The number of this file's first row among all.
    first: usize,
}

/// Consecutive rows that are read together; they stand in one row group of one file.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    part: usize,
    /// The first row, counted within its file.
    start: usize,
    /// How many rows.
    pub len: usize,
}

impl Batch {
    /// The same rows in pieces that are read at once.
    pub fn cut(self) -> impl Iterator<Item = Batch> {
        (0..self.len).step_by(BATCH_ROWS).map(move |from| Batch {
            start: self.start + from,
            len: BATCH_ROWS.min(self.len - from),
            ..self
        })
    }
}

/// A column of the files, as the first file that has it declares it.
pub struct ColumnInfo {
    pub name: String,
    /// Its type, by Polars' name or, where Polars was not built to read it, by Arrow's.
    pub kind: String,
}

impl Parquet {
    /// Opens every file of the source and reads its footer.
    ///
    /// # Errors
    /// When a file cannot be read or is no parquet file, and when there is not one row.
    pub fn open(source: &Source) -> Result<Parquet> {
        let mut parts = Vec::new();
        let mut rows: usize = 0;
        for part in source.open()? {
            let opened = Opened::new(part, rows)?;
            rows = rows.saturating_add(opened.metadata.num_rows);
            parts.push(opened);
        }
        let files = Parquet {
            parts,
            rows,
            spare: Mutex::default(),
        };
        if rows == 0 {
            bail!("{source}: the file holds no rows; choose another, or download it again");
        }
        Ok(files)
    }

    /// The fingerprint of the open files; `None` for the sample.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        Fingerprint::of_handles(self.parts.iter().map(|opened| &opened.part))
    }

    /// The first of these columns that any file has.
    pub fn first_of(&self, columns: &[&'static str]) -> Option<&'static str> {
        columns.iter().copied().find(|&c| self.has(c))
    }

    /// The first of these columns that the file of a batch has; shards may differ.
    pub fn first_in(&self, batch: Batch, columns: &[&'static str]) -> Option<&'static str> {
        let part = &self.parts[batch.part];
        columns.iter().copied().find(|&c| part.offers(c))
    }

    /// The same with its type.
    pub fn column_in(
        &self,
        batch: Batch,
        columns: &[&'static str],
    ) -> Option<(&'static str, &ArrowDataType)> {
        let name = self.first_in(batch, columns)?;
        let field = self.parts[batch.part].schema.get(name)?;
        Some((name, &field.dtype))
    }

    /// Whether any file has this column, in a type that can be read.
    pub fn has(&self, column: &str) -> bool {
        self.parts.iter().any(|p| p.offers(column))
    }

    /// The name of the file that a batch stands in.
    pub fn file(&self, batch: Batch) -> &Handle {
        &self.parts[batch.part].part
    }

    /// Every column of the files, in the order of their first appearance.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        let mut found: Vec<ColumnInfo> = Vec::new();
        for field in self.parts.iter().flat_map(|p| p.schema.iter_values()) {
            if found.iter().all(|c| c.name != field.name.as_str()) {
                let kind = match is_readable(&field.dtype) {
                    true => DataType::from_arrow_field(field).to_string(),
                    false => format!("{:?}", field.dtype).to_lowercase(),
                };
                found.push(ColumnInfo {
                    name: field.name.to_string(),
                    kind,
                });
            }
        }
        found
    }

    /// All rows, cut into batches.
    pub fn batches(&self) -> Vec<Batch> {
        self.groups().into_iter().flat_map(Batch::cut).collect()
    }

    /// All rows, a row group at a time, however long those are.
    pub fn groups(&self) -> Vec<Batch> {
        let mut groups = Vec::new();
        for (part, opened) in self.parts.iter().enumerate() {
            let mut start = 0;
            for group in &opened.metadata.row_groups {
                let len = group.num_rows();
                groups.push(Batch { part, start, len });
                start += len;
            }
        }
        groups.retain(|group| group.len > 0);
        groups
    }

    /// The rows of a batch, counted through all files.
    pub fn range(&self, batch: Batch) -> Range<usize> {
        let first = self.parts[batch.part].first + batch.start;
        first..first + batch.len
    }

    /// Reads those of the named columns that the batch's file has.
    ///
    /// # Errors
    /// When the file turns out to be damaged.
    pub fn read(&self, batch: Batch, columns: &[&str]) -> Result<DataFrame> {
        let opened = &self.parts[batch.part];
        let mut seen = Vec::new();
        for column in columns {
            if opened.offers(column) && !seen.iter().any(|s| s == column) {
                seen.push((*column).to_owned());
            }
        }
        if seen.is_empty() {
            return Ok(DataFrame::empty_with_height(batch.len));
        }
        let mut file = opened.part.mapped()?;
        if !opened.has_sane_pages(&ReaderBytes::from(&mut file), batch, &seen) {
            bail!(
                "{}: a page claims values that are not there; the file is damaged, download it again",
                opened.part
            );
        }
        let mut reader = ParquetReader::new(file);
        reader.set_metadata(opened.metadata.clone());
        let frame = reader
            .with_columns(Some(seen))
            .with_slice(Some((batch.start, batch.len)))
            .finish()
            .map_err(|e| unreadable(&opened.part, &e))?;
        if frame.height() != batch.len {
            bail!(
                "{}: {} rows were promised and {} came; the file is damaged, download it again",
                opened.part,
                batch.len,
                frame.height()
            );
        }
        Ok(frame)
    }

    /// Hands the values of one leaf in a whole row group to `values`; `path` is the column and the
    /// struct members on the way. How many rows of the group begin before each page; `None` where
    /// there is no such leaf of this type, or Polars is to read it: some values may have been handed
    /// over then.
    pub fn read_leaf(
        &self,
        group: Batch,
        path: &[&str],
        kind: &ArrowDataType,
        values: &mut impl Values,
    ) -> Option<Vec<usize>> {
        let (opened, chunk) = self.chunk(group, path, kind)?;
        let spares = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut spare = spares().pop().unwrap_or_default();
        let mut bytes = take(&mut spare.chunk);
        // All are needed: to read them at once takes less than to map page after page.
        read_at(
            &mut opened.part.mapped().ok()?,
            &leaf::place(chunk)?,
            &mut bytes,
        )?;
        if !pages::are_sane(&bytes, chunk.num_values()) {
            return None;
        }
        let begun = Buffer::with_vec(&mut bytes, |bytes| {
            let mut leaf = Leaf::new(bytes, chunk, group.len, &mut spare)?;
            let begun = leaf.read(values);
            leaf.give_back(&mut spare);
            begun
        });
        spare.chunk = bytes;
        spares().push(spare);
        begun
    }

    /// Forgets the memory that leaves were read in, until others are.
    pub fn close(&self) {
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The same of one row, counted through all files, and of those that stand in the same pages:
    /// `begins` has the row that begins first in each page of all files, if it is known.
    pub fn read_leaf_of(
        &self,
        row: usize,
        path: &[&str],
        kind: &ArrowDataType,
        begins: &[u32],
        values: &mut impl Values,
    ) -> Option<()> {
        let group = self.group_of(row)?;
        let rows = self.range(group);
        let before = |end: usize| begins.partition_point(|row| (*row as usize) < end);
        let begun = &begins[before(rows.start)..before(rows.end)];
        let begun: Vec<usize> = begun.iter().map(|row| *row as usize - rows.start).collect();
        let (opened, chunk) = self.chunk(group, path, kind)?;
        let place = leaf::place(chunk)?;
        // Only some of the bytes are looked at.
        let mut file = opened.part.mapped().ok()?;
        let file = ReaderBytes::from(&mut file);
        if !pages::are_sane(file.get(place.clone())?, chunk.num_values()) {
            return None;
        }
        let bytes = match &file {
            ReaderBytes::Owned(bytes) => bytes.clone().sliced(place),
            ReaderBytes::Borrowed(bytes) => bytes[place].to_vec().into(),
        };
        let mut leaf = Leaf::new(bytes, chunk, group.len, &mut Spare::default())?;
        leaf.read_row(row - rows.start, &begun, values)
    }

    /// The row group that a row, counted through all files, stands in.
    pub fn group_of(&self, row: usize) -> Option<Batch> {
        let groups = self.groups().into_iter();
        let mut holding = groups.filter(|group| self.range(*group).contains(&row));
        holding.next()
    }

    /// The column chunk of a leaf, and the file that it stands in.
    fn chunk(
        &self,
        group: Batch,
        path: &[&str],
        kind: &ArrowDataType,
    ) -> Option<(&Opened, &ColumnChunkMetadata)> {
        let opened = &self.parts[group.part];
        let (column, within) = path.split_first()?;
        let dtype = &opened.schema.get(column)?.dtype;
        if !is_readable(dtype) {
            return None;
        }
        let (at, _) = leaf::find(dtype, within).filter(|(_, leaf)| *leaf == kind)?;
        let (start, metadata) = opened.group(group.start)?;
        let mut chunks = metadata.columns_under_root_iter(column)?;
        let is_whole = start == group.start && metadata.num_rows() == group.len;
        let is_as_told = chunks.len() == n_columns(dtype);
        let chunk = chunks.nth(at).filter(|_| is_whole && is_as_told)?;
        Some((opened, chunk))
    }

    /// What a column of a row group takes once it is unpacked, in bytes, as its file says.
    pub fn size_of(&self, group: Batch, column: &str) -> usize {
        self.sum_of(group, column, ColumnChunkMetadata::uncompressed_size)
    }

    /// How many values it has in all its leaves, nulls included.
    pub fn values_of(&self, group: Batch, column: &str) -> usize {
        self.sum_of(group, column, ColumnChunkMetadata::num_values)
    }

    fn sum_of(
        &self,
        group: Batch,
        column: &str,
        size: impl Fn(&ColumnChunkMetadata) -> i64,
    ) -> usize {
        let metadata = self.parts[group.part].group(group.start);
        let chunks = metadata.and_then(|(_, group)| group.columns_under_root_iter(column));
        let sizes = chunks.into_iter().flatten().map(size);
        let sizes = sizes.filter_map(|size| usize::try_from(size).ok());
        sizes.fold(0, usize::saturating_add)
    }

    /// The names of the members of the struct at this path, in the file of a batch.
    pub fn members(&self, batch: Batch, path: &[&str]) -> Vec<&str> {
        let schema = &self.parts[batch.part].schema;
        let found = path.split_first().and_then(|(column, within)| {
            let (_, dtype) = leaf::find(&schema.get(column)?.dtype, within)?;
            Some(dtype)
        });
        match found {
            Some(ArrowDataType::Struct(members)) => {
                members.iter().map(|m| m.name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many rows have no value in this column; `None` where it is of a type that cannot be
    /// read.
    ///
    /// # Errors
    /// When the file turns out to be damaged.
    pub fn nulls(&self, column: &str) -> Result<Option<usize>> {
        let unreadable = |p: &Opened| p.schema.contains(column) && !p.offers(column);
        if self.parts.iter().any(unreadable) {
            return Ok(None);
        }
        let mut nulls = 0;
        for batch in self.batches() {
            let frame = self.read(batch, &[column])?;
            nulls += frame.column(column).map_or(batch.len, Column::null_count);
        }
        Ok(Some(nulls))
    }

    /// Reads one row, counted through all files.
    ///
    /// # Errors
    /// When there is no such row, or the file has changed or is damaged.
    pub fn read_row(&self, row: usize, columns: &[&str]) -> Result<DataFrame> {
        let part = self
            .parts
            .partition_point(|p| p.first <= row)
            .checked_sub(1);
        let part = part
            .filter(|_| row < self.rows)
            .ok_or_else(|| anyhow!("no row {row}"))?;
        let start = row - self.parts[part].first;
        self.read(
            Batch {
                part,
                start,
                len: 1,
            },
            columns,
        )
    }
}

impl Opened {
    /// Opens a file whose first row is the hub's row `first`, and reads its footer.
    fn new(part: Handle, first: usize) -> Result<Opened> {
        let mut reader = ParquetReader::new(part.mapped()?);
        let (metadata, schema) = (|| {
            // Writers leave the types they had in memory in the footer, too. Those include ones
            // that Polars refuses or was not built for, even where parquet's own type is plain.
            let mut metadata = reader.get_metadata()?.as_ref().clone();
            metadata.key_value_metadata = None;
            let metadata = Arc::new(metadata);
            reader.set_metadata(metadata.clone());
            Ok((metadata, reader.schema()?))
        })()
        .map_err(|e| unreadable(&part, &e))?;
        let groups = metadata.row_groups.iter().map(|g| g.num_rows());
        let in_groups = groups.fold(0, usize::saturating_add);
        if in_groups != metadata.num_rows {
            bail!(
                "{part}: {} rows were promised and {in_groups} listed; the file is damaged, download it again",
                metadata.num_rows
            );
        }
        Ok(Opened {
            part,
            metadata,
            schema,
            first,
        })
    }

    /// The row group that a row of the file stands in, and the group's first row.
    fn group(&self, row: usize) -> Option<(usize, &RowGroupMetadata)> {
        let mut end = 0;
        let groups = &mut self.metadata.row_groups.iter();
        let group = groups.find(|group| {
            end += group.num_rows();
            row < end
        })?;
        Some((end - group.num_rows(), group))
    }

    /// Whether the pages that a batch of these columns is decoded from can be decoded safely.
    fn has_sane_pages(&self, file: &[u8], batch: Batch, columns: &[String]) -> bool {
        let group = self.group(batch.start).map(|(_, group)| group);
        let columns = columns.iter();
        let mut chunks = columns
            .filter_map(|name| group?.columns_under_root_iter(name))
            .flatten();
        chunks.all(|chunk| {
            // Polars tells of a place outside the file.
            let bytes = leaf::place(chunk).and_then(|place| file.get(place));
            bytes.is_none_or(|bytes| pages::are_sane(bytes, chunk.num_values()))
        })
    }

    /// Whether the file has this column, in a type that can be read.
    fn offers(&self, column: &str) -> bool {
        let field = self.schema.get(column);
        field.is_some_and(|f| is_readable(&f.dtype))
    }
}

/// Reads these bytes of a file; `None` where it has no such, or cannot be read.
fn read_at(file: &mut (impl Read + Seek), place: &Range<usize>, bytes: &mut Vec<u8>) -> Option<()> {
    // A damaged file may claim anything.
    if place.end as u64 > file.seek(SeekFrom::End(0)).ok()? {
        return None;
    }
    bytes.clear();
    bytes.reserve(place.len());
    file.seek(SeekFrom::Start(place.start as u64)).ok()?;
    file.take(place.len() as u64).read_to_end(bytes).ok()?;
    (bytes.len() == place.len()).then_some(())
}

/// Whether Polars, with the features it is built with here, can make a column of the type; it
/// panics on some of the others.
fn is_readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Struct(fields) => fields.iter().all(|f| is_readable(&f.dtype)),
        T::LargeList(inner) => is_readable(&inner.dtype),
        T::Null | T::Boolean | T::Float32 | T::Float64 => true,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt32 | T::UInt64 => true,
        T::Date32 | T::Time32(_) | T::Time64(_) | T::Timestamp(..) | T::Duration(_) => true,
        T::Utf8View | T::BinaryView | T::FixedSizeBinary(_) => true,
        _ => false,
    }
}

/// One line for a file that the parquet reader refuses.
fn unreadable(part: &Handle, error: &PolarsError) -> anyhow::Error {
    let reason = error.to_string();
    let reason = reason
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    anyhow!("{part}: not a whole parquet file ({reason}); download it again or name another file")
}
