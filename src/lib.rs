//! # hubscope
//!
//! A terminal explorer of the Hugging Face Hub's models: search, base-model trees, histograms, over a
//! Polars `DataFrame` loaded once.
//!
//! ```text
//!  main.rs              arguments, dispatch, exit code
//!    │
//!  cli/    tui/         one-shot commands / the explorer; neither imports the other
//!    │       │             cli: args, run, context; commands/ a file a verb; output/ formats; complete/ for shells
//!    │       │             tui: app (state machine), session, views/, keymap, answers/, terminal/
//!  hub/                 the Hugging Face Hub over HTTP
//!    │
//!  present/             numbers, dates, bars and reports as people read them
//!    │
//!  sample/              the synthetic hub
//!    │
//!  engine/              no terminal, no printing, no clock; usable as a library
//!    hub load persist export flags   `Hub`, the facade: staged loading, archives, tables
//!    diff               two snapshots, as tables and graphs
//!    search   stats     finding models / figures of any set of models; neither imports the other
//!    query              the query language
//!    lineage            graph, components, roll-ups, paths, trees
//!    tags               the inverted index of tags
//!    parquet            files, pruned leaves, type coercion, page headers, schema, wide records
//!    table              fields, the frame and its views, bitmaps, orders, string arenas
//!    cache              archives: mapped files of arrays, and when they are valid
//!    source             a path, a folder, the Hugging Face cache or the sample; open files
//!  system/              what operating systems do in different ways: `unix.rs`, `windows.rs`
//! ```
//!
//! Each folder imports only what is below it here, and no file imports one that imports it.
//! `tests/layers` holds these rules.
//!
//! ```text
//!  keys, signals ─▶ terminal/ ─┐               pure                    pure
//!  loading ───────▶ loader.rs ─┼▶ Event ─▶ App::update ─▶ state ─▶ frame::draw ─▶ ratatui ─▶ one write
//!  answers ───────▶ answers/ ──┘              └▶ Effects, performed in tui/runtime.rs only
//! ```
//!
//! [`engine::table::models::Models`] owns the `DataFrame`; letters, tags, graph, orders and totals
//! are indexes of it. A [`engine::Hub`] is immutable: each stage of loading makes a new one.
//! Questions carry a stamp, and stale answers are dropped.

pub mod allocator;
pub mod cli;
pub mod engine;
pub mod hub;
pub mod limits;
pub mod panics;
pub mod present;
pub mod sample;
pub mod system;
pub mod tui;
