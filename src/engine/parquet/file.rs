//! One open parquet file: its footer, its column chunks, and the pages that a batch needs, decoded by
//! `polars-parquet`.

use std::io::Cursor;
use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail, ensure};
use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, ArrowTimeUnit};
use polars_arrow::array::Array;
use polars_buffer::Buffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::read::PageMetaData;
use polars_parquet::parquet::schema::types::PrimitiveType;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, FileMetadata, Filter, PageReader, RowGroupMetadata,
    column_iter_to_arrays, n_columns,
};

use super::footer;
use super::pages::{self, Footer, Page};
use crate::engine::source::caught::caught;
use crate::engine::source::handle::Handle;
use crate::engine::table::clean::clean;

/// The values of a leaf or column, and the pages that hold no others.
pub(super) type Decoded = (Box<dyn Array>, Vec<Page>);

/// Pages of lists are decoded together up to about this many values: those stay in the cache of a
/// processor until they are looked at.
const RUN: usize = if cfg!(test) { 50 } else { 1 << 18 };

/// The words of `polars-parquet` for an encoding that it does not know.
const UNSUPPORTED: &str = "Not yet supported";

/// Consecutive rows of one row group that are read together.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    pub(super) file: usize,
    pub(super) group: usize,
    /// First row, counted within the row group.
    pub(super) start: usize,
    /// Number of rows.
    pub len: usize,
}

/// One open file of a source: its footer, and the decoding of its columns.
pub(super) struct OpenFile {
    pub handle: Handle,
    pub metadata: FileMetadata,
    pub schema: ArrowSchema,
    /// Number of the file's first row among all.
    pub first: usize,
    /// The first row of each row group, counted within the file, and the end of the last.
    pub starts: Vec<usize>,
}

impl OpenFile {
    /// Reads the footer of a file whose first row is number `first` among all.
    pub fn new(handle: Handle, first: usize) -> Result<OpenFile> {
        let (metadata, schema) = footer::read(&handle)?;
        let mut starts = vec![0];
        for group in &metadata.row_groups {
            starts.push(starts[starts.len() - 1] + group.num_rows());
        }
        Ok(OpenFile {
            handle,
            metadata,
            schema,
            first,
            starts,
        })
    }

    /// Returns true if the file has this column, in a type that can be read.
    pub fn has(&self, column: &str) -> bool {
        let field = self.schema.get(column);
        field.is_some_and(|field| is_readable(&field.dtype))
    }

    /// Returns the column chunks of a column's leaves.
    pub fn chunks(&self, batch: Batch, column: &str) -> Result<Vec<&ColumnChunkMetadata>> {
        let group = &self.metadata.row_groups[batch.group];
        let chunks = group.columns_under_root_iter(column).into_iter().flatten();
        let chunks: Vec<_> = chunks.collect();
        let field = self.schema.get(column);
        let is_whole = field.is_some_and(|field| n_columns(&field.dtype) == chunks.len());
        ensure!(is_whole, damaged(&self.handle));
        Ok(chunks)
    }

    /// Returns true if the file's statistics say that a chunk has no value but nulls.
    pub fn is_all_null(&self, chunk: &ColumnChunkMetadata) -> bool {
        let statistics = chunk.statistics(&self.metadata.footer_buf);
        let nulls = statistics.and_then(|s| s.ok()?.null_count());
        nulls == Some(chunk.num_values())
    }

    /// Returns the newest time in a column in microseconds, as the statistics of all its chunks state
    /// it; `None` where one lacks them, or it is no column of times.
    pub fn newest(&self, column: &str) -> Option<i64> {
        let ArrowDataType::Timestamp(unit, _) = self.schema.get(column)?.dtype else {
            return None;
        };
        let newest_of = |group: &RowGroupMetadata| {
            let chunk = group.columns_under_root_iter(column)?.next()?;
            let statistics = chunk.statistics(&self.metadata.footer_buf)?.ok()?;
            statistics.as_int64()?.max_value
        };
        let groups = self.metadata.row_groups.iter().map(newest_of);
        let newest = groups.collect::<Option<Vec<_>>>()?.into_iter().max()?;
        Some(match unit {
            ArrowTimeUnit::Second => newest.saturating_mul(1_000_000),
            ArrowTimeUnit::Millisecond => newest.saturating_mul(1_000),
            ArrowTimeUnit::Microsecond => newest,
            ArrowTimeUnit::Nanosecond => newest.div_euclid(1_000),
        })
    }

