//! Text of strangers in a terminal: no byte of it acts there.

use hubscope::sample::{Recipe, write};

use crate::session::{HUBSCOPE, Session};

const NAME: &str = "a\u{1b}]0;owned\u{7}b\u{202e}c\u{9b}31m\u{ad}d.parquet";

/// Writes a hostile sample under a hostile name.
fn file(folder: &tempfile::TempDir) -> String {
    let path = folder.path().join(NAME);
    let recipe = Recipe {
        rows: 300,
        seed: 5,
        hostile: true,
    };
    let mut out = Vec::new();
    write(&recipe, &mut out, |_| ()).unwrap();
    std::fs::write(&path, out).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The question for the background.
const QUESTION: &str = "\x1b]11;?\x1b\\\x1b[c";

/// Checks what was written: of the sequences, only those that begin as the program's own.
fn assert_harmless(session: &Session) {
    let text = String::from_utf8(session.bytes.clone()).unwrap();
    let text = text.replacen(QUESTION, "", 1);
    for (at, _) in text.match_indices('\x1b') {
        assert!(text[at..].starts_with("\x1b["), "{:?}", &text[at..]);
        // Nothing else asks a question, and no color is set that only the sample asks for.
        assert!(!text[at..].starts_with("\x1b[6n") && !text[at..].starts_with("\x1b[1;5;41m"));
    }
    let harmful = text.chars().find(|c| match c {
        '\r' | '\n' | '\x1b' => false,
        '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{2066}'..='\u{2069}' | '\u{ad}' => true,
        c => c.is_control(),
    });
    assert_eq!(harmful, None, "{text:?}");
}

#[test]
fn commands_print_nothing_harmful() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let script = "for command in schema 'search a' 'show x/y' stats roots 'hist likes' 'tree x/y'; do \
        $HUBSCOPE $command --data \"$FILE\"; $HUBSCOPE $command --json --data \"$FILE.not\"; done";
    let mut session = Session::start("sh", &["-c", script], &[("FILE", &path)]);
    session.exit();
    assert!(session.bytes.len() > 5_000, "{}", session.text());
    assert_harmless(&session);
    assert_eq!(session.count("\x1b"), 0, "no command prints any sequence");
}

#[test]
fn the_explorer_draws_nothing_harmful() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let mut session = Session::start(HUBSCOPE, &[&path], &[]);
    session.wait_text("300 models");
    for keys in [
        "C",
        "G",
        "C",
        "%",
        "\x1b",
        "2",
        "l",
        "4",
        "G",
        "?",
        "\x1b",
        "'",
        "\x1b",
        "/\u{202e}a\r",
        "$",
        "\x1b",
    ] {
        session.send(keys);
        session.wait_idle();
    }
    session.send("q");
    assert_eq!(session.exit(), 0);
    assert_harmless(&session);
}
