//! The wide columns, a row group at a time: parameters, bases, tags and tensor types. Where a file
//! has them in the usual layout only the leaves that matter are decoded (`leaf.rs`); any other
//! layout, and whatever is damaged, goes through Polars and `nested.rs`, piece by piece.

mod values;

use anyhow::{Result, bail};
use polars::prelude::*;

use crate::engine::parquet::coerce;
use crate::engine::parquet::coerce::Coded;
use crate::engine::parquet::files::{Batch, Parquet};
use crate::engine::parquet::leaf::{EACH, Values};
use crate::engine::parquet::nested;
use crate::engine::parquet::wide::values::{
    Counted, Ids, Largest, Listed, Numbers, Relations, Stated, Tagged, Texts, Words, stand_in,
};
use crate::engine::table::arena::Part;
use crate::engine::table::clean::clean;
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::field::Field;
use crate::engine::tags::TagLists;

/// About how many bytes the ids of a group's rows take, with one behind each.
pub fn ids_size(files: &Parquet, group: Batch) -> usize {
    let column = files.first_in(group, Field::Id.info().columns);
    let size = column.map_or(0, |column| files.size_of(group, column));
    // Each has its length before it, in four bytes. A damaged file may claim anything.
    size.saturating_sub(group.len * 3).min(group.len * 128)
}

/// The ids of a group's rows. Of two columns for them the second fills the gaps of the first.
///
/// # Errors
/// When the group has no column of ids, or they are not text.
pub fn ids(files: &Parquet, group: Batch, to: &mut Part) -> Result<()> {
    match ids_of_leaf(files, group, to) {
        Some(()) => Ok(()),
        None => ids_of_pieces(files, group, to),
    }
}

fn ids_of_leaf(files: &Parquet, group: Batch, to: &mut Part) -> Option<()> {
    let columns = Field::Id.info().columns;
    let column = files.first_in(group, columns)?;
    let mut read = |is_plain| {
        let mut ids = Ids::new(files, group, to, is_plain);
        files.read_leaf(group, &[column], &ArrowDataType::Utf8View, &mut ids)?;
        ids.fill(group.len);
        Some((ids.lacks, ids.ids.is_plain()))
    };
    // To look at all together takes a fraction of the time.
    let lacks = match read(true)? {
        (lacks, true) => lacks,
        (_, false) => read(false)?.0,
    };
    let others = columns.iter().filter(|other| **other != column);
    let is_alone = others
        .copied()
        .all(|other| files.first_in(group, &[other]).is_none());
    (!lacks || is_alone).then_some(())
}

fn ids_of_pieces(files: &Parquet, group: Batch, to: &mut Part) -> Result<()> {
    to.clear();
    for piece in group.cut() {
        let frame = files.read(piece, Field::Id.info().columns)?;
        let ids = ids_of_frame(&frame)?;
        for (row, id) in files.range(piece).zip(ids.iter()) {
            match id {
                Some(id) if !id.is_empty() => to.push(id.as_bytes()),
                _ => to.push(stand_in(row).as_bytes()),
            }
        }
    }
    Ok(())
}

/// The ids of a frame; where a writer kept both names, the second fills the gaps of the first.
fn ids_of_frame(frame: &DataFrame) -> Result<StringChunked> {
    let columns = Field::Id.info().columns.iter();
    let present: Vec<&Series> = columns
        .filter_map(|name| Some(frame.column(name).ok()?.as_materialized_series()))
        .collect();
    let mut texts = present.iter().filter(|c| coerce::is_text(c.dtype()));
    let Some(first) = texts.next() else {
        match present.first() {
            Some(other) => bail!(
                "column {} holds {}, not ids; name a models file",
                other.name(),
                other.dtype()
            ),
            None => bail!("no column `id` or `modelId` in this shard; take it out of the folder"),
        }
    };
    let ids = coerce::text(first)?;
    match texts.next() {
        Some(second) if ids.null_count() > 0 => {
            let second = coerce::text(second)?;
            let either = ids.iter().zip(second.iter()).map(|(a, b)| a.or(b));
            Ok(either.collect_ca(ids.name().clone()))
        }
        _ => Ok(ids),
    }
}