    /// Reads the bytes of a column chunk and the headers of its pages.
    fn pages(
        &self,
        group: &RowGroupMetadata,
        chunk: &ColumnChunkMetadata,
    ) -> Result<(Buffer<u8>, Vec<Page>)> {
        let part = &self.handle;
        let range = chunk.byte_range();
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        let bytes = self
            .handle
            .read_at(range)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => damaged(part),
                _ => anyhow!("{part}: {error}"),
            })?;
        let footer = Footer {
            rows: group.num_rows(),
            values: chunk.num_values(),
            uncompressed: chunk.uncompressed_size(),
            is_compressed: chunk.compression() != Compression::Uncompressed,
        };
        let pages = pages::scan(&bytes, footer).with_context(|| {
            format!("{part}: a page claims values that are not there; the file is damaged, download it again")
        })?;
        Ok((bytes, pages))
    }

    /// Decodes a column, or a leaf of it, of which these are the chunks; also returns the pages of
    /// the last, if all of their values were decoded.
    pub fn decode(
        &self,
        batch: Batch,
        field: ArrowField,
        chunks: &[&ColumnChunkMetadata],
        first_rows: &[usize],
    ) -> Result<Decoded> {
        let group = &self.metadata.row_groups[batch.group];
        let (mut columns, mut types, mut last) = (Vec::new(), Vec::new(), Vec::new());
        let mut filter = Some(Filter::new_ranged(batch.start, batch.start + batch.len));
        for chunk in chunks {
            let descriptor = &chunk.descriptor().descriptor;
            let (mut bytes, pages) = self.pages(group, chunk)?;
            let mut values = chunk.num_values();
            // More pages than needed are skipped by the decoder, if all leaves agree on how many.
            if let [_] = chunks
                && let Some(needed) = needed(&pages, batch, descriptor.max_rep_level, first_rows)
            {
                values = i64::try_from(needed.values)?;
                bytes = bytes_of(&bytes, &pages, needed.pages);
                filter = Some(Filter::new_ranged(
                    needed.skipped,
                    needed.skipped + batch.len,
                ));
            }
            columns.push(decompressor(chunk, bytes, values));
            types.push(&descriptor.primitive_type);
            last = pages;
        }
        match batch.len == group.num_rows() {
            true => filter = None,
            false => last.clear(),
        }
        Ok((self.array(columns, types, field, filter)?, last))
    }

    /// Decodes a leaf of a row group with its values in runs of pages, each on its own.
    pub fn runs<'f>(
        &'f self,
        batch: Batch,
        field: ArrowField,
        chunk: &'f ColumnChunkMetadata,
    ) -> Result<impl Iterator<Item = Result<Decoded>> + 'f> {
        let group = &self.metadata.row_groups[batch.group];
        let (bytes, pages) = self.pages(group, chunk)?;
        let mut next = pages.iter().take_while(|page| page.is_dictionary).count();
        Ok(std::iter::from_fn(move || {
            let (start, mut values) = (next, 0);
            while values < RUN && next < pages.len() {
                values += pages[next].values;
                next += 1;
            }
            (start < next).then(|| {
                let bytes = bytes_of(&bytes, &pages, start..next);
                let column = decompressor(chunk, bytes, i64::try_from(values)?);
                let about = &chunk.descriptor().descriptor.primitive_type;
                let array = self.array(vec![column], vec![about], field.clone(), None)?;
                Ok((array, pages[start..next].to_vec()))
            })
        }))
    }

    fn array(
        &self,
        columns: Vec<BasicDecompressor>,
        types: Vec<&PrimitiveType>,
        field: ArrowField,
        filter: Option<Filter>,
    ) -> Result<Box<dyn Array>> {
        let column = field.name.clone();
        let decode = || column_iter_to_arrays(columns, types, field, filter);
        // Decoders panic on some damaged pages.
        let decoded = caught(decode);
        match decoded.map(|arrays| arrays.map(|(arrays, _)| <[_; 1]>::try_from(arrays))) {
            Some(Ok(Ok([array]))) => Ok(array),
            Some(Err(error)) if error.to_string().contains(UNSUPPORTED) => bail!(
                "{}: column {} is encoded in a way that hubscope does not read; name another file",
                self.handle,
                clean(&column)
            ),
            _ => bail!(
                "{}: the file is damaged (column {}); download it again",
                self.handle,
                clean(&column)
            ),
        }
    }
}

