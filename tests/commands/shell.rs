//! The commands that the explorer offers (`$`), run by a shell as they are: they print what a command
//! with the same arguments prints that no shell has seen.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hubscope::engine::query::parse::parse;
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;

use crate::common::program::{hubscope, run};
use crate::common::{file, open};

const QUERIES: [&str; 22] = [
    "llama",
    "-author:meta",
    "-llama",
    "--help",
    "'whole-word",
    "it's",
    "\"two words\"",
    "a|b",
    "!llama",
    "^meta suffix$",
    "~lma",
    "$HOME `id` $(id)",
    "\\ \\\\ \\'",
    "a; b & c > /dev/null < x # y",
    "* ? [a-z] {a,b} ~",
    "params:>1B downloads:1..5",
    "tag:标签 метка",
    "%s %n",
    "= + @",
    "!! !$ ^a^b",
    "sort:likes:asc",
    "(",
];

/// Returns the command that `$` offers after these keys; `None` if it offers none.
fn offered(path: &Path, query: &str, keys: &str) -> Option<String> {
    let mut stage = Headless::new(open(path), (120, 40), Palette::Dark);
    stage.app.session.data = Some(path.to_str().unwrap().to_owned());
    stage.keys("/").unwrap();
    stage.happen(Event::Paste(query.to_owned()));
    stage.keys(&format!("<enter>{keys}$<enter>")).unwrap();
    let last = stage.asked_for.last()?;
    Some(last.strip_prefix("copy ").expect("a copy").to_owned())
}

/// Makes a shell run a command as the user would paste it.
fn in_shell(command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_hubscope"));
    let mut paths = vec![program.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell.env("PATH", std::env::join_paths(paths).unwrap());
    shell
        .env("HUBSCOPE_NO_CACHE", "1")
        .env_remove("HUBSCOPE_DATA");
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell
}

fn check(path: &Path, query: &str, keys: &str, plain: &[&str]) {
    let Some(command) = offered(path, query, keys) else {
        // No command takes a text that is no query.
        assert!(parse(query).is_err(), "{query}");
        return;
    };
    assert!(parse(query).is_ok(), "{query}");
    let by_shell = run(in_shell(&command));
    let by_hand = run(hubscope(plain));
    assert_eq!(
        (by_shell.code, by_shell.out, by_shell.err),
        (by_hand.code, by_hand.out, by_hand.err),
        "{command}"
    );
}

#[test]
fn a_shell_runs_the_command_of_any_query() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("-it's \"a\" $HUB;.parquet");
    fs::copy(file(), &path).unwrap();
    let data = format!("--data={}", path.display());
    for query in QUERIES {
        check(&path, query, "", &["search", &data, "--", query]);
    }
    for query in ["-author:meta", "it's a|b", "params:>1B"] {
        let that = format!("--where={query}");
        check(&path, query, "%", &["stats", &data, &that]);
        check(&path, query, "3", &["hist", &data, &that, "downloads"]);
    }
}
