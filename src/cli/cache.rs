//! `hubscope cache`: lists, stores and removes cached hubs.

use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

use super::Found;
use super::args::Format;
use super::table;
use crate::allocator;
use crate::engine;
use crate::engine::cache::{Cache, CacheEntry};
use crate::engine::persist;
use crate::engine::source::Source;
use crate::present::format;

#[derive(Serialize)]
struct Listing {
    folder: String,
    hubs: Vec<Hub>,
}

#[derive(Serialize)]
struct Hub {
    source: Option<String>,
    models: usize,
    bytes: i64,
    file: String,
    /// The reason why it is invalid; `None` for a valid one.
    useless: Option<String>,
}

impl From<CacheEntry> for Hub {
    fn from(entry: CacheEntry) -> Hub {
        Hub {
            source: entry.source.map(|path| path.display().to_string()),
            models: entry.models,
            bytes: entry.bytes,
            file: entry.path.display().to_string(),
            useless: entry.invalid,
        }
    }
}

/// Lists the cached hubs.
///
/// # Errors
/// When the output cannot be written.
pub fn run(cache: Option<&Cache>, format: Format, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    let listing = Listing {
        folder: cache.folder().display().to_string(),
        hubs: cache
            .entries(&persist::layout())
            .into_iter()
            .map(Hub::from)
            .collect(),
    };
    let found = match listing.hubs.is_empty() {
        true => Found::Nothing,
        false => Found::Something,
    };
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &listing)?;
        writeln!(out)?;
        return Ok(found);
    }
    if format == Format::Text {
        let bytes = listing.hubs.iter().map(|hub| hub.bytes).sum();
        let (hubs, bytes) = (listing.hubs.len(), format::bytes(bytes));
        writeln!(out, "{}: {hubs} kept, {bytes}", listing.folder)?;
        if found == Found::Nothing {
            return Ok(found);
        }
    }
    let row = |hub: &Hub| {
        let (models, bytes) = match format {
            Format::Text => (format::count(hub.models), format::bytes(hub.bytes)),
            _ => (hub.models.to_string(), hub.bytes.to_string()),
        };
        let useless = hub.useless.as_deref().unwrap_or("sound");
        let source = hub.source.as_deref().unwrap_or_default();
        vec![source.to_owned(), models, bytes, useless.to_owned()]
    };
    let header = ["source", "models", "bytes", "state"];
    table::write(format, &header, listing.hubs.iter().map(row), out)?;
    Ok(found)
}

/// Stores a source in the cache, unless it is there or another process is storing it.
///
/// # Errors
/// As [`engine::Hub::open`]; when the cache cannot be written.
pub fn store(cache: Option<&Cache>, source: &Source, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    anyhow::ensure!(
        *source != Source::Sample,
        "the built-in sample is always at hand; name a file to keep"
    );
    let Some(_lock) = cache.lock(source)? else {
        writeln!(out, "{source}: another hubscope is keeping it")?;
        return Ok(Found::Something);
    };
    if engine::Hub::from_cache(cache, source).is_none() {
        super::apart(source, || {
            engine::Hub::open(source, &allocator::on_step)?.store(cache)
        })?;
    }
    writeln!(out, "{source}: kept")?;
    Ok(Found::Something)
}

/// Removes all cached hubs.
///
/// # Errors
/// When a file cannot be removed, or the output cannot be written.
pub fn clear(cache: Option<&Cache>, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    let (hubs, bytes) = cache.clear()?;
    let (folder, bytes) = (cache.folder().display(), format::bytes(bytes));
    writeln!(out, "{folder}: {hubs} removed, {bytes}")?;
    Ok(Found::Something)
}
