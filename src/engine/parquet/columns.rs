//! The columns that fields are read from, a batch of rows at a time. Each has the layout of the day
//! or, in older files and in exports, one of its forerunners; both are read here.

use anyhow::{Result, bail};
use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use rustc_hash::FxHashMap;

use super::coerce;
use super::dictionary::ViewDictionary;
use super::files::{Batch, Files};
use super::leaf::Leaf;
use super::nested;
use crate::engine::table::arena::ArenaPart;
use crate::engine::table::builder::{ColumnPart, DictionaryEncoded};
use crate::engine::table::clean::clean_bytes;
use crate::engine::table::field::{Field, Kind};

/// Estimates the size of a batch's ids in bytes, with a separator after each.
pub fn ids_size(files: &Files, batch: Batch) -> usize {
    let column = files.first_in(batch, Field::Id.info().columns);
    let size = column.map_or(0, |column| files.size_of(batch, column));
    // Plain encoding has four bytes of length before each. A damaged file may claim anything.
    size.saturating_sub(batch.len * 3).min(batch.len * 128)
}

/// Reads the ids of a batch, cleaned. Where a writer has both columns for them, the second fills the
/// gaps of the first; a row without an id gets a stand-in.
///
/// # Errors
/// When the file has no column of ids, or they are not text.
pub fn ids(files: &Files, batch: Batch, to: &mut ArenaPart) -> Result<()> {
    let mut columns = Vec::new();
    for column in Field::Id.info().columns {
        if let Some(leaf) = files.flat(batch, &[column])? {
            columns.push((*column, leaf));
        }
    }
    let texts = columns
        .iter()
        .filter(|(_, leaf)| coerce::is_text(leaf.values.dtype()));
    let texts: Vec<BinaryViewArray> = texts.map(|(_, leaf)| leaf.texts()).collect();
    let Some(first) = texts.first() else {
        let other = files.first_in(batch, Field::Id.info().columns);
        let kind = |name: &str| files.columns().into_iter().find(|c| c.name == name);
        match other.and_then(kind) {
            Some(other) => bail!(
                "{}: column {} holds {}, not ids; name a models file",
                files.file(batch),
                other.name,
                other.kind
            ),
            None => bail!(
                "{}: no column `id` or `modelId` in this shard; take it out of the folder",
                files.file(batch)
            ),
        }
    };
    let start = files.range(batch).start;
    let stand_in = |row: usize| format!("(no id, row {})", start + row);
    let id = |row: usize| {
        texts
            .iter()
            .find_map(|ids| ids.get(row))
            .filter(|id| !id.is_empty())
    };
    for row in 0..first.len() {
        match id(row) {
            Some(id) => to.push(id),
            None => to.push(stand_in(row).as_bytes()),
        }
    }
    // To look at all of them together takes a fraction of the time.
    if !to.is_plain() {
        to.clear();
        for row in 0..first.len() {
            match id(row) {
                Some(id) => to.push(&clean_bytes(id)),
                None => to.push(stand_in(row).as_bytes()),
            }
        }
    }
    Ok(())
}

/// Reads the counts or times of a batch.
///
/// # Errors
/// When the file is damaged.
pub fn numbers(files: &Files, batch: Batch, field: Field, to: ColumnPart<i64>) -> Result<()> {
    let coerce = match field.info().kind {
        Kind::Time => coerce::times,
        _ => coerce::counts,
    };
    primitives(files, batch, field, to, coerce)
}

/// Reads the scores of a batch.
///
/// # Errors
/// When the file is damaged.
pub fn scores(files: &Files, batch: Batch, field: Field, to: ColumnPart<f64>) -> Result<()> {
    primitives(files, batch, field, to, coerce::scores)
}

fn primitives<T: NativeType>(
    files: &Files,
    batch: Batch,
    field: Field,
    to: ColumnPart<T>,
    coerce: impl Fn(&dyn Array) -> PrimitiveArray<T>,
) -> Result<()> {
    let Some(column) = files.first_in(batch, field.info().columns) else {
        return Ok(());
    };
    if let Some(leaf) = files.flat(batch, &[column])? {
        let values = coerce(&*leaf.values);
        to.values.copy_from_slice(values.values());
        let known = values.validity().cloned();
        *to.known = known.unwrap_or_else(|| Bitmap::new_with_value(true, batch.len));
    }
    Ok(())
}

