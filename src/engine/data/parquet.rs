//! The parquet files of a source, opened together and read in batches of rows. What the columns
//! mean is decided in `load.rs`; this file only knows how to get at them, and which file to blame.

use std::ops::Range;

use anyhow::{Result, anyhow, bail};
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::*;

use super::source::{Part, Source};

/// No batch is longer than this many rows, so that one giant row group cannot fill the memory.
const BATCH_ROWS: usize = 262_144;

/// The opened files of one source; its rows are numbered through all of them.
pub struct Parquet {
    parts: Vec<Opened>,
    /// Rows in all files together.
    pub rows: usize,
}

struct Opened {
    part: Part,
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

/// A column of the files, as the first file that has it declares it.
pub struct ColumnInfo {
    pub name: String,
    pub dtype: DataType,
}

impl Parquet {
    /// Opens every file of the source and reads its footer.
    ///
    /// # Errors
    /// When a file cannot be read or is no parquet file, when there is not one row, and when no
    /// column holds model ids.
    pub fn open(source: &Source) -> Result<Parquet> {
        let mut parts = Vec::new();
        let mut rows = 0;
        for part in source.parts() {
            let mut reader = ParquetReader::new(part.open()?);
            let (metadata, schema) = (|| {
                let metadata = reader.get_metadata()?.clone();
                Ok((metadata, reader.schema()?))
            })()
            .map_err(|e| unreadable(&part, &e))?;
            let first = rows;
            rows += metadata.num_rows;
            parts.push(Opened {
                part,
                metadata,
                schema,
                first,
            });
        }
        let files = Parquet { parts, rows };
        if rows == 0 {
            bail!("{source}: the file holds no rows; choose another, or download it again");
        }
        Ok(files)
    }

    /// The first of these columns that any file has.
    pub fn first_of(&self, columns: &[&'static str]) -> Option<&'static str> {
        columns.iter().copied().find(|&c| self.has(c))
    }

    /// Whether any file has this column.
    pub fn has(&self, column: &str) -> bool {
        self.parts.iter().any(|p| p.schema.contains(column))
    }

    /// Every column of the files, in the order of their first appearance.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        let mut found: Vec<ColumnInfo> = Vec::new();
        for field in self.parts.iter().flat_map(|p| p.schema.iter_values()) {
            if found.iter().all(|c| c.name != field.name.as_str()) {
                let dtype = DataType::from_arrow_field(field);
                found.push(ColumnInfo {
                    name: field.name.to_string(),
                    dtype,
                });
            }
        }
        found
    }

    /// All rows, cut into batches.
    pub fn batches(&self) -> Vec<Batch> {
        let mut batches = Vec::new();
        for (part, opened) in self.parts.iter().enumerate() {
            let mut start = 0;
            for group in &opened.metadata.row_groups {
                let end = start + group.num_rows();
                while start < end {
                    let len = BATCH_ROWS.min(end - start);
                    batches.push(Batch { part, start, len });
                    start += len;
                }
            }
        }
        batches
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
            if opened.schema.contains(column) && !seen.iter().any(|s| s == column) {
                seen.push((*column).to_owned());
            }
        }
        if seen.is_empty() {
            return Ok(DataFrame::empty_with_height(batch.len));
        }
        let mut reader = ParquetReader::new(opened.part.open()?);
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

    /// How many rows have no value in this column.
    ///
    /// # Errors
    /// When the file turns out to be damaged.
    pub fn nulls(&self, column: &str) -> Result<usize> {
        let mut nulls = 0;
        for batch in self.batches() {
            let frame = self.read(batch, &[column])?;
            nulls += frame.column(column).map_or(batch.len, Column::null_count);
        }
        Ok(nulls)
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

/// One line for a file that the parquet reader refuses.
fn unreadable(part: &Part, error: &PolarsError) -> anyhow::Error {
    let reason = error.to_string();
    let reason = reason
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    anyhow!("{part}: not a whole parquet file ({reason}); download it again or name another file")
}
