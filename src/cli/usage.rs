//! Mistakes in the use of the command line, as one line; clap's own report has up to nine.

use std::ffi::OsString;

use anyhow::{Result, anyhow};
use clap::Parser;

use super::args::{self, Cli};

/// Parses the arguments. Prints help or the version and exits if they ask for that.
///
/// # Errors
/// When they are wrong: the mistake, then the remedy.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Cli> {
    Cli::try_parse_from(args::guarded(arguments)).map_err(|error| {
        if !error.use_stderr() {
            error.exit();
        }
        anyhow!(one_line(&error.to_string()))
    })
}

/// Returns the mistake and the tips of a report of clap, whose paragraphs are separated by empty
/// lines, and in place of its usage the command whose help has it.
fn one_line(report: &str) -> String {
    let mut parts = Vec::new();
    for paragraph in report.split("\n\n") {
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = line.strip_prefix("error: ").unwrap_or(&line);
        let line = line.strip_prefix("tip: ").unwrap_or(line);
        match line.strip_prefix("Usage: ") {
            Some(usage) => {
                let command = usage.split(' ').take_while(|word| is_name(word));
                let command = command.collect::<Vec<_>>().join(" ");
                parts.push(format!("see `{command} --help`"));
            }
            None if line.starts_with("For more information") || line.is_empty() => {}
            None => parts.push(line.to_owned()),
        }
    }
    parts.join("; ")
}

/// Returns true for the name of a command: everything else in a usage has brackets or a dash.
fn is_name(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(arguments: &str) -> String {
        let arguments = arguments.split(' ').map(OsString::from);
        parse(arguments).unwrap_err().to_string()
    }

    #[test]
    fn a_mistake_is_one_line_with_its_remedy() {
        assert_eq!(
            mistake("hubscope search --lmit 3 x"),
            "unexpected argument '--lmit' found; a similar argument exists: '--limit'; see `hubscope search --help`"
        );
        assert_eq!(
            mistake("hubscope show"),
            "the following required arguments were not provided: <ID>; see `hubscope show --help`"
        );
        assert_eq!(
            mistake("hubscope search --limit x y"),
            "invalid value 'x' for '--limit <LIMIT>': not a whole number; 0 for no maximum"
        );
        assert_eq!(
            mistake("hubscope cache drop"),
            "unrecognized subcommand 'drop'; see `hubscope cache --help`"
        );
        let both = mistake("hubscope stats --json --csv");
        assert!(
            both.contains("cannot be used with") && !both.contains('\n'),
            "{both}"
        );
    }
}
