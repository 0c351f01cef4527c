//! Opens hubs for commands: from the cache where they are kept, from their files otherwise. What had
//! to be read from files is kept when the command has said all it has to say; what is large, by a
//! process of its own.

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

/// So many models take longer to keep than somebody who has the answer should have to wait.
const LARGE: usize = 100_000;

/// What a command opened.
pub struct Opener {
    cache: Option<Cache>,
    /// Read from files.
    read: RefCell<Vec<&'static Hub>>,
}

impl Opener {
    /// With this cache, or without any.
    pub fn new(cache: Option<Cache>) -> Opener {
        Opener {
            cache,
            read: RefCell::default(),
        }
    }

    /// Opens a hub, as far as a stage at least. It lives as long as the program, which ends soon:
    /// the system takes its memory back faster than we could give it.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open(&self, source: &Source, stage: Stage) -> Result<&'static Hub> {
        if let Some(hub) = self.cache.as_ref().and_then(|cache| cache.open(source)) {
            return Ok(Box::leak(Box::new(hub)));
        }
        let hub = apart(source, || Hub::open_to(source, stage, &allocator::on_step))?;
        let hub: &Hub = Box::leak(Box::new(hub));
        self.read.borrow_mut().push(hub);
        Ok(hub)
    }

    /// The same, compared with an older snapshot where one is named.
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

    /// Keeps what had to be read, so that it need not be the next time. That this cannot be done
    /// costs nothing but that time, and is not told.
    pub fn keep(&self) {
        let Some(cache) = &self.cache else {
            return;
        };
        for hub in self.read.take() {
            if hub.models.len() < LARGE || keep_behind(&hub.source).is_err() {
                let _ = apart(&hub.source, || cache.keep(&hub.complete()?));
            }
        }
    }
}

/// Leaves it to a process of its own, which goes on when the terminal has its prompt back.
fn keep_behind(source: &Source) -> Result<()> {
    let path = source.path().context("nothing to keep")?;
    let mut keeper = Command::new(std::env::current_exe()?);
    keeper.args(["cache", "keep", "--data"]).arg(path);
    keeper
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What ends the command from the keyboard does not end this.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
    keeper.spawn()?;
    Ok(())
}
