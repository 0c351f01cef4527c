//! `hubscope doctor`: facts about the program, the machine, the terminal and the data, for a bug
//! report. Nothing is written, no model is read, and whatever is broken is a line.

mod cache;
mod data;
mod program;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::{json, table};
use crate::engine::source::Source;
use crate::hub;
use crate::present::facts::{Fact, FactSection};
use crate::present::privacy::Privacy;

/// The longest line of a report that is pasted, in columns.
const PASTED_WIDTH: usize = 100;

#[derive(Clone, Copy, Debug, Args)]
pub struct DoctorArgs {
    /// Also ask the Hub whether it answers; without it, nothing uses the network
    #[arg(long)]
    pub network: bool,
    #[command(flatten)]
    pub output: TableOutput,
}

/// All facts, as JSON.
struct ReportJson<'r>(&'r [FactSection]);

/// A problem, with the fact that it is about.
#[derive(Serialize)]
struct ProblemJson<'r> {
    section: &'r str,
    fact: &'r str,
    problem: &'r str,
}

impl Serialize for ReportJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for section in self.0 {
            object.serialize_entry(section.name, section)?;
        }
        object.serialize_entry("problems", &problems(self.0))?;
        object.end()
    }
}

fn problems(sections: &[FactSection]) -> Vec<ProblemJson<'_>> {
    let of_fact = |section: &'static str, fact: &'static str| {
        move |problem| ProblemJson {
            section,
            fact,
            problem,
        }
    };
    let facts = sections.iter().flat_map(|section| {
        let facts = section.facts.iter();
        facts.map(|fact| (section.name, fact))
    });
    let problems = facts.flat_map(|(section, fact)| {
        let problems = fact.problems.iter().map(String::as_str);
        problems.map(of_fact(section, fact.name))
    });
    problems.collect()
}

/// Prints the facts; finds something where nothing is wrong. `explorer` returns the sections of the
/// terminal and the config file, which this floor does not know.
///
/// # Errors
/// When they cannot be printed.
pub fn run(
    context: &mut CommandContext,
    args: &DoctorArgs,
    explorer: impl FnOnce() -> [FactSection; 2],
) -> Result<Found> {
    let [terminal, config] = explorer();
    let source = Source::chosen(context.opener.data.as_deref());
    let opened = source.as_ref().ok().map(|(source, _)| source);
    let mut sections = vec![
        program::program(),
        program::system(),
        program::environment(),
        terminal,
        cache::facts(context.opener.cache.is_some(), opened),
        config,
        hub::facts(args.network),
    ];
    sections.insert(4, data::facts(context.opener.data.as_deref(), source));
    let privacy = Privacy::of_user(hub::secrets());
    let facts = sections.iter_mut().flat_map(|section| &mut section.facts);
    facts.for_each(|fact| fact.map_text(&|text| privacy.hide(text)));
    print(&sections, context)?;
    Ok(Found::from(problems(&sections).is_empty()))
}

fn print(sections: &[FactSection], context: &mut CommandContext) -> Result<()> {
    match context.format {
        Format::Json => json::write(&ReportJson(sections), context.out),
        Format::Text => {
            let lines = report(sections, context.width);
            Ok(write!(context.out, "{lines}")?)
        }
        Format::Markdown => {
            let lines = report(sections, PASTED_WIDTH);
            Ok(write!(context.out, "```text\n{lines}```\n")?)
        }
        format => {
            let header = ["section", "fact", "value", "reason", "problems"];
            let rows = sections.iter().flat_map(|section| {
                let facts = section.facts.iter();
                facts.map(|fact| row(section.name, fact))
            });
            table::write(format, &header, rows, context.out)
        }
    }
}

fn row(section: &str, fact: &Fact) -> Vec<String> {
    let reason = fact.reason.clone().unwrap_or_default();
    let value = json::text(&fact.value);
    let problems = fact.problems.join(" · ");
    vec![
        section.to_owned(),
        fact.name.to_owned(),
        value,
        reason,
        problems,
    ]
}

/// Returns the facts as text for people, in lines of at most this many columns.
fn report(sections: &[FactSection], width: usize) -> String {
    let facts = sections.iter().flat_map(|section| &section.facts);
    let widest = facts.map(|fact| in_words(fact.name).len()).max();
    let widest = widest.unwrap_or(0);
    let mut report = String::new();
    for section in sections.iter().filter(|section| !section.facts.is_empty()) {
        let title = in_words(section.name).to_uppercase();
        report.push_str(&format!("{title}\n"));
        for fact in &section.facts {
            let name = in_words(fact.name);
            let lead = format!("  {name:widest$}  ");
            report.push_str(&paragraph(&lead, &text_of(fact), width));
            for problem in &fact.problems {
                report.push_str(&paragraph("  ! ", problem, width));
            }
        }
        report.push('\n');
    }
    let problems = problems(sections);
    if problems.is_empty() {
        return report + "No problems found\n";
    }
    report.push_str("PROBLEMS\n");
    for (number, problem) in (1..).zip(&problems) {
        let lead = format!("  {number}. ");
        report.push_str(&paragraph(&lead, problem.problem, width));
    }
    report
}

fn text_of(fact: &Fact) -> String {
    match &fact.reason {
        Some(reason) => format!("{} · {reason}", fact.text),
        None => fact.text.clone(),
    }
}

/// Returns a name for people. Those of variables stay as they are; sizes have their unit in the value.
fn in_words(name: &str) -> String {
    match name {
        "bytes" => "size".to_owned(),
        name if name.contains(|c: char| c.is_ascii_uppercase()) => name.to_owned(),
        name => name.trim_end_matches("_bytes").replace('_', " "),
    }
}

/// Returns lines that begin with a lead and are broken at blanks before they are too long; later ones
/// are indented as far.
fn paragraph(lead: &str, text: &str, width: usize) -> String {
    let indent = lead.width();
    let room = width.saturating_sub(indent);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for given in text.lines() {
        for word in given.split(' ') {
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(std::mem::take(&mut line));
    }
    let indented = lines.join(&format!("\n{}", " ".repeat(indent)));
    format!("{}\n", format!("{lead}{indented}").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks() {
        let broken = paragraph("ab  ", "one two three\nfour", 11);
        assert_eq!(broken, "ab  one two\n    three\n    four\n");
        assert_eq!(paragraph("- ", "longer than", 4), "- longer\n  than\n");
        assert_eq!(paragraph("a  ", "", 80), "a\n");
        let whole = paragraph("", "no bound", usize::MAX);
        assert_eq!(whole, "no bound\n");
    }
}
