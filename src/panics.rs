//! Panics whose owner catches and reports them.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set once a command works on a cached dataset.
static IS_CACHED: AtomicBool = AtomicBool::new(false);

/// Returns true if the panics of a thread are caught and reported by its owner: those that load or
/// answer the explorer, and the pools of Polars and Rayon that work for them.
pub fn is_caught(thread: &std::thread::Thread) -> bool {
    thread
        .name()
        .is_some_and(|name| name.starts_with("engine-") || name.starts_with("polars-"))
}

/// Silences all panics from now on: the command works on a cached dataset, and is run again without it.
pub fn hide_panics_over_cache() {
    IS_CACHED.store(true, Ordering::Relaxed);
}

/// Silences the panics that [`is_caught`] recognizes: their owner reports them as errors of a file.
pub fn hide_caught_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_caught = is_caught(&std::thread::current()) || IS_CACHED.load(Ordering::Relaxed);
        if !is_caught {
            report(info);
        }
    }));
}
