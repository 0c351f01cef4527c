//! The command line: names, meanings, help. The names are fixed, since scripts rely on them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::commands::cache::CacheArgs;
use super::commands::check::CheckArgs;
use super::commands::config::ConfigArgs;
use super::commands::diff::DiffArgs;
use super::commands::doctor::DoctorArgs;
use super::commands::export::ExportArgs;
use super::commands::fetch::FetchArgs;
use super::commands::help;
use super::commands::hist::HistArgs;
use super::commands::history::HistoryArgs;
use super::commands::movers::MoversArgs;
use super::commands::roots::RootsArgs;
use super::commands::sample::SampleArgs;
use super::commands::schema::SchemaArgs;
use super::commands::search::SearchArgs;
use super::commands::show::ShowArgs;
use super::commands::stats::StatsArgs;
use super::commands::tree::TreeArgs;
use super::complete::candidates::Candidates;
use super::output::format::Format;
use crate::present::palette::Palette;

/// A terminal explorer of the Hugging Face Hub's models.
///
/// Without a command, opens the explorer. SOURCE is a hub-stats `models.parquet` or a folder of
/// Parquet files; by default the newest file in the Hugging Face cache, or else a synthetic sample.
#[derive(Debug, Parser)]
#[command(
    name = "hubscope",
    version,
    disable_help_subcommand = true,
    after_help = "`hubscope help` lists the topics of the guide."
)]
pub struct Cli {
    /// A Parquet file or a folder of Parquet files
    #[arg(add = Candidates::Source)]
    pub source: Option<PathBuf>,

    /// Print the id of the model selected with Enter, or of all marked models, and quit
    ///
    /// Quitting without a selection is exit code 1: `id=$(hubscope --pick)`.
    #[arg(long)]
    pub pick: bool,

    /// Fetch today's file first, by columns; the list can be searched while the rest arrives
    ///
    /// A file that is up to date is not fetched again. `hubscope fetch` has more options.
    #[arg(long, conflicts_with = "source")]
    pub fetch: bool,

    /// Go on where the last session with this data ended
    #[arg(long, conflicts_with = "pick")]
    pub resume: bool,

    #[command(flatten)]
    pub explorer: ExplorerArgs,

    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The options of the explorer, on a terminal or without one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct ExplorerArgs {
    /// Start with this query
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true, add = Candidates::Query)]
    pub query: Option<String>,

    /// Start in this pane (models, tree, histogram, details) or view (statistics, density, schema, path, compare, curves, card)
    #[arg(long, value_name = "NAME", add = Candidates::View)]
    pub view: Option<String>,

    /// Read this config file, or none for `none`
    ///
    /// By default, the explorer reads $XDG_CONFIG_HOME/hubscope/config.toml or
    /// ~/.config/hubscope/config.toml, and `screen` reads none. `hubscope config` prints the settings.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The options of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// A Parquet file, a folder of Parquet files, or `sample` for the built-in sample
    // An empty name is no name: that is how a variable is switched off.
    #[arg(long, global = true, value_name = "SOURCE", env = "HUBSCOPE_DATA", value_parser = OsStringValueParser::new().map(PathBuf::from), add = Candidates::Source)]
    pub data: Option<PathBuf>,

    /// Compare with an older snapshot, a file or folder
    ///
    /// Each model then has `delta` and `growth`, to list, sort and filter by; `is:new` and
    /// `is:renamed` match models.
    #[arg(long, global = true, value_name = "OLD")]
    pub against: Option<PathBuf>,

    /// Neither read nor write the cache
    #[arg(long, global = true, env = "HUBSCOPE_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,

    /// Colors of the explorer, also those of a theme in the config file
    // An empty name is no name: that is how a variable is switched off.
    #[arg(long, global = true, value_name = "NAME", env = "HUBSCOPE_THEME", value_parser = ThemeName, add = Candidates::Theme)]
    pub theme: Option<String>,
}

/// Takes any name of a theme, and lists the built-in ones in help and completions.
#[derive(Clone)]
struct ThemeName;

