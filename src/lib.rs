//! # hubscope
//!
//! A terminal explorer of the Hugging Face Hub's models: search, base-model trees, histograms,
//! over a Polars frame loaded once.
//!
//! - [`engine`] says what the data says. It knows no terminal, prints nothing and can be used as
//!   a library. Inside it, `data` lies below `lineage`, that below `search`; `stats` and
//!   `diff`, which compares two hubs, beside it.
//! - [`cli`] holds the one-shot commands, written to any `impl Write`.
//! - [`tui`] is the explorer: a pure state machine, a pure picture of it, thin threads around.
//! - [`mod@format`] writes numbers, dates and names as people read them, [`figures`] what is counted
//!   of them, [`bars`] draws them, [`report`] makes tables of them, and [`signs`] tells what a
//!   terminal can show of that, for both. [`allocator`] gives memory back.
//!
//! ```text
//!  keys, signals ─▶ event.rs ──┐               pure                    pure
//!  loading ───────▶ event.rs ──┼▶ Event ─▶ App::update ─▶ state ─▶ view::draw ─▶ one write a frame
//!  answers ───────▶ worker.rs ─┘              └▶ Effects, performed in tui/mod.rs only
//! ```
//!
//! A [`engine::Hub`] does not change; each stage of loading makes a new one. Questions carry a
//! stamp; of each kind only the newest is answered. `tests/layers.rs` holds the layering.

pub mod allocator;
pub mod cli;
pub mod engine;
pub mod hub;
pub mod present;
pub mod sample;
pub mod tui;

/// Whether a panic of this thread is caught, and told by whoever catches it: the threads that load
/// and that answer the explorer, and the pools of Polars and Rayon that work for them.
pub fn is_caught(thread: &std::thread::Thread) -> bool {
    thread
        .name()
        .is_some_and(|name| name.starts_with("engine-") || name.starts_with("polars-"))
}
