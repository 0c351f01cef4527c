//! Opens hubs for commands, from the cache or from their files. Those read from files are stored in
//! the cache after the command has printed its answer; large ones by a process of their own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::isolate::isolated;
use crate::allocator;
use crate::engine::Hub;
use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::panics;
use crate::system;

/// Hubs of at least this many models are stored in the background.
const LARGE: usize = 100_000;

/// Opens hubs, and stores them in the cache at the end.
#[derive(Default)]
pub struct Opener {
    /// The path of the source, if one is named.
    pub data: Option<PathBuf>,
    /// The path of the older snapshot to compare with, if one is named.
    pub against: Option<PathBuf>,
    /// The cache, unless it is switched off.
    pub cache: Option<Cache>,
    /// The hubs that were read from files.
    read: RefCell<Vec<&'static Hub>>,
    /// The sources whose hubs come from the cache.
    cached: RefCell<Vec<Source>>,
}

impl Opener {
    /// Returns an opener for a source, by default for the one that [`Source::named`] finds.
    pub fn new(data: Option<PathBuf>, against: Option<PathBuf>, cache: Option<Cache>) -> Opener {
        Opener {
            data,
            against,
            cache,
            ..Opener::default()
        }
    }

    /// Returns the source of the command.
    ///
    /// # Errors
    /// As [`Source::named`].
    pub fn source(&self) -> Result<Source> {
        Source::named(self.data.as_deref())
    }

    /// Opens the source to at least a stage, compared with the older snapshot if one is named.
    ///
    /// # Errors
    /// As [`Hub::open`], of either.
    pub fn open(&self, stage: Stage) -> Result<&'static Hub> {
        let source = self.source()?;
        let Some(old) = self.against.as_deref() else {
            return self.open_source(&source, stage);
        };
        let old = self.open_source(&Source::named(Some(old))?, Stage::Fields)?;
        let new = self.open_source(&source, stage.max(Stage::Lineage))?;
        let compared = isolated(&source, || new.compared(old))?;
        Ok(Box::leak(Box::new(compared)))
    }

    /// Opens any source to at least a stage. The hub is leaked: at exit the system frees memory faster
    /// than the program could.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open_source(&self, source: &Source, stage: Stage) -> Result<&'static Hub> {
        let cache = self.cache.as_ref();
        let open = || Hub::open_cached(cache, source, stage, &allocator::on_step);
        let hub: &Hub = Box::leak(Box::new(isolated(source, open)?));
        match hub.is_from_cache() {
            true => {
                panics::hide_panics_over_cache();
                self.cached.borrow_mut().push(source.clone());
            }
            false => self.read.borrow_mut().push(hub),
        }
        Ok(hub)
    }

    /// Removes the cached datasets that hubs were opened from; returns true if there was one.
    pub fn forget_cached(&self) -> bool {
        let sources = self.cached.take();
        for source in &sources {
            self.cache.iter().for_each(|cache| cache.forget(source));
        }
        !sources.is_empty()
    }

    /// Stores the hubs that were read from files. Errors are ignored: they cost time only.
    pub fn store(&self) {
        let Some(cache) = &self.cache else {
            return;
        };
        for hub in self.read.take() {
            if hub.models.len() < LARGE || store_in_background(hub.source.path()).is_err() {
                let _ = isolated(&hub.source, || hub.complete()?.store(cache));
            }
        }
    }
}

/// Starts a process that stores a source, and goes on after this one has ended.
fn store_in_background(path: Option<&Path>) -> Result<()> {
    let path = path.context("the sample is not cached")?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["cache", "keep", "--data"]).arg(path);
    child
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C does not end it.
    system::detach(&mut child);
    child.spawn()?;
    Ok(())
}
