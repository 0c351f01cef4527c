//! The parquet files of a source: opened together, their rows numbered through all of them, and
//! read in batches.

use std::ops::Range;

use anyhow::{Context, Result, anyhow, ensure};
use polars::prelude::{ArrowDataType, ArrowField, DataType, PlSmallStr, Series};
use polars_arrow::array::{Array, new_null_array};
use polars_parquet::read::ColumnChunkMetadata;
use rustc_hash::FxHashSet;

pub use super::file::Batch;
use super::file::{OpenFile, damaged, has_polars_type};
use super::footer;
use super::leaf::{Leaf, Pruned, prune};
use super::pages::Page;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::source::handle::Handle;

/// The largest batch of a column of any width, in rows.
pub const WIDE_ROWS: usize = 1 << 20;

/// The opened files of one source.
pub struct Files {
    files: Vec<OpenFile>,
    /// Rows in all files together.
    pub rows: usize,
}

/// A column of the files, as the first file that has it declares it.
pub struct ColumnInfo {
    pub name: String,
    /// Its type, by Polars' name or, where Polars was not built to read it, by Arrow's.
    pub kind: String,
    pub dtype: ArrowDataType,
}

/// Returns the name of a type: that of Polars or, where Polars was not built to read it, of Arrow.
pub fn type_name(field: &ArrowField) -> String {
    match has_polars_type(&field.dtype) {
        true => DataType::from_arrow_field(field).to_string(),
        false => format!("{:?}", field.dtype).to_lowercase(),
    }
}

impl Files {
    /// Opens every file of the source and reads its footer.
    ///
    /// # Errors
    /// When a file cannot be read or is no parquet file, and when there is not one row.
    pub fn open(source: &Source) -> Result<Files> {
        let mut files = Vec::new();
        let (mut rows, mut bytes): (usize, u64) = (0, 0);
        for handle in source.open()? {
            let file = OpenFile::new(handle, rows)?;
            rows = rows.saturating_add(file.metadata.num_rows);
            bytes = bytes.saturating_add(file.handle.len());
            footer::check_rows(&file.handle, rows, bytes)?;
            files.push(file);
        }
        ensure!(
            rows > 0,
            "{source}: the file holds no rows; choose another, or download it again"
        );
        Ok(Files { files, rows })
    }