/// Puts the parameter counts of a group's rows in their place, and tells in which source column of
/// [`Field::Params`] each was found; the others are not known.
///
/// # Errors
/// When the group is damaged.
pub fn params(files: &Parquet, group: Batch, place: &mut [i64]) -> Result<Coded> {
    let mut counted = Counted::new(place);
    for column in Field::Params.info().columns {
        counted.begin(column);
        if totals_of_leaf(files, group, column, &mut counted).is_none() {
            counted.forget();
            totals_of_pieces(files, group, column, &mut counted)?;
        }
    }
    Ok(counted.origins)
}

/// The `total` of a struct, or of an object in JSON text.
fn totals_of_leaf(files: &Parquet, group: Batch, column: &str, to: &mut Counted<'_>) -> Option<()> {
    let number = ArrowDataType::Int64;
    let read = files.read_leaf(group, &[column, "total"], &number, &mut Numbers(to));
    if read.is_none() {
        to.forget();
        files.read_leaf(group, &[column], &ArrowDataType::Utf8View, &mut Texts(to))?;
    }
    Some(())
}

fn totals_of_pieces(
    files: &Parquet,
    group: Batch,
    column: &str,
    to: &mut Counted<'_>,
) -> Result<()> {
    each_piece(files, group, column, |first, piece| {
        for (row, total) in (first..).zip(nested::totals(piece)?) {
            total.into_iter().for_each(|total| to.take(row, total));
        }
        Ok(())
    })
}

/// The bases that the rows of a group state in this column.
pub fn bases(files: &Parquet, group: Batch, column: &str) -> Result<EdgeList> {
    let mut bases = match bases_of_leaves(files, group, column) {
        Some(bases) => bases,
        None => bases_of_pieces(files, group, column)?,
    };
    // To free so much takes a while, and is best done on all cores.
    bases.base_names.close();
    Ok(bases)
}

fn bases_of_leaves(files: &Parquet, group: Batch, column: &str) -> Option<EdgeList> {
    let mut relations = Relations {
        how: vec![RelationCode::UNSTATED; group.len],
        bases: EdgeList::default(),
    };
    let text = ArrowDataType::Utf8View;
    files.read_leaf(group, &[column, "relation"], &text, &mut relations)?;
    let mut stated = Stated {
        first: row_number(files.range(group).start),
        relations,
    };
    files.read_leaf(group, &[column, "models", EACH, "id"], &text, &mut stated)?;
    Some(stated.relations.bases)
}

fn bases_of_pieces(files: &Parquet, group: Batch, column: &str) -> Result<EdgeList> {
    let start = files.range(group).start;
    let mut bases = EdgeList::default();
    each_piece(files, group, column, |first, piece| {
        let found = |row: usize, (how, base): nested::Stated<'_>| {
            bases.push(row_number(start + first + row), how, base);
        };
        match column {
            "tags" => nested::bases_of_tags(piece, found),
            _ => nested::bases(piece, found),
        }
    })?;
    Ok(bases)
}

/// The licence that the first tag of its kind states, of each of a group's rows, and the row that begins
/// first in each page of tags, if the file has them in pages. The tags themselves come into `lists`.
pub fn tags(files: &Parquet, group: Batch, lists: &mut TagLists) -> Result<(Coded, Vec<u32>)> {
    let Some((licenses, begun)) = tags_of_leaf(files, group, lists) else {
        return Ok((tags_of_pieces(files, group, lists)?, Vec::new()));
    };
    let rows = files.range(group);
    let begins = begun.iter().map(|begun| rows.start + begun);
    // In what begins no row any more nobody looks.
    let begins = begins.filter(|row| *row < rows.end);
    Ok((licenses, begins.map(row_number).collect()))
}

fn tags_of_leaf(
    files: &Parquet,
    group: Batch,
    lists: &mut TagLists,
) -> Option<(Coded, Vec<usize>)> {
    let mut tagged = Tagged::new(files, group, lists);
    let text = ArrowDataType::Utf8View;
    let begun = files.read_leaf(group, &["tags", EACH], &text, &mut tagged)?;
    Some((tagged.licenses, begun))
}

