//! `hubscope config`, and the config file on the command line.

use std::fs;
use std::path::Path;

use crate::common;
use crate::common::program::{Ran, hubscope, run};

/// Runs the program with a home of its own, in which it finds its config file.
fn at(home: &Path, arguments: &[&str]) -> Ran {
    let mut command = hubscope(arguments);
    command.env("XDG_CONFIG_HOME", home);
    run(command)
}

/// Returns a home with this config file.
fn home(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("hubscope")).unwrap();
    fs::write(home.path().join("hubscope/config.toml"), config).unwrap();
    home
}

#[test]
fn the_effective_settings_can_be_saved_as_the_file() {
    let empty = tempfile::tempdir().unwrap();
    let defaults = at(empty.path(), &["config"]);
    assert_eq!((defaults.code, defaults.err.as_str()), (Some(0), ""));
    assert!(
        defaults.out.contains("\n#mouse = true\n"),
        "{}",
        defaults.out
    );
    let own = home("mouse = false\nkeys.panes.mark = ['f5']\n");
    let first = at(own.path(), &["config"]).out;
    let changed = first.replace("\nmouse = false", "\n#mouse = true");
    let changed = changed.replace("\nmark = [\"f5\"]", "\n#mark = [\"space\"]");
    assert_eq!(changed, defaults.out);
    let saved = home(&first);
    let again = at(saved.path(), &["config"]);
    assert_eq!((again.out, again.err.as_str()), (first, ""));
}

#[test]
fn mistakes_are_named_and_exit_with_2() {
    let wrong = home("mouse = false\nthem = 'dark'\nsort = 'lieks'\n");
    let path = wrong.path().join("hubscope/config.toml");
    let path = path.to_str().unwrap();
    let checked = at(wrong.path(), &["config", "--check"]);
    let lines: Vec<&str> = checked.out.lines().collect();
    assert_eq!(checked.code, Some(2));
    assert_eq!(lines.len(), 2, "{lines:?}");
    let first = "there is no setting `them`; did you mean `theme`?";
    assert_eq!(lines[0], format!("{path}:2:1: {first}"));
    assert!(lines[1].starts_with(&format!("{path}:3:8: unknown field `lieks`")));
    assert_eq!(
        checked.err,
        format!("hubscope: {path}: 2 mistakes; everything else in it holds\n")
    );
    // What is right is effective.
    let printed = at(wrong.path(), &["config"]);
    assert_eq!(printed.code, Some(0));
    assert!(printed.out.contains("\nmouse = false\n"));
    assert!(
        printed
            .err
            .starts_with(&format!("hubscope: {path}:2:1: {first}\n"))
    );
    // A file that is named.
    let empty = tempfile::tempdir().unwrap();
    let named = at(empty.path(), &["config", "--check", path]);
    assert_eq!((named.code, named.out), (Some(2), checked.out));
    let right = home("mouse = false\n");
    let right = at(right.path(), &["config", "--check"]);
    assert!(
        right.out.ends_with("config.toml: no mistakes\n"),
        "{}",
        right.out
    );
    assert_eq!(right.code, Some(0));
    let missing = at(empty.path(), &["config", "--check"]);
    assert!(
        missing.out.ends_with("is not there; the defaults hold\n"),
        "{}",
        missing.out
    );
    assert_eq!(missing.code, Some(0));
    for file in ["/nowhere/config.toml", "/", "/dev/null"] {
        let ran = at(empty.path(), &["config", "--check", file]);
        assert_eq!(
            (ran.code, ran.err.lines().count()),
            (Some(2), 1),
            "{}",
            ran.err
        );
        assert!(
            ran.err.starts_with(&format!("hubscope: {file}: ")),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_screen_has_only_the_settings_that_are_named() {
    let own = home("panes.focus = 'tree'\ntheme = 'mine'\nthemes.mine.dim = '#123456'\n");
    let file = own.path().join("hubscope/config.toml");
    let file = file.to_str().unwrap();
    let hub = common::file();
    let hub = hub.to_str().unwrap();
    let screen = |more: &[&str]| {
        let ran = at(
            own.path(),
            &[&["screen", "--data", hub, "--size", "100x30"], more].concat(),
        );
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        ran.out
    };
    let plain = screen(&[]);
    assert!(plain.contains("● 1 Models"));
    assert_eq!(screen(&["--config", "none"]), plain);
    assert!(screen(&["--config", file]).contains("● 2 Tree"));
    // The command line wins over the file.
    let colored = screen(&["--config", file, "--svg"]);
    assert!(colored.contains("#123456"), "{colored}");
    let none = screen(&["--config", file, "--svg", "--theme", "none"]);
    assert!(!none.contains("#123456"));
    let named = screen(&["--config", file, "--svg", "--theme", "mine"]);
    assert_eq!(named, colored);
    let unknown = at(own.path(), &["screen", "--data", hub, "--theme", "mine"]);
    assert_eq!(unknown.code, Some(2));
    let wanted = "hubscope: --theme: there is no theme `mine`; did you mean";
    assert!(unknown.err.starts_with(wanted), "{}", unknown.err);
    let astray = at(own.path(), &["--config", "none", "schema"]);
    assert!(
        astray
            .err
            .contains("--resume and --fetch are options of the explorer"),
        "{}",
        astray.err
    );
}
