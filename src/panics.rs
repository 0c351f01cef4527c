//! Panics whose owner catches and reports them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread, ThreadId};

/// Set once a command works on a cached dataset.
static IS_CACHED: AtomicBool = AtomicBool::new(false);

/// The threads that are [`reading`].
static READING: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());

/// Returns true if the panics of a thread are caught and reported by its owner: those that load or
/// answer the explorer, the pools of Polars and Rayon that work for them, and any that is [`reading`].
pub fn is_caught(thread: &Thread) -> bool {
    let is_ours = |name: &str| name.starts_with("engine-") || name.starts_with("polars-");
    thread.name().is_some_and(is_ours) || readers().contains(&thread.id())
}

/// Reads files by functions that catch the panics of decoders: those are not printed.
pub fn reading<T>(read: impl FnOnce() -> T) -> T {
    let own = thread::current().id();
    readers().push(own);
    let done = read();
    let mut readers = readers();
    let at = readers.iter().position(|reader| *reader == own);
    at.map(|at| readers.swap_remove(at));
    done
}

fn readers() -> MutexGuard<'static, Vec<ThreadId>> {
    READING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Silences all panics from now on: the command works on a cached dataset, and is run again without it.
pub fn hide_panics_over_cache() {
    IS_CACHED.store(true, Ordering::Relaxed);
}

/// Silences the panics that [`is_caught`] recognizes: their owner reports them as errors of a file.
pub fn hide_caught_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_caught(&thread::current()) && !IS_CACHED.load(Ordering::Relaxed) {
            report(info);
        }
    }));
}