/// Returns a reader of this many values, the first of these bytes of a chunk.
fn decompressor(chunk: &ColumnChunkMetadata, bytes: Buffer<u8>, values: i64) -> BasicDecompressor {
    let mut about = PageMetaData::from(chunk);
    about.num_values = values;
    let reader = PageReader::new_with_page_meta(Cursor::new(bytes), about, Vec::new(), usize::MAX);
    BasicDecompressor::new(reader, Vec::new())
}

/// The pages of a chunk that hold a batch's rows.
struct Needed {
    pages: Range<usize>,
    /// Values of these pages.
    values: usize,
    /// Rows of these pages before the batch.
    skipped: usize,
}

/// Returns the bytes of some pages of a chunk, after those of its dictionary.
fn bytes_of(chunk: &Buffer<u8>, pages: &[Page], some: Range<usize>) -> Buffer<u8> {
    let (before, rest) = pages.split_at(some.start);
    let own = rest[0].bytes.start..pages[some.end - 1].bytes.end;
    match before.first().filter(|page| page.is_dictionary) {
        // Without a copy.
        None => chunk.clone().sliced(own),
        Some(dictionary) if dictionary.bytes.end == own.start => chunk.clone().sliced(0..own.end),
        Some(dictionary) => [&chunk[dictionary.bytes.clone()], &chunk[own]]
            .concat()
            .into(),
    }
}

/// Finds the pages that a batch needs; `None` where it is not known which rows pages hold.
fn needed(
    pages: &[Page],
    batch: Batch,
    max_rep_level: i16,
    first_rows: &[usize],
) -> Option<Needed> {
    let dictionaries = pages.iter().take_while(|page| page.is_dictionary).count();
    let data = &pages[dictionaries..];
    let known = first_rows.len() == data.len();
    let mut firsts = Vec::with_capacity(data.len());
    let mut next = 0;
    for (at, page) in data.iter().enumerate() {
        firsts.push(if known { first_rows[at] } else { next });
        next += match max_rep_level {
            0 => page.values,
            _ if known => 0,
            _ => page.rows?,
        };
    }
    let start = firsts.partition_point(|first| *first <= batch.start);
    let start = start.checked_sub(1)?;
    let last = batch.start + batch.len;
    let end = firsts.partition_point(|first| match max_rep_level {
        0 => *first < last,
        // The last list may go on in the page where the next row begins.
        _ => *first <= last,
    });
    let own = &data[start..end];
    Some(Needed {
        pages: dictionaries + start..dictionaries + end,
        values: own.iter().map(|page| page.values).sum(),
        skipped: batch.start - firsts[start],
    })
}

pub(super) fn damaged(part: &Handle) -> anyhow::Error {
    anyhow!("{part}: the file is damaged; download it again")
}

/// Returns true if values of the type can be decoded.
fn is_readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Struct(fields) => !fields.is_empty() && fields.iter().all(|f| is_readable(&f.dtype)),
        T::LargeList(inner) => is_readable(&inner.dtype),
        T::Int8 | T::Int16 | T::UInt8 | T::UInt16 => true,
        T::Decimal(..) | T::Decimal32(..) | T::Decimal64(..) => true,
        _ => has_polars_type(dtype),
    }
}

/// Returns true if Polars, with the features it is built with here, has a type for it; it panics on
/// some of the others.
pub(super) fn has_polars_type(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Struct(fields) => fields.iter().all(|f| has_polars_type(&f.dtype)),
        T::LargeList(inner) => has_polars_type(&inner.dtype),
        T::Null | T::Boolean | T::Float32 | T::Float64 => true,
        T::Int32 | T::Int64 | T::UInt32 | T::UInt64 => true,
        T::Date32 | T::Time32(_) | T::Time64(_) | T::Timestamp(..) | T::Duration(_) => true,
        T::Utf8View | T::BinaryView | T::FixedSizeBinary(_) => true,
        _ => false,
    }
}