    /// Returns the fingerprint of the open files; `None` for the sample.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        Fingerprint::of_handles(self.files.iter().map(|file| &file.handle))
    }

    /// Returns the first of these columns that any file has.
    pub fn first_of(&self, columns: &[&'static str]) -> Option<&'static str> {
        columns.iter().copied().find(|&c| self.has(c))
    }

    /// Returns the first of these columns that the file of a batch has; shards may differ.
    pub fn first_in(&self, batch: Batch, columns: &[&'static str]) -> Option<&'static str> {
        let file = &self.files[batch.file];
        columns.iter().copied().find(|&c| file.has(c))
    }

    /// Returns true if any file has this column, in a type that can be read.
    pub fn has(&self, column: &str) -> bool {
        self.files.iter().any(|file| file.has(column))
    }

    /// Returns the newest time in a column in microseconds, as far as the statistics in the footers
    /// state it.
    pub fn newest(&self, column: &str) -> Option<i64> {
        let files = self.files.iter().map(|file| file.newest(column));
        files.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// The file that a batch is in.
    pub fn file(&self, batch: Batch) -> &Handle {
        &self.files[batch.file].handle
    }

    /// Returns every column of the files, in the order of their first appearance.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        let (mut found, mut names) = (Vec::new(), FxHashSet::default());
        for field in self.files.iter().flat_map(|file| file.schema.iter_values()) {
            if names.insert(&field.name) {
                found.push(ColumnInfo {
                    name: field.name.to_string(),
                    kind: type_name(field),
                    dtype: field.dtype.clone(),
                });
            }
        }
        found
    }

    /// Returns a batch for each row group, or several for one of more than `most` rows. To read a
    /// column in several batches may decode it as often.
    pub fn batches(&self, most: usize) -> Vec<Batch> {
        let mut batches = Vec::new();
        for (file, open) in self.files.iter().enumerate() {
            for (group, about) in open.metadata.row_groups.iter().enumerate() {
                let rows = about.num_rows();
                batches.extend((0..rows).step_by(most).map(|start| Batch {
                    file,
                    group,
                    start,
                    len: most.min(rows - start),
                }));
            }
        }
        batches
    }

    /// The rows of a batch, counted through all files.
    pub fn range(&self, batch: Batch) -> Range<usize> {
        let file = &self.files[batch.file];
        let first = file.first + file.starts[batch.group] + batch.start;
        first..first + batch.len
    }

    /// Returns the batch of one row, counted through all files; `None` for a row out of range.
    pub fn batch_of(&self, row: usize) -> Option<Batch> {
        let file = self.files.partition_point(|file| file.first <= row);
        let file = file.checked_sub(1)?;
        let (first, starts) = (self.files[file].first, &self.files[file].starts);
        let row = row - first;
        let group = starts.partition_point(|start| *start <= row) - 1;
        (group + 1 < starts.len()).then(|| Batch {
            file,
            group,
            start: row - starts[group],
            len: 1,
        })
    }

    /// Reads the leaf at a path in a column: the column's name and the struct members on the way.
    /// `None` where the file has no such leaf. `first_rows` is the first row, counted through all
    /// files, of each page of the leaf in all files, if it is known: fewer pages are read then.
    ///
    /// # Errors
    /// When the file is damaged or cannot be read any more.
    pub fn leaf(&self, batch: Batch, path: &[&str], first_rows: &[u32]) -> Result<Option<Leaf>> {
        let file = &self.files[batch.file];
        let Some((pruned, chunk)) = self.pruned(batch, path)? else {
            return Ok(None);
        };
        if pruned.is_flat() && file.is_all_null(chunk) {
            let values = new_null_array(pruned.dtype().clone(), batch.len);
            return Ok(Some(Leaf::new(values, Vec::new())?));
        }
        let first_rows = self.first_rows_of(batch, first_rows);
        let (array, pages) = file.decode(batch, pruned.field, &[chunk], &first_rows)?;
        let leaf = self.new_leaf(batch, array, pages)?;
        ensure!(leaf.rows() == batch.len, damaged(self.file(batch)));
        Ok(Some(leaf))
    }

    /// Reads the leaf at a path in a batch that is a whole row group, a run of pages at a time: each
    /// is decoded once, and long lists are never in memory all together. `None` where the file has no
    /// such leaf.
    ///
    /// # Errors
    /// As [`Files::leaf`], and the items are errors of their pages.
    pub fn runs(
        &self,
        batch: Batch,
        path: &[&str],
    ) -> Result<Option<impl Iterator<Item = Result<Leaf>> + Send>> {
        let Some((pruned, chunk)) = self.pruned(batch, path)? else {
            return Ok(None);
        };
        let runs = self.files[batch.file].runs(batch, pruned.field, chunk)?;
        let mut rows = 0;
        let leaves = runs
            .map(Some)
            .chain([None])
            .filter_map(move |run| match run {
                Some(run) => {
                    let leaf = run.and_then(|(array, pages)| self.new_leaf(batch, array, pages));
                    rows += leaf.as_ref().map_or(0, Leaf::rows);
                    Some(leaf)
                }
                None => (rows != batch.len).then(|| Err(damaged(self.file(batch)))),
            });
        Ok(Some(leaves))
    }

    /// Prunes a column to the leaf at a path, and returns it with its chunk.
    fn pruned(
        &self,
        batch: Batch,
        path: &[&str],
    ) -> Result<Option<(Pruned, &ColumnChunkMetadata)>> {
        let file = &self.files[batch.file];
        let Some((column, members)) = path.split_first() else {
            return Ok(None);
        };
        let field = file.schema.get(column).filter(|_| file.has(column));
        let Some(pruned) = field.and_then(|field| prune(field, members)) else {
            return Ok(None);
        };
        let chunks = file.chunks(batch, column)?;
        let chunk = chunks.get(pruned.leaf);
        let chunk = chunk.with_context(|| damaged(self.file(batch)))?;
        Ok(Some((pruned, chunk)))
    }

    fn new_leaf(&self, batch: Batch, array: Box<dyn Array>, pages: Vec<Page>) -> Result<Leaf> {
        let leaf = Leaf::new(array, pages);
        leaf.map_err(|error| anyhow!("{}: {error}", self.file(batch)))
    }

    /// Reads a leaf that has one value a row; `None` where the file has no such leaf, or lists of it.
    ///
    /// # Errors
    /// As [`Files::leaf`].
    pub fn flat(&self, batch: Batch, path: &[&str]) -> Result<Option<Leaf>> {
        let leaf = self.leaf(batch, path, &[])?;
        Ok(leaf.filter(|leaf| !leaf.is_list()))
    }

    /// Reads a whole column as Polars has it; `None` where the file has none of this name, or of a
    /// type that Polars was not built for.
    ///
    /// # Errors
    /// As [`Files::leaf`].
    pub fn series(&self, batch: Batch, column: &str) -> Result<Option<Series>> {
        let field = self.files[batch.file].schema.get(column);
        if !field.is_some_and(|field| has_polars_type(&field.dtype)) {
            return Ok(None);
        }
        let array = self.column(batch, column)?;
        let series = |array| Series::from_arrow(PlSmallStr::from_str(column), array);
        let series = array.map(series).transpose();
        series.map_err(|_| damaged(self.file(batch)))
    }

    /// Reads a whole column; `None` where the file has none of this name.
    ///
    /// # Errors
    /// As [`Files::leaf`].
    fn column(&self, batch: Batch, column: &str) -> Result<Option<Box<dyn Array>>> {
        let file = &self.files[batch.file];
        let Some(field) = file.schema.get(column).filter(|_| file.has(column)) else {
            return Ok(None);
        };
        let chunks = file.chunks(batch, column)?;
        let (array, _) = file.decode(batch, field.clone(), &chunks, &[])?;
        ensure!(array.len() == batch.len, damaged(self.file(batch)));
        Ok(Some(array))
    }

    /// Those first rows of pages that are of a batch's row group, counted within it.
    fn first_rows_of(&self, batch: Batch, first_rows: &[u32]) -> Vec<usize> {
        let rows = self.files[batch.file].metadata.row_groups[batch.group].num_rows();
        let start = self.range(batch).start - batch.start;
        let before = |end: usize| first_rows.partition_point(|row| (*row as usize) < end);
        let own = &first_rows[before(start)..before(start + rows)];
        own.iter().map(|row| *row as usize - start).collect()
    }

    /// Returns the number of rows without a value in this column; `None` where it is of a type that
    /// cannot be read.
    ///
    /// # Errors
    /// As [`Files::leaf`].
    pub fn nulls(&self, column: &str) -> Result<Option<usize>> {
        let unreadable = |file: &OpenFile| file.schema.contains(column) && !file.has(column);
        if self.files.iter().any(unreadable) {
            return Ok(None);
        }
        let mut nulls = 0;
        for batch in self.batches(WIDE_ROWS) {
            let array = self.column(batch, column)?;
            nulls += array.map_or(batch.len, |array| array.null_count());
        }
        Ok(Some(nulls))
    }

    /// Returns the names of the members of the struct at this path, in the file of a batch.
    pub fn members(&self, batch: Batch, path: &[&str]) -> Vec<&str> {
        let schema = &self.files[batch.file].schema;
        let mut dtype = path
            .first()
            .and_then(|column| schema.get(column))
            .map(|f| &f.dtype);
        for name in path.iter().skip(1) {
            dtype = match dtype {
                Some(ArrowDataType::Struct(members)) => {
                    members.iter().find(|m| m.name == *name).map(|m| &m.dtype)
                }
                _ => None,
            };
        }
        match dtype {
            Some(ArrowDataType::Struct(members)) => {
                members.iter().map(|m| m.name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The size of a batch's share of a column in memory, in bytes, as the file states it.
    pub fn size_of(&self, batch: Batch, column: &str) -> usize {
        let file = &self.files[batch.file];
        let group = &file.metadata.row_groups[batch.group];
        let chunks = group.columns_under_root_iter(column).into_iter().flatten();
        let sizes = chunks.filter_map(|chunk| usize::try_from(chunk.uncompressed_size()).ok());
        let size = sizes.fold(0, usize::saturating_add);
        size / group.num_rows().div_ceil(batch.len).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::parquet::coerce::counts;

    type Row = (Option<Vec<Option<String>>>, Option<(Option<i64>, String)>);

    fn a_row() -> impl Strategy<Value = Row> {
        let word = prop::option::of("[abc]{0,2}|[a-z模]{13,20}");
        let words = |count| prop::collection::vec(word.clone(), count);
        let list = prop::option::of(prop_oneof![9 => words(0..4_usize), 1 => words(60..140)]);
        (
            list,
            prop::option::of((prop::option::of(any::<i64>()), "[xy]?")),
        )
    }

    fn frame(rows: &[Row]) -> DataFrame {
        let lists: ListChunked = rows
            .iter()
            .map(|(list, _)| list.as_ref().map(|list| Series::new("".into(), list)))
            .collect();
        let texts = DataType::List(Box::new(DataType::String));
        let lists = lists.with_name("list".into()).cast(&texts).unwrap();
        let text = rows.iter().map(|(_, s)| s.as_ref().map(|s| s.1.as_str()));
        let total = rows.iter().map(|(_, s)| s.as_ref().and_then(|s| s.0));
        let members = [
            Series::new("x".into(), text.collect::<Vec<_>>()),
            Series::new("total".into(), total.collect::<Vec<_>>()),
        ];
        let records = StructChunked::from_series("record".into(), rows.len(), members.iter());
        let records = records.unwrap().into_series().into_column();
        DataFrame::new(rows.len(), vec![lists.into_column(), records]).unwrap()
    }

    /// Every value of a list's batch, with the number of its row.
    fn words(files: &Files, batch: Batch, first_rows: &[u32]) -> Vec<(usize, String)> {
        let leaf = files.leaf(batch, &["list"], first_rows).unwrap().unwrap();
        let texts = leaf.texts();
        let mut words = Vec::new();
        for (at, row) in files.range(batch).enumerate() {
            let own = leaf.range(at).filter_map(|at| texts.get(at));
            words.extend(own.map(|word| (row, str::from_utf8(word).unwrap().to_owned())));
        }
        words
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Written by Polars in pages and row groups of any size, each leaf has the values that were put
        /// in: read whole, in batches, or row by row.
        #[test]
        fn a_leaf_has_what_was_written(rows in prop::collection::vec(a_row(), 1..120), group in 1..80_usize, page in 1..400_usize, packed in any::<bool>(), most in 1..80_usize) {
            let file = tempfile::NamedTempFile::new().unwrap();
            ParquetWriter::new(File::create(file.path()).unwrap())
                .with_row_group_size(Some(group))
                .with_data_page_size(Some(page))
                .with_compression(if packed { ParquetCompression::Zstd(None) } else { ParquetCompression::Uncompressed })
                .finish(&mut frame(&rows))
                .unwrap();
            let files = Files::open(&Source::File(file.path().to_owned())).unwrap();
            let wanted: Vec<(usize, String)> = rows.iter().enumerate().flat_map(|(row, (list, _))| {
                list.iter().flatten().flatten().map(move |word| (row, word.clone()))
            }).collect();
            let batches = files.batches(most);
            let read: Vec<_> = batches.iter().flat_map(|batch| words(&files, *batch, &[])).collect();
            prop_assert_eq!(&read, &wanted);
            let mut in_runs = Vec::new();
            for batch in files.batches(usize::MAX) {
                let mut row = files.range(batch).start;
                for leaf in files.runs(batch, &["list"]).unwrap().unwrap() {
                    let leaf = leaf.unwrap();
                    prop_assert_eq!(leaf.lead(), 0..0);
                    let texts = leaf.texts();
                    for at in 0..leaf.rows() {
                        let own = leaf.range(at).filter_map(|at| texts.get(at));
                        in_runs.extend(own.map(|word| (row, str::from_utf8(word).unwrap().to_owned())));
                        row += 1;
                    }
                }
            }
            prop_assert_eq!(&in_runs, &wanted);
            let totals: Vec<Option<i64>> = batches.iter().flat_map(|batch| {
                let leaf = files.leaf(*batch, &["record", "total"], &[]).unwrap().unwrap();
                counts(&*leaf.values).iter().map(|n| n.copied()).collect::<Vec<_>>()
            }).collect();
            let known = |row: &Row| row.1.as_ref().and_then(|s| s.0).filter(|n| *n >= 0);
            prop_assert_eq!(totals, rows.iter().map(known).collect::<Vec<_>>());
            // Row by row, with the pages that whole row groups were found to have.
            let first_rows: Vec<u32> = files.batches(usize::MAX).iter().flat_map(|batch| {
                let leaf = files.leaf(*batch, &["list"], &[]).unwrap().unwrap();
                let start = files.range(*batch).start;
                leaf.first_rows().into_iter().map(move |row| u32::try_from(start + row).unwrap())
            }).collect();
            for row in 0..rows.len() {
                let batch = files.batch_of(row).unwrap();
                let own: Vec<_> = wanted.iter().filter(|(own, _)| *own == row).cloned().collect();
                prop_assert_eq!(&words(&files, batch, &first_rows), &own);
                prop_assert_eq!(&words(&files, batch, &[]), &own);
            }
        }
    }
}
