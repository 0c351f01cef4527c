//! The schema of a source: its columns and the use of each.

use anyhow::Result;
use polars::prelude::{ArrowDataType, ArrowField};
use serde::Serialize;

use crate::engine::parquet::coerce;
use crate::engine::parquet::files::{ColumnInfo, Files, type_name};
use crate::engine::parquet::samples::{leaf_samples, samples};
use crate::engine::source::Source;
use crate::engine::table::field::{FIELDS, Kind};

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
    /// The reason why it is not used, though its name is that of a field's column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
    /// A few of its values.
    pub samples: Vec<String>,
    /// The leaves of a nested column.
    pub members: Vec<Member>,
}

/// A leaf of a nested column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// The names on the way to it, with points between them and `[]` after each list.
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// A few of its values.
    pub samples: Vec<String>,
    #[serde(skip)]
    path: Vec<String>,
}

impl Member {
    /// Returns the leaves of a column; none of one that is not nested.
    fn all_of(info: &ColumnInfo) -> Vec<Member> {
        let mut members = Vec::new();
        let path = vec![info.name.clone()];
        Member::add(&info.dtype, (&info.name, &path), &mut members);
        members.retain(|member| member.path.len() > 1);
        members
    }

    fn add(dtype: &ArrowDataType, (name, path): (&str, &[String]), to: &mut Vec<Member>) {
        match dtype {
            ArrowDataType::Struct(fields) => {
                for field in fields {
                    let path = [path, &[field.name.to_string()]].concat();
                    Member::add(&field.dtype, (&format!("{name}.{}", field.name), &path), to);
                }
            }
            ArrowDataType::LargeList(inner) => {
                Member::add(&inner.dtype, (&format!("{name}[]"), path), to);
            }
            leaf => to.push(Member {
                name: name.to_owned(),
                kind: type_name(&ArrowField::new("".into(), leaf.clone(), true)),
                samples: Vec::new(),
                path: path.to_vec(),
            }),
        }
    }
}

impl Schema {
    /// Returns the schema from the footers alone: without nulls and samples.
    pub fn outline(source: &Source, files: &Files) -> Schema {
        let column = |info: ColumnInfo| {
            let uses = used_as(&info.name);
            let not_read = uses.as_ref().and_then(|_| misfit(files, &info));
            Column {
                used_as: uses.filter(|_| not_read.is_none()),
                not_read,
                members: Member::all_of(&info),
                name: info.name,
                kind: info.kind,
                nulls: None,
                samples: Vec::new(),
            }
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
            for member in &mut column.members {
                member.samples = leaf_samples(files, &member.path, SAMPLES)?;
            }
        }
        Ok(schema)
    }
}

/// The columns with nested values, as structs and lists or as JSON text.
const NESTED: [&str; 7] = [
    "safetensors",
    "gguf",
    "baseModels",
    "base_models",
    "bases",
    "tags",
    "cardData",
];

/// Returns why a column cannot be read as the fields of its name.
fn misfit(files: &Files, info: &ColumnInfo) -> Option<String> {
    use ArrowDataType as T;
    if !files.has(&info.name) {
        return Some(format!("values of type {} cannot be read", info.kind));
    }
    let is_nested = matches!(info.dtype, T::Struct(_) | T::LargeList(_));
    let is_time = matches!(info.dtype, T::Timestamp(..) | T::Date32 | T::Date64);
    let is_text = coerce::is_text(&info.dtype) || matches!(info.dtype, T::Utf8View);
    let mut kinds = FIELDS.iter().filter(|i| i.columns.contains(&&*info.name));
    let kind = kinds.next().map(|info| info.kind)?;
    let wanted = match kind {
        _ if is_text || info.dtype == T::Null => return None,
        _ if NESTED.contains(&&*info.name) => {
            (!is_nested).then_some("a struct, a list or JSON text")
        }
        Kind::Time => (!is_time).then_some("a time"),
        Kind::Text | Kind::Word => Some("text"),
        _ => (is_nested || is_time || info.dtype == T::Boolean).then_some("a number"),
    };
    wanted.map(|wanted| format!("{} is not {wanted}", info.kind))
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
        "cardData" => uses = vec!["license where no tag states one"],
        "license" => uses = vec!["license where no tag states one"],
        "relation" => uses = vec!["relation to the models of `bases`"],
        "safetensors" => uses.push("dtypes"),
        "baseModels" => uses.push("bases"),
        "gguf" => uses.push("gguf"),
        _ => {}
    }
    (!uses.is_empty()).then(|| uses.join(", "))
}
