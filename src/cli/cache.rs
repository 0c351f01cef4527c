//! `hubscope cache`: which hubs are kept, whether they can be used, and how to be rid of them.

use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

use super::Found;
use super::args::Format;
use super::table;
use crate::allocator;
use crate::engine;
use crate::engine::cache::{Cache, Entry};
use crate::engine::source::Source;
use crate::present::format;

#[derive(Serialize)]
struct Kept {
    folder: String,
    hubs: Vec<Hub>,
}

#[derive(Serialize)]
struct Hub {
    source: Option<String>,
    models: usize,
    bytes: i64,
    file: String,
    /// `None` for one that will be used; else why not.
    useless: Option<String>,
}

impl From<Entry> for Hub {
    fn from(entry: Entry) -> Hub {
        Hub {
            source: entry.source.map(|path| path.display().to_string()),
            models: entry.models,
            bytes: entry.bytes,
            file: entry.path.display().to_string(),
            useless: entry.useless,
        }
    }
}

/// Prints what is kept.
///
/// # Errors
/// When nothing can be written.
pub fn run(cache: Option<&Cache>, format: Format, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    let kept = Kept {
        folder: cache.folder().display().to_string(),
        hubs: cache.entries().into_iter().map(Hub::from).collect(),
    };
    let found = match kept.hubs.is_empty() {
        true => Found::Nothing,
        false => Found::Something,
    };
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &kept)?;
        writeln!(out)?;
        return Ok(found);
    }
    if format == Format::Text {
        let bytes = kept.hubs.iter().map(|hub| hub.bytes).sum();
        let (hubs, bytes) = (kept.hubs.len(), format::bytes(bytes));
        writeln!(out, "{}: {hubs} kept, {bytes}", kept.folder)?;
        if found == Found::Nothing {
            return Ok(found);
        }
    }
    let row = |hub: &Hub| {
        let people = format == Format::Text;
        let bytes = match people {
            true => format::bytes(hub.bytes),
            false => hub.bytes.to_string(),
        };
        let models = match people {
            true => format::count(hub.models),
            false => hub.models.to_string(),
        };
        let useless = hub.useless.as_deref().unwrap_or("sound");
        let source = hub.source.as_deref().unwrap_or_default();
        vec![source.to_owned(), models, bytes, useless.to_owned()]
    };
    let header = ["source", "models", "bytes", "state"];
    table::write(format, &header, kept.hubs.iter().map(row), out)?;
    Ok(found)
}

/// Keeps a source, unless it is kept or somebody is at it.
///
/// # Errors
/// As [`engine::Hub::open`]; when the cache cannot be written.
pub fn keep(cache: Option<&Cache>, source: &Source, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    anyhow::ensure!(
        *source != Source::Sample,
        "the built-in sample is always at hand; name a file to keep"
    );
    let Some(_alone) = cache.alone(source)? else {
        writeln!(out, "{source}: another hubscope is keeping it")?;
        return Ok(Found::Something);
    };
    if cache.open(source).is_none() {
        super::apart(source, || {
            cache.keep(&engine::Hub::open(source, &allocator::on_step)?)
        })?;
    }
    writeln!(out, "{source}: kept")?;
    Ok(Found::Something)
}

/// Removes what is kept.
///
/// # Errors
/// When something cannot be removed, or nothing can be written.
pub fn clear(cache: Option<&Cache>, out: &mut impl Write) -> Result<Found> {
    let cache = cache.context("there is no home to keep anything in; set XDG_CACHE_HOME")?;
    let (hubs, bytes) = cache.clear()?;
    let (folder, bytes) = (cache.folder().display(), format::bytes(bytes));
    writeln!(out, "{folder}: {hubs} removed, {bytes}")?;
    Ok(Found::Something)
}
