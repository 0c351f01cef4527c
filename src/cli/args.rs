//! The command line: names, meanings, help. Fixed names, since scripts rely on them.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::hist::parse_field;
use crate::engine::diff::change::Measure;
use crate::engine::export::ModelColumn;
use crate::engine::stats::edges::Scale;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::hub::parse_dataset;
use crate::sample::Recipe;
use crate::tui::theme::Palette;

/// A terminal explorer of the Hugging Face Hub's models.
///
/// Without a command: the explorer. SOURCE is a hub-stats `models.parquet`, a folder of parquet
/// shards, or left out: then the file in the Hugging Face cache is opened if there is one, else
/// the synthetic sample in the program.
#[derive(Debug, Parser)]
#[command(name = "hubscope", version)]
pub struct Cli {
    /// A parquet file or a folder of parquet files
    pub source: Option<PathBuf>,

    /// Enter in the list prints the model's id, or those of all marked models, and leaves; leaving
    /// otherwise is exit code 1: `id=$(hubscope --pick)`
    #[arg(long)]
    pub pick: bool,

    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// A parquet file or a folder of parquet files
    // An empty name is no name: that is how a variable is switched off.
    #[arg(long, global = true, value_name = "SOURCE", env = "HUBSCOPE_DATA", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub data: Option<PathBuf>,

    /// An older snapshot, a file or folder, to compare with: each model then has `delta` and
    /// `growth`, to list, sort and filter by, and `is:new` and `is:renamed` find models
    #[arg(long, global = true, value_name = "OLD")]
    pub against: Option<PathBuf>,

    /// Read the source itself, and keep nothing for the next time
    #[arg(long, global = true, env = "HUBSCOPE_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,

