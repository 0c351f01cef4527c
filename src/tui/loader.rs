//! Loads the explorer's hub on a thread of its own: from the cache if it is valid, else from its
//! files, stage by stage. Loads it again when the files have changed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

use super::app::Event;
use super::event::{Arrival, settle, spawn};
use super::failpoint;
use crate::allocator;
use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::table::stage::Stage;
use crate::engine::{Hub, LoadEvent};
use crate::hub;

/// Loads hubs.
#[derive(Clone)]
pub struct HubLoader {
    /// The source as the user named it, if they did.
    pub named: Option<String>,
    /// The cache of opened hubs, if it is used.
    pub cache: Option<Cache>,
    /// The older snapshot to compare with, if there is one.
    pub against: Option<PathBuf>,
    /// The file on the Hub to fetch first, if one is wanted.
    pub fetch: Option<DatasetFile>,
}

impl HubLoader {
    /// Starts to load a hub, to compare it, and to store it in the cache.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn load(&self, source: Source, to: &Sender<Arrival>) -> Result<()> {
        let (loader, to) = (self.clone(), to.clone());
        spawn("engine-load", move || {
            let send = |event| drop(to.send(Arrival::Event(event)));
            let on_step = |step| {
                failpoint::hit("load");
                match step {
                    LoadEvent::Progress(part) => send(Event::Progress(part)),
                    LoadEvent::Usable(hub) => {
                        let stage = hub.stage;
                        send(Event::Loaded(hub));
                        allocator::collect_after(stage);
                    }
                }
            };
            let source = match loader.fetched(&on_step) {
                Some(Ok(source)) => source,
                Some(Err(error)) => return send(Event::Failed(format!("{error:#}"))),
                None => source,
            };
            if let Some(hub) = loader.cached(&source) {
                send(Event::Loaded(Box::new(hub.clone())));
                loader.send_comparison(&hub, send);
                // Opening a file does not notice a failing disk. A hub that is damaged is loaded
                // from its files.
                settle();
                if loader.is_valid(&source) {
                    return;
                }
            }
            match Hub::open(&source, &on_step) {
                Ok(hub) => {
                    send(Event::Loaded(Box::new(hub.clone())));
                    loader.send_comparison(&hub, send);
                    allocator::collect();
                    loader.store(&hub);
                }
                Err(error) => send(Event::Failed(format!("{error:#}"))),
            }
        })
    }

    /// Fetches the columns of the wanted file, if one is wanted. The hub of its ids and downloads can be
    /// used while the rest arrives.
    fn fetched(&self, on_step: &(dyn Fn(LoadEvent) + Sync)) -> Option<Result<Source>> {
        let arrived = Mutex::new((0, 1));
        let watch = |progress: hub::Progress| match progress {
            hub::Progress::Start { done, all } => *locked(&arrived) = (done, all.max(1)),
            hub::Progress::Bytes(bytes) => {
                let (before, all) = {
                    let mut arrived = locked(&arrived);
                    arrived.0 += bytes;
                    (arrived.0 - bytes, arrived.1)
                };
                // A screen that is drawn for each of them draws nothing else.
                let percent = |bytes: u64| bytes * 100 / all;
                if percent(before) < percent(before + bytes) {
                    on_step(LoadEvent::Progress((before + bytes) as f32 / all as f32));
                }
            }
            hub::Progress::Waiting(_) => {}
            hub::Progress::Names(path) => {
                let names = Source::File(path.to_owned());
                // The whole file reports what is wrong with it.
                if let Ok(hub) = Hub::open_to(&names, Stage::Names, &|_| {}) {
                    on_step(LoadEvent::Usable(Box::new(hub)));
                }
            }
        };
        let fetched = self
            .fetch
            .as_ref()
            .map(|file| hub::fetch_columns(file, &watch))?;
        Some(fetched.and_then(|path| Source::named(Some(&path))))
    }

    /// Starts to check for a newer hub: at the same path, or in the Hugging Face cache if no source
    /// was named.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn reload(&self, old: Arc<Hub>, to: &Sender<Arrival>) -> Result<()> {
        let (loader, to) = (self.clone(), to.clone());
        spawn("engine-load", move || {
            let send = |event| drop(to.send(Arrival::Event(event)));
            let hub = match loader.newer(&old) {
                Ok(Some(hub)) => hub,
                Ok(None) => return send(Event::Reloaded(Ok(None))),
                Err(error) => return send(Event::Reloaded(Err(format!("{error:#}")))),
            };
            // Sent with its comparison: the selected model may be listed because it changed.
            let (newer, reason) = match loader.compared(&hub) {
                Some(Ok(compared)) => (Box::new(compared), None),
                Some(Err(error)) => (hub.clone(), Some(format!("{error:#}"))),
                None => (hub.clone(), None),
            };
            send(Event::Reloaded(Ok(Some(newer))));
            reason.map(Event::Uncompared).into_iter().for_each(send);
            allocator::collect();
            loader.store(&hub);
        })
    }

    /// Sends the hub with its comparison, or the reason why it cannot be compared, if there is an
    /// older snapshot.
    fn send_comparison(&self, hub: &Hub, send: impl Fn(Event)) {
        match self.compared(hub) {
            Some(Ok(hub)) => send(Event::Loaded(Box::new(hub))),
            Some(Err(error)) => send(Event::Uncompared(format!("{error:#}"))),
            None => {}
        }
    }

    /// Returns the hub with its changes since the older snapshot, which stays in memory only for
    /// the comparison; `None` without one.
    fn compared(&self, hub: &Hub) -> Option<Result<Hub>> {
        let older = self.against.as_deref()?;
        Some(self.open_older(older).and_then(|old| hub.compared(&old)))
    }

    fn open_older(&self, path: &Path) -> Result<Hub> {
        let source = Source::named(Some(path))?;
        self.open(&source, Stage::Fields)
    }

    fn newer(&self, old: &Hub) -> Result<Option<Box<Hub>>> {
        let named = self.named.as_ref().map(PathBuf::from);
        let source = Source::named(named.as_deref())?;
        if old.is_current(&source) {
            return Ok(None);
        }
        Ok(Some(Box::new(self.open(&source, Stage::Complete)?)))
    }

    fn open(&self, source: &Source, stage: Stage) -> Result<Hub> {
        Hub::open_cached(self.cache.as_ref(), source, stage, &allocator::on_step)
    }

    fn cached(&self, source: &Source) -> Option<Hub> {
        Hub::from_cache(self.cache.as_ref()?, source)
    }

    fn is_valid(&self, source: &Source) -> bool {
        let check = |cache: &Cache| cache.check(source).is_ok();
        self.cache.as_ref().is_none_or(check)
    }

    /// Stores a hub in the cache. Errors are ignored: they cost only time.
    fn store(&self, hub: &Hub) {
        let _ = self.cache.as_ref().map(|cache| hub.store(cache));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
