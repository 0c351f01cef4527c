//! The layering rules of the source: held by the source, and found by the checker where a small tree
//! breaks them.

mod checker;
mod dependencies;
mod names;
mod rules;
mod small;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use checker::{Tree, Violation, check};
use rules::RULES;
use small::File;

/// Every source file, by its path below `src`.
fn sources() -> Vec<File> {
    files_below("src")
}

/// Every Rust file in a folder of the project, by its path below it.
fn files_below(folder: &str) -> Vec<File> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false => found.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy();
        let text = fs::read_to_string(&path).unwrap();
        (name.replace('\\', "/"), text)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn the_source_holds_its_rules() {
    let found = check(&sources(), &RULES);
    let list = lines(&found).join("\n");
    assert!(found.is_empty(), "{} violations:\n{list}", found.len());
}

/// Returns the broken rule of a violation and all files that break it.
fn blamed(violation: &Violation) -> (&str, BTreeSet<&str>) {
    let words = violation.detail.split([' ', ',', ':']);
    let others = words.filter(|word| Path::new(word).extension().is_some_and(|e| e == "rs"));
    let files = others.chain([violation.file.as_str()]).collect();
    (violation.rule, files)
}

/// A known violation excuses no other one of its files.
#[test]
fn a_violation_is_blamed_on_all_its_files() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let circle = found_with(&[file("cli/args.rs", "use crate::cli::list;")]);
    let blames: Vec<_> = circle.iter().map(blamed).collect();
    let files = BTreeSet::from(["cli/args.rs", "cli/list.rs"]);
    assert_eq!(blames, [("no cycle between files", files)]);
    let upwards = found_with(&[file("cli/list.rs", "use crate::tui::views::Look;")]);
    let blames: Vec<_> = upwards.iter().map(blamed).collect();
    let files = BTreeSet::from(["cli/list.rs", "tui/views/mod.rs"]);
    assert_eq!(blames, [("floors", files)]);
}

/// A checker that saw no imports would find no violation either.
#[test]
fn the_imports_of_the_source_are_seen() {
    let files = sources();
    let arrows = Tree::new(&files).arrows();
    for (file, _) in files
        .iter()
        .filter(|(file, _)| file.starts_with("tui/views/"))
    {
        assert!(
            arrows.iter().any(|arrow| arrow.from == *file),
            "{file} imports nothing"
        );
    }
    let is_met = |file: &str| arrows.iter().any(|arrow| arrow.to == file);
    for file in [
        "engine/hub.rs",
        "present/format.rs",
        "engine/table/field.rs",
    ] {
        assert!(is_met(file), "nothing imports {file}");
    }
    assert!(arrows.len() > files.len(), "{} imports", arrows.len());
}

/// The public names of a file, by its path below `src`.
fn public_names(file: &str) -> BTreeSet<String> {
    let (_, text) = sources()
        .into_iter()
        .find(|(name, _)| name == file)
        .unwrap();
    let items = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("pub "));
    let mut names = BTreeSet::new();
    for item in items {
        let (kind, rest) = item.split_once(' ').unwrap();
        let listed = match kind {
            "fn" | "const" | "struct" => rest.split(['(', ':', ';', ' ', '<']).take(1).collect(),
            "use" => rest
                .rsplit("::")
                .take(1)
                .flat_map(|list| list.split(", "))
                .collect(),
            _ => vec![],
        };
        let plain = |name: &str| name.trim_matches(['{', '}', ';']).to_owned();
        names.extend(listed.into_iter().map(plain));
    }
    names
}

/// Whoever works on one system does not compile the other one.
#[test]
fn systems_offer_the_same_names() {
    for folder in ["system", "tui/terminal/tty"] {
        let [unix, windows] =
            ["unix", "windows"].map(|system| public_names(&format!("{folder}/{system}.rs")));
        assert!(unix.len() > 10, "{unix:?}");
        assert_eq!(unix, windows, "{folder}");
    }
}

/// What the checker finds in the small tree with these files added or in the place of its own.
fn found_with(others: &[File]) -> Vec<Violation> {
    let mut files = small::clean();
    files.retain(|file| others.iter().all(|other| other.0 != file.0));
    files.extend_from_slice(others);
    check(&files, &RULES)
}

fn lines(found: &[Violation]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_small_tree_holds_the_rules() {
    assert_eq!(found_with(&[]), []);
}

#[test]
fn each_violation_is_found_and_named() {
    for (file, violation) in small::broken() {
        let found = found_with(slice::from_ref(&file));
        // Several files may be to blame for these.
        let shared = ["no cycle between files", "known in one file"];
        let is_at_home = |v: &Violation| v.file == file.0 || shared.contains(&v.rule);
        assert!(
            lines(&found).iter().any(|line| line == violation) && found.iter().all(is_at_home),
            "{file:?}: {violation}: {found:#?}"
        );
    }
}

/// All at once, so that nobody has to repair one to see the next.
#[test]
fn all_violations_are_listed() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let found = found_with(&[
        file(
            "engine/source/mod.rs",
            "use clap::Parser;\nfn f() { println!(); }",
        ),
        file(
            "engine/stats/mod.rs",
            "use crate::engine::search;\nunsafe fn f() {}",
        ),
    ]);
    let wanted = [
        "engine/source/mod.rs:1: the engine knows no terminal, command line, HTTP or allocator: names clap::Parser",
        "engine/source/mod.rs:2: the engine prints nothing: names println!",
        "engine/stats/mod.rs:1: floors: imports engine/search/mod.rs",
        "engine/stats/mod.rs:1: places apart: imports engine/search/mod.rs",
        "engine/stats/mod.rs:2: unsafe only where memory is mapped or given back, or a fault is handled: names unsafe",
    ];
    assert_eq!(lines(&found), wanted);
}

#[test]
fn each_rule_is_broken_by_a_case() {
    let broken = small::broken();
    let found: Vec<Violation> = broken
        .iter()
        .flat_map(|(file, _)| found_with(slice::from_ref(file)))
        .collect();
    let of_names = RULES.names.iter().map(|rule| rule.rule);
    let others = [
        "floors",
        "a floor for every file",
        "places apart",
        "views apart",
        "no cycle between files",
        "known in one file",
    ];
    for rule in of_names.chain(others) {
        assert!(
            found.iter().any(|violation| violation.rule == rule),
            "{rule}"
        );
    }
}
