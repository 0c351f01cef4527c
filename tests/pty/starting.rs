//! Starts without a terminal as input or output, with a source that cannot be opened, and ended
//! before the source is loaded.

use crate::session::{HUBSCOPE, Session, stage_of};

/// Runs a shell command; returns its exit code and the text it prints, in which there are no escape
/// sequences.
fn run(script: &str) -> (u32, String) {
    let mut session = Session::start("sh", &["-c", script], &[]);
    let code = session.exit();
    session.assert_restored();
    assert_eq!(session.count("\x1b"), 0, "escape sequences");
    (code, session.text().trim().to_owned())
}

#[test]
fn output_must_be_a_terminal() {
    for script in [
        "$HUBSCOPE > out.txt; code=$?; cat out.txt; exit $code",
        "$HUBSCOPE | cat",
    ] {
        let (code, text) = run(&format!("cd $HOME; {script}"));
        assert!(
            text.starts_with("hubscope: the explorer needs a terminal"),
            "{text}"
        );
        assert!(text.contains("`hubscope screen`"), "{text}");
        assert_eq!(code, if script.contains('|') { 0 } else { 2 });
    }
}

#[test]
fn a_terminal_that_places_no_text_is_refused() {
    let (code, text) = run("TERM=dumb $HUBSCOPE");
    assert_eq!((code, text.lines().count()), (2, 2), "{text}");
    assert!(text.contains("TERM is `dumb`; start hubscope"), "{text}");
}

/// A serial line reports 0 columns and lines.
#[test]
fn without_a_size_the_environment_or_the_default_counts() {
    let cases = [
        ("", (80, 24)),
        ("COLUMNS=100 LINES=30", (100, 30)),
        ("COLUMNS=0 LINES=many", (80, 24)),
    ];
    for (variables, size) in cases {
        let script = format!("stty rows 0 cols 0; {variables} exec $HUBSCOPE");
        let mut session = Session::start("sh", &["-c", &script], &[]);
        let drawn = stage_of(size, "").text();
        session.wait_for(&format!("{variables}:\n{drawn}"), |s| {
            s.text().trim_end() == drawn.trim_end()
        });
        session.send("q");
        assert_eq!(session.exit(), 0);
    }
}

#[test]
fn input_need_not_be_a_terminal() {
    for script in ["$HUBSCOPE < /dev/null", "yes | $HUBSCOPE"] {
        let mut session = Session::start("sh", &["-c", script], &[]);
        session.wait_keys("");
        session.send("j");
        session.wait_keys("j");
        session.send("q");
        assert_eq!(session.exit(), 0, "{script}");
        session.assert_restored();
    }
}

#[test]
fn without_a_keyboard_it_reports_an_error() {
    let (code, text) = run("setsid -w $HUBSCOPE < /dev/null");
    assert_eq!(code, 2);
    assert!(text.starts_with("hubscope: no keys can be read"), "{text}");
}

#[test]
fn a_source_that_cannot_be_opened_is_one_line_of_error() {
    for source in [
        "/dev/zero",
        "/dev/null",
        "/dev/stdin",
        "/dev/tty",
        "/proc/self/status",
        "/",
        "/nowhere",
    ] {
        let mut session = Session::explorer(&[source]);
        assert_eq!(session.exit(), 2, "{source}");
        session.assert_restored();
        let text = session.text();
        assert!(text.starts_with(&format!("hubscope: {source}: ")), "{text}");
    }
}

#[test]
fn it_can_be_quit_while_loading() {
    for (keys, code) in [("q", 0), ("\x03", 130)] {
        // With its colors given, it draws at once and does not wait for the terminal's answer.
        let mut session = Session::start(HUBSCOPE, &["--theme", "dark"], &[]);
        session.wait_text("Opening");
        session.send(keys);
        assert_eq!(session.exit(), code);
        session.assert_restored();
    }
}
