//! Queries are stored between sessions, and the explorer works where they cannot be stored.

use crate::session::{Session, stage};

/// Starts the explorer in a shell, sends keys, waits for the screen that `same` leads to, and quits.
fn explore(shell: &mut Session, keys: &str, same: &str) {
    shell.send("clear; $HUBSCOPE\n");
    shell.wait_keys("");
    shell.send(keys);
    shell.wait_keys(same);
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
}

#[test]
fn the_next_session_recalls_a_query() {
    let mut shell = Session::shell(&["--noediting"]);
    explore(&mut shell, "/qwen3 vl\r", "/qwen3 vl<enter>");
    explore(&mut shell, "/\x1b[A\r", "/qwen3 vl<enter>");
    // `hubscope screen` stores nothing.
    shell.send("$HUBSCOPE screen --keys '/gpt2<enter>' > $HOME/out; clear\n");
    shell.send("cat $HOME/.local/state/hubscope/history | tr '\\n' ';'\n");
    shell.wait_text("qwen3 vl;qwen3 vl;");
    assert!(!shell.text().contains("gpt2;"), "{}", shell.text());
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
