//! `hubscope man`: the manual page. Commands and options are those of the command line, the query
//! language is the table of filters; nothing is written twice.

use anyhow::Result;
use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::cli::context::{CommandContext, Found};
use crate::engine::query::keys::{ALIASES, FILTERS, Flag};
use crate::engine::table::order::Order;

/// The exit codes.
const CODES: [(&str, &str); 4] = [
    ("0", "something was found"),
    ("1", "nothing was found, or there is no such model"),
    ("2", "an error, with one line on standard error"),
    ("130", "interrupted by Ctrl-C"),
];

/// The files that the program reads and writes.
const FILES: [(&str, &str); 4] = [
    (
        "$XDG_CONFIG_HOME/hubscope/config.toml",
        "settings, keys and themes of the explorer; hubscope help config",
    ),
    (
        "$XDG_STATE_HOME/hubscope",
        "history of queries, saved queries and sessions",
    ),
    (
        "$XDG_CACHE_HOME/hubscope",
        "cached datasets; hubscope help cache",
    ),
    (
        "$HF_HOME/hub",
        "the Hugging Face cache: files that hubscope fetch downloads, and the default source",
    ),
];

/// The variables that no option stands for.
const VARIABLES: [(&str, &str); 9] = [
    (
        "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME",
        "folders of files, by default ~/.config, ~/.local/state and ~/.cache",
    ),
    (
        "HF_HOME, HF_HUB_CACHE",
        "the folder of Hugging Face, by default ~/.cache/huggingface, and its cache, by default hub in it",
    ),
    (
        "HF_TOKEN, HF_TOKEN_PATH",
        "the token for the Hub, and the file that has it",
    ),
    (
        "HUBSCOPE_HISTORY",
        "the file of the history, by default hubscope/models.history in XDG_DATA_HOME or ~/.local/share",
    ),
    ("HF_ENDPOINT", "another server than https://huggingface.co"),
    ("HF_HUB_OFFLINE", "1 forbids network access"),
    ("HTTPS_PROXY, NO_PROXY", "proxies of downloads"),
    ("NO_COLOR", "any value switches colors off"),
    ("COLORTERM, TERM", "colors of the terminal"),
];

/// Prints the manual page.
///
/// # Errors
/// When it cannot be written.
pub fn run(context: &mut CommandContext, mut program: Command) -> Result<Found> {
    program.build();
    let version = program.get_version().unwrap_or_default();
    let out = &mut *context.out;
    // Without a date, since the page is of a version.
    writeln!(
        out,
        ".TH HUBSCOPE 1 \"\" \"hubscope {version}\" \"User Commands\""
    )?;
    Man::new(program.clone()).render_name_section(out)?;
    synopsis(&program).to_writer(out)?;
    let mut page = Roff::new();
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut page, &about(&program), "PP");
    page.control("SH", ["OPTIONS"]);
    arguments(&mut page, program.get_arguments());
    page.control("SH", ["COMMANDS"]);
    page.text([
        roman("All take the options "),
        bold("--data"),
        roman(" and "),
        bold("--no-cache"),
        roman(" of above, those about models also "),
        bold("--against"),
        roman("."),
    ]);
    program
        .get_subcommands()
        .for_each(|command| section(&mut page, command));
    queries(&mut page);
    list(&mut page, "FILES", &FILES);
    list(&mut page, "ENVIRONMENT", &variables(&program));
    list(&mut page, "EXIT STATUS", &CODES);
    page.control("SH", ["SEE ALSO"]);
    page.text([
        bold("hubscope help"),
        roman(" lists the pages of the guide, among them the keys of the explorer."),
    ]);
    page.to_writer(out)?;
    Ok(Found::Something)
}

fn synopsis(program: &Command) -> Roff {
    let mut page = Roff::new();
    page.control("SH", ["SYNOPSIS"]);
    let name = program.get_name();
    page.text([
        bold(name),
        roman(" [options] ["),
        italic("SOURCE"),
        roman("]"),
    ]);
    page.control("br", []);
    page.text([
        bold(name),
        roman(" "),
        italic("command"),
        roman(" [options]"),
    ]);
    page
}

/// Adds the section of a command, then those of the commands below it.
fn section(page: &mut Roff, command: &Command) {
    let mut usage = vec![bold(command.get_bin_name().unwrap_or_default())];
    for argument in command.get_positionals() {
        usage.push(roman(" "));
        usage.extend(value(argument));
    }
    if command.get_arguments().any(is_own_option) {
        usage.push(roman(" [options]"));
    }
    if command.has_subcommands() {
        usage.extend([roman(" ["), italic("command"), roman("]")]);
    }
    let name = command.get_bin_name().unwrap_or_default();
    page.control("SS", [name.split_once(' ').map_or(name, |(_, name)| name)]);
    page.text(usage);
    page.control("PP", []);
    paragraphs(page, &about(command), "PP");
    let own = |argument: &&Arg| argument.is_positional() || is_own_option(argument);
    arguments(page, command.get_arguments().filter(own));
    command
        .get_subcommands()
        .for_each(|below| section(page, below));
}

fn about(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    about.map(ToString::to_string).unwrap_or_default()
}

