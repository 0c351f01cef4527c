//! A Parquet file that has some of the leaves of another: which bytes of the other it consists of, in
//! which order, and its footer. The bytes of a column chunk are the same in both; only the offsets in
//! the footer differ.
//!
//! Format: <https://github.com/apache/parquet-format>.

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use polars_parquet_format::thrift::protocol::{TCompactInputProtocol, TCompactOutputProtocol};
use polars_parquet_format::{ColumnChunk, FileMetaData, KeyValue, RowGroup, SchemaElement};

use crate::engine::load::used::stage_of_leaf;
use crate::engine::table::stage::Stage;

/// The first and last bytes of a file.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// The bytes at the end of a file: the length of the footer in four, and the magic.
pub(super) const TAIL: usize = 8;

/// The most groups within each other: the format sets no bound, and the stack has one.
const DEEPEST: usize = 64;

/// The memory that decoding a footer may allocate for each of its bytes; lists claim their lengths.
pub(super) const MEMORY: usize = 64;

/// The key, in a thin file's footer, of the file that its bytes are of.
pub(super) const ORIGIN: &str = "hubscope.origin";

/// The columns to download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Columns beside those that the program reads.
    pub more: Vec<String>,
}

/// A column chunk: its bytes in the whole file, and where they begin in the thin one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub from: Range<u64>,
    pub to: u64,
    /// The stage that reads it.
    pub stage: Stage,
    /// Its leaf, counted in the whole file.
    pub leaf: usize,
}

impl Chunk {
    /// In bytes.
    pub fn length(&self) -> u64 {
        self.from.end - self.from.start
    }
}

/// The plan of a thin file.
#[derive(Debug)]
pub(super) struct ThinFile {
    /// In the order of the thin file, where they lie one after another from byte 4 on.
    pub chunks: Vec<Chunk>,
    /// The bytes after the chunks, up to the file's end.
    pub footer: Vec<u8>,
    /// The leaves of the whole file, by their names on the way, and their bytes.
    pub leaves: Vec<Leaf>,
    pub rows: i64,
}

/// A leaf of the whole file.
#[derive(Debug)]
pub(super) struct Leaf {
    pub path: Vec<String>,
    /// In bytes, in all row groups.
    pub size: u64,
    pub is_kept: bool,
}

impl ThinFile {
    /// Plans a thin file, of the leaves that are read up to a stage, from the footer of the whole one
    /// without its tail. `origin` names the whole file, in the thin one's footer.
    ///
    /// # Errors
    /// When the footer is damaged or encrypted, claims bytes beyond the file's `size`, or has none of
    /// the columns.
    pub fn plan(
        footer: &[u8],
        size: u64,
        wanted: &Wanted,
        origin: &str,
        last: Stage,
    ) -> Result<ThinFile> {
        let most = footer.len().saturating_mul(MEMORY);
        let mut input = TCompactInputProtocol::new(footer, most);
        let mut about = FileMetaData::read_from_in_protocol(&mut input)
            .ok()
            .context("its footer is damaged")?;
        ensure!(about.encryption_algorithm.is_none(), "it is encrypted");
        let paths = leaf_paths(&about.schema).context("its footer is damaged")?;
        let columns: Vec<&str> = paths.iter().map(|path| &*path[0]).collect();
        let stages: Vec<Option<Stage>> = paths
            .iter()
            .map(|path| match wanted.more.contains(&path[0]) {
                true => Some(stage_of_leaf(path, &columns).unwrap_or(Stage::Complete)),
                false => stage_of_leaf(path, &columns),
            })
            .map(|stage| stage.filter(|stage| *stage <= last))
            .collect();
        if let Some(name) = wanted.more.iter().find(|name| !columns.contains(&&***name)) {
            bail!("it has no column {name}");
        }
        ensure!(
            stages.iter().any(Option::is_some),
            "it has no column of models"
        );
        let mut plan = ThinFile {
            chunks: Vec::new(),
            footer: Vec::new(),
            leaves: paths
                .into_iter()
                .zip(&stages)
                .map(|(path, stage)| Leaf {
                    path,
                    size: 0,
                    is_kept: stage.is_some(),
                })
                .collect(),
            rows: about.num_rows,
        };
        let mut at = MAGIC.len() as u64;
        for group in &mut about.row_groups {
            plan.add_group(group, &stages, size, &mut at)?;
        }
        about.schema = pruned(&about.schema, &stages);
        if let Some(orders) = &mut about.column_orders {
            let mut kept = stages.iter().map(Option::is_some);
            orders.retain(|_| kept.next().unwrap_or_default());
        }
        // Writers state here the schema they had in memory, which the thin file does not have.
        about.key_value_metadata = Some(vec![KeyValue {
            key: ORIGIN.to_owned(),
            value: Some(origin.to_owned()),
        }]);
        plan.footer = encoded(&about)?;
        Ok(plan)
    }

