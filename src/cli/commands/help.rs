//! `hubscope help`: pages of the guide, and the help of commands.

use anyhow::{Result, bail};

use crate::cli::complete::candidates::Word;
use crate::cli::context::{CommandContext, Found};

/// A page of the guide.
struct GuidePage {
    name: &'static str,
    about: &'static str,
    /// Markdown, as it is in the repository.
    page: &'static str,
}

/// Declares [`TOPICS`]: the name of a page in `assets/guide`, and its subject.
macro_rules! topics {
    ($($name:literal $about:literal;)*) => {
        /// The pages, in the order of their listing.
        const TOPICS: &[GuidePage] = &[$(GuidePage {
            name: $name,
            about: $about,
            page: include_str!(concat!("../../../assets/guide/", $name, ".md")),
        }),*];
    };
}

topics! {
    "queries" "the query language of the explorer, search and --where";
    "keys" "the keys of the explorer";
    "config" "the config file of the explorer: settings, keys, themes; the last session";
    "jobs" "twelve jobs of the explorer, and their keys";
    "json" "the JSON objects of the commands";
    "numbers" "definitions and limits of the numbers";
    "snapshots" "older snapshots and comparisons with them";
    "cache" "cached datasets: where they are, and when they are used";
}

/// Returns the topics with their subjects.
pub fn words() -> Vec<Word> {
    TOPICS
        .iter()
        .map(|topic| (topic.name, topic.about))
        .collect()
}

/// Prints a page of the guide, the help of a command (both, if one name is both), or without a name the
/// list of topics.
///
/// # Errors
/// When there is neither a topic nor a command of this name.
pub fn run(
    context: &mut CommandContext,
    path: &[String],
    mut program: clap::Command,
) -> Result<Found> {
    let Some((name, below)) = path.split_first() else {
        return list(context);
    };
    // Usage lines have the program's name only after this.
    program.build();
    let topic = TOPICS
        .iter()
        .find(|topic| topic.name == name && below.is_empty());
    let command = path.iter().try_fold(&mut program, |command, name| {
        command.find_subcommand_mut(name)
    });
    if topic.is_none() && command.is_none() {
        let names: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        let (path, names) = (path.join(" "), names.join(", "));
        bail!("no topic or command `{path}`; topics are {names}, commands are in --help");
    }
    if let Some(topic) = topic {
        context.out.write_all(topic.page.as_bytes())?;
    }
    if let Some(command) = command {
        if topic.is_some() {
            writeln!(context.out)?;
        }
        write!(context.out, "{}", command.render_long_help())?;
    }
    Ok(Found::Something)
}

fn list(context: &mut CommandContext) -> Result<Found> {
    writeln!(context.out, "Topics of `hubscope help TOPIC`:\n")?;
    let widest = TOPICS.iter().map(|topic| topic.name.len()).max();
    for GuidePage { name, about, .. } in TOPICS {
        writeln!(context.out, "  {name:0$}  {about}", widest.unwrap_or(0))?;
    }
    writeln!(
        context.out,
        "\n`hubscope help COMMAND` prints the options of a command, `hubscope --help` all commands."
    )?;
    Ok(Found::Something)
}
