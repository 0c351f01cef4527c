//! `hubscope schema`: the file's columns, what each is used for, and some of its values.

use std::io::Write;

use anyhow::Result;

use super::Found;
use super::args::Format;
use super::table;
use crate::engine::parquet::files::Files;
use crate::engine::parquet::schema::{Column, Schema};
use crate::engine::source::Source;
use crate::present::format;

/// No more characters of each value: cards have thousands.
const WIDEST: usize = 80;
/// No more characters of them together on a terminal.
const TOGETHER: usize = 60;

/// Prints the schema of a source.
///
/// # Errors
/// When a file is damaged, or nothing can be written.
pub fn run(source: &Source, format: Format, out: &mut impl Write) -> Result<Found> {
    let mut schema = super::apart(source, || Schema::of(source, &Files::open(source)?))?;
    for value in schema.columns.iter_mut().flat_map(|c| &mut c.samples) {
        *value = table::shortened(value, WIDEST);
    }
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
