//! `hubscope cache`: lists, stores and removes cached datasets.

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::allocator;
use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::{json, table};
use crate::engine::cache::{Cache, CacheEntry};
use crate::engine::source::Source;
use crate::engine::source::hub_cache::mending_command;
use crate::engine::{Hub, persist};
use crate::hub::{self, ThinEntry, is_intact};
use crate::present::format::{bytes, count};

#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub command: Option<CacheCommand>,
    /// Also check the files in the Hugging Face cache that the listed datasets are of, by their SHA-256
    #[arg(long)]
    pub verify: bool,
    #[command(flatten)]
    pub output: TableOutput,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum CacheCommand {
    /// Cache the source now
    Keep,
    /// Remove all cached datasets
    Clear {
        /// Also the files that were fetched by columns
        #[arg(long)]
        fetched: bool,
    },
}

/// The answer as JSON.
#[derive(Serialize)]
struct CacheJson {
    folder: String,
    datasets: Vec<DatasetJson>,
    /// Files that were fetched by columns.
    fetched: Vec<ThinEntry>,
}

#[derive(Serialize)]
struct DatasetJson {
    source: Option<String>,
    models: usize,
    bytes: i64,
    file: String,
    /// The reason why it is invalid; `None` for a valid one.
    invalid: Option<String>,
}

impl From<CacheEntry> for DatasetJson {
    fn from(entry: CacheEntry) -> DatasetJson {
        DatasetJson {
            source: entry.source.map(|path| path.display().to_string()),
            models: entry.models,
            bytes: entry.bytes,
            file: entry.path.display().to_string(),
            invalid: entry.invalid,
        }
    }
}

/// Lists, stores or removes cached datasets. That the cache is switched off does not matter.
///
/// # Errors
/// When there is no home, or a file of the cache cannot be written or removed.
pub fn run(context: &mut CommandContext, args: &CacheArgs) -> Result<Found> {
    let cache = Cache::of_user().context("there is no home folder; set XDG_CACHE_HOME")?;
    match args.command {
        None => list(context, &cache, args.verify),
        Some(CacheCommand::Keep) => {
            let source = context.opener.source()?;
            let state = match store(&cache, &source)? {
                true => "cached",
                false => "another hubscope is caching it",
            };
            writeln!(context.out, "{source}: {state}")?;
            Ok(Found::Something)
        }
        Some(CacheCommand::Clear { fetched }) => {
            if fetched {
                let (files, size) = hub::remove_thin()?;
                writeln!(
                    context.out,
                    "{files} files fetched by columns removed, {}",
                    bytes(size)
                )?;
            }
            let (datasets, size) = cache.clear()?;
            let (folder, size) = (cache.folder().display(), bytes(size));
            writeln!(context.out, "{folder}: {datasets} datasets removed, {size}")?;
            Ok(Found::Something)
        }
    }
}

fn list(context: &mut CommandContext, cache: &Cache, verify: bool) -> Result<Found> {
    let mut entries = cache.entries(&persist::layout());
    if verify {
        entries.iter_mut().for_each(verify_source);
    }
    let entries = entries.into_iter();
    let listing = CacheJson {
        folder: cache.folder().display().to_string(),
        datasets: entries.map(DatasetJson::from).collect(),
        fetched: hub::thin_entries(),
    };
    let datasets = &listing.datasets;
    let found = Found::from(!datasets.is_empty() || !listing.fetched.is_empty());
    let for_people = context.format == Format::Text;
    if context.format == Format::Json {
        json::write(&listing, context.out)?;
        return Ok(found);
    }
    if for_people {
        let size = bytes(datasets.iter().map(|dataset| dataset.bytes).sum());
        let (folder, number) = (&listing.folder, datasets.len());
        writeln!(context.out, "{folder}: {number} cached datasets, {size}")?;
        for entry in &listing.fetched {
            writeln!(
                context.out,
                "{}: fetched by columns, {}",
                entry.path,
                bytes(entry.bytes)
            )?;
        }
        if datasets.is_empty() {
            return Ok(found);
        }
    }
    let row = |dataset: &DatasetJson| {
        let (models, size) = match for_people {
            true => (count(dataset.models), bytes(dataset.bytes)),
            false => (dataset.models.to_string(), dataset.bytes.to_string()),
        };
        let state = dataset.invalid.as_deref().unwrap_or("valid");
        let source = dataset.source.as_deref().unwrap_or_default();
        vec![source.to_owned(), models, size, state.to_owned()]
    };
    let header = ["source", "models", "bytes", "state"];
    table::write(
        context.format,
        &header,
        datasets.iter().map(row),
        context.out,
    )?;
    Ok(found)
}

/// Marks a valid dataset as invalid if its source is damaged.
fn verify_source(entry: &mut CacheEntry) {
    let source = entry.source.as_deref().filter(|_| entry.invalid.is_none());
    let Some(source) = source else { return };
    entry.invalid = match is_intact(source) {
        Ok(Some(false)) => {
            let command = mending_command(source).unwrap_or_else(|| "hubscope fetch".to_owned());
            Some(format!(
                "its source is damaged; `{command}` downloads it again"
            ))
        }
        Err(error) => Some(format!("{error:#}")),
        _ => return,
    };
}

/// Stores a source in the cache, unless it is there; `false` if another process is storing it.
fn store(cache: &Cache, source: &Source) -> Result<bool> {
    ensure!(
        *source != Source::Sample,
        "the built-in sample needs no cache; name a file"
    );
    let Some(_lock) = cache.lock(source)? else {
        return Ok(false);
    };
    if Hub::from_cache(cache, source).is_none() {
        isolated(source, || {
            Hub::open(source, &allocator::on_step)?.store(cache)
        })?;
    }
    Ok(true)
}