    /// Takes the kept chunks of a row group, which begin at byte `at` of the thin file.
    fn add_group(
        &mut self,
        group: &mut RowGroup,
        stages: &[Option<Stage>],
        size: u64,
        at: &mut u64,
    ) -> Result<()> {
        ensure!(group.columns.len() == stages.len(), "its footer is damaged");
        let (start, mut uncompressed) = (*at, 0);
        let columns = std::mem::take(&mut group.columns).into_iter().zip(stages);
        for (leaf, (mut column, stage)) in columns.enumerate() {
            let from =
                bytes_of(&column, size).context("its footer claims bytes that are not there")?;
            self.leaves[leaf].size += from.end - from.start;
            let Some(stage) = *stage else { continue };
            let own = column.meta_data.as_ref();
            let own = own.map_or(0, |about| about.total_uncompressed_size);
            uncompressed = own.saturating_add(uncompressed);
            relocate(&mut column, from.start, *at);
            group.columns.push(column);
            let length = from.end - from.start;
            self.chunks.push(Chunk {
                from,
                to: *at,
                stage,
                leaf,
            });
            *at += length;
        }
        group.total_byte_size = uncompressed;
        group.total_compressed_size = Some(i64::try_from(*at - start)?);
        group.file_offset = Some(i64::try_from(start)?);
        // They name columns by number.
        group.sorting_columns = None;
        Ok(())
    }

    /// The length of the thin file in bytes.
    pub fn size(&self) -> u64 {
        self.footer_start() + self.footer.len() as u64
    }

    /// The offset of its footer.
    pub fn footer_start(&self) -> u64 {
        let last = self.chunks.last();
        last.map_or(MAGIC.len() as u64, |chunk| {
            chunk.to + chunk.from.end - chunk.from.start
        })
    }
}

/// Returns the paths of all leaves, in their order; `None` for a schema that is no tree.
fn leaf_paths(schema: &[SchemaElement]) -> Option<Vec<Vec<String>>> {
    let (mut paths, mut groups): (_, Vec<(String, i32)>) = (Vec::new(), Vec::new());
    let (root, elements) = schema.split_first()?;
    let mut left = root.num_children?;
    for element in elements {
        // Those of which all children are there end here.
        while groups.last().is_some_and(|(_, children)| *children == 0) {
            groups.pop();
        }
        match groups.last_mut() {
            Some((_, children)) => *children -= 1,
            None => left = left.checked_sub(1).filter(|left| *left >= 0)?,
        }
        match element.num_children.filter(|children| *children > 0) {
            Some(_) if groups.len() == DEEPEST => return None,
            Some(children) => groups.push((element.name.clone(), children)),
            None => {
                let mut path: Vec<String> = groups.iter().map(|(name, _)| name.clone()).collect();
                path.push(element.name.clone());
                paths.push(path);
            }
        }
    }
    (left == 0 && groups.iter().all(|(_, children)| *children == 0)).then_some(paths)
}

/// Returns the schema of the kept leaves: a group without any is left out.
fn pruned(schema: &[SchemaElement], stages: &[Option<Stage>]) -> Vec<SchemaElement> {
    fn children(
        of: i32,
        rest: &mut std::slice::Iter<SchemaElement>,
        stages: &mut std::slice::Iter<Option<Stage>>,
        to: &mut Vec<SchemaElement>,
    ) -> i32 {
        let mut kept = 0;
        for _ in 0..of {
            let Some(element) = rest.next() else { break };
            let at = to.len();
            to.push(element.clone());
            let is_kept = match element.num_children.filter(|children| *children > 0) {
                Some(of) => {
                    let own = children(of, rest, stages, to);
                    to[at].num_children = Some(own);
                    own > 0
                }
                None => stages.next().is_some_and(Option::is_some),
            };
            match is_kept {
                true => kept += 1,
                false => to.truncate(at),
            }
        }
        kept
    }
    let (mut rest, mut to) = (schema.iter(), Vec::new());
    if let Some(root) = rest.next() {
        to.push(root.clone());
        let of = root.num_children.unwrap_or_default();
        let kept = children(of, &mut rest, &mut stages.iter(), &mut to);
        to[0].num_children = Some(kept);
    }
    to
}

/// Returns the bytes of a chunk, from its dictionary on; `None` if they are not in a file of this size.
fn bytes_of(column: &ColumnChunk, size: u64) -> Option<Range<u64>> {
    let about = column.meta_data.as_ref()?;
    // Some writers state 0 where there is no dictionary.
    let dictionary = about.dictionary_page_offset.filter(|offset| *offset > 0);
    let start = dictionary.map_or(about.data_page_offset, |offset| {
        offset.min(about.data_page_offset)
    });
    let start = u64::try_from(start).ok()?;
    let length = u64::try_from(about.total_compressed_size).ok()?;
    let end = start.checked_add(length).filter(|end| *end <= size)?;
    let data = u64::try_from(about.data_page_offset).ok()?;
    let is_within = data < end || length == 0;
    (column.file_path.is_none() && is_within).then_some(start..end)
}

/// Moves the offsets of a chunk from its first byte in one file to that in another. Indexes and Bloom
/// filters, which lie elsewhere, are left out.
fn relocate(column: &mut ColumnChunk, from: u64, to: u64) {
    column.file_offset = 0;
    column.offset_index_offset = None;
    column.offset_index_length = None;
    column.column_index_offset = None;
    column.column_index_length = None;
    let moved = |offset: i64| offset - from.cast_signed() + to.cast_signed();
    if let Some(about) = &mut column.meta_data {
        about.data_page_offset = moved(about.data_page_offset);
        about.dictionary_page_offset = about
            .dictionary_page_offset
            .filter(|offset| *offset > 0)
            .map(moved);
        about.index_page_offset = None;
        about.bloom_filter_offset = None;
        about.bloom_filter_length = None;
    }
}

/// Returns a footer with its tail.
fn encoded(about: &FileMetaData) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    about.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut bytes))?;
    let length = u32::try_from(bytes.len())?;
    bytes.extend(length.to_le_bytes());
    bytes.extend(MAGIC);
    Ok(bytes)
}
