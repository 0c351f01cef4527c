//! Arguments to a command or the explorer, and its outcome to an exit code: 0 something found,
//! 1 nothing found, 2 an error, 128 and the signal's number when one ended the program.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use hubscope::cli::args::{Cli, Command, ExplorerArgs, ScreenArgs};
use hubscope::cli::commands::config::ReadConfig;
use hubscope::cli::complete::{self, context::ExplorerNames};
use hubscope::cli::context::CommandContext;
use hubscope::cli::opener::Opener;
use hubscope::cli::run::{self, Explorer, exit_code};
use hubscope::cli::usage;
use hubscope::engine::cache::Cache;
use hubscope::engine::source::dataset_file::DatasetFile;
use hubscope::engine::table::stage::Stage;
use hubscope::limits;
use hubscope::present::facts::FactSection;
use hubscope::tui::config::{self, file::ConfigFile, print, themes::built_in};
use hubscope::tui::sessions::{Opening, view_names};
use hubscope::tui::state::StateFiles;
use hubscope::tui::{self, End, Setup, Start, headless::Headless, terminal};

/// Loading allocates and frees a lot; the system's allocator would retain half of it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The names that shells complete and the explorer knows.
const NAMES: ExplorerNames = ExplorerNames {
    themes: || {
        let themes = ConfigFile::of_user_or_defaults().config.themes;
        let own = themes.into_iter().map(|theme| theme.name);
        built_in().into_iter().chain(own).collect()
    },
    views: view_names,
    saved: || {
        let saved = StateFiles::of_user().saved().into_iter();
        saved.map(|saved| (saved.name, saved.query)).collect()
    },
};

fn main() -> ExitCode {
    if complete::answered(NAMES) {
        return ExitCode::SUCCESS;
    }
    let cli = match usage::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return exit_code(Err(error)),
    };
    hubscope::system::handle_faults();
    hubscope::panics::hide_caught_panics();
    let ready = limits::survive_file_sizes().and_then(|()| limits::start_threads());
    // What is missing is a line of its report.
    let is_doctor = matches!(cli.command, Some(Command::Doctor(_)));
    // Large structures are left to the system, which frees them at once.
    exit_code(match ready {
        Err(error) if !is_doctor => Err(error),
        _ => start(cli),
    })
}

fn start(mut cli: Cli) -> Result<u8> {
    let Some(command) = cli.command.take() else {
        return explore(cli);
    };
    ensure!(
        !cli.pick,
        "--pick is for the explorer; leave it or the command out"
    );
    ensure!(
        cli.explorer == ExplorerArgs::default() && !cli.resume && !cli.fetch,
        "--query, --view, --config, --resume and --fetch are options of the explorer; leave them out, or write them after `screen`"
    );
    ensure!(
        cli.common.against.is_none() || command.compares(),
        "--against is for the explorer and commands about models, such as search; leave it out"
    );
    let opener = Opener::new(
        cli.named().map(Into::into),
        cli.common.against,
        cache(cli.common.no_cache),
    );
    let theme = cli.common.theme;
    let draw =
        |context: &mut CommandContext, args: &ScreenArgs| draw(context, args, theme.as_deref());
    let explorer = Explorer {
        draw: &draw,
        config: &read_config,
        facts: &|| facts(theme.as_deref()),
    };
    run::run(command, opener, explorer)
}

/// Reads a config file for `hubscope config`.
fn read_config(path: Option<&Path>) -> Result<ReadConfig> {
    let file = match path {
        Some(path) => ConfigFile::named(path)?,
        None => ConfigFile::of_user()?,
    };
    Ok(ReadConfig {
        exists: file.exists,
        effective: print::text(&file.config),
        mistakes: file.mistakes.iter().map(ToString::to_string).collect(),
        name: file.path.map(|path| path.display().to_string()),
    })
}

/// Returns the facts about the terminal and the config file, for `hubscope doctor`.
fn facts(theme: Option<&str>) -> [FactSection; 2] {
    let file = ConfigFile::of_user_or_defaults();
    let terminal = terminal::facts::facts(&file.config, theme);
    [terminal, config::facts::facts(&file, theme)]
}

fn cache(is_off: bool) -> Option<Cache> {
    Cache::of_user().filter(|_| !is_off)
}

fn explore(cli: Cli) -> Result<u8> {
    let opener = Opener::new(
        cli.named().map(Into::into),
        None,
        cache(cli.common.no_cache),
    );
    let (source, cache) = (opener.source()?, opener.cache.clone());
    let config = match &cli.explorer.config {
        Some(path) => ConfigFile::named(path)?,
        None => ConfigFile::of_user_or_defaults(),
    };
    let theme = cli.common.theme.as_deref();
    let setup = set_up(cli.explorer, config, theme, cli.resume)?;
    let start = Start {
        source: source.clone(),
        named: opener.data.map(|path| path.display().to_string()),
        against: cli.common.against,
        fetch: cli.fetch.then(|| DatasetFile::new(None, None)),
        setup,
        picking: cli.pick,
        cache: opener.cache,
    };
    match tui::run(start)? {
        // Quitting without a selection finds nothing.
        End::Quit => Ok(cli.pick.into()),
        End::Picked(ids) => {
            let mut out = io::stdout().lock();
            ids.iter().try_for_each(|id| writeln!(out, "{id}"))?;
            Ok(0)
        }
        End::Signal(signal) => Ok(128_u8.saturating_add(u8::try_from(signal).unwrap_or(0))),
        End::Failed(reason) => {
            // It may be the cached dataset that is damaged.
            cache.iter().for_each(|cache| cache.forget(&source));
            bail!(reason)
        }
    }
}

/// Returns the way in which the explorer begins.
fn set_up(
    args: ExplorerArgs,
    config: ConfigFile,
    theme: Option<&str>,
    resumes: bool,
) -> Result<Setup> {
    Ok(Setup {
        theme: config.config.theme_or(theme)?,
        opening: Opening::new(args.query, args.view, resumes)?,
        config,
    })
}

/// Prints a screen of the explorer.
fn draw(context: &mut CommandContext, args: &ScreenArgs, theme: Option<&str>) -> Result<()> {
    let config = match &args.explorer.config {
        Some(path) => ConfigFile::named(path)?,
        None => ConfigFile::default(),
    };
    let setup = set_up(args.explorer.clone(), config, theme, false)?;
    let hub = context.opener.open(Stage::Complete)?;
    let mut explorer = Headless::set_up(hub.clone(), args.size, &setup);
    explorer.keys(&args.keys)?;
    let picture = match args.svg {
        true => explorer.svg(),
        false => explorer.text(),
    };
    std::mem::forget(explorer);
    Ok(context.out.write_all(picture.as_bytes())?)
}
