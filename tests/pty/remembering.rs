//! Queries are there the next time, and a home that cannot be written is no reason not to start.

use crate::session::{Session, stage};

/// The explorer in a shell, left again after these keys, which show what the others do.
fn explore(shell: &mut Session, keys: &str, same: &str) {
    shell.send("clear; $HUBSCOPE\n");
    shell.wait_keys("");
    shell.send(keys);
    shell.wait_keys(same);
    shell.send("q");
    shell.wait_for("the shell", |s| s.in_front() == s.pid());
}

#[test]
fn a_query_is_called_again_the_next_time() {
    let mut shell = Session::shell(&["--noediting"]);
    explore(&mut shell, "/qwen3 vl\r", "/qwen3 vl<enter>");
    explore(&mut shell, "/\x1b[A\r", "/qwen3 vl<enter>");
    // The screen of `hubscope screen` remembers nothing and leaves no trace.
    shell.send("$HUBSCOPE screen --keys '/gpt2<enter>' > $HOME/out; clear\n");
    shell.send("cat $HOME/.local/state/hubscope/history | tr '\\n' ';'\n");
    shell.wait_text("qwen3 vl;qwen3 vl;");
    assert!(!shell.text().contains("gpt2;"), "{}", shell.text());
}

#[test]
fn without_a_place_for_it_only_the_memory_is_missing() {
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
    session.assert_given_back();
}