/// Returns true for an option of one command: not of all, and not its help.
fn is_own_option(argument: &Arg) -> bool {
    let is_help = argument.get_id() == "help";
    !argument.is_positional() && !argument.is_global_set() && !is_help
}

/// Adds arguments and options with their meanings.
fn arguments<'a>(page: &mut Roff, arguments: impl Iterator<Item = &'a Arg>) {
    for argument in arguments {
        page.control("TP", []);
        page.text(label(argument));
        let help = argument.get_long_help().or(argument.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        paragraphs(page, &help, "IP");
        let names = argument.get_possible_values();
        let names: Vec<&str> = names.iter().map(|value| value.get_name()).collect();
        let is_listed = !names.is_empty() && argument.get_action().takes_values();
        let variable = argument.get_env();
        if is_listed || variable.is_some() {
            page.control("IP", []);
        }
        if is_listed {
            page.text([roman(format!("One of {}.", names.join(", ")))]);
        }
        if let Some(variable) = variable {
            let variable = variable.to_string_lossy();
            page.text([roman("Also set by "), bold(variable), roman(".")]);
        }
    }
}

/// Returns an argument as it is typed, with its default.
fn label(argument: &Arg) -> Vec<Inline> {
    let mut label = Vec::new();
    if let Some(short) = argument.get_short() {
        label.extend([bold(format!("-{short}")), roman(", ")]);
    }
    if let Some(long) = argument.get_long() {
        label.push(bold(format!("--{long}")));
    }
    if argument.is_positional() {
        label.extend(value(argument));
    } else if argument.get_action().takes_values() {
        label.push(roman(" "));
        label.extend(value(argument));
    }
    let defaults = argument.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    let default = defaults.join(", ");
    if argument.get_action().takes_values() && !default.is_empty() {
        label.push(roman(format!(" [default: {default}]")));
    }
    label
}

/// Returns the name of an argument's value, in brackets if it may be missing.
fn value(argument: &Arg) -> Vec<Inline> {
    let names = argument.get_value_names().unwrap_or_default();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let name = italic(names.join(" "));
    let many = argument
        .get_num_args()
        .is_some_and(|args| args.max_values() > 1);
    let dots = roman(if many { "..." } else { "" });
    match argument.is_positional() && !argument.is_required_set() {
        true => vec![roman("["), name, dots, roman("]")],
        false => vec![name, dots],
    }
}

/// Adds paragraphs, the further ones by a macro; what is between backticks is bold.
fn paragraphs(page: &mut Roff, text: &str, further: &str) {
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            page.control(further, []);
        }
        page.text(prose(&paragraph.replace('\n', " ")));
    }
}

fn prose(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    let parts = parts.filter(|(_, part)| !part.is_empty());
    parts
        .map(|(at, part)| match at % 2 {
            0 => roman(part),
            _ => bold(part),
        })
        .collect()
}

/// Adds the section on the query language, with every row of the table of filters.
fn queries(page: &mut Roff) {
    page.control("SH", ["QUERIES"]);
    page.text([roman(
        "A query is a list of words and filters, all of which must match. A word is text of the id:",
    )]);
    let words = "llama, ^prefix, suffix$, 'whole-word, !not, a|b, \"two words\", ~fuzzy";
    page.text([bold(words), roman(".")]);
    page.text([roman(
        "A filter is key:value. a,b accepts either value, and a minus before the key negates the filter.",
    )]);
    for filter in &FILTERS {
        page.control("TP", []);
        page.text([bold(filter.example)]);
        page.text(prose(filter.about));
    }
    page.control("TP", []);
    page.text([bold("sort:likes, sort:created:asc")]);
    page.text([roman("sorts by a field, the largest first unless :asc")]);
    let flags = Flag::ALL.iter().map(|(name, _)| *name);
    let aliases = ALIASES.iter();
    let aliases = aliases.map(|(alias, key)| format!("{alias} for {}", key.info().name));
    let fields = Order::fields().map(|info| info.name);
    for (what, names) in [
        (
            "The values of is: are",
            flags.collect::<Vec<_>>().join(", "),
        ),
        (
            "Fields to sort by are",
            fields.collect::<Vec<_>>().join(", "),
        ),
        (
            "Other names of keys are",
            aliases.collect::<Vec<_>>().join(", "),
        ),
    ] {
        page.control("PP", []);
        page.text([roman(format!("{what} {names}."))]);
    }
}

/// Returns the variables of options, then the others.
fn variables(program: &Command) -> Vec<(String, String)> {
    let of_option = |argument: &Arg| {
        let variable = argument.get_env()?.to_string_lossy().into_owned();
        let about = format!("the same as --{}", argument.get_long()?);
        Some((variable, about))
    };
    let of_options = program.get_arguments().filter_map(of_option);
    let others = VARIABLES.iter();
    let others = others.map(|(name, about)| ((*name).to_owned(), (*about).to_owned()));
    of_options.chain(others).collect()
}

/// Adds a section of names and their meanings.
fn list<N: AsRef<str>>(page: &mut Roff, title: &str, rows: &[(N, N)]) {
    page.control("SH", [title]);
    for (name, about) in rows {
        page.control("TP", []);
        page.text([bold(name.as_ref())]);
        page.text([roman(about.as_ref())]);
    }
}