/// Reads the parameter counts of a batch, and returns the source column of [`Field::Params`] that
/// each is from: the first that has one. A column of counts alone may have their sources beside it.
///
/// # Errors
/// When the file is damaged.
pub fn params(files: &Files, batch: Batch, to: ColumnPart<i64>) -> Result<DictionaryEncoded> {
    if files.first_in(batch, Field::Params.info().columns) == Some("params") {
        primitives(files, batch, Field::Params, to, coerce::counts)?;
        return words(files, batch, "params_source");
    }
    let mut sources = DictionaryEncoded::unknown(batch.len);
    for (code, column) in (0..).zip(Field::Params.info().columns) {
        sources.values.push((*column).to_owned());
        let totals = match files.flat(batch, &[column, "total"])? {
            Some(leaf) => coerce::counts(&*leaf.values),
            None => match files.flat(batch, &[column])? {
                Some(leaf) if coerce::is_text(leaf.values.dtype()) => totals_of_json(&leaf.texts()),
                Some(leaf) => coerce::counts(&*leaf.values),
                None => continue,
            },
        };
        coerce::each_known(&totals, |row, total| {
            if sources.codes[row] == DictionaryEncoded::UNKNOWN {
                (to.values[row], sources.codes[row]) = (total, code);
            }
        });
    }
    let known = sources.codes.iter();
    let known = known.map(|code| *code != DictionaryEncoded::UNKNOWN);
    *to.known = Bitmap::from_trusted_len_iter(known);
    Ok(sources)
}

/// Returns the total of each object. Few of them are distinct, and the views of a dictionary's value
/// are the same wherever it occurs.
fn totals_of_json(texts: &BinaryViewArray) -> PrimitiveArray<i64> {
    let mut seen: FxHashMap<u128, Option<i64>> = FxHashMap::default();
    let totals = texts.iter().zip(texts.views().iter()).map(|(json, view)| {
        let json = json?;
        let total = seen.entry(view.as_u128());
        *total.or_insert_with(|| nested::total(json))
    });
    totals.collect()
}

/// Reads the words of a batch.
///
/// # Errors
/// When the file is damaged.
pub fn words(files: &Files, batch: Batch, column: &str) -> Result<DictionaryEncoded> {
    match files.flat(batch, &[column])? {
        Some(leaf) => encoded(&leaf.texts()),
        None => Ok(DictionaryEncoded::unknown(batch.len)),
    }
}

/// Gives each distinct text a code; one without a letter is unknown.
pub(super) fn encoded(texts: &BinaryViewArray) -> Result<DictionaryEncoded> {
    let mut dictionary = ViewDictionary::default();
    let codes =
        texts
            .views()
            .iter()
            .enumerate()
            .map(|(at, view)| match texts.value(at).trim_ascii() {
                b"" => Ok(DictionaryEncoded::UNKNOWN),
                _ if texts.is_null(at) => Ok(DictionaryEncoded::UNKNOWN),
                _ => dictionary.code(texts, view, at),
            });
    let codes = codes.collect::<Result<_>>()?;
    let count = dictionary.values.count();
    let values = (0..count).map(|code| dictionary.values.get(code).to_owned());
    Ok(DictionaryEncoded {
        values: values.collect(),
        codes,
    })
}

/// Reads the licenses of a batch from a column that has nothing else, or from the cards.
///
/// # Errors
/// When the file is damaged.
pub fn licenses(files: &Files, batch: Batch, column: &str) -> Result<DictionaryEncoded> {
    if column != "cardData" {
        return words(files, batch, column);
    }
    let Some(leaf) = files.leaf(batch, &[column, "license"], &[])? else {
        let cards = files.flat(batch, &[column])?.map(|leaf| leaf.texts());
        let licenses = cards.iter().flat_map(BinaryViewArray::iter);
        let licenses = licenses.map(|card| nested::license(card?));
        let licenses = BinaryViewArray::from_slice(licenses.collect::<Vec<_>>());
        return match licenses.is_empty() {
            true => Ok(DictionaryEncoded::unknown(batch.len)),
            false => encoded(&licenses),
        };
    };
    let texts = leaf.texts();
    let first = |row: usize| leaf.range(row).find_map(|at| texts.get(at));
    let licenses: Vec<Option<&[u8]>> = (0..leaf.rows()).map(first).collect();
    encoded(&BinaryViewArray::from_slice(licenses))
}

/// Hands the tags of every row, as they are in the file, to `found`.
///
/// # Errors
/// When the leaf cannot be read, or of `found`.
pub fn each_tags(
    leaf: &Leaf,
    mut found: impl FnMut(usize, Vec<String>) -> Result<()>,
) -> Result<()> {
    let texts = leaf.texts();
    for row in 0..leaf.rows() {
        let own = leaf.range(row).filter_map(|at| texts.get(at));
        found(
            row,
            match leaf.is_list() {
                true => own
                    .map(|tag| String::from_utf8_lossy(tag).into_owned())
                    .collect(),
                false => own.flat_map(nested::tags).collect(),
            },
        )?;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the loader refuses more rows"
)]
pub(super) fn row_number(row: usize) -> u32 {
    row as u32
}
