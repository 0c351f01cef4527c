//! The dependencies that `Cargo.toml` names: each is used, and none makes a second major version of a
//! library that others bring in a newer one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::tokens::{Kind, Token, tokens};
use crate::{File, files_below};

/// Libraries that we use in an older major version than others do, with the reason.
const OLDER: &[(&str, &str)] = &[(
    "signal-hook",
    "crossterm 0.29 is built on 0.3, and polars-error on 0.4; with either there are both",
)];

#[test]
fn every_dependency_is_used() {
    let manifest = read("Cargo.toml");
    let (src, tests) = (files_below("src"), files_below("tests"));
    let named = names(&manifest, "dependencies");
    let of_tests = names(&manifest, "dev-dependencies");
    assert!(named.contains("polars") && of_tests.contains("tempfile"));
    assert_eq!(unused(&named, &src), [""; 0], "[dependencies]");
    assert_eq!(
        unused(&of_tests, &[src, tests].concat()),
        [""; 0],
        "[dev-dependencies]"
    );
}

#[test]
fn no_dependency_is_older_than_that_of_others() {
    let found = older(&read("Cargo.lock"));
    let known: BTreeSet<&str> = OLDER.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(
        found, known,
        "the left ones are older, the right ones are known to be"
    );
}

fn read(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The names in the tables of a kind, those for some systems included.
fn names(manifest: &Table, kind: &str) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let tables = targets.filter_map(|target| target.get(kind));
    let tables = tables.chain(manifest.get(kind)).filter_map(Value::as_table);
    tables.flat_map(Table::keys).cloned().collect()
}

/// Returns the dependencies whose crates no file uses.
fn unused<'n>(names: &'n BTreeSet<String>, files: &[File]) -> Vec<&'n str> {
    let is_used = |name: &&String| {
        let name = name.replace('-', "_");
        let mut files = files.iter().filter(|(_, text)| text.contains(&name));
        files.any(|(_, text)| uses(&tokens(text), &name))
    };
    let unused = names.iter().filter(|name| !is_used(name));
    unused.map(String::as_str).collect()
}

/// Returns true if a crate is used: `name::…`, or `use name;`. In a file that imports a module of that
/// name, it means the module.
fn uses(tokens: &[Token], name: &str) -> bool {
    let is = |at: usize, kind: &Kind| tokens.get(at).is_some_and(|token| token.kind == *kind);
    let word = |at: usize, text: &str| is(at, &Kind::Word(text.to_owned()));
    let begins = |at: usize| word(at, "use");
    let imports_module = (0..tokens.len()).filter(|at| begins(*at)).any(|at| {
        let is_own = ["crate", "super", "self"]
            .iter()
            .any(|own| word(at + 1, own));
        let end = tokens[at..]
            .iter()
            .position(|token| token.kind == Kind::Sign(';'));
        let end = end.map_or(tokens.len(), |end| at + end);
        is_own && (at..end).any(|at| word(at, name) && !is(at + 1, &Kind::Sep))
    });
    let is_crate = |at: usize| {
        let is_first = at == 0 || !is(at - 1, &Kind::Sep);
        let is_path = is(at + 1, &Kind::Sep) || (at > 0 && begins(at - 1));
        word(at, name) && is_first && is_path
    };
    !imports_module && (0..tokens.len()).any(is_crate)
}

/// Returns our own dependencies of which others use a newer major version.
fn older(lock: &Table) -> Vec<String> {
    let packages = lock["package"].as_array().unwrap();
    let text = |package: &Value, key: &str| package[key].as_str().unwrap().to_owned();
    let all: Vec<(String, String)> = packages
        .iter()
        .map(|package| (text(package, "name"), text(package, "version")))
        .collect();
    let own = packages
        .iter()
        .find(|package| text(package, "name") == "hubscope");
    let own = own.unwrap()["dependencies"].as_array().unwrap().iter();
    // The version is stated where there are several.
    let stated = own.filter_map(|own| own.as_str()?.split_once(' '));
    let is_older = |(name, version): &(&str, &str)| {
        let version = version.split(' ').next().unwrap();
        let others = all.iter().filter(|(other, _)| other == name);
        others
            .clone()
            .any(|(_, other)| major(other) > major(version))
    };
    stated
        .filter(is_older)
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The part of a version that changes with its interface: 1 of 1.2.3, 0.2 of 0.2.3.
fn major(version: &str) -> (u64, u64) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    match (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) {
        (0, minor) => (0, minor),
        (major, _) => (major, 0),
    }
}

#[test]
fn mentions_are_no_uses() {
    for (text, used) in [
        ("use csv::Writer;", true),
        ("fn f() { csv::write(); }", true),
        ("use csv;", true),
        ("use super::{csv, json};\nfn f() { csv::write(); }", false),
        ("use crate::output::csv;\nfn f() { csv::write(); }", false),
        ("use crate::output::csv::write;", false),
        ("// csv::write\nconst A: &str = \"csv::write\";", false),
        ("fn f(csv: &str) { other::csv::write(csv) }", false),
    ] {
        let names = BTreeSet::from(["csv".to_owned()]);
        let files = [("a.rs".to_owned(), text.to_owned())];
        assert_eq!(unused(&names, &files).is_empty(), used, "{text}");
    }
    let manifest = "[dependencies]\na-b = '1'\n[target.'cfg(unix)'.dependencies]\nc = '1'";
    let named = names(&manifest.parse().unwrap(), "dependencies");
    let files = [("a.rs".to_owned(), "use a_b::C;".to_owned())];
    assert_eq!(unused(&named, &files), ["c"]);
}

#[test]
fn an_older_version_of_our_own_is_found() {
    let lock = |own: &str, versions: &[&str]| -> Table {
        let package = |version: &&str| format!("[[package]]\nname = 'x'\nversion = '{version}'\n");
        let packages: String = versions.iter().map(package).collect();
        let own = format!(
            "[[package]]\nname = 'hubscope'\nversion = '0.2.0'\ndependencies = ['{own}']\n"
        );
        (packages + &own).parse().unwrap()
    };
    for (own, versions, is_older) in [
        ("x 0.3.9", &["0.3.9", "0.4.1"][..], true),
        ("x 0.4.1", &["0.3.9", "0.4.1"], false),
        ("x 1.2.0", &["1.2.0", "2.0.0"], true),
        ("x 0.9.0", &["0.9.0", "1.0.0"], true),
        ("x", &["1.2.0"], false),
    ] {
        assert_eq!(!older(&lock(own, versions)).is_empty(), is_older, "{own}");
    }
}
