//! Opens hubs for commands: from the cache where they are kept, from their files otherwise. What had
//! to be read from files is kept when the command has said all it has to say.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::apart;
use crate::engine::Hub;
use crate::engine::cache::Cache;
use crate::engine::data::load::Stage;
use crate::engine::data::source::Source;

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
        let hub = apart(source, || Hub::open_to(source, stage, &|_| {}))?;
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
    /// costs nothing but that time, and is not told. `err` hears of it only while it lasts, and only
    /// if a person is there.
    pub fn keep(&self, err: &mut impl Write, err_is_terminal: bool) {
        let Some(cache) = &self.cache else {
            return;
        };
        for hub in self.read.take() {
            if err_is_terminal {
                let _ = write!(err, "keeping {} for the next time", hub.source.title());
            }
            let _ = apart(&hub.source, || cache.keep(&hub.complete()?));
            if err_is_terminal {
                let _ = write!(err, "\r\x1b[K");
            }
        }
    }
}
