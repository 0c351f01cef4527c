//! The columns of one model that are too wide to keep for all: tags, the counts by tensor type, the
//! GGUF header, the metadata of its card. They are read from the files when a model is looked at.

use anyhow::Result;
use polars::prelude::ArrowDataType;
use polars_arrow::array::Array;
use serde::Serialize;
use serde_json::{Map, Value};

use super::coerce;
use super::columns::each_tags;
use super::dtypes;
use super::files::{Batch, Files};
use super::nested;
use crate::engine::table::clean::clean;
use crate::engine::table::models::ModelId;

/// The wide columns of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Parameters by tensor type, the largest share first.
    pub dtypes: Vec<(String, i64)>,
    pub tags: Vec<String>,
    pub gguf: Option<Gguf>,
    /// The metadata of the model card; empty where the file has none.
    pub card: Map<String, Value>,
}

/// The header of a GGUF file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gguf {
    /// Parameters.
    pub total: Option<i64>,
    pub architecture: Option<String>,
    /// Tokens.
    pub context_length: Option<i64>,
    /// Size of all files together, in bytes.
    pub total_file_size: Option<i64>,
}

/// The row of a model in the files.
struct Row<'f> {
    files: &'f Files,
    batch: Batch,
    /// See [`crate::engine::tags::Tags::first_rows`].
    first_rows: &'f [u32],
}

/// Reads the wide columns of a model. `first_rows` is the first row of each page of tags, if it is
/// known: fewer pages are read then.
///
/// # Errors
/// When the file cannot be read any more, or is damaged there.
pub fn read(files: &Files, model: ModelId, first_rows: &[u32]) -> Result<Record> {
    let Some(row) = Row::of(files, model, first_rows) else {
        return Ok(Record::default());
    };
    Ok(Record {
        dtypes: dtypes::counts(files, row.batch)?,
        tags: row.tags()?,
        gguf: row.gguf()?,
        card: row.record("cardData", |_| true)?.unwrap_or_default(),
    })
}

impl Row<'_> {
    fn of<'f>(files: &'f Files, model: ModelId, first_rows: &'f [u32]) -> Option<Row<'f>> {
        let batch = files.batch_of(model.row())?;
        Some(Row {
            files,
            batch,
            first_rows,
        })
    }

    fn tags(&self) -> Result<Vec<String>> {
        let mut all = Vec::new();
        if let Some(leaf) = self.files.leaf(self.batch, &["tags"], self.first_rows)? {
            each_tags(&leaf, |_, tags| {
                all = tags.iter().map(|tag| clean(tag).into_owned()).collect();
                Ok(())
            })?;
        }
        Ok(all)
    }

    fn gguf(&self) -> Result<Option<Gguf>> {
        let json = self.record("gguf", |_| true)?;
        Ok(json.map(|json| {
            let number = |key: &str| json.get(key).and_then(nested::count);
            let word = |key: &str| Some(clean(json.get(key)?.as_str()?).into_owned());
            Gguf {
                total: number("total"),
                architecture: word("architecture"),
                context_length: number("context_length"),
                total_file_size: number("totalFileSize"),
            }
        }))
    }

    /// Reads an object: of a struct the members that are wanted, of JSON text all.
    fn record(
        &self,
        column: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Map<String, Value>>> {
        let members = self.files.members(self.batch, &[column]);
        if members.is_empty() {
            let leaf = self.files.flat(self.batch, &[column])?;
            let json = leaf.map(|leaf| leaf.texts());
            let json = json.as_ref().and_then(|json| json.get(0));
            return Ok(json.and_then(|json| serde_json::from_slice(json).ok()));
        }
        let mut found = Map::new();
        for member in members.into_iter().filter(|member| wanted(member)) {
            if let Some(leaf) = self.files.leaf(self.batch, &[column, member], &[])? {
                let values = leaf.range(0).filter_map(|at| value(&*leaf.values, at));
                let value = match leaf.is_list() {
                    true => Value::Array(values.collect()),
                    false => values.last().unwrap_or(Value::Null),
                };
                found.insert(member.to_owned(), value);
            }
        }
        let is_known = |value: &Value| !value.is_null();
        Ok(found.values().any(is_known).then_some(found))
    }
}

/// Returns a value of an array as JSON; `None` for a null.
fn value(array: &dyn Array, at: usize) -> Option<Value> {
    match array.dtype() {
        ArrowDataType::Struct(_) => None,
        dtype if coerce::is_text(dtype) => {
            let texts = coerce::texts(array);
            Some(String::from_utf8_lossy(texts.get(at)?).into())
        }
        _ => {
            let known = coerce::counts(array);
            let count = known.iter().nth(at)??;
            Some(Value::from(*count))
        }
    }
}
