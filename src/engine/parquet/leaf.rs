//! One leaf of a nested column, read straight from its pages by the decoders below Polars. Polars
//! makes whole columns: every child of a struct, and a string for every tag of every model. Here
//! only the leaf asked for is decoded, nothing is kept of a page once it is read, runs of nulls
//! cost nothing, and a word that stands in a dictionary is looked at once, however many rows have
//! it. Whatever is out of the ordinary, damage included, is left to Polars, which tells of it.

use std::io::Cursor;
use std::mem::take;
use std::ops::Range;

use polars::prelude::ArrowDataType;
use polars_buffer::Buffer;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::encoding::hybrid_rle::HybridRleDecoder;
use polars_parquet::parquet::page::{DataPage, split_buffer};
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, PageReader, n_columns};

use crate::engine::parquet::levels::{Filled, Levels, PageRows};

/// A leaf column of one row group.
pub struct Leaf {
    pages: BasicDecompressor,
    rows: usize,
    max_definition: i16,
    max_repetition: i16,
    /// Room for the rows of a page that have values.
    filled: Vec<Filled>,
}

/// Memory to read leaves in, one after another: what comes and goes with each lies scattered in
/// between what stays.
#[derive(Default)]
pub struct Spare {
    /// A column chunk, as it stands in the file.
    pub chunk: Vec<u8>,
    /// One of its pages, unpacked.
    page: Vec<u8>,
    filled: Vec<Filled>,
}

/// What takes the values of a leaf in.
pub trait Values {
    /// A value in the form that `take` gets it; for a word of a dictionary it is made once.
    type Value: Copy;

    /// Takes the first value off plainly encoded bytes; `None` where it is not whole.
    fn value(&mut self, plain: &mut &[u8]) -> Option<Self::Value>;

    /// Values of this row follow, counted within the row group; the first, or more.
    fn begin(&mut self, _row: usize) {}

    /// The row has this value. Rows come in ascending order.
    fn take(&mut self, row: usize, value: Self::Value);

    /// The same of a value that is first taken off plainly encoded bytes.
    fn take_plain(&mut self, row: usize, plain: &mut &[u8]) -> Option<()> {
        let value = self.value(plain)?;
        self.take(row, value);
        Some(())
    }
}

impl Leaf {
    /// The leaf that these bytes of a column chunk of so many rows hold. `None` where its values stand in
    /// lists within lists.
    pub fn new(
        bytes: Buffer<u8>,
        chunk: &ColumnChunkMetadata,
        rows: usize,
        spare: &mut Spare,
    ) -> Option<Leaf> {
        let descriptor = &chunk.descriptor().descriptor;
        if descriptor.max_rep_level > 1 {
            return None;
        }
        let pages = PageReader::new(Cursor::new(bytes), chunk, Vec::new(), usize::MAX);
        Some(Leaf {
            pages: BasicDecompressor::new(pages, take(&mut spare.page)),
            rows,
            max_definition: descriptor.max_def_level,
            max_repetition: descriptor.max_rep_level,
            filled: take(&mut spare.filled),
        })
    }

    /// Gives the memory back that it was read in.
    pub fn give_back(self, spare: &mut Spare) {
        spare.page = self.pages.into_inner();
        spare.filled = self.filled;
    }

    /// Hands every value that is not null to `values`, and tells how many rows begin before each page.
    /// `None` where Polars is to read the column instead; some values may have been handed over by
    /// then.
    pub fn read(&mut self, values: &mut impl Values) -> Option<Vec<usize>> {
        let dictionary = self.dictionary(values)?;
        let mut begun = Vec::new();
        let mut rows = self.rows_from(0)?;
        while let Some(page) = self.pages.next() {
            let page = page.ok()?.decompress(&mut self.pages).ok()?;
            begun.push(rows.next);
            self.read_page(&page, &dictionary, &mut rows, values)?;
            self.pages.reuse_page_buffer(page);
        }
        self.filled = rows.filled;
        (rows.next == self.rows).then_some(begun)
    }

    /// The same of the pages that a row lies in, and perhaps of some before: none where it is known
    /// how many rows begin before each page.
    pub fn read_row(
        &mut self,
        row: usize,
        begun: &[usize],
        values: &mut impl Values,
    ) -> Option<()> {
        let dictionary = self.dictionary(values)?;
        let skipped = begun.partition_point(|begun| *begun <= row);
        let skipped = skipped.saturating_sub(1);
        let first = begun.get(skipped).copied().unwrap_or(0);
        let mut rows = self.rows_from(first)?;
        let mut at = 0;
        // A list may go on in the next page: it ends where another row begins.
        while rows.next <= row + 1
            && let Some(page) = self.pages.next()
        {
            let page = page.ok()?;
            if at >= skipped {
                let page = page.decompress(&mut self.pages).ok()?;
                self.read_page(&page, &dictionary, &mut rows, values)?;
                self.pages.reuse_page_buffer(page);
            }
            at += 1;
        }
        (rows.next > row).then_some(())
    }

