//! Where the explorer's hub comes from: from the cache, where it is kept, else from its files, stage
//! by stage, on a thread of its own; and again, when they have changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use anyhow::Result;

use super::app::Event;
use super::event::{Arrival, settle, spawn};
use super::failpoint;
use crate::allocator;
use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::engine::{Hub, LoadEvent};

/// What hubs are opened by.
#[derive(Clone)]
pub struct Library {
    /// The source as the person named it, if they did.
    pub named: Option<String>,
    /// Where hubs are kept, if they are.
    pub cache: Option<Cache>,
    /// The older snapshot to compare with, if there is one.
    pub against: Option<PathBuf>,
}

impl Library {
    /// Starts to load the hub, to compare it, and to keep it if it was not kept.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn load(&self, source: Source, to: &Sender<Arrival>) -> Result<()> {
        let (library, to) = (self.clone(), to.clone());
        spawn("engine-load", move || {
            let tell = |event| drop(to.send(Arrival::Event(event)));
            let step = |step| {
                failpoint::hit("load");
                match step {
                    LoadEvent::Progress(part) => tell(Event::Progress(part)),
                    LoadEvent::Usable(hub) => {
                        let stage = hub.stage;
                        tell(Event::Loaded(hub));
                        allocator::collect_after(stage);
                    }
                }
            };
            if let Some(hub) = library.cached(&source) {
                tell(Event::Loaded(Box::new(hub.clone())));
                library.tell_changes(&hub, tell);
                // A failing disk is not noticed when a file is opened. What is read anew replaces it.
                settle();
                if library.is_valid(&source) {
                    return;
                }
            }
            match Hub::open(&source, &step) {
                Ok(hub) => {
                    tell(Event::Loaded(Box::new(hub.clone())));
                    library.tell_changes(&hub, tell);
                    allocator::collect();
                    library.store(&hub);
                }
                Err(error) => tell(Event::Failed(format!("{error:#}"))),
            }
        })
    }

    /// Starts to look whether there is a newer hub than this one: in its own place, or in the
    /// Hugging Face cache where no place was named.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn reload(&self, old: Arc<Hub>, to: &Sender<Arrival>) -> Result<()> {
        let (library, to) = (self.clone(), to.clone());
        spawn("engine-load", move || {
            let tell = |event| drop(to.send(Arrival::Event(event)));
            let hub = match library.newer(&old) {
                Ok(Some(hub)) => hub,
                Ok(None) => return tell(Event::Reloaded(Ok(None))),
                Err(error) => return tell(Event::Reloaded(Err(format!("{error:#}")))),
            };
            // All at once: what is selected may be listed for what changed.
            let (newer, reason) = match library.compared(&hub) {
                Some(Ok(compared)) => (Box::new(compared), None),
                Some(Err(error)) => (hub.clone(), Some(format!("{error:#}"))),
                None => (hub.clone(), None),
            };
            tell(Event::Reloaded(Ok(Some(newer))));
            reason.map(Event::Uncompared).into_iter().for_each(tell);
            allocator::collect();
            library.store(&hub);
        })
    }

    /// Tells the hub with what changed, or why that is not known, if it is to be compared.
    fn tell_changes(&self, hub: &Hub, tell: impl Fn(Event)) {
        match self.compared(hub) {
            Some(Ok(hub)) => tell(Event::Loaded(Box::new(hub))),
            Some(Err(error)) => tell(Event::Uncompared(format!("{error:#}"))),
            None => {}
        }
    }

    /// The hub with what changed since the older snapshot, which is in memory no longer than that
    /// takes; nothing where there is none.
    fn compared(&self, hub: &Hub) -> Option<Result<Hub>> {
        let old = self.against.as_deref()?;
        Some(self.old(old).and_then(|old| hub.compared(&old)))
    }

    fn old(&self, old: &Path) -> Result<Hub> {
        let source = Source::named(Some(old))?;
        match self.cached(&source) {
            Some(old) => Ok(old),
            None => Hub::open_to(&source, Stage::Fields, &allocator::on_step),
        }
    }

    fn newer(&self, old: &Hub) -> Result<Option<Box<Hub>>> {
        let named = self.named.as_ref().map(PathBuf::from);
        let source = Source::named(named.as_deref())?;
        if old.is_current(&source) {
            return Ok(None);
        }
        if let Some(hub) = self.cached(&source) {
            return Ok(Some(Box::new(hub)));
        }
        Ok(Some(Box::new(Hub::open(&source, &allocator::on_step)?)))
    }

    fn cached(&self, source: &Source) -> Option<Hub> {
        Hub::from_cache(self.cache.as_ref()?, source)
    }

    fn is_valid(&self, source: &Source) -> bool {
        let check = |cache: &Cache| cache.check(source).is_ok();
        self.cache.as_ref().is_none_or(check)
    }

    /// Stores a hub in the cache. Errors are ignored: they cost time only.
    fn store(&self, hub: &Hub) {
        let _ = self.cache.as_ref().map(|cache| hub.store(cache));
    }
}
