//! `hubscope --pick`: the screen on the terminal, the id on standard output, whatever that is.

use hubscope::tui::screen::Stage;

use crate::session::{HUBSCOPE, Session, stage, wait_until};

/// What an explorer started with `--pick` shows after these keys.
fn picking(keys: &str) -> Stage {
    let mut stage = stage("");
    stage.app.picking = true;
    stage.keys(keys).unwrap();
    stage
}

/// A shell in which the explorer runs in a command substitution.
fn substitution() -> Session {
    let mut shell = Session::shell(&["--noediting"]);
    shell.send("x=$($HUBSCOPE --pick); echo \"code=$? picked=<${x}>\"\n");
    shell.wait_drawn(&picking(""));
    shell
}

/// Reads what the shell says of the end, and has it prove that it obeys.
fn end_of(shell: &mut Session, said: &str) {
    shell.wait_text(said);
    shell.assert_screen_given_back();
    shell.send("echo $((8 * 1000 + 1))\n");
    shell.wait_text("8001");
    shell.wait_for("its modes", |s| s.has_first_modes());
    shell.send("exit\n");
    assert_eq!(shell.exit(), 0);
}

#[test]
fn a_command_substitution_gets_the_id() {
    let mut shell = substitution();
    shell.send("/qwen3-vl-8b-instruct\r");
    shell.wait_drawn(&picking("/qwen3-vl-8b-instruct<enter>"));
    shell.send("\r");
    end_of(&mut shell, "code=0 picked=<Qwen/Qwen3-VL-8B-Instruct>");
}

#[test]
fn leaving_picks_nothing() {
    for (key, code) in [("q", 1), ("\x03", 130)] {
        let mut shell = substitution();
        shell.send(key);
        end_of(&mut shell, &format!("code={code} picked=<>"));
    }
}

#[test]
fn there_is_no_shell_to_stop_for_in_a_substitution() {
    let mut shell = substitution();
    shell.send("\x1a");
    shell.wait_text("there is no shell to go back to");
    shell.send("q");
    end_of(&mut shell, "code=1");
}

#[test]
fn a_pipe_gets_every_marked_model_and_nothing_else() {
    let script = "$HUBSCOPE --pick | od -An -c > $HOME/bytes; cat $HOME/bytes";
    let mut session = Session::start("sh", &["-c", script], &[]);
    session.wait_drawn(&picking(""));
    session.send("  ");
    let marked = picking("<space><space>");
    session.wait_drawn(&marked);
    session.send("\r");
    assert_eq!(session.exit(), 0);
    session.assert_given_back();
    let dumped: String = session.text().split_whitespace().collect();
    let hub = marked.app.session.hub.as_ref().unwrap();
    let ids = marked.app.session.marks.iter().map(|m| hub.models.id(*m));
    let wanted: String = ids.map(|id| id.to_owned() + "\\n").collect();
    assert_eq!(dumped, wanted);
}

#[test]
fn on_a_terminal_the_id_stands_below_the_command() {
    let mut session = Session::explorer(&["--pick"]);
    session.wait_drawn(&picking(""));
    session.send("\r");
    assert_eq!(session.exit(), 0);
    session.assert_given_back();
    let picked = picking("<enter>").asked_for.remove(0);
    assert_eq!(session.text().trim(), picked.strip_prefix("pick ").unwrap());
}

#[test]
fn an_error_is_told_and_picks_nothing() {
    let script = "x=$($HUBSCOPE --pick /nowhere); echo \"code=$? picked=<$x>\"";
    let mut session = Session::start("sh", &["-c", script], &[]);
    assert_eq!(session.exit(), 0);
    session.assert_given_back();
    let text = session.text();
    assert!(text.starts_with("hubscope: /nowhere: "), "{text}");
    assert!(text.contains("code=2 picked=<>"), "{text}");
}

#[test]
fn without_a_terminal_it_says_so() {
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

/// What it draws on is watched for its end, though standard output is another thing.
#[test]
fn it_ends_with_its_terminal() {
    let script = "trap '' HUP; $HUBSCOPE --pick | cat > /dev/null";
    let mut session = Session::start("sh", &["-c", script], &[]);
    session.wait_drawn(&picking(""));
    session.send("G");
    session.wait_drawn(&picking("G"));
    let mut child = session.close();
    assert!(
        wait_until(|| child.try_wait().unwrap()).is_some(),
        "it runs on without a terminal"
    );
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let script = "x=$($HUBSCOPE --pick); echo \"code=$? picked=<$x>\"";
    let mut session = Session::start("sh", &["-c", script], &[("HUBSCOPE_PANIC", "draw")]);
    assert_eq!(session.exit(), 0);
    session.assert_given_back();
    assert!(
        session.text().contains("code=2 picked=<>"),
        "{}",
        session.text()
    );
}

#[test]
fn a_command_is_not_picked_from() {
    let mut session = Session::start(HUBSCOPE, &["--pick", "show", "gpt2"], &[]);
    assert_eq!(session.exit(), 2);
    assert!(
        session
            .text()
            .starts_with("hubscope: --pick is for the explorer")
    );
}