/// The tags of one row; `begins` as [`tags`] told it, or nothing. `None` where Polars is to read
/// them.
pub fn tags_of_row(files: &Parquet, row: usize, begins: &[u32]) -> Option<Vec<String>> {
    let first = files.range(files.group_of(row)?).start;
    let mut listed = Listed::of_row(row - first);
    let text = ArrowDataType::Utf8View;
    files.read_leaf_of(row, &["tags", EACH], &text, begins, &mut listed)?;
    let tags = listed.texts().map(|tag| Some(clean(tag?).into_owned()));
    tags.collect()
}

fn tags_of_pieces(files: &Parquet, group: Batch, lists: &mut TagLists) -> Result<Coded> {
    let mut tagged = Tagged::new(files, group, lists);
    each_piece(files, group, "tags", |first, piece| {
        nested::each_tag_list(piece, |row, tags| {
            tagged.begin(first + row);
            for tag in tags {
                if let Some(code) = tagged.code_in(tag.as_bytes(), tag.len()) {
                    tagged.take(first + row, code);
                }
            }
        })
    })?;
    Ok(tagged.licenses)
}

/// The tensor type that holds most of each model's parameters; of equal ones the first by name.
pub fn dtypes(files: &Parquet, group: Batch) -> Result<Coded> {
    match dtypes_of_leaves(files, group) {
        Some(dtypes) => Ok(dtypes),
        None => dtypes_of_pieces(files, group),
    }
}

fn dtypes_of_leaves(files: &Parquet, group: Batch) -> Option<Coded> {
    let path = ["safetensors", "parameters"];
    let mut largest = Largest::new(group);
    let names = files.members(group, &path);
    for name in &names {
        largest.begin(&clean(name));
        let path = [path[0], path[1], name];
        files.read_leaf(group, &path, &ArrowDataType::Int64, &mut largest)?;
    }
    (!names.is_empty()).then_some(largest.dtypes)
}

fn dtypes_of_pieces(files: &Parquet, group: Batch) -> Result<Coded> {
    let mut largest = Largest::new(group);
    each_piece(files, group, "safetensors", |first, piece| {
        nested::each_dtype(piece, |row, name, count| {
            largest.begin(name);
            largest.take(first + row, count);
        })
    })?;
    Ok(largest.dtypes)
}

/// The words of a column with one text a row.
///
/// # Errors
/// When the group is damaged.
pub fn words(files: &Parquet, group: Batch, column: &str) -> Result<Coded> {
    let mut words = Words::of_rows(group.len);
    let text = ArrowDataType::Utf8View;
    if files
        .read_leaf(group, &[column], &text, &mut words)
        .is_none()
    {
        words = Words::of_rows(group.len);
        each_piece(files, group, column, |first, piece| {
            for (row, text) in (first..).zip(coerce::text(piece)?.iter()) {
                text.into_iter().for_each(|text| words.take_text(row, text));
            }
            Ok(())
        })?;
    }
    Ok(words.coded())
}