    fn rows_from(&mut self, next: usize) -> Option<PageRows> {
        let filled = take(&mut self.filled);
        PageRows::from(next, self.rows, filled)
    }

    fn dictionary<V: Values>(&mut self, values: &mut V) -> Option<Vec<V::Value>> {
        let mut dictionary = Vec::new();
        if let Some(page) = self.pages.read_dict_page().ok()? {
            let mut plain = &*page.buffer;
            for _ in 0..page.num_values {
                dictionary.push(values.value(&mut plain)?);
            }
        }
        Some(dictionary)
    }

    fn read_page<V: Values>(
        &self,
        page: &DataPage,
        dictionary: &[V::Value],
        rows: &mut PageRows,
        values: &mut V,
    ) -> Option<()> {
        let is_rle = |encoding| encoding == Encoding::Rle;
        if !is_rle(page.definition_level_encoding()) || !is_rle(page.repetition_level_encoding()) {
            return None;
        }
        let parts = split_buffer(page).ok()?;
        let definition = Levels::new(parts.def, self.max_definition)?;
        rows.filled.clear();
        match self.max_repetition {
            0 => rows.take_single(definition, page.num_values())?,
            _ => rows.take_lists(Levels::new(parts.rep, 1)?, definition, page.num_values())?,
        }
        let rows = &rows.filled;
        match page.encoding() {
            Encoding::Plain => {
                let mut plain = parts.values;
                for filled in rows {
                    let row = filled.row as usize;
                    values.begin(row);
                    for _ in 0..filled.values {
                        values.take_plain(row, &mut plain)?;
                    }
                }
            }
            Encoding::RleDictionary | Encoding::PlainDictionary if !rows.is_empty() => {
                let (width, coded) = parts.values.split_first()?;
                if *width > 32 {
                    return None;
                }
                let count: usize = rows.iter().map(|filled| filled.values as usize).sum();
                let codes = HybridRleDecoder::new(coded, u32::from(*width), count);
                let mut codes = codes.collect().ok()?.into_iter();
                for filled in rows {
                    let row = filled.row as usize;
                    values.begin(row);
                    for _ in 0..filled.values {
                        values.take(row, *dictionary.get(codes.next()? as usize)?);
                    }
                }
            }
            _ if rows.is_empty() => {}
            _ => return None,
        }
        Some(())
    }
}

/// The bytes of a column chunk.
pub fn place(chunk: &ColumnChunkMetadata) -> Option<Range<usize>> {
    let bytes = chunk.byte_range();
    Some(usize::try_from(bytes.start).ok()?..usize::try_from(bytes.end).ok()?)
}

/// In a path to a leaf, the way from a list to its values.
pub const EACH: &str = "*";

/// What stands at the end of a path in a column of this type: its first leaf, counted within the
/// column, and its own type. The steps are names of struct members, and [`EACH`].
pub fn find<'t>(dtype: &'t ArrowDataType, path: &[&str]) -> Option<(usize, &'t ArrowDataType)> {
    match (dtype, path) {
        (ArrowDataType::LargeList(inner), [step, path @ ..]) if *step == EACH => {
            find(&inner.dtype, path)
        }
        (ArrowDataType::Struct(members), [name, path @ ..]) => {
            let at = members.iter().position(|m| m.name == *name)?;
            let before: usize = members[..at].iter().map(|m| n_columns(&m.dtype)).sum();
            let (within, leaf) = find(&members[at].dtype, path)?;
            Some((before + within, leaf))
        }
        (leaf, []) => Some((0, leaf)),
        _ => None,
    }
}

/// A plainly encoded whole number.
pub fn number(plain: &mut &[u8]) -> Option<i64> {
    let (bytes, rest) = plain.split_first_chunk()?;
    *plain = rest;
    Some(i64::from_le_bytes(*bytes))
}

/// A plainly encoded text.
pub fn text<'p>(plain: &mut &'p [u8]) -> Option<&'p str> {
    std::str::from_utf8(bytes(plain)?).ok()
}

/// Plainly encoded bytes: their length before them.
pub fn bytes<'p>(plain: &mut &'p [u8]) -> Option<&'p [u8]> {
    let (text, length) = bytes_and_more(plain)?;
    Some(&text[..length])
}

