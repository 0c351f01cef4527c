//! A small tree that holds the rules, and changes of it that each break one.

/// A file, and its text.
pub type File = (&'static str, &'static str);

/// Holds every rule, with all that only looks like a violation.
pub const CLEAN: &[File] = &[
    (
        "main.rs",
        "use hubscope::cli::args::Args;\nuse hubscope::{allocator, tui};\nfn main() { allocator::give_back(); tui::run(Args); println!(\"\"); }",
    ),
    (
        "lib.rs",
        "pub mod allocator;\npub mod cli;\npub mod engine;\npub mod present;\npub mod tui;\nmod hub;\nmod sample;",
    ),
    (
        "allocator.rs",
        "pub fn give_back() { unsafe { libmimalloc_sys::mi_collect(true) } }",
    ),
    (
        "cli/mod.rs",
        "pub mod args;\npub(crate) mod list;\npub use args::Args;",
    ),
    // A parent that only re-exports is no part of a cycle.
    ("cli/args.rs", "#[derive(clap::Parser)]\npub struct Args;"),
    (
        "cli/list.rs",
        "use super::Args;\nuse crate::present::{dates, format};\nfn list(_: Args) { dates::day(); format::short(); }",
    ),
    (
        "hub/mod.rs",
        "use crate::present::format;\nfn get() { ureq::get(\"\"); format::short(); }",
    ),
    ("present/mod.rs", "pub mod dates;\npub mod format;"),
    (
        "present/dates.rs",
        "use std::time::Instant;\npub fn day() { Instant::now(); }",
    ),
    (
        "present/format.rs",
        "use crate::engine::Hub;\npub fn short(_: &Hub) {}",
    ),
    (
        "sample/mod.rs",
        "use polars::prelude::*;\nuse crate::engine::table::field::Field;",
    ),
    (
        "tui/mod.rs",
        "pub mod answers;\npub mod panes;\nuse crossterm::terminal::enable_raw_mode;\npub fn run() { enable_raw_mode(); panes::list::draw(); }",
    ),
    (
        "tui/answers.rs",
        "use std::{thread, time::Instant};\nfn ask() { thread::spawn(|| Instant::now()); }",
    ),
    (
        "tui/panes/mod.rs",
        "pub mod list;\npub mod tree;\npub use list::draw;\npub struct Look;",
    ),
    (
        "tui/panes/list.rs",
        "use super::Look;\nuse crossterm::event::KeyEvent;\npub fn draw(_: Look) {}",
    ),
    (
        "tui/panes/tree.rs",
        "mod draw;\nuse super::Look;\nfn show(_: Look) { draw::draw(); }",
    ),
    ("tui/panes/tree/draw.rs", "pub fn draw() {}"),
    (
        "engine/mod.rs",
        "pub mod cache;\npub mod diff;\npub mod lineage;\npub mod load;\npub mod parquet;\npub mod query;\npub mod search;\npub mod source;\npub mod stats;\npub mod table;\npub mod tags;\npub use load::Step;\nuse lineage::graph::Graph;\npub struct Hub(Graph);",
    ),
    (
        "engine/load/mod.rs",
        "use crate::engine::Hub;\npub enum Step { Usable(Hub) }",
    ),
    (
        "engine/diff/mod.rs",
        "use crate::engine::{lineage::graph::Graph, table};\nfn join(_: &Graph) -> table::frame::Frame { table::frame::Frame }",
    ),
    (
        "engine/search/mod.rs",
        // Comments, strings and tests may say anything: use crate::tui; println!("").
        "/* use crate::tui; /* nested */ unsafe {} */\nmod matcher;\nuse crate::engine::query::Query;\nconst TEXT: &str = \"use crate::tui; \\\" unsafe\";\nconst RAW: &str = r#\"println!(\"\"); \" unsafe\"#;\nconst QUOTE: [char; 2] = ['\"', '\\''];\nfn find<'a>(_: &'a Query) { matcher::find(); }\n#[cfg(test)]\nuse crate::{tui, cli::{self, args}};\n#[cfg(test)]\n#[allow(unused)]\nmod tests {\n    use crate::tui::run;\n    fn f() { println!(\"}\"); unsafe {} }\n}",
    ),
    (
        "engine/search/matcher.rs",
        "use fuzzy_matcher::skim::SkimMatcherV2;\npub fn find() { SkimMatcherV2::default(); }\n#[cfg(test)]\nmod tests;",
    ),
    (
        "engine/search/matcher/tests.rs",
        "use crate::tui;\nuse super::*;\nuse polars::prelude::*;",
    ),
    (
        "engine/query/mod.rs",
        "use crate::engine::table::field::Field;\npub struct Query(Field);",
    ),
    (
        "engine/stats/mod.rs",
        "use super::table::frame::Frame;\nuse std::time::SystemTime;\nfn sum(_: Frame, _: SystemTime) {}",
    ),
    ("engine/lineage/mod.rs", "pub mod graph;"),
    (
        "engine/lineage/graph.rs",
        "use crate::engine::tags::Tags;\npub struct Graph(Tags);",
    ),
    (
        "engine/tags/mod.rs",
        "use polars_arrow::array::Array;\npub struct Tags;",
    ),
    (
        "engine/parquet/mod.rs",
        "use polars_parquet::read::PageReader;\nuse crate::engine::table::frame::Frame;",
    ),
    ("engine/table/mod.rs", "pub mod field;\npub mod frame;"),
    (
        "engine/table/field.rs",
        "pub enum Field { Likes }\nimpl Field { pub fn print(self) { Field::Likes; } }",
    ),
    (
        "engine/table/frame.rs",
        "use super::field::Field;\nuse crate::engine::cache::archive::Buffer;\npub struct Frame;",
    ),
    (
        "engine/cache/mod.rs",
        "pub mod archive;\nuse crate::engine::source;\nfn keep() { source::named(); }",
    ),
    (
        "engine/cache/archive.rs",
        "pub use polars_buffer::Buffer;\nfn map() { unsafe { memmap2::Mmap::map(0) }; }",
    ),
    ("engine/source/mod.rs", "pub fn named() {}"),
];

