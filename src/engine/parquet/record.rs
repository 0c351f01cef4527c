//! Everything the files hold of one model that is too wide to keep for all of them: tags, the
//! dtype breakdown, the GGUF header, the licence. Read from the files when a model is looked at.

use anyhow::Result;
use polars::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::engine::parquet::coerce;
use crate::engine::parquet::files::Parquet;
use crate::engine::parquet::nested;
use crate::engine::parquet::wide;
use crate::engine::table::clean::clean;
use crate::engine::table::models::ModelId;

/// The wide columns of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Parameters by dtype, the largest share first.
    pub dtypes: Vec<(String, i64)>,
    pub tags: Vec<String>,
    /// The licence of the tags, else that of the card.
    pub license: Option<String>,
    pub gguf: Option<Gguf>,
}

/// What a GGUF file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gguf {
    /// Parameters.
    pub total: Option<i64>,
    pub architecture: Option<String>,
    /// Tokens.
    pub context_length: Option<i64>,
    /// All files together, in bytes.
    pub total_file_size: Option<i64>,
}

/// Reads the wide columns of a model. It takes less time where it is known which row `begins` first
/// in each page of tags, see [`crate::engine::tags::Tags::pages`].
///
/// # Errors
/// When the file cannot be read any more, or is damaged there.
pub fn read(files: &Parquet, model: ModelId, begins: &[u32]) -> Result<Record> {
    let row = files.read_row(model.row(), &["safetensors", "gguf"])?;
    let column = |name: &str| row.column(name).ok().map(Column::as_materialized_series);
    let mut record = Record {
        tags: tags(files, model, begins)?,
        ..Record::default()
    };
    if let Some(safetensors) = column("safetensors") {
        record.dtypes = dtypes(safetensors)?;
    }
    record.gguf = match column("gguf") {
        Some(gguf) => gguf_header(gguf)?,
        None => None,
    };
    record.license = license_of(files, model, &record.tags)?;
    Ok(record)
}

/// The licence of a model; `begins` as for [`read`].
///
/// # Errors
/// As [`read`].
pub fn license(files: &Parquet, model: ModelId, begins: &[u32]) -> Result<Option<String>> {
    license_of(files, model, &tags(files, model, begins)?)
}

fn license_of(files: &Parquet, model: ModelId, tags: &[String]) -> Result<Option<String>> {
    if let Some(license) = tags.iter().find_map(|t| t.strip_prefix("license:")) {
        return Ok(Some(license.to_owned()));
    }
    // By far the widest column, and seldom needed.
    let row = files.read_row(model.row(), &["cardData"])?;
    Ok(match row.column("cardData") {
        Ok(card) => license_of_card(card.as_materialized_series())?,
        Err(_) => None,
    })
}

fn tags(files: &Parquet, model: ModelId, begins: &[u32]) -> Result<Vec<String>> {
    match wide::tags_of_row(files, model.row(), begins) {
        Some(tags) => Ok(tags),
        None => Ok(tags_of_frame(&files.read_row(model.row(), &["tags"])?)?),
    }
}

/// The tags of a frame of one row.
fn tags_of_frame(row: &DataFrame) -> PolarsResult<Vec<String>> {
    let mut all = Vec::new();
    if let Ok(tags) = row.column("tags") {
        nested::each_tag_list(tags.as_materialized_series(), |_, tags| {
            all = tags.iter().map(|t| clean(t).into_owned()).collect();
        })?;
    }
    Ok(all)
}

/// The dtypes of a one-row `safetensors` column.
fn dtypes(column: &Series) -> PolarsResult<Vec<(String, i64)>> {
    let mut found = Vec::new();
    nested::each_dtype(column, |_, name, count| {
        found.push((name.to_owned(), count))
    })?;
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}

fn gguf_header(column: &Series) -> PolarsResult<Option<Gguf>> {
    let json = match column.dtype() {
        DataType::Struct(_) => {
            let mut fields = Map::new();
            for field in column.struct_()?.fields_as_series() {
                let value = match field.dtype() {
                    d if d.is_primitive_numeric() => {
                        coerce::counts(&field)?.get(0).map(Value::from)
                    }
                    _ => coerce::strings(&field)?.get(0).map(Value::from),
                };
                fields.extend(value.map(|v| (field.name().to_string(), v)));
            }
            (!fields.is_empty()).then_some(fields)
        }
        _ => json(column)?,
    };
    Ok(json.map(|json| {
        let number = |key: &str| json.get(key).and_then(nested::whole);
        let word = |key: &str| Some(clean(json.get(key)?.as_str()?).into_owned());
        Gguf {
            total: number("total"),
            architecture: word("architecture"),
            context_length: number("context_length"),
            total_file_size: number("totalFileSize"),
        }
    }))
}

fn license_of_card(column: &Series) -> PolarsResult<Option<String>> {
    if matches!(column.dtype(), DataType::Struct(_)) {
        return Ok(None);
    }
    let json = json(column)?;
    let license = json.as_ref().and_then(|card| match card.get("license")? {
        Value::Array(several) => several.first()?.as_str(),
        one => one.as_str(),
    });
    Ok(license.map(|l| clean(l).into_owned()))
}

/// The JSON object in a one-row text column.
fn json(column: &Series) -> PolarsResult<Option<Map<String, Value>>> {
    let text = nested::strings(column)?;
    Ok(text.get(0).and_then(|text| serde_json::from_str(text).ok()))
}
