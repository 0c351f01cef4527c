//! Queries are stored between sessions, and the explorer works where they cannot be stored.

use crate::session::{Session, stage};

/// Starts the explorer in a shell with arguments, waits for a screen, sends keys, waits for another.
fn explore(shell: &mut Session, arguments: &str, [first, keys, last]: [&str; 3]) {
    shell.send(&format!("clear; $HUBSCOPE {arguments}\n"));
    shell.wait_text(first);
    shell.send(keys);
    shell.wait_text(last);
}

/// Ends it with a key.
fn quit(shell: &mut Session) {
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
}

#[test]
fn the_next_session_recalls_a_query() {
    let mut shell = Session::shell(&["--noediting"]);
    explore(
        &mut shell,
        "",
        ["? help", "/qwen3 vl\r", "54 of 20,000 models"],
    );
    quit(&mut shell);
    // The hint is there in the second session only.
    explore(
        &mut shell,
        "",
        ["? help  . resume", "/\x1b[A\r", "54 of 20,000 models"],
    );
    quit(&mut shell);
    // `hubscope screen` stores nothing.
    shell.send("$HUBSCOPE screen --keys '/gpt2<enter>' > $HOME/out; clear\n");
    shell.send("cat $HOME/.local/state/hubscope/history | tr '\\n' ';'\n");
    shell.wait_text("qwen3 vl;qwen3 vl;");
    assert!(!shell.text().contains("gpt2;"), "{}", shell.text());
    shell.send("clear; grep -c . $HOME/.local/state/hubscope/sessions; grep -c gpt2 $HOME/.local/state/hubscope/*\n");
    shell.wait_text("sessions:0");
    assert!(shell.text().starts_with("1\n"), "{}", shell.text());
}

#[test]
fn a_session_comes_back_after_a_signal() {
    let mut shell = Session::shell(&["--noediting"]);
    explore(
        &mut shell,
        "--query 'qwen3 vl'",
        ["54 of 20,000", " 4z", "● 4 Details"],
    );
    shell.wait_idle();
    let shown = shell.text();
    // SIGTERM from another process.
    let explorer = shell.foreground();
    rustix::process::kill_process(explorer, rustix::process::Signal::TERM).unwrap();
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
    let was = |s: &Session| s.text() == shown;
    shell.send("clear; $HUBSCOPE --resume\n");
    shell.wait_for("the session of before", was);
    quit(&mut shell);
    // Each source has its own.
    shell.send("$HUBSCOPE sample --rows 200 --out $HOME/small.parquet; clear\n");
    explore(
        &mut shell,
        "--resume $HOME/small.parquet",
        ["There is no session", "/gpt\r", " of 200 models"],
    );
    quit(&mut shell);
    explore(&mut shell, "", [". resume", ".", "1 marked · 54 of 20,000"]);
    shell.wait_for("the session of before", was);
    quit(&mut shell);
}

#[test]
fn without_a_state_folder_only_the_history_is_missing() {
    let mut session = Session::start(
        crate::session::HUBSCOPE,
        &[],
        &[("XDG_STATE_HOME", "/dev/null")],
    );
    session.wait_keys("");
    session.send("/gpt2\r");
    session.wait_drawn(&stage("/gpt2<enter>"));
    session.send("wmine\r");
    session.wait_text("not saved for the next session: /dev/null/hubscope");
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
}
