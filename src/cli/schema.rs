//! `hubscope schema`: the file's columns, what each is used for, and some of its values.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::Found;
use super::args::Format;
use super::table;
use crate::engine::data::field::FIELDS;
use crate::engine::data::parquet::Parquet;
use crate::engine::data::samples::samples;
use crate::engine::data::source::Source;
use crate::format;

/// So many values of each column are shown.
const SAMPLES: usize = 3;
/// No more characters of each: cards have thousands.
const WIDEST: usize = 80;
/// No more characters of them together on a terminal.
const TOGETHER: usize = 60;

#[derive(Serialize)]
struct Schema {
    rows: usize,
    source: String,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// `None` where the type cannot be read.
    nulls: Option<usize>,
    used_as: Option<String>,
    samples: Vec<String>,
}

/// Prints the schema of a source.
///
/// # Errors
/// When a file is damaged, or nothing can be written.
pub fn run(source: &Source, format: Format, out: &mut impl Write) -> Result<Found> {
    let schema = super::apart(source, || schema(source))?;
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &schema)?;
        writeln!(out)?;
        return Ok(Found::Something);
    }
    if format == Format::Text {
        writeln!(
            out,
            "{}: {} models",
            schema.source,
            format::count(schema.rows)
        )?;
    }
    let header = ["name", "type", "nulls", "used_as", "samples"];
    table::write(format, &header, rows(&schema, format), out)?;
    Ok(Found::Something)
}

fn schema(source: &Source) -> Result<Schema> {
    let files = Parquet::open(source)?;
    let mut columns = Vec::new();
    for info in files.columns() {
        let samples = samples(&files, &info.name, SAMPLES)?;
        let samples = samples.iter().map(|value| table::shortened(value, WIDEST));
        columns.push(Column {
            nulls: files.nulls(&info.name)?,
            kind: info.kind,
            used_as: used_as(&info.name).filter(|_| files.has(&info.name)),
            samples: samples.collect(),
            name: info.name,
        });
    }
    Ok(Schema {
        rows: files.rows,
        source: source.to_string(),
        columns,
    })
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
            ]
        }
        "cardData" => uses = vec!["license where no tag has it"],
        "safetensors" => uses.push("dtypes"),
        "baseModels" => uses.push("bases"),
        "gguf" => uses.push("gguf"),
        _ => {}
    }
    (!uses.is_empty()).then(|| uses.join(", "))
}

fn rows(schema: &Schema, format: Format) -> impl Iterator<Item = Vec<String>> {
    let people = format == Format::Text;
    let row = move |column: &Column| {
        let nulls = match column.nulls {
            None if people => "nulls unknown".to_owned(),
            None => String::new(),
            Some(nulls) if people => {
                format!(
                    "{} null",
                    format::percent(format::share(nulls, schema.rows))
                )
            }
            Some(nulls) => nulls.to_string(),
        };
        let used = column
            .used_as
            .clone()
            .unwrap_or_else(|| if people { "not used" } else { "" }.to_owned());
        let kind = match people {
            true => table::shortened(&column.kind, 34),
            false => column.kind.clone(),
        };
        let samples = column.samples.join(" · ");
        let samples = match people {
            true => table::shortened(&samples, TOGETHER),
            false => samples,
        };
        vec![column.name.clone(), kind, nulls, used, samples]
    };
    schema.columns.iter().map(row)
}