/// A file, in the place of one of [`CLEAN`] or beside them, and the rule that it breaks.
pub struct Case {
    pub rule: &'static str,
    pub file: File,
    /// Of the violation, which for a cycle is in the cycle's first file.
    pub line: usize,
    pub detail: &'static str,
}

const fn case(rule: &'static str, file: File, line: usize, detail: &'static str) -> Case {
    Case {
        rule,
        file,
        line,
        detail,
    }
}

const OUTER: &str = "the engine knows no terminal, command line, HTTP or allocator";
const PRINTS: &str = "the engine prints nothing";
const CLOCK: &str = "the engine has no clock";
const POLARS: &str = "Polars is known where tables are read and written";
const BUFFERS: &str = "buffers of Polars are known where memory is shared";
const RING: &str = "threads, clocks and the terminal stay in the ring";
const UNSAFE: &str = "unsafe only where memory is mapped or given back";
const SHARED: &str = "no shared state";
const CYCLE: &str = "no cycle between files";
const FLOOR: &str = "a floor for every file";

pub const CASES: &[Case] = &[
    // --- upwards and sideways, in every way of naming a file ---
    case(
        "floors",
        ("engine/tags/mod.rs", "\nuse crate::engine::stats;"),
        2,
        "imports engine/stats/mod.rs",
    ),
    case(
        "floors",
        (
            "engine/tags/mod.rs",
            "use crate::{\n    engine::{\n        table::frame::Frame,\n        lineage::{self as above},\n    },\n};",
        ),
        4,
        "imports engine/lineage/mod.rs",
    ),
    case(
        "floors",
        (
            "engine/tags/mod.rs",
            "fn f() {\n    crate::engine::query::Query;\n}",
        ),
        2,
        "imports engine/query/mod.rs",
    ),
    case(
        "floors",
        ("engine/tags/mod.rs", "type T = Vec<super::stats::Sum>;"),
        1,
        "imports engine/stats/mod.rs",
    ),
    case(
        "floors",
        (
            "engine/tags/mod.rs",
            "mod inner {\n    use super::super::stats;\n}",
        ),
        2,
        "imports engine/stats/mod.rs",
    ),
    // An alias, first of a folder and then of what is in it.
    case(
        "floors",
        (
            "engine/table/frame.rs",
            "use crate::engine as e;\nfn f() { e::parquet::read(); }",
        ),
        1,
        "imports engine/mod.rs",
    ),
    // Through a name that another file re-exports.
    case(
        "floors",
        ("engine/source/mod.rs", "use crate::engine::Step;"),
        1,
        "imports engine/load/mod.rs",
    ),
    case(
        "floors",
        ("engine/source/mod.rs", "use crate::allocator::give_back;"),
        1,
        "imports allocator.rs",
    ),
    case(
        "floors",
        ("engine/load/mod.rs", "use crate::present::format::short;"),
        1,
        "imports present/format.rs",
    ),
    case(
        "floors",
        ("present/dates.rs", "use crate::cli::list;"),
        1,
        "imports cli/list.rs",
    ),
    case(
        "floors",
        ("cli/list.rs", "use crate::tui::panes::Look;"),
        1,
        "imports tui/panes/mod.rs",
    ),
    case(
        "floors",
        ("tui/panes/list.rs", "use crate::cli::Args;"),
        1,
        "imports cli/args.rs",
    ),
    case(
        "floors",
        ("tui/panes/list.rs", "fn f() { crate::caught(); }"),
        1,
        "imports lib.rs",
    ),
    case(
        "places apart",
        ("engine/search/mod.rs", "use crate::engine::stats::sum;"),
        1,
        "imports engine/stats/mod.rs",
    ),
    case(
        "views apart",
        ("tui/panes/list.rs", "use super::tree;"),
        1,
        "imports tui/panes/tree.rs",
    ),
    case(
        "views apart",
        (
            "tui/panes/tree/draw.rs",
            "use crate::tui::panes;\nfn f() { panes::list::draw(); }",
        ),
        2,
        "imports tui/panes/list.rs",
    ),
    case(FLOOR, ("svg.rs", ""), 1, "is on no floor"),
    case(FLOOR, ("engine/letters/mod.rs", ""), 1, "is on no floor"),
    // --- cycles ---
    case(
        CYCLE,
        ("engine/table/field.rs", "use super::frame::Frame;"),
        1,
        "engine/table/field.rs:1 -> engine/table/frame.rs, engine/table/frame.rs:1 -> engine/table/field.rs",
    ),
    case(
        CYCLE,
        ("tui/panes/tree/draw.rs", "use super::Tree;"),
        3,
        "tui/panes/tree.rs:3 -> tui/panes/tree/draw.rs, tui/panes/tree/draw.rs:1 -> tui/panes/tree.rs",
    ),
    // A parent that uses what it re-exports.
    case(
        CYCLE,
        (
            "tui/panes/mod.rs",
            "pub mod list;\npub mod tree;\npub use list::draw;\npub struct Look;\nfn f() { draw(Look); }",
        ),
        1,
        "tui/panes/list.rs:1 -> tui/panes/mod.rs, tui/panes/mod.rs:3 -> tui/panes/list.rs",
    ),
    // Through a name that the parent re-exports.
    case(
        CYCLE,
        ("cli/args.rs", "use crate::cli::list;"),
        1,
        "cli/args.rs:1 -> cli/list.rs, cli/list.rs:1 -> cli/args.rs",
    ),
    // --- names ---
    case(
        OUTER,
        ("engine/source/mod.rs", "use ratatui::text::Line;"),
        1,
        "names ratatui::text::Line",
    ),
    case(
        OUTER,
        (
            "engine/source/mod.rs",
            "fn f() { crossterm::event::read(); }",
        ),
        1,
        "names crossterm::event::read",
    ),
    case(
        OUTER,
        (
            "engine/source/mod.rs",
            "#[derive(clap::ValueEnum)]\nenum Kind {}",
        ),
        1,
        "names clap::ValueEnum",
    ),
    case(
        OUTER,
        ("engine/source/mod.rs", "use {\n    hf_hub::Cache,\n};"),
        2,
        "names hf_hub::Cache",
    ),
    case(
        OUTER,
        ("engine/source/mod.rs", "use ureq as web;"),
        1,
        "names ureq",
    ),
    case(
        OUTER,
        (
            "engine/load/mod.rs",
            "fn f() { libmimalloc_sys::mi_collect(true); }",
        ),
        1,
        "names libmimalloc_sys::mi_collect",
    ),
    case(
        PRINTS,
        ("engine/source/mod.rs", "fn f() {\n    println!();\n}"),
        2,
        "names println!",
    ),
    case(
        PRINTS,
        ("engine/source/mod.rs", "fn f() { std::eprintln![\"\"]; }"),
        1,
        "names std::eprintln!",
    ),
    case(
        PRINTS,
        (
            "engine/source/mod.rs",
            "use std::io;\nfn f() { io::stdout(); }",
        ),
        2,
        "names std::io::stdout",
    ),
    case(
        CLOCK,
        (
            "engine/source/mod.rs",
            "use std::time::SystemTime as Clock;\nfn f() { Clock::now(); }",
        ),
        2,
        "names std::time::SystemTime::now",
    ),
    case(
        CLOCK,
        (
            "engine/source/mod.rs",
            "fn f() { let now = std::time::Instant::now; }",
        ),
        1,
        "names std::time::Instant::now",
    ),
    case(
        CLOCK,
        (
            "engine/source/mod.rs",
            "fn f(t: SystemTime) {\n    t.elapsed()\n}",
        ),
        2,
        "names .elapsed",
    ),
    case(
        POLARS,
        ("engine/lineage/graph.rs", "use polars::prelude::*;"),
        1,
        "names polars::prelude",
    ),
    case(
        POLARS,
        ("cli/list.rs", "fn f(_: polars_arrow::array::Array) {}"),
        1,
        "names polars_arrow::array::Array",
    ),
    case(
        BUFFERS,
        ("engine/stats/mod.rs", "use polars_buffer::Buffer;"),
        1,
        "names polars_buffer::Buffer",
    ),
    case(
        "known in one file",
        ("engine/query/mod.rs", "use fuzzy_matcher::FuzzyMatcher;"),
        1,
        "names fuzzy_matcher::FuzzyMatcher, as do engine/query/mod.rs, engine/search/matcher.rs",
    ),
    case(
        RING,
        ("tui/panes/list.rs", "use std::thread;"),
        1,
        "names std::thread",
    ),
    case(
        RING,
        ("tui/panes/list.rs", "use std::time::{Duration, Instant};"),
        1,
        "names std::time::Instant",
    ),
    case(
        RING,
        ("tui/panes/list.rs", "fn f() { std::io::stdout(); }"),
        1,
        "names std::io::stdout",
    ),
    case(
        RING,
        (
            "tui/panes/list.rs",
            "use crossterm::{event::KeyEvent, terminal};",
        ),
        1,
        "names crossterm::terminal",
    ),
    case(
        RING,
        (
            "tui/panes/tree/draw.rs",
            "fn f() { rustix::process::getpid(); }",
        ),
        1,
        "names rustix::process::getpid",
    ),
    case(
        UNSAFE,
        ("engine/table/field.rs", "\n\nunsafe impl Send for Field {}"),
        3,
        "names unsafe",
    ),
    case(
        UNSAFE,
        ("cli/list.rs", "fn f() { unsafe { g() } }"),
        1,
        "names unsafe",
    ),
    case(
        SHARED,
        ("cli/list.rs", "static mut COUNT: usize = 0;"),
        1,
        "names static mut",
    ),
    case(
        SHARED,
        ("cli/list.rs", "thread_local! { static A: u8 = 0; }"),
        1,
        "names thread_local!",
    ),
    case(
        SHARED,
        (
            "cli/list.rs",
            "lazy_static::lazy_static! { static ref A: u8 = 0; }",
        ),
        1,
        "names lazy_static::lazy_static!",
    ),
    case(
        SHARED,
        ("cli/list.rs", "use std::sync::{Arc, OnceLock};"),
        1,
        "names std::sync::OnceLock",
    ),
];