impl TypedValueParser for ThemeName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let palettes = Palette::value_variants().iter();
        let palettes = palettes.filter_map(ValueEnum::to_possible_value);
        Some(Box::new(
            [PossibleValue::new("auto")].into_iter().chain(palettes),
        ))
    }
}

impl Cli {
    /// Returns the source that is named, if one is.
    pub fn named(&self) -> Option<&Path> {
        let named = self.source.as_deref().or(self.common.data.as_deref());
        named.filter(|path| *path != Path::new(""))
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one model with all its fields and its family
    Show(ShowArgs),
    /// Print the models that match a query, the best first
    ///
    /// Words must all be in the id, in any order: `llama`, `^prefix`, `suffix$`, `'whole-word`,
    /// `!not`, `a|b`, `"two words"`, `~fuzzy`. Filters select by other fields:
    /// `task:text-generation`, `params:7B..15B`, `-license:other`; `sort:likes` sorts.
    Search(SearchArgs),
    /// Print the models derived from a model as a tree, with family totals
    Tree(TreeArgs),
    /// Print the largest families, by their root models
    Roots(RootsArgs),
    /// Print the histogram of a field
    ///
    /// Zero and unknown are counted outside the bins; together they are all models.
    Hist(HistArgs),
    /// Print statistics: downloads, lineage, parameters, the most downloaded models
    Stats(StatsArgs),
    /// Print the changes between two snapshots: downloads, models, names, families
    ///
    /// Models are joined by `_id` if both snapshots have that column, which follows renamed ones, or
    /// else by id.
    Diff(DiffArgs),
    /// Keep snapshots, and print curves over time: `history add`, `history show`
    ///
    /// The history has the downloads, all-time downloads and likes of every model in each snapshot, in
    /// one file, $HUBSCOPE_HISTORY or $XDG_DATA_HOME/hubscope/models.history. Without a command, lists the
    /// snapshots.
    History(HistoryArgs),
    /// Print what rose and fell most in the history: models, families, authors or tasks
    Movers(MoversArgs),
    /// Write models as a table: Parquet, Arrow IPC, CSV or NDJSON, by the file's extension
    ///
    /// Writes every model, or those that match `--where` exactly, with all fields: those of `search
    /// --json`, then derived ones, such as children and family totals. Rows are in the order of the
    /// source unless `--sort` or the query sorts them. The file is replaced when the new one is
    /// complete; through a symbolic link, its target is. Only regular files are replaced.
    Export(ExportArgs),
    /// Print the columns of the file: type, nulls, use
    Schema(SchemaArgs),
    /// Compare models of the snapshot with what the Hub's API answers now
    ///
    /// Asks for the most downloaded models, or the first that match `--where`, and prints each value that
    /// differs, and the models that are gone, renamed or gated. The Hub answers about 500 requests in
    /// five minutes without a token; waits where it asks to.
    Check(CheckArgs),
    /// Write a synthetic hub in the layout of May 2026
    Sample(SampleArgs),
    /// Download the models of a dataset, the columns that hubscope needs, and print the path of the file
    ///
    /// A file that is there is not downloaded again, and an interrupted download is resumed. Without a
    /// SOURCE, hubscope opens the newest file fetched from the default datasets. Without a network, the
    /// path is that of the file that is there. Respects HF_TOKEN, HF_ENDPOINT, HF_HUB_CACHE, HF_HOME,
    /// HF_HUB_OFFLINE and the proxies of the environment.
    Fetch(FetchArgs),
    /// Print the settings of the explorer as a config file, with comments
    ///
    /// The output can be saved as the file. `hubscope help config` explains it.
    Config(ConfigArgs),
    /// List the cached datasets, which open at once
    ///
    /// The last few datasets are cached in $XDG_CACHE_HOME/hubscope or ~/.cache/hubscope, and used
    /// until their files change.
    Cache(CacheArgs),
    /// Print what a bug report needs: program, system, terminal, data, cache, config, Hub
    ///
    /// Whatever is wrong is a line with its remedy, and then the exit code is 1. Paths in the home begin
    /// with `~`; tokens and passwords are never printed. `--markdown` is for pasting.
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    ///
    /// `source <(hubscope completions bash)` completes commands, options, queries, fields, themes, saved
    /// queries, and ids of a cached hub. `hubscope help json` says where the script can be saved.
    Completions {
        /// The shell that reads the script
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Print a page of the guide, or the help of a command
    Help {
        /// A topic, or a command; none lists the topics
        #[arg(add = Candidates::Words(help::words))]
        topic: Vec<String>,
    },
    /// Play keys on the explorer without a terminal and print the screen
    Screen(ScreenArgs),
}

#[derive(Debug, Args)]
pub struct ScreenArgs {
    #[command(flatten)]
    pub explorer: ExplorerArgs,
    /// Keys, such as `/llama<enter><tab>l<down>`, and the mouse, such as `<click:5,8>`; `<lt>` is `<`
    #[arg(long, default_value = "")]
    pub keys: String,
    /// Columns and lines
    #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = parse_size)]
    pub size: (u16, u16),
    /// Print an SVG picture instead of text
    #[arg(long)]
    pub svg: bool,
}

impl Command {
    /// Returns true if it can compare its models with those of an older snapshot.
    pub fn compares(&self) -> bool {
        matches!(
            self,
            Command::Show(_)
                | Command::Search(_)
                | Command::Tree(_)
                | Command::Roots(_)
                | Command::Hist(_)
                | Command::Stats(_)
                | Command::Export(_)
                | Command::Screen(_)
        )
    }

    /// Returns the format of its output.
    pub fn format(&self, to_terminal: bool) -> Format {
        let chosen = match self {
            Command::Show(args) => args.output.chosen(),
            Command::Schema(args) => args.output.chosen(),
            Command::Search(args) => args.output.chosen(),
            Command::Tree(args) => args.output.chosen(),
            Command::Roots(args) => args.output.chosen(),
            Command::Hist(args) if args.svg => Some(Format::Svg),
            Command::Hist(args) => args.output.chosen(),
            Command::Stats(args) => args.output.chosen(),
            Command::Diff(args) => args.output.chosen(),
            Command::Check(args) => args.output.chosen(),
            Command::History(args) => args.chosen(),
            Command::Movers(args) => args.output.chosen(),
            Command::Cache(args) => args.output.chosen(),
            Command::Doctor(args) => args.output.chosen(),
            Command::Export(args) => args.parquet.then_some(Format::Parquet),
            Command::Sample(_)
            | Command::Config(_)
            | Command::Fetch(_)
            | Command::Completions { .. }
            | Command::Man
            | Command::Help { .. }
            | Command::Screen(_) => None,
        };
        chosen.unwrap_or(Format::default_for(to_terminal))
    }

    /// Returns true if it prints paths or code, which must arrive unchanged.
    pub fn is_verbatim(&self) -> bool {
        matches!(
            self,
            Command::Config(_)
                | Command::Fetch(_)
                | Command::Cache(_)
                | Command::Completions { .. }
                | Command::Man
                | Command::Screen(_)
        )
    }
}

/// Returns the arguments; in a search, with a blank before each that begins with one dash, such as
/// `-author:google` or `-gguf`: a query does not mind the blank, and no option begins with one.
pub fn guarded(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut searches = false;
    arguments.map(move |argument| {
        let text = argument.to_str().unwrap_or_default();
        let dashed = text.starts_with('-') && !text.starts_with("--") && text.len() > 2;
        searches |= text == "search";
        match searches && dashed {
            true => format!(" {text}").into(),
            false => argument,
        }
    })
}

/// The largest width and height of a screen.
const MAX_SIZE: u16 = 1_000;

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parsed {
        Some((w, h)) if (1..=MAX_SIZE).contains(&w) && (1..=MAX_SIZE).contains(&h) => Ok((w, h)),
        _ => Err(format!(
            "not a size from 1x1 to {MAX_SIZE}x{MAX_SIZE}, such as 120x40"
        )),
    }
}
