//! The schema of a source: its columns and the use of each.

use anyhow::Result;
use serde::Serialize;

use crate::engine::parquet::files::{ColumnInfo, Files};
use crate::engine::parquet::samples::samples;
use crate::engine::source::Source;
use crate::engine::table::field::FIELDS;

/// Number of sample values of each column.
const SAMPLES: usize = 3;

/// The columns of a source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    /// Models in all files together.
    pub rows: usize,
    pub source: String,
    pub columns: Vec<Column>,
}

/// A column of the files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// The number of nulls; `None` where the type cannot be read.
    pub nulls: Option<usize>,
    /// The fields that are read from it; `None` where it is not used.
    pub used_as: Option<String>,
    /// A few of its values.
    pub samples: Vec<String>,
}

impl Schema {
    /// Returns the schema from the footers alone: without nulls and samples.
    pub fn outline(source: &Source, files: &Files) -> Schema {
        let column = |info: ColumnInfo| Column {
            used_as: used_as(&info.name).filter(|_| files.has(&info.name)),
            name: info.name,
            kind: info.kind,
            nulls: None,
            samples: Vec::new(),
        };
        Schema {
            rows: files.rows,
            source: source.to_string(),
            columns: files.columns().into_iter().map(column).collect(),
        }
    }

    /// The whole schema, for which the columns are read.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn of(source: &Source, files: &Files) -> Result<Schema> {
        let mut schema = Schema::outline(source, files);
        for column in &mut schema.columns {
            column.samples = samples(files, &column.name, SAMPLES)?;
            column.nulls = files.nulls(&column.name)?;
        }
        Ok(schema)
    }
}

/// The fields that a column serves for.
fn used_as(column: &str) -> Option<String> {
    let mut uses: Vec<&str> = FIELDS
        .iter()
        .filter(|i| i.columns.contains(&column))
        .map(|i| i.key)
        .collect();
    match column {
        "tags" => {
            uses = vec![
                "tags",
                "license",
                "relation and bases where there is no baseModels",
            ];
        }
        "cardData" => uses = vec!["license where no tag has it"],
        "safetensors" => uses.push("dtypes"),
        "baseModels" => uses.push("bases"),
        "gguf" => uses.push("gguf"),
        _ => {}
    }
    (!uses.is_empty()).then(|| uses.join(", "))
}
