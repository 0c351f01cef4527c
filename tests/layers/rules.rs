//! The layering rules of the source, as one table.

use crate::checker::{NameRule, Rules};

const RING: &[&str] = &[
    "tui/mod.rs",
    "tui/answers.rs",
    "tui/event.rs",
    "tui/worker.rs",
    "tui/terminal",
];

pub const RULES: Rules = Rules {
    floors: &[
        &[&["main.rs"]],
        &[&["lib.rs"]],
        &[&["cli"], &["tui"]],
        &[&["hub"]],
        &[&["present"]],
        &[&["sample"]],
        &[&["allocator.rs"]],
        &[&["engine/*", "engine/load"]],
        &[&["engine/diff"]],
        &[&["engine/search"]],
        &[&["engine/query"]],
        &[&["engine/stats"]],
        &[&["engine/lineage"]],
        &[&["engine/tags"]],
        &[&["engine/parquet"]],
        &[&["engine/table"]],
        &[&["engine/cache"]],
        &[&["engine/source"]],
    ],
    apart: &[
        ("engine/search", "engine/stats"),
        ("engine/diff", "engine/search"),
        ("engine/diff", "engine/stats"),
    ],
    siblings: &["tui/panes", "tui/views"],
    one_file: &["fuzzy_matcher"],
    names: &[
        NameRule {
            rule: "the engine knows no terminal, command line, HTTP or allocator",
            names: &[
                "ratatui",
                "crossterm",
                "tui_input",
                "clap",
                "ureq",
                "hf_hub",
                "mimalloc",
                "libmimalloc_sys",
            ],
            inside: &["engine"],
            except: &[],
        },
        NameRule {
            rule: "the engine prints nothing",
            names: &[
                "println!",
                "eprintln!",
                "print!",
                "eprint!",
                "dbg!",
                "std::io::stdout",
                "std::io::stderr",
            ],
            inside: &["engine"],
            except: &[],
        },
        NameRule {
            rule: "the engine has no clock",
            names: &[
                "SystemTime::now",
                "Instant::now",
                "Utc::now",
                "Local::now",
                ".elapsed",
            ],
            inside: &["engine"],
            except: &[],
        },
        NameRule {
            rule: "Polars is known where tables are read and written",
            names: &["polars", "polars_arrow", "polars_parquet"],
            inside: &[],
            except: &[
                "engine/table",
                "engine/parquet",
                "engine/tags",
                "engine/load/columns.rs",
                "engine/export.rs",
                "sample",
            ],
        },
        NameRule {
            // The mapped cache shares its memory as Polars' buffers.
            rule: "buffers of Polars are known where memory is shared",
            names: &["polars_buffer"],
            inside: &[],
            except: &[
                "engine/table",
                "engine/parquet",
                "engine/tags",
                "engine/export.rs",
                "engine/cache",
                "engine/source",
                "sample",
            ],
        },
        NameRule {
            rule: "threads, clocks and the terminal stay in the ring",
            names: &[
                "std::thread",
                "rayon::spawn",
                "std::time::Instant",
                "Instant::now",
                "SystemTime::now",
                "Utc::now",
                "Local::now",
                "std::io::stdin",
                "std::io::stdout",
                "std::io::stderr",
                "crossterm::terminal",
                "crossterm::cursor",
                "crossterm::execute!",
                "crossterm::queue!",
                "enable_raw_mode",
                "signal_hook",
                "rustix",
            ],
            inside: &["tui"],
            except: RING,
        },
        NameRule {
            rule: "unsafe only where memory is mapped or given back",
            names: &["unsafe"],
            inside: &[],
            except: &["engine/cache/archive.rs", "allocator.rs"],
        },
        NameRule {
            rule: "no shared state",
            names: &[
                "static mut",
                "lazy_static",
                "lazy_static!",
                "thread_local!",
                "static OnceLock",
                "static OnceCell",
            ],
            inside: &[],
            except: &[],
        },
    ],
};

/// The violations that stay until the explorer's rooms are rebuilt: each a rule, and the files that
/// break it together.
pub const KNOWN: &[(&str, &[&str])] = &[
    ("floors", &["lib.rs", "tui/mod.rs"]),
    (
        "no cycle between files",
        &["tui/app.rs", "tui/app/over.rs", "tui/app/reload.rs"],
    ),
    (
        "no cycle between files",
        &["tui/panes/histogram.rs", "tui/panes/histogram/part.rs"],
    ),
];
