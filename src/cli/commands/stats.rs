//! `hubscope stats`: statistics of any models, as JSON, as rows, or as a report.

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value};

use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput, parse_limit};
use crate::cli::output::stats::StatsJson;
use crate::cli::output::{json, markdown, section, table};
use crate::cli::within::{Where, Within};
use crate::engine::Hub;
use crate::engine::stats::summary::{Summary, summary};
use crate::engine::table::stage::Stage;
use crate::present::format::{count, day};
use crate::present::report::{self, KnownAuthors, WORDS};

#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub within: Where,
    /// Maximum number of words in each frequency table (0 = all)
    #[arg(long, default_value_t = WORDS, value_parser = parse_limit)]
    pub limit: usize,
    #[command(flatten)]
    pub output: TableOutput,
}

/// Prints the statistics.
///
/// # Errors
/// When the query is malformed, or the file is damaged where the most downloaded models are.
pub fn run(context: &mut CommandContext, args: &StatsArgs) -> Result<Found> {
    let within = Within::new(args.within.query.as_deref())?;
    // The licenses are read last.
    let hub = context.open(Stage::Complete)?;
    let set = within.models(hub)?;
    let summary = summary(&hub.models, &hub.graph, &hub.suspects, &set);
    match context.format {
        Format::Text if summary.models == 0 => {}
        Format::Text | Format::Markdown => {
            print_title(context, hub, &within, &summary)?;
            let authors = KnownAuthors::new();
            let sections = report::sections(hub, &authors, &set, &summary, args.limit);
            let mut sections = sections.iter();
            sections.try_for_each(|s| section::write(s, context.format, context.out))?;
        }
        Format::Json => {
            let figures = StatsJson::new(hub, &set, &summary, args.limit);
            json::write_sourced(&figures, &hub.source, context.out)?;
        }
        format => {
            let members = json::members(&StatsJson::new(hub, &set, &summary, args.limit))?;
            let rows = rows(&members).into_iter();
            table::write(format, &["figure", "value"], rows, context.out)?;
        }
    }
    within.found(hub, summary.models, 0, context)
}

/// Prints what the figures are of.
fn print_title(
    context: &mut CommandContext,
    hub: &Hub,
    within: &Within,
    summary: &Summary,
) -> Result<()> {
    let (models, all) = (count(summary.models), count(hub.models.len()));
    let newest = hub.newest().map(day);
    let age = newest.map_or(String::new(), |day| format!(", last change {day}"));
    let that = within.in_words();
    let line = format!("{models} models{that}, of {all} in {}{age}", hub.source);
    match context.format {
        Format::Markdown => {
            let line = markdown::escaped(&line);
            writeln!(context.out, "# Models of the Hugging Face Hub\n\n{line}.")?;
        }
        _ => writeln!(context.out, "{line}")?,
    }
    Ok(())
}

/// Returns the members as rows, those of nested objects under a path of names. In a table, the word of
/// a row is its name; of models there are the ids.
fn rows(members: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let below = |name: &str, members: &Map<String, Value>| {
        let rows = rows(members).into_iter();
        rows.map(|row| vec![format!("{name}.{}", row[0]), row[1].clone()])
            .collect::<Vec<_>>()
    };
    for (name, value) in members {
        match value {
            Value::Object(members) => all.extend(below(name, members)),
            Value::Array(items) if items.iter().any(|item| item.get("word").is_some()) => {
                for mut item in items.iter().filter_map(|item| item.as_object().cloned()) {
                    let word = item.remove("word");
                    let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
                    all.extend(below(&format!("{name}.{word}"), &item));
                }
            }
            value => all.push(vec![name.clone(), json::text(value)]),
        }
    }
    all
}