    /// Colours of the explorer [default: what the environment asks for]
    #[arg(long, global = true, value_name = "NAME", env = "HUBSCOPE_THEME")]
    pub theme: Option<Palette>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print everything known of one model
    Show {
        /// The model, such as `google/gemma-7b`
        id: String,
        #[command(flatten)]
        output: Output,
    },
    /// Print the models that a query finds, the best first
    ///
    /// Words must all stand in the id, in any order: `llama`, `^prefix`, `suffix$`, `'whole-word`,
    /// `!not`, `a|b`, `"two words"`, `~scattered`. Tests ask for what is known of a model:
    /// `task:text-generation`, `params:7B..15B`, `-license:other`; `sort:likes` orders.
    Search {
        /// The query; several arguments are joined by blanks
        query: Vec<String>,
        /// So many models at most; 0 for all
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// What to order by: a field, or `FIELD:asc` for the smallest first
        #[arg(long, value_name = "FIELD", value_parser = Order::parse)]
        sort: Option<Order>,
        #[command(flatten)]
        output: ListOutput,
    },
    /// Print what was made from a model as a tree, with what each family adds up to
    Tree {
        #[command(flatten)]
        tree: TreeArgs,
        #[command(flatten)]
        output: ListOutput,
    },
    /// Print the largest families: models without a base that others were made from
    Roots {
        /// So many families at most; 0 for all
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// What to order by: a field, or `FIELD:asc` for the smallest first [default:
        /// family_downloads]
        #[arg(long, value_name = "FIELD", value_parser = Order::parse)]
        sort: Option<Order>,
        #[command(flatten)]
        output: ListOutput,
    },
    /// Print how a field's values are spread
    ///
    /// Zero and unknown are counted apart from the bins; all together are all models.
    Hist {
        /// What to count by: downloads, downloads_all_time, likes, params, created_at, …
        #[arg(value_parser = parse_field)]
        field: Field,
        /// So many bins, or fewer where there are not so many whole numbers [default: round edges]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST_HIST))]
        bins: Option<u32>,
        /// How the bins grow [default: log, for times calendar]
        #[arg(long, value_name = "SCALE", value_parser = parse_scale)]
        scale: Option<Scale>,
        #[command(flatten)]
        within: Where,
        #[command(flatten)]
        output: Table,
        /// An SVG picture
        #[arg(long, conflicts_with_all = ["json", "csv"])]
        svg: bool,
    },
    /// Print the figures of a report: downloads, lineage, parameters, what is most downloaded
    Stats {
        #[command(flatten)]
        within: Where,
        #[command(flatten)]
        output: Table,
        /// A report in Markdown, to be pasted
        #[arg(long, conflicts_with_all = ["json", "csv"])]
        markdown: bool,
    },
    /// Print what changed between two snapshots: downloads, models, names, families
    ///
    /// Models are followed through a new name where both have the column `_id`, else joined by id.
    Diff {
        /// The older snapshot: a parquet file or a folder of parquet files
        old: PathBuf,
        /// The newer one
        new: PathBuf,
        /// So many of each kind at most; 0 for all
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// What changes are ordered by: delta (how much more or less), growth (the same in what it
        /// was) or now (how much it is)
        #[arg(long, value_name = "MEASURE", default_value = "delta", value_parser = parse_measure)]
        sort: Measure,
        #[command(flatten)]
        within: Where,
        #[command(flatten)]
        output: Table,
    },
    /// Write the models as a table: Parquet, Arrow IPC, CSV or NDJSON, by the file's ending
    ///
    /// Every model, or those that `--where` finds exactly, with all fields: those of `search --json`,
    /// then what is derived, such as children and family totals. The rows keep the order of the source
    /// unless `--sort` or the query asks for another. The file is replaced when the new one is whole.
    Export {
        /// The file to write: .parquet, .arrow, .csv or .ndjson; `-` with `--parquet`
        file: PathBuf,
        #[command(flatten)]
        within: Where,
        /// Order by a field, or by `FIELD:asc` for the smallest first
        #[arg(long, value_name = "FIELD", value_parser = Order::parse)]
        sort: Option<Order>,
        /// Write only these columns, in this order
        #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = ModelColumn::parse)]
        columns: Vec<ModelColumn>,
        /// Write Parquet to standard output
        #[arg(long)]
        parquet: bool,
    },
    /// Print the columns of the file: type, nulls, what each is used for
    Schema {
        #[command(flatten)]
        output: Output,
    },
    /// Write a synthetic hub in the layout of May 2026
    Sample {
        /// How many models
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        rows: u32,
        /// The parquet file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Another seed gives another hub; the same one the same file
        #[arg(long, default_value_t = Recipe::BUILT_IN.seed)]
        seed: u64,
        /// Put control characters and escape sequences into its strings
        #[arg(long)]
        hostile: bool,
    },
    /// Download the file of all models into the Hugging Face cache and print its path
    ///
    /// What is in the cache is not downloaded again, and a download that was cut off goes on where it
    /// ended. Without a SOURCE, hubscope opens the newest file fetched from the usual datasets.
    /// HF_TOKEN, HF_ENDPOINT, HF_HUB_CACHE, HF_HOME and the proxies of the environment are obeyed.
    Fetch {
        /// The dataset that has it [default: cfahlgren1/hub-stats; for a date
        /// hfmlsoc/hub_weekly_snapshots]
        #[arg(long, value_name = "DATASET", value_parser = parse_dataset)]
        from: Option<String>,
        /// The weekly snapshot of this day instead of the file of today
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<NaiveDate>,
    },
    /// Print which hubs are kept, so that they open at once
    ///
    /// What was read is kept in $XDG_CACHE_HOME/hubscope or ~/.cache/hubscope, the last few hubs,
    /// and used as long as their files do not change.
    Cache {
        #[command(subcommand)]
        what: Option<CacheCommand>,
        #[command(flatten)]
        output: Table,
    },
    /// Print a script that completes commands in a shell
    Completions { shell: Shell },
    /// Print the manual page
    Man,
    /// Play keys on the explorer without a terminal and print the screen
    Screen {
        /// Keys, such as `/llama<enter><tab>l<down>`; `<lt>` is the character `<`
        #[arg(long, default_value = "")]
        keys: String,
        /// Columns and lines
        #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = parse_size)]
        size: (u16, u16),
        /// An SVG picture instead of text
        #[arg(long)]
        svg: bool,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum CacheCommand {
    /// Keep the source now, as the first command that reads it does
    Keep,
    /// Remove them all
    Clear,
}

impl Command {
    /// Whether it can compare its models with those of an older snapshot.
    pub fn compares(&self) -> bool {
        matches!(
            self,
            Command::Show { .. }
                | Command::Search { .. }
                | Command::Tree { .. }
                | Command::Roots { .. }
                | Command::Hist { .. }
                | Command::Stats { .. }
                | Command::Export { .. }
                | Command::Screen { .. }
        )
    }

    /// Whether it writes Parquet to standard output.
    pub fn is_binary(&self) -> bool {
        match self {
            Command::Search { output, .. }
            | Command::Tree { output, .. }
            | Command::Roots { output, .. } => output.parquet,
            Command::Export { parquet, .. } => *parquet,
            _ => false,
        }
    }

    /// Whether it prints for people where its output is a terminal.
    pub fn is_for_people(&self) -> bool {
        let format = match self {
            Command::Show { output, .. } | Command::Schema { output } => output.format(true),
            Command::Search { output, .. }
            | Command::Tree { output, .. }
            | Command::Roots { output, .. } => output.format(true),
            Command::Hist { svg: true, .. } | Command::Stats { markdown: true, .. } => {
                return false;
            }
            Command::Hist { output, .. }
            | Command::Stats { output, .. }
            | Command::Diff { output, .. } => output.format(true),
            _ => return false,
        };
        format == Format::Text
    }
}

/// Which tree is printed, and how much of it.
#[derive(Clone, Debug, Args)]
pub struct TreeArgs {
    /// The model, such as `google/gemma-7b`, or a base that is only named
    pub id: String,
    /// So many generations
    #[arg(long, default_value_t = 2, value_parser = parse_depth)]
    pub depth: usize,
    /// So many models of each at most; 0 for all
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// What to order by: a field, or `FIELD:asc` for the smallest first [default:
    /// family_downloads]
    #[arg(long, value_name = "FIELD", value_parser = Order::parse)]
    pub sort: Option<Order>,
    /// Only what was made in this way, such as `quantized`
    #[arg(long, value_name = "WORD")]
    pub relation: Option<String>,
    /// Only models that a query finds, and those that lead to one
    #[arg(
        long = "where",
        value_name = "QUERY",
        allow_hyphen_values = true,
        conflicts_with = "up"
    )]
    pub filter: Option<String>,
    /// What it was made from instead: its bases, their bases, …
    #[arg(long)]
    pub up: bool,
}

