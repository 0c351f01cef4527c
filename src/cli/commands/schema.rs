//! `hubscope schema`: the columns of the file, the use of each, and some of its values.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::cli::output::format::{Format, Output};
use crate::cli::output::{json, table};
use crate::engine::parquet::files::Files;
use crate::engine::parquet::schema::{Column, Schema};
use crate::engine::source::Source;
use crate::present::format::{UNKNOWN, count, percent, share, shortened};

/// The maximum length of a value: cards have thousands of characters.
const VALUE: usize = 80;
/// The maximum lengths of a type and of all values on a terminal.
const TYPE: usize = 34;
const VALUES: usize = 60;

const NAMES: [&str; 4] = ["name", "type", "nulls", "used_as"];

/// The schema as JSON.
#[derive(Serialize)]
struct SchemaJson {
    #[serde(flatten)]
    schema: Schema,
    synthetic: bool,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    #[command(flatten)]
    pub output: Output,
}

/// Prints the schema of the source.
///
/// # Errors
/// When a file is damaged.
pub fn run(context: &mut CommandContext) -> Result<Found> {
    let source = context.opener.source()?;
    context.explain_sample(&source)?;
    let mut schema = isolated(&source, || Schema::of(&source, &Files::open(&source)?))?;
    for value in schema.columns.iter_mut().flat_map(|c| &mut c.samples) {
        *value = shortened(value, VALUE);
    }
    let columns = schema.columns.iter();
    let rows = match context.format {
        Format::Json => {
            schema.source = source.name();
            let synthetic = source == Source::Sample;
            json::write(&SchemaJson { schema, synthetic }, context.out)?;
            return Ok(Found::Something);
        }
        Format::Text => {
            let models = count(schema.rows);
            writeln!(context.out, "{}: {models} models", schema.source)?;
            columns
                .map(|column| for_people(column, schema.rows))
                .collect()
        }
        _ => columns.map(row).collect::<Result<Vec<_>>>()?,
    };
    let header = [&NAMES[..], &["samples"]].concat();
    table::write(context.format, &header, rows.into_iter(), context.out)?;
    Ok(Found::Something)
}

fn row(column: &Column) -> Result<Vec<String>> {
    let mut cells = json::cells(column, &NAMES)?;
    cells.push(column.samples.join(" · "));
    Ok(cells)
}

fn for_people(column: &Column, rows: usize) -> Vec<String> {
    let nulls = column.nulls.map(|nulls| percent(share(nulls, rows)));
    let used = column.used_as.as_deref().unwrap_or("not used");
    vec![
        column.name.clone(),
        shortened(&column.kind, TYPE),
        nulls.unwrap_or_else(|| UNKNOWN.to_owned()),
        used.to_owned(),
        shortened(&column.samples.join(" · "), VALUES),
    ]
}
