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
    for column in &mut schema.columns {
        let members = column.members.iter_mut().flat_map(|m| &mut m.samples);
        for value in members.chain(&mut column.samples) {
            *value = shortened(value, VALUE);
        }
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
                .flat_map(|column| for_people(column, schema.rows))
                .collect()
        }
        Format::Ids => columns.map(|column| vec![column.name.clone()]).collect(),
        _ => {
            let rows = columns.map(rows).collect::<Result<Vec<_>>>()?;
            rows.concat()
        }
    };
    let header = [&NAMES[..], &["samples"]].concat();
    table::write(context.format, &header, rows.into_iter(), context.out)?;
    Ok(Found::Something)
}

/// Returns a column and its members as rows.
fn rows(column: &Column) -> Result<Vec<Vec<String>>> {
    let row = |cells: Vec<String>, samples: &[String]| [cells, vec![samples.join(" · ")]].concat();
    let own = row(json::cells(column, &NAMES)?, &column.samples);
    let members = column.members.iter();
    let members = members.map(|m| Ok(row(json::cells(m, &NAMES)?, &m.samples)));
    std::iter::once(Ok(own)).chain(members).collect()
}

/// The same with the members below their column.
fn for_people(column: &Column, rows: usize) -> Vec<Vec<String>> {
    let members = column.members.iter().map(|member| {
        let name = member.name.strip_prefix(&column.name).unwrap_or_default();
        vec![
            format!("  {name}"),
            shortened(&member.kind, TYPE),
            String::new(),
            String::new(),
            shortened(&member.samples.join(" · "), VALUES),
        ]
    });
    std::iter::once(line(column, rows)).chain(members).collect()
}

fn line(column: &Column, rows: usize) -> Vec<String> {
    let nulls = column.nulls.map(|nulls| percent(share(nulls, rows)));
    let used = match (&column.used_as, &column.not_read) {
        (Some(fields), _) => fields.clone(),
        (None, Some(reason)) => format!("not read: {reason}"),
        (None, None) => "not used".to_owned(),
    };
    vec![
        column.name.clone(),
        shortened(&column.kind, TYPE),
        nulls.unwrap_or_else(|| UNKNOWN.to_owned()),
        used,
        shortened(&column.samples.join(" · "), VALUES),
    ]
}
