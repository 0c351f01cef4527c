//! Arguments to commands or the explorer, and what came of it to an exit code: 0 something found,
//! 1 nothing found, 2 an error, 128 and the signal's number when one ended it.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Error, Result};
use clap::{CommandFactory, Parser};
use hubscope::cli::args::{self, CacheCommand, Cli, Command};
use hubscope::cli::opener::Opener;
use hubscope::cli::plain::Plain;
use hubscope::cli::{self, Found};
use hubscope::engine::cache::Cache;
use hubscope::engine::source::Source;
use hubscope::engine::table::stage::Stage;
use hubscope::present::charset::Signs;
use hubscope::sample::Recipe;
use hubscope::tui::{self, End, Start};

/// Loading makes and drops much; the system's allocator would keep the half of it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse_from(args::guarded(std::env::args_os()));
    hide_caught_panics();
    // The library works on Rayon's threads; by their name their panics are known to be caught.
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|n| format!("engine-{n}"));
    let ended = pool
        .build_global()
        .map_err(Error::from)
        .and_then(|()| run(cli));
    // Large structures are left to the system, which frees them at once.
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "hubscope: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<u8> {
    let named = cli.source.as_deref().or(cli.common.data.as_deref());
    let source = || Source::named(named.filter(|path| *path != Path::new("")));
    if cli.pick && cli.command.is_some() {
        anyhow::bail!("--pick is for the explorer; leave it out, or the command");
    }
    let cache = || Cache::of_user().filter(|_| !cli.common.no_cache);
    let Some(command) = cli.command else {
        let start = Start {
            source: source()?,
            named: named
                .map(|path| path.display().to_string())
                .filter(|n| !n.is_empty()),
            against: cli.common.against,
            palette: cli.common.theme,
            picking: cli.pick,
            cache: cache(),
        };
        return Ok(match tui::run(start)? {
            // Who leaves without picking has found nothing.
            End::Quit => u8::from(cli.pick),
            End::Picked(ids) => {
                let mut out = io::stdout().lock();
                ids.iter().try_for_each(|id| writeln!(out, "{id}"))?;
                0
            }
            End::Signal(signal) => 128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
            End::Failed(reason) => anyhow::bail!(reason),
        });
    };
    let against = cli.common.against.as_deref();
    anyhow::ensure!(
        against.is_none() || command.compares(),
        "--against is for the explorer and for what looks at models, such as search; leave it out"
    );
    let opener = Opener::new(cache());
    let open = |stage| opener.open_against(&source()?, stage, against);
    let to_terminal = io::stdout().is_terminal();
    anyhow::ensure!(
        !(to_terminal && command.is_binary()),
        "Parquet is not for a terminal; send it to a file or a pipe"
    );
    let signs = match to_terminal && command.is_for_people() {
        true => Signs::of(|name| std::env::var(name).ok()),
        false => Signs::Unicode,
    };
    let mut out = Plain::new(io::BufWriter::new(io::stdout().lock()), signs);
    let mut err = io::stderr();
    let found = match command {
        Command::Show { id, output } => {
            let hub = open(Stage::Fields)?;
            cli::show::run(hub, &id, output.format(to_terminal), &mut out, &mut err)
        }
        Command::Search {
            query,
            limit,
            sort,
            output,
        } => {
            let format = output.format(to_terminal);
            let search = cli::search::Search::new(&query.join(" "), limit, sort)?;
            let hub = open(search.stage(format))?;
            cli::search::run(hub, &search, format, &mut out, &mut err)
        }
        Command::Tree { tree, output } => {
            let format = output.format(to_terminal);
            let tree = cli::tree::Tree::new(tree)?;
            let hub = open(tree.stage(format))?;
            cli::tree::run(hub, &tree, format, &mut out, &mut err)
        }
        Command::Roots {
            limit,
            sort,
            output,
        } => {
            let format = output.format(to_terminal);
            let stage = cli::roots::stage(format, sort);
            let hub = open(stage)?;
            cli::roots::run(hub, (limit, sort), format, &mut out, &mut err)
        }
        Command::Hist {
            field,
            bins,
            scale,
            within,
            output,
            svg,
        } => {
            let format = (!svg).then(|| output.format(to_terminal));
            let bins = bins.map(|bins| bins as usize);
            let hist = cli::hist::Hist::new(field, bins, scale, within.query.as_deref())?;
            let hub = open(hist.stage())?;
            cli::hist::run(hub, &hist, format, &mut out, &mut err)
        }
        Command::Stats {
            within,
            output,
            markdown,
        } => {
            let format = (!markdown).then(|| output.format(to_terminal));
            let within = cli::within::Within::new(within.query.as_deref())?;
            let hub = open(cli::stats::stage(&within, format))?;
            cli::stats::run(hub, &within, format, &mut out, &mut err)
        }
        Command::Diff {
            old,
            new,
            limit,
            sort,
            within,
            output,
        } => {
            let within = cli::within::Within::new(within.query.as_deref())?;
            let old = cli::diff::OpenSnapshot::open(old, Stage::Lineage, &opener)?;
            let new = cli::diff::OpenSnapshot::open(new, within.stage(), &opener)?;
            let format = output.format(to_terminal);
            cli::diff::run(
                [&old, &new],
                &within,
                (limit, sort),
                format,
                &mut out,
                &mut err,
            )
        }
        Command::Export {
            file,
            within,
            sort,
            columns,
            parquet,
        } => {
            let within = cli::within::Within::new(within.query.as_deref())?;
            let export = cli::export::Export::new(&file, parquet, within, sort, columns)?;
            let hub = open(export.stage())?;
            let tell = io::stderr().is_terminal();
            cli::export::run(hub, &export, &mut out, &mut err, tell)
        }
        Command::Schema { output } => {
            cli::schema::run(&source()?, output.format(to_terminal), &mut out)
        }
        Command::Sample {
            rows,
            out: path,
            seed,
            hostile,
        } => {
            let recipe = Recipe {
                rows: rows as usize,
                seed,
                hostile,
            };
            cli::sample::run(&recipe, &path, &mut err, io::stderr().is_terminal())
        }
        Command::Fetch { from, date } => {
            let wanted = hubscope::hub::Wanted::new(from, date);
            hubscope::hub::run(&wanted, &mut out, &mut err, io::stderr().is_terminal())?;
            Ok(Found::Something)
        }
        Command::Cache { what, output } => match what {
            None => cli::cache::run(
                Cache::of_user().as_ref(),
                output.format(to_terminal),
                &mut out,
            ),
            Some(CacheCommand::Keep) => {
                cli::cache::store(Cache::of_user().as_ref(), &source()?, &mut out)
            }
            Some(CacheCommand::Clear) => cli::cache::clear(Cache::of_user().as_ref(), &mut out),
        },
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "hubscope", &mut out);
            Ok(Found::Something)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut out)?;
            Ok(Found::Something)
        }
        Command::Screen { keys, size, svg } => {
            let palette = cli.common.theme.unwrap_or(tui::theme::Palette::Dark);
            let hub = open(Stage::Complete)?;
            let mut stage = tui::headless::Headless::new(hub.clone(), size, palette);
            stage.keys(&keys)?;
            let picture = if svg { stage.svg() } else { stage.text() };
            std::mem::forget(stage);
            out.write_all(picture.as_bytes())?;
            Ok(Found::Something)
        }
    }?;
    out.flush()?;
    opener.store();
    Ok(match found {
        Found::Something => 0,
        Found::Nothing => 1,
    })
}

/// Panics that are told as errors of the file that caused them are not told twice.
fn hide_caught_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !hubscope::is_caught(&std::thread::current()) {
            tell(info);
        }
    }));
}

/// Whoever read us has seen enough: `hubscope … | head`.
fn is_closed_pipe(error: &Error) -> bool {
    let closed = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(closed)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|e| e.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}