/// Hands the column to `take`, as Polars reads it, in pieces: each with the number of its first row
/// in the group. Nothing where the file has no such column.
pub fn each_piece(
    files: &Parquet,
    group: Batch,
    column: &str,
    mut take: impl FnMut(usize, &Series) -> PolarsResult<()>,
) -> Result<()> {
    let mut first = 0;
    for piece in group.cut() {
        let frame = files.read(piece, &[column])?;
        if let Ok(column) = frame.column(column) {
            let column = column.as_materialized_series();
            take(first, column).map_err(|e| coerce::unusable(column.name(), &e))?;
        }
        first += piece.len;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "Loader::open refuses more rows"
)]
fn row_number(row: usize) -> u32 {
    row as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::engine::source::Source;
    use crate::engine::table::arena;
    use crate::engine::tags::{PartTags, Sighted, Tags};

    /// The built-in sample, and true rows where they lie beside the project.
    fn files() -> Vec<Parquet> {
        let real = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/hub_stats_real_2500.parquet");
        let real = real.is_file().then_some(Source::File(real));
        let sources = real.into_iter().chain([Source::Sample]);
        sources
            .map(|source| Parquet::open(&source).unwrap())
            .collect()
    }

    fn words_of(coded: &Coded) -> Vec<Option<&str>> {
        let word = |code: &u32| coded.names.get(*code as usize).map(String::as_str);
        coded.codes.iter().map(word).collect()
    }

    /// What the leaves say is what Polars makes of the whole columns.
    #[test]
    fn leaves_and_whole_columns_agree() {
        for (files, group) in files()
            .iter()
            .flat_map(|f| f.groups().into_iter().map(move |g| (f, g)))
        {
            let (mut leaf, mut whole) = (Part::default(), Part::default());
            ids_of_leaf(files, group, &mut leaf).unwrap();
            ids_of_pieces(files, group, &mut whole).unwrap();
            let ids = [leaf, whole].map(|part| arena::Texts::of(vec![part]).unwrap());
            assert!(ids[0].iter().eq(ids[1].iter()));
            for column in ["safetensors", "gguf"] {
                let [mut counts, mut of_whole] = [(); 2].map(|()| vec![0; group.len]);
                let mut leaf = Counted::new(&mut counts);
                let mut whole = Counted::new(&mut of_whole);
                leaf.begin(column);
                totals_of_leaf(files, group, column, &mut leaf).unwrap();
                assert!(leaf.origins.codes.contains(&0));
                whole.begin(column);
                totals_of_pieces(files, group, column, &mut whole).unwrap();
                assert_eq!(leaf.origins.codes, whole.origins.codes);
                assert_eq!(counts, of_whole);
            }
            let dtypes = dtypes_of_leaves(files, group).unwrap();
            assert!(dtypes.codes.iter().any(|code| *code != Coded::UNKNOWN));
            let whole = dtypes_of_pieces(files, group).unwrap();
            assert_eq!(words_of(&dtypes), words_of(&whole));
            let pairs = |bases: EdgeList| {
                let pair = |at: usize| {
                    (
                        bases.models[at],
                        bases.relation_names[usize::from(bases.relation_codes[at].0)].clone(),
                        bases.base_name(at).to_owned(),
                    )
                };
                (0..bases.len()).map(pair).collect::<Vec<_>>()
            };
            let bases = pairs(bases_of_leaves(files, group, "baseModels").unwrap());
            assert!(!bases.is_empty());
            assert_eq!(
                bases,
                pairs(bases_of_pieces(files, group, "baseModels").unwrap())
            );
            // What is read is what is read again into the same lists.
            let mut lists = TagLists::default();
            let mut part = |is_leaf| {
                let licenses = match is_leaf {
                    true => tags_of_leaf(files, group, &mut lists).unwrap().0,
                    false => tags_of_pieces(files, group, &mut lists).unwrap(),
                };
                let sighted = Sighted::among(files.rows);
                (
                    Tags::of(files.rows, &[PartTags::of(&mut lists, &sighted)]),
                    licenses,
                )
            };
            let ((leaf, of_leaf), (whole, of_whole)) = (part(true), part(false));
            assert_eq!(words_of(&of_leaf), words_of(&of_whole));
            let listed = |tags: &Tags| {
                tags.all()
                    .map(|t| (tags.name(t).to_owned(), tags.of_tag(t)))
                    .collect::<Vec<_>>()
            };
            assert_eq!(listed(&leaf), listed(&whole));
            assert_eq!(leaf.tagged(), whole.tagged());
            let (_, begins) = crate::engine::parquet::wide::tags(files, group, &mut lists).unwrap();
            let mut rare = BTreeSet::new();
            let frame = files.read(group, &["tags"]).unwrap();
            let column = frame.column("tags").unwrap().as_materialized_series();
            let first = files.range(group).start;
            let keep = |row: usize, tags: &[&str]| {
                // Each is read from its page.
                if row.is_multiple_of(97) {
                    let own = tags_of_row(files, first + row, &begins).unwrap();
                    let tags = tags.iter().map(|tag| clean(tag).into_owned());
                    assert!(own.into_iter().eq(tags));
                }
                rare.extend(tags.iter().filter(|_| row < 100).map(|t| (*t).to_owned()));
            };
            nested::each_tag_list(column, keep).unwrap();
            for tag in rare {
                assert_eq!(leaf.models(&tag), whole.models(&tag), "{tag}");
            }
        }
    }
}
