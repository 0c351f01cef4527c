//! Runs a command, from its arguments to its exit code: 0 something found, 1 nothing found, 2 an error.

use std::cell::Cell;
use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::{self, ExitCode};

use anyhow::{Error, Result, ensure};
use clap::CommandFactory;
use crossterm::terminal;

use super::args::{Cli, Command, ScreenArgs};
use super::commands::config::ReadConfig;
use super::commands::{
    cache, check, config, diff, doctor, export, fetch, help, hist, history, man, movers, roots,
    sample, schema, search, show, stats, tree,
};
use super::complete::shells::write_script;
use super::context::{CommandContext, Found};
use super::opener::Opener;
use super::output::format::Format;
use super::output::plain::{Plain, Treatment};
use crate::engine::source::hub_cache::with_remedy;
use crate::engine::table::clean::clean;
use crate::present::charset::Charset;
use crate::present::facts::FactSection;
use crate::system;

/// The explorer, which this floor does not know.
#[derive(Clone, Copy)]
pub struct Explorer<'a> {
    /// Prints a screen.
    pub draw: &'a dyn Fn(&mut CommandContext, &ScreenArgs) -> Result<()>,
    /// Reads a config file, by default that of the user.
    pub config: &'a dyn Fn(Option<&Path>) -> Result<ReadConfig>,
    /// Returns the facts about the terminal and the user's config file.
    pub facts: &'a dyn Fn() -> [FactSection; 2],
}

/// Runs a command that prints to standard output; datasets that it read are cached after that. One that
/// panics over a cached dataset is run again without it.
///
/// # Errors
/// As the command; when its options do not suit it.
pub fn run(command: Command, opener: Opener, explorer: Explorer) -> Result<u8> {
    let to_terminal = io::stdout().is_terminal();
    let format = command.format(to_terminal);
    ensure!(
        !(to_terminal && format == Format::Parquet),
        "Parquet is not for a terminal; redirect it to a file or a pipe"
    );
    let charset = match to_terminal && format == Format::Text && !command.is_verbatim() {
        true => Charset::of(|name| env::var(name).ok()),
        false => Charset::Unicode,
    };
    let sent = Cell::new(false);
    let out = Sent {
        out: io::stdout().lock(),
        sent: &sent,
    };
    let treatment = match format {
        Format::Parquet => Treatment::Exact,
        Format::Json => Treatment::Json,
        // A script opens the file of this path.
        _ if matches!(command, Command::Fetch(_)) && !to_terminal => Treatment::Exact,
        _ => Treatment::Text(charset),
    };
    let mut context = CommandContext {
        opener,
        format,
        out: &mut Plain::new(BufWriter::new(out), treatment),
        err: &mut Plain::new(io::stderr(), Treatment::Text(Charset::Unicode)),
        width: match terminal::size() {
            Ok((width @ 1.., _)) if to_terminal => width.into(),
            _ => usize::MAX,
        },
        err_is_terminal: io::stderr().is_terminal(),
    };
    let dispatched = AssertUnwindSafe(|| dispatch(command, &mut context, explorer));
    let found = match catch_unwind(dispatched) {
        Ok(found) => found?,
        Err(_) if context.opener.forget_cached() => return run_again(sent.get()),
        Err(panic) => resume_unwind(panic),
    };
    context.out.flush()?;
    context.opener.store();
    Ok(match found {
        Found::Something => 0,
        Found::Nothing => 1,
    })
}

/// Runs the program again with the same arguments, now that the cached dataset is removed; `sent` if
/// something was printed already.
fn run_again(sent: bool) -> Result<u8> {
    ensure!(
        !sent,
        "the cached dataset was damaged and is removed; run the command again"
    );
    let mut program = process::Command::new(env::current_exe()?);
    Err(system::replace_process(program.args(env::args_os().skip(1))).into())
}

/// An output that notes that something was sent to it.
struct Sent<'s, W> {
    out: W,
    sent: &'s Cell<bool>,
}

impl<W: Write> Write for Sent<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sent.set(true);
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn dispatch(command: Command, context: &mut CommandContext, explorer: Explorer) -> Result<Found> {
    match command {
        Command::Show(args) => show::run(context, &args),
        Command::Search(args) => search::run(context, &args),
        Command::Tree(args) => tree::run(context, &args),
        Command::Roots(args) => roots::run(context, &args),
        Command::Hist(args) => hist::run(context, &args),
        Command::Stats(args) => stats::run(context, &args),
        Command::Diff(args) => diff::run(context, &args),
        Command::History(args) => history::run(context, &args),
        Command::Movers(args) => movers::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Schema(_) => schema::run(context),
        Command::Check(args) => check::run(context, &args),
        Command::Sample(args) => sample::run(&args),
        Command::Fetch(args) => fetch::run(context, args),
        Command::Config(args) => {
            let read = (explorer.config)(args.file.as_deref())?;
            config::run(context, &args, read)
        }
        Command::Cache(args) => cache::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args, explorer.facts),
        Command::Completions { shell } => {
            write_script(&shell.to_string(), &mut context.out)?;
            Ok(Found::Something)
        }
        Command::Man => man::run(context, Cli::command()),
        Command::Help { topic } => help::run(context, &topic, Cli::command()),
        Command::Screen(args) => {
            (explorer.draw)(context, &args)?;
            Ok(Found::Something)
        }
    }
}

/// Returns the exit code of the program, after printing its error. A closed pipe is success: whoever
/// read our output has seen enough, as in `hubscope … | head`.
pub fn exit_code(result: Result<u8>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let message = with_remedy(format!("{error:#}"));
            // One line, whatever the names in it contain.
            let _ = writeln!(io::stderr(), "hubscope: {}", clean(&message));
            ExitCode::from(2)
        }
    }
}

fn is_closed_pipe(error: &Error) -> bool {
    let closed = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(closed)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|e| e.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}
