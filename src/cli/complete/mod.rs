//! Completions of a shell. Its script (`hubscope completions SHELL`) runs the program with
//! `HUBSCOPE_COMPLETE` set and the words typed so far, and reads one completion a line. Commands,
//! options and paths are completed by clap; values by the tables of the engine and the cached hub.
//!
//! A completion is an answer to a key: it never loads or writes anything, and prints no error.

pub mod candidates;
pub mod context;
mod query;
pub mod shells;

use std::env;
use std::ffi::{OsStr, OsString};
use std::panic;

use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::{ArgValueCompleter, PathCompleter, ValueCompleter};
use clap_complete::{CompleteEnv, CompletionCandidate};

use crate::cli::args::Cli;
use crate::engine::source::caught::caught;
use candidates::Candidates;
use context::{CompletionContext, ExplorerNames};

/// Prints completions, if a shell asks for them; returns false if none does. To be called before
/// threads are started.
pub fn answered(explorer: ExplorerNames) -> bool {
    let asks = env::var_os(shells::VARIABLE).is_some_and(|shell| !shell.is_empty());
    if !asks {
        return false;
    }
    panic::set_hook(Box::new(|_| {}));
    // An answer takes less time than starting threads for it.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    let _ = pool.use_current_thread().build_global();
    let answer = || {
        let folder = env::current_dir().ok();
        CompleteEnv::with_factory(|| command(explorer))
            .var(shells::VARIABLE)
            .shells(shells::shells())
            .try_complete(env::args_os(), folder.as_deref())
            .is_ok()
    };
    caught(answer);
    true
}

/// Returns the program with completions of the values of its arguments.
fn command(explorer: ExplorerNames) -> Command {
    let words = env::args_os().skip_while(|word| word != "--").skip(1);
    let mut words: Vec<OsString> = words.map(|word| shells::unquoted(&word)).collect();
    // The word that is being typed says nothing yet.
    words.pop();
    let context = CompletionContext::new(words, explorer);
    with_completers(Cli::command(), &context)
}

fn with_completers(command: Command, context: &CompletionContext) -> Command {
    let complete = |arg: Arg| match arg.get::<Candidates>().copied() {
        Some(candidates) => {
            let context = context.clone();
            let values = move |typed: &OsStr| match typed.to_str() {
                Some(typed) => values(candidates, &context, typed),
                None => Vec::new(),
            };
            arg.add(ArgValueCompleter::new(values))
        }
        None => arg,
    };
    command
        .mut_args(complete)
        .mut_subcommands(|command| with_completers(command, context))
}

fn values(
    candidates: Candidates,
    context: &CompletionContext,
    typed: &str,
) -> Vec<CompletionCandidate> {
    let begins = |name: &String| name.starts_with(typed);
    let named = |names: Vec<String>| {
        let names = names.into_iter().filter(begins);
        names.map(CompletionCandidate::new).collect()
    };
    match candidates {
        Candidates::Query => query::query(context, typed),
        Candidates::Id => query::ids(context, typed),
        Candidates::Order => query::order(context, typed),
        Candidates::Theme => named((context.explorer.themes)()),
        Candidates::View => named((context.explorer.views)()),
        Candidates::Words(words) => words()
            .into_iter()
            .filter(|(word, _)| word.starts_with(typed))
            .map(|(word, about)| CompletionCandidate::new(word).help(Some(about.to_owned().into())))
            .collect(),
        Candidates::Source => {
            let sample =
                CompletionCandidate::new("sample").help(Some("the built-in sample".into()));
            let sample = Some(sample).filter(|_| "sample".starts_with(typed));
            let paths = PathCompleter::any().complete(OsStr::new(typed));
            paths.into_iter().chain(sample).collect()
        }
    }
}
