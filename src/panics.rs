//! Panics of threads whose owner catches and reports them.

/// Returns true if the panics of a thread are caught and reported by its owner: those that load or
/// answer the explorer, and the pools of Polars and Rayon that work for them.
pub fn is_caught(thread: &std::thread::Thread) -> bool {
    thread
        .name()
        .is_some_and(|name| name.starts_with("engine-") || name.starts_with("polars-"))
}

/// Silences the panics that [`is_caught`] recognizes: their owner reports them as errors of a file.
pub fn hide_caught_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_caught(&std::thread::current()) {
            report(info);
        }
    }));
}
