//! Opens hubs for commands, from the cache or from their files. Those read from files are stored in
//! the cache after the command has printed its answer; large ones by a process of their own.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::apart;
use crate::allocator;
use crate::engine::Hub;
use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;

/// Hubs of at least this many models are stored in the background.
const LARGE: usize = 100_000;

/// Opens hubs, and stores them in the cache at the end.
pub struct Opener {
    cache: Option<Cache>,
    /// The hubs that were read from files.
    read: RefCell<Vec<&'static Hub>>,
}

impl Opener {
    /// Returns an opener with a cache or without.
    pub fn new(cache: Option<Cache>) -> Opener {
        Opener {
            cache,
            read: RefCell::default(),
        }
    }

    /// Opens a hub to at least a stage. It is leaked: at exit the system frees memory faster than the
    /// program could.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open(&self, source: &Source, stage: Stage) -> Result<&'static Hub> {
        if let Some(hub) = self.cached(source) {
            return Ok(Box::leak(Box::new(hub)));
        }
        let hub = apart(source, || Hub::open_to(source, stage, &allocator::on_step))?;
        let hub: &Hub = Box::leak(Box::new(hub));
        self.read.borrow_mut().push(hub);
        Ok(hub)
    }

    fn cached(&self, source: &Source) -> Option<Hub> {
        Hub::from_cache(self.cache.as_ref()?, source)
    }

    /// As [`Opener::open`], compared with the older snapshot at a path if there is one.
    ///
    /// # Errors
    /// As [`Hub::open`], of either.
    pub fn open_against(
        &self,
        source: &Source,
        stage: Stage,
        old: Option<&Path>,
    ) -> Result<&'static Hub> {
        let Some(old) = old else {
            return self.open(source, stage);
        };
        let old = self.open(&Source::named(Some(old))?, Stage::Fields)?;
        let new = self.open(source, stage.max(Stage::Lineage))?;
        let compared = apart(source, || new.compared(old))?;
        Ok(Box::leak(Box::new(compared)))
    }

    /// Stores the hubs that were read from files. Errors are ignored: they cost time only.
    pub fn store(&self) {
        let Some(cache) = &self.cache else {
            return;
        };
        for hub in self.read.take() {
            if hub.models.len() < LARGE || store_in_background(&hub.source).is_err() {
                let _ = apart(&hub.source, || hub.complete()?.store(cache));
            }
        }
    }
}

/// Starts a process that stores a source, and goes on after this one has ended.
fn store_in_background(source: &Source) -> Result<()> {
    let path = source.path().context("the sample is not cached")?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["cache", "keep", "--data"]).arg(path);
    child
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C does not end it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut child, 0);
    child.spawn()?;
    Ok(())
}
