//! The layering rules of `src/lib.rs`, held by reading the `use` lines and paths of the source.

use std::fs;
use std::path::{Path, PathBuf};

/// Every source file, as (path below `src`, text without its tests and comments).
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false => found.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        (name, code.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(read).collect()
}

/// Files for which `inside` holds must not name any of these; `allowed` are the exceptions.
fn forbid(inside: impl Fn(&str) -> bool, names: &[&str], allowed: &[&str]) {
    let mut seen = 0;
    for (file, text) in sources() {
        if !inside(&file) || allowed.contains(&file.as_str()) {
            continue;
        }
        seen += 1;
        for name in names {
            let place = text.lines().find(|line| line.contains(name));
            assert!(
                place.is_none(),
                "{file} must not know {name}: {}",
                place.unwrap().trim()
            );
        }
    }
    assert!(seen > 0, "no file was looked at");
}

#[test]
fn the_engine_knows_no_screen_and_no_command_line() {
    let names = [
        "ratatui",
        "crossterm",
        "clap::",
        "crate::tui",
        "crate::cli",
        "println!",
        "eprintln!",
    ];
    forbid(|f| f.starts_with("engine/"), &names, &[]);
    forbid(
        |f| f.starts_with("engine/"),
        &["SystemTime::now", "Instant::now"],
        &[],
    );
}

#[test]
fn commands_and_explorer_never_meet() {
    forbid(|f| f.starts_with("tui/"), &["crate::cli"], &[]);
    // The palette's name is an option of the command line.
    forbid(|f| f.starts_with("cli/"), &["crate::tui"], &["cli/args.rs"]);
}

#[test]
fn inside_the_engine_data_lies_below_lineage_below_search() {
    let above_data = ["engine::lineage", "engine::search", "engine::stats"];
    forbid(|f| f.starts_with("engine/data/"), &above_data, &[]);
    forbid(
        |f| f.starts_with("engine/lineage/"),
        &["engine::search", "engine::stats"],
        &[],
    );
    forbid(|f| f.starts_with("engine/search/"), &["engine::stats"], &[]);
    forbid(|f| f.starts_with("engine/stats/"), &["engine::search"], &[]);
    forbid(
        |f| f.starts_with("engine/diff/"),
        &["engine::search", "engine::stats"],
        &[],
    );
}

#[test]
fn polars_and_the_matcher_are_known_in_one_place() {
    forbid(|f| !f.starts_with("engine/data/"), &["polars::"], &[]);
    forbid(|_| true, &["fuzzy_matcher"], &["engine/search/matcher.rs"]);
}

#[test]
fn threads_clocks_and_the_terminal_stay_in_the_ring() {
    let ring = [
        "tui/mod.rs",
        "tui/terminal.rs",
        "tui/event.rs",
        "tui/worker.rs",
    ];
    let names = ["thread::", "Instant", "stdout()", "enable_raw_mode"];
    forbid(|f| f.starts_with("tui/"), &names, &ring);
}

#[test]
fn panes_never_import_each_other() {
    for pane in [
        "compare",
        "density",
        "details",
        "histogram",
        "models",
        "overlay",
        "prompt",
        "schema",
        "statistics",
        "tree",
        "way",
    ] {
        let own = format!("tui/panes/{pane}.rs");
        let name = format!("panes::{pane}");
        forbid(
            |f| f.starts_with("tui/panes/") && f != own && f != "tui/panes/mod.rs",
            &[name.as_str()],
            &[],
        );
    }
}

#[test]
fn there_is_no_unsafe_code_and_no_shared_state() {
    // What maps a file into memory, and what asks the allocator to give some back.
    let places = ["allocator.rs", "engine/data/bundle.rs"];
    forbid(|_| true, &["unsafe "], &places);
    forbid(
        |_| true,
        &["static mut", "lazy_static", "OnceLock", "thread_local!"],
        &[],
    );
}