/// The same with all that follows, and how many they are.
#[inline(always)]
pub fn bytes_and_more<'p>(plain: &mut &'p [u8]) -> Option<(&'p [u8], usize)> {
    let (length, text) = plain.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    *plain = text.get(length..)?;
    Some((text, length))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::parquet::files::Parquet;
    use crate::engine::source::Source;

    /// Keeps every value as text beside its row.
    struct Seen {
        first: usize,
        is_text: bool,
        values: Vec<String>,
        rows: Vec<(usize, usize)>,
    }

    impl Seen {
        fn empty(&self) -> Seen {
            Seen {
                first: self.first,
                is_text: self.is_text,
                values: Vec::new(),
                rows: Vec::new(),
            }
        }
    }

    impl Values for Seen {
        type Value = usize;

        fn value(&mut self, plain: &mut &[u8]) -> Option<usize> {
            self.values.push(match self.is_text {
                true => text(plain)?.to_owned(),
                false => number(plain)?.to_string(),
            });
            Some(self.values.len() - 1)
        }

        fn take(&mut self, row: usize, value: usize) {
            self.rows.push((self.first + row, value));
        }
    }

    /// All values of a leaf in a file, each with its row.
    fn read(files: &Parquet, path: &[&str], kind: &ArrowDataType) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        for group in files.groups() {
            let mut seen = Seen {
                first: files.range(group).start,
                is_text: *kind == ArrowDataType::Utf8View,
                values: Vec::new(),
                rows: Vec::new(),
            };
            let begun = files.read_leaf(group, path, kind, &mut seen).unwrap();
            let first = files.range(group).start;
            let begun: Vec<u32> = begun
                .iter()
                .map(|row| u32::try_from(first + row).unwrap())
                .collect();
            let rows = seen.rows.iter();
            let listed: Vec<_> = rows
                .map(|(row, at)| (*row, seen.values[*at].clone()))
                .collect();
            for row in files.range(group) {
                for begun in [&begun[..], &[]] {
                    let mut alone = seen.empty();
                    files
                        .read_leaf_of(row, path, kind, begun, &mut alone)
                        .unwrap();
                    let alone = alone
                        .rows
                        .iter()
                        .filter(|(own, _)| *own == row)
                        .map(|(_, at)| &alone.values[*at]);
                    let own = listed
                        .iter()
                        .filter(|(own, _)| *own == row)
                        .map(|(_, value)| value);
                    assert!(alone.eq(own));
                }
            }
            all.extend(listed);
        }
        all
    }

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Written by Polars in pages and row groups of any size, each leaf gives what was put in.
        #[test]
        fn a_leaf_holds_what_was_written(rows in prop::collection::vec(a_row(), 1..120), group in 1..80_usize, page in 1..400_usize, packed in any::<bool>()) {
            let lists: ListChunked = rows.iter().map(|(list, _)| {
                list.as_ref().map(|list| Series::new("".into(), list))
            }).collect();
            let members = [
                Series::new("x".into(), rows.iter().map(|(_, s)| s.as_ref().map(|s| s.1.as_str())).collect::<Vec<_>>()),
                Series::new("total".into(), rows.iter().map(|(_, s)| s.as_ref().and_then(|s| s.0)).collect::<Vec<_>>()),
            ];
            let records = StructChunked::from_series("record".into(), rows.len(), members.iter()).unwrap();
            let mut frame = DataFrame::new_infer_height(vec![
                lists.with_name("list".into()).cast(&DataType::List(Box::new(DataType::String))).unwrap().into_column(),
                records.into_series().into_column(),
            ]).unwrap();
            let file = tempfile::NamedTempFile::new().unwrap();
            ParquetWriter::new(File::create(file.path()).unwrap())
                .with_row_group_size(Some(group))
                .with_data_page_size(Some(page))
                .with_compression(if packed { ParquetCompression::Zstd(None) } else { ParquetCompression::Uncompressed })
                .finish(&mut frame)
                .unwrap();
            let files = Parquet::open(&Source::File(file.path().to_owned())).unwrap();
            let words = rows.iter().enumerate().flat_map(|(row, (list, _))| {
                list.iter().flatten().flatten().map(move |word| (row, word.clone()))
            });
            prop_assert_eq!(read(&files, &["list", EACH], &ArrowDataType::Utf8View), words.collect::<Vec<_>>());
            let totals = rows.iter().enumerate().filter_map(|(row, (_, s))| {
                Some((row, s.as_ref()?.0?.to_string()))
            });
            prop_assert_eq!(read(&files, &["record", "total"], &ArrowDataType::Int64), totals.collect::<Vec<_>>());
        }
    }
}
