//! Facts about the source: which one is opened and why, and what its footers say.

use std::env;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::cli::isolate::isolated;
use crate::engine::parquet::files::Files;
use crate::engine::parquet::schema::Schema;
use crate::engine::source::hub_cache::with_remedy;
use crate::engine::source::{Choice, Source};
use crate::engine::table::field::{FIELDS, Field};
use crate::present::facts::{Fact, FactSection};
use crate::present::format::{count, day, rfc3339};

/// Returns the facts about the source that was chosen, by a name if there is one.
pub fn facts(named: Option<&Path>, chosen: Result<(Source, Choice)>) -> FactSection {
    let facts = match chosen {
        Ok((source, choice)) => {
            let reason = match choice {
                Choice::Named => by_whom(named).to_owned(),
                found => found.to_string(),
            };
            let mut facts = vec![Fact::new("source", source.name()).because(reason)];
            facts.push(Fact::new("synthetic", source == Source::Sample));
            facts.extend(of_files(&source));
            facts.extend(of_footers(&source));
            facts
        }
        Err(error) => {
            let name = named.map(|path| path.display().to_string());
            let problem = with_remedy(format!("{error:#}"));
            vec![
                Fact::new("source", name)
                    .because(by_whom(named))
                    .wrong(problem),
            ]
        }
    };
    FactSection {
        name: "data",
        facts,
    }
}

fn by_whom(named: Option<&Path>) -> &'static str {
    let variable = env::var_os("HUBSCOPE_DATA");
    match variable.as_deref().map(Path::new) == named {
        true => "by $HUBSCOPE_DATA",
        false => "by the command line",
    }
}

/// The files as the system sees them.
fn of_files(source: &Source) -> Vec<Fact> {
    let files = source.files();
    let about: Vec<_> = files
        .iter()
        .filter_map(|file| file.metadata().ok())
        .collect();
    let modified = about.iter().filter_map(|about| about.modified().ok()).max();
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|time| i64::try_from(time.as_micros()).ok());
    match files.is_empty() {
        true => Vec::new(),
        false => vec![
            Fact::new("files", files.len()),
            Fact::of_bytes("bytes", Some(about.iter().map(|about| about.len()).sum())),
            Fact::new("modified_at", modified.and_then(rfc3339))
                .because("when the file was written"),
        ],
    }
}

/// The content as far as the footers state it.
fn of_footers(source: &Source) -> Vec<Fact> {
    let read = isolated(source, || {
        let files = Files::open(source)?;
        let newest = Field::LastModified.info().columns.iter();
        let newest = newest.filter_map(|column| files.newest(column)).max();
        Ok((Schema::outline(source, &files), newest))
    });
    let (schema, newest) = match read {
        Ok(read) => read,
        Err(error) => {
            let problem = with_remedy(format!("{error:#}"));
            return vec![
                Fact::new("models", None::<usize>)
                    .shown("unknown")
                    .wrong(problem),
            ];
        }
    };
    let newest = match newest {
        Some(time) => Fact::new("newest_commit", day(time)),
        None => Fact::new("newest_commit", None::<String>)
            .shown("unknown")
            .because("the footer does not state it"),
    };
    let models = Fact::new("models", schema.rows).shown(count(schema.rows));
    let columns = Fact::new("columns", schema.columns.len());
    vec![models, newest, columns, missing(&schema), not_read(&schema)]
}

/// The columns of fields, none of whose names the files have.
fn missing(schema: &Schema) -> Fact {
    let has = |name: &&str| schema.columns.iter().any(|column| column.name == *name);
    let missing = FIELDS
        .iter()
        .filter(|info| !info.columns.is_empty() && !info.columns.iter().any(has));
    let missing: Vec<&str> = missing.map(|info| info.columns[0]).collect();
    let has_id = !missing.contains(&Field::Id.info().columns[0]);
    let problem = "there is no column `id`, so this is no file of models; name another";
    Fact::new("missing_columns", missing).wrong_if((!has_id).then_some(problem))
}

/// The columns that have the names of fields, but other types.
fn not_read(schema: &Schema) -> Fact {
    let reasons = schema.columns.iter().filter_map(|column| {
        let reason = column.not_read.as_ref()?;
        Some(format!("{}: {reason}", column.name))
    });
    Fact::new("columns_not_read", reasons.collect::<Vec<_>>())
}
