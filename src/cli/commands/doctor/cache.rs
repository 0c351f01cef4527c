//! Facts about the cache of indexed datasets.

use serde_json::json;

use crate::engine::cache::{Cache, CacheEntry};
use crate::engine::persist;
use crate::engine::source::{Source, cache_home};
use crate::present::facts::{Fact, FactSection};
use crate::present::folder::FolderState;
use crate::present::format::{bytes, count};

/// The room that the file of all models takes in the cache, in bytes.
const ROOM: u64 = 500_000_000;

/// Returns the facts; `is_used` unless the cache is switched off, `source` is the one that is opened.
pub fn facts(is_used: bool, source: Option<&Source>) -> FactSection {
    let cache = Cache::of_user();
    let used = Fact::new("used", is_used && cache.is_some());
    let mut facts = vec![match is_used {
        true => used,
        false => used.because("switched off by --no-cache or $HUBSCOPE_NO_CACHE"),
    }];
    facts.push(Fact::new("format", persist::FORMAT));
    facts.extend(match cache {
        Some(cache) => of_folder(&cache, source),
        None => {
            let problem = "there is no home folder; set XDG_CACHE_HOME";
            vec![Fact::new("folder", None::<String>).wrong(problem)]
        }
    });
    FactSection {
        name: "cache",
        facts,
    }
}

fn of_folder(cache: &Cache, source: Option<&Source>) -> Vec<Fact> {
    let folder = cache.folder();
    let by = cache_home().map_or("", |located| located.by);
    let name = folder.display().to_string();
    let mut facts = vec![Fact::new("folder", name.clone()).because(format!("by {by}"))];
    let state = FolderState::of(folder);
    let is_full = state.free.is_some_and(|free| free < ROOM);
    let problem = format!(
        "{name}: there is no room for the file of all models, which takes {}; make room, or set XDG_CACHE_HOME to a folder on another disk",
        bytes(ROOM.cast_signed())
    );
    facts.extend(state.facts(folder, "set XDG_CACHE_HOME to a folder that can"));
    let free = facts
        .pop()
        .map(|free| free.wrong_if(is_full.then_some(problem)));
    facts.extend(free);
    let entries = cache.outline(&persist::layout());
    let size: i64 = entries.iter().map(|entry| entry.bytes).sum();
    facts.push(Fact::of_bytes("bytes", u64::try_from(size).ok()));
    let file = source.and_then(|source| source.files().first()?.canonicalize().ok());
    let is_there = |entry: &CacheEntry| entry.invalid.is_none() && entry.source == file;
    let has_source = file.is_some() && entries.iter().any(is_there);
    facts.push(Fact::new("has_the_source", has_source));
    facts.push(listed(&entries));
    facts
}

/// The entries, one a line.
fn listed(entries: &[CacheEntry]) -> Fact {
    let source = |entry: &CacheEntry| {
        let path = entry.source.as_ref();
        path.map(|path| path.display().to_string())
    };
    let values = entries.iter().map(|entry| {
        let CacheEntry {
            models,
            bytes,
            invalid,
            ..
        } = entry;
        json!({"source": source(entry), "models": models, "bytes": bytes, "invalid": invalid})
    });
    let lines = entries.iter().map(|entry| {
        let name = source(entry).unwrap_or_else(|| entry.path.display().to_string());
        let state = match &entry.invalid {
            Some(reason) => format!("ignored: {reason}"),
            None => "valid".to_owned(),
        };
        let (models, size) = (count(entry.models), bytes(entry.bytes));
        format!("{name}: {models} models, {size}, {state}")
    });
    let lines: Vec<String> = lines.collect();
    let fact = Fact::new("datasets", values.collect::<Vec<_>>());
    match lines.is_empty() {
        true => fact,
        false => fact.shown(lines.join("\n")),
    }
}
