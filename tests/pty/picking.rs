//! `hubscope --pick`: the screen on the terminal, the ids on standard output.

use hubscope::tui::headless::Headless;

use crate::session::{HUBSCOPE, Session, stage, wait_until};

/// An explorer started with `--pick`, without a terminal, after these keys.
fn picking(keys: &str) -> Headless {
    let mut stage = stage("");
    stage.app.picking = true;
    stage.keys(keys).unwrap();
    stage
}

/// Starts the explorer in a command `command_substitution` of a shell.
fn command_substitution() -> Session {
    let mut shell = Session::shell(&["--noediting"]);
    shell.send("x=$($HUBSCOPE --pick); echo \"code=$? picked=<${x}>\"\n");
    shell.wait_drawn(&picking(""));
    shell
}

/// Waits for the end and for this text, and checks that the shell works again.
fn assert_ends_with(shell: &mut Session, text: &str) {
    shell.wait_text(text);
    shell.assert_screen_restored();
    shell.send("echo $((8 * 1000 + 1))\n");
    shell.wait_text("8001");
    shell.wait_for("its modes", super::session::Session::has_initial_modes);
    shell.send("exit\n");
    assert_eq!(shell.exit(), 0);
}

#[test]
fn a_command_substitution_gets_the_id() {
    let mut shell = command_substitution();
    shell.send("/qwen3-vl-8b-instruct\r");
    shell.wait_drawn(&picking("/qwen3-vl-8b-instruct<enter>"));
    shell.send("\r");
    assert_ends_with(&mut shell, "code=0 picked=<Qwen/Qwen3-VL-8B-Instruct>");
}

#[test]
fn quitting_picks_nothing() {
    for (key, code) in [("q", 1), ("\x03", 130)] {
        let mut shell = command_substitution();
        shell.send(key);
        assert_ends_with(&mut shell, &format!("code={code} picked=<>"));
    }
}

#[test]
fn a_command_substitution_cannot_be_suspended() {
    let mut shell = command_substitution();
    shell.send("\x1a");
    shell.wait_text("there is no shell to go back to");
    shell.send("q");
    assert_ends_with(&mut shell, "code=1");
}

#[test]
fn a_pipe_gets_the_marked_ids_and_nothing_else() {
    let script = "$HUBSCOPE --pick | od -An -c > $HOME/bytes; cat $HOME/bytes";
    let mut session = Session::start("sh", &["-c", script], &[]);
    session.wait_drawn(&picking(""));
    session.send("  ");
    let marked = picking("<space><space>");
    session.wait_drawn(&marked);
    session.send("\r");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    let dumped: String = session.text().split_whitespace().collect();
    let hub = marked.app.session.hub.as_ref().unwrap();
    let ids = marked.app.session.marks.iter().map(|m| hub.models.id(*m));
    let wanted: String = ids.map(|id| id.to_owned() + "\\n").collect();
    assert_eq!(dumped, wanted);
}

#[test]
fn on_a_terminal_the_id_is_printed_below_the_command() {
    let mut session = Session::explorer(&["--pick"]);
    session.wait_drawn(&picking(""));
    session.send("\r");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    let picked = picking("<enter>").asked_for.remove(0);
    assert_eq!(session.text().trim(), picked.strip_prefix("pick ").unwrap());
}

#[test]
fn an_error_is_reported_and_picks_nothing() {
    let script = "x=$($HUBSCOPE --pick /nowhere); echo \"code=$? picked=<$x>\"";
    let mut session = Session::start("sh", &["-c", script], &[]);
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    let text = session.text();
    assert!(text.starts_with("hubscope: /nowhere: "), "{text}");
    assert!(text.contains("code=2 picked=<>"), "{text}");
}

#[test]
fn without_a_terminal_it_reports_an_error() {
    let script = "x=$(setsid -w $HUBSCOPE --pick < /dev/null); echo \"code=$? picked=<$x>\"";
    let mut session = Session::start("sh", &["-c", script], &[]);
    assert_eq!(session.exit(), 0);
    let text = session.text();
    assert!(
        text.starts_with("hubscope: no screen can be drawn"),
        "{text}"
    );
    assert!(text.contains("code=2 picked=<>"), "{text}");
}

/// The terminal it draws on is watched for a hangup, not standard output.
#[test]
fn a_hangup_ends_it() {
    let script = "trap '' HUP; $HUBSCOPE --pick | cat > /dev/null";
    let mut session = Session::start("sh", &["-c", script], &[]);
    session.wait_drawn(&picking(""));
    session.send("G");
    session.wait_drawn(&picking("G"));
    let mut child = session.close();
    assert!(
        wait_until(|| child.try_wait().unwrap()).is_some(),
        "it still runs"
    );
}

#[test]
fn a_panic_restores_the_terminal() {
    let script = "x=$($HUBSCOPE --pick); echo \"code=$? picked=<$x>\"";
    let mut session = Session::start("sh", &["-c", script], &[("HUBSCOPE_PANIC", "draw")]);
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    assert!(
        session.text().contains("code=2 picked=<>"),
        "{}",
        session.text()
    );
}

#[test]
fn commands_do_not_accept_pick() {
    let mut session = Session::start(HUBSCOPE, &["--pick", "show", "gpt2"], &[]);
    assert_eq!(session.exit(), 2);
    assert!(
        session
            .text()
            .starts_with("hubscope: --pick is for the explorer")
    );
}