/// The arguments; in a search, with a blank before each that begins with one dash, such as
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

/// In which form a command prints; without a choice, for people on a terminal and tab-separated
/// otherwise.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub struct Output {
    /// JSON
    #[arg(long)]
    json: bool,
    /// Comma-separated values with a header line
    #[arg(long)]
    csv: bool,
    /// Ids only, one a line
    #[arg(long)]
    ids: bool,
}

/// The form in which models are listed: those of [`Output`], and Parquet.
#[derive(Clone, Copy, Debug, Args)]
pub struct ListOutput {
    #[command(flatten)]
    output: Output,
    /// Parquet, for a file or a pipe
    #[arg(long, conflicts_with_all = ["json", "csv", "ids"])]
    parquet: bool,
}

impl ListOutput {
    /// The chosen form.
    pub fn format(self, to_terminal: bool) -> Format {
        match self.parquet {
            true => Format::Parquet,
            false => self.output.format(to_terminal),
        }
    }
}

/// In which form figures are printed; as [`Output`], but there are no ids.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub struct Table {
    /// JSON
    #[arg(long)]
    json: bool,
    /// Comma-separated values with a header line
    #[arg(long)]
    csv: bool,
}

impl Table {
    /// The chosen form.
    pub fn format(self, to_terminal: bool) -> Format {
        let Table { json, csv } = self;
        let ids = false;
        Output { json, csv, ids }.format(to_terminal)
    }
}

/// Which models a command is about.
#[derive(Debug, Args)]
pub struct Where {
    /// Only the models that this query finds; see `search`
    // A query may begin with a dash: `-author:google`.
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
}

/// A form of printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned, for people.
    Text,
    Tsv,
    Csv,
    Json,
    Ids,
    Parquet,
}

impl Output {
    /// The chosen form.
    pub fn format(self, to_terminal: bool) -> Format {
        match self {
            Output { json: true, .. } => Format::Json,
            Output { csv: true, .. } => Format::Csv,
            Output { ids: true, .. } => Format::Ids,
            _ if to_terminal => Format::Text,
            _ => Format::Tsv,
        }
    }
}

/// More bins than anybody can look at.
const LARGEST_HIST: i64 = 10_000;

fn parse_scale(name: &str) -> Result<Scale, String> {
    let mut all = Scale::ALL.into_iter();
    all.find(|scale| scale.name() == name)
        .ok_or_else(|| format!("one of {}", Scale::ALL.map(Scale::name).join(", ")))
}

fn parse_measure(name: &str) -> Result<Measure, String> {
    let mut all = Measure::ALL.into_iter();
    all.find(|measure| measure.name() == name)
        .ok_or_else(|| format!("one of {}", Measure::ALL.map(Measure::name).join(", ")))
}

/// A screen no larger than this in either direction is drawn.
const LARGEST: u16 = 1_000;

/// No family is deeper but in files made to be; a tree is drawn by recursion.
const DEEPEST: usize = 1_000;

fn parse_depth(text: &str) -> Result<usize, String> {
    let parsed = text.parse().ok().filter(|depth| *depth <= DEEPEST);
    parsed.ok_or_else(|| format!("not a number from 0 to {DEEPEST}"))
}

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parsed {
        Some((w, h)) if (1..=LARGEST).contains(&w) && (1..=LARGEST).contains(&h) => Ok((w, h)),
        _ => Err(format!(
            "not a size from 1x1 to {LARGEST}x{LARGEST}, such as 120x40"
        )),
    }
}
