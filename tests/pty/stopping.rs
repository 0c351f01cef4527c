//! Job control: Ctrl-Z, `fg`, `bg` and the signals behind them, under a shell.

use rustix::process::{Signal, kill_process};

use crate::session::{HUBSCOPE, Session};

/// The explorer as a job of a shell, loaded.
fn job(command: &str) -> Session {
    let mut shell = Session::shell(&["--noediting"]);
    shell.send(&format!("{command}\n"));
    shell.wait_keys("");
    shell
}

/// Reads until the shell has the terminal; what is typed before may go to the explorer.
fn wait_in_front(shell: &mut Session) {
    shell.wait_for("the shell", |s| s.in_front() == s.pid());
}

/// Reads until the shell has the terminal, and proves that it obeys.
fn wait_shell(shell: &mut Session, number: u32) {
    wait_in_front(shell);
    shell.send(&format!("echo $(({number} * 1000 + 1))\n"));
    shell.wait_text(&format!("{number}001"));
    shell.wait_for("its modes", |s| s.has_first_modes());
    shell.assert_screen_given_back();
}

/// Brings the explorer back: taken once, drawn once, whole.
fn come_back(shell: &mut Session) {
    shell.forget();
    shell.send("fg\n");
    shell.wait_keys("");
    assert_eq!(shell.count("\x1b[?1049h"), 1, "taken once");
    assert_eq!(shell.count("\x1b[?2026h"), 1, "drawn once");
}

/// Leaves, and proves that the shell sees it.
fn leave(shell: &mut Session) {
    shell.send("jq");
    wait_in_front(shell);
    shell.send("echo left=$?\n");
    shell.wait_text("left=0");
    wait_shell(shell, 9);
    shell.send("exit\n");
    assert_eq!(shell.exit(), 0);
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back() {
    let mut shell = job("$HUBSCOPE");
    for round in 1..3 {
        shell.send("\x1a");
        shell.wait_text("Stopped");
        wait_shell(&mut shell, round);
        come_back(&mut shell);
    }
    leave(&mut shell);
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_too() {
    let mut shell = job("$HUBSCOPE");
    let pid = shell.in_front();
    kill_process(pid, Signal::TSTP).unwrap();
    shell.wait_text("Stopped");
    wait_shell(&mut shell, 1);
    // Going on in the background, it leaves the terminal to the shell and stops again.
    for number in 2..4 {
        shell.go_on_and_stop(pid);
        wait_shell(&mut shell, number);
    }
    come_back(&mut shell);
    leave(&mut shell);
}

#[test]
fn in_the_background_it_touches_nothing_and_can_be_ended() {
    let mut shell = job("set -b; $HUBSCOPE");
    let pid = shell.in_front();
    shell.send("\x1a");
    wait_shell(&mut shell, 1);
    shell.forget();
    shell.send("bg\n");
    shell.wait_for("a stop", |s| s.count("Stopped") == 1);
    shell.forget();
    shell.send("kill %1\n");
    shell.wait_text("Exit 143");
    wait_shell(&mut shell, 2);
    assert_eq!(shell.count("\x1b[?1049"), 0, "nothing to give back");
    assert!(kill_process(pid, Signal::CONT).is_err());
}

/// The shell knows of the script only; were it not stopped too, nobody would have the terminal.
#[test]
fn a_script_around_it_stops_with_it() {
    let mut shell = job("sh -c '$HUBSCOPE; echo script=$?'");
    shell.send("\x1a");
    shell.wait_text("Stopped");
    wait_shell(&mut shell, 1);
    come_back(&mut shell);
    shell.send("q");
    shell.wait_text("script=0");
}

#[test]
fn a_stop_that_nobody_hears_of_is_made_good_afterwards() {
    let mut shell = job("$HUBSCOPE");
    let pid = shell.in_front();
    kill_process(pid, Signal::STOP).unwrap();
    shell.wait_state(pid, 'T');
    shell.wait_text("Stopped");
    come_back(&mut shell);
    leave(&mut shell);
}

/// Its modes are those of a shell that reads keys then; they are not to be kept for the normal ones.
#[test]
fn started_in_the_background_it_waits_for_its_turn() {
    let mut shell = Session::shell(&[]);
    let first = modes_of_commands(&mut shell, 1);
    shell.send("set -b; $HUBSCOPE &\r");
    shell.wait_text("Stopped");
    assert_eq!(shell.count("\x1b[?1049h"), 0, "the screen is the shell's");
    shell.send("fg\r");
    shell.wait_keys("");
    shell.send("q");
    wait_in_front(&mut shell);
    assert_eq!(modes_of_commands(&mut shell, 2), first);
}

/// The modes that the shell gives to what it runs.
fn modes_of_commands(shell: &mut Session, number: u32) -> String {
    shell.send(&format!(
        "stty -a | cksum; echo modes=$(({number} * 1000))\r"
    ));
    let end = format!("modes={number}000");
    shell.wait_text(&end);
    let text = shell.text();
    let (before, _) = text.split_once(&end).unwrap();
    before.lines().next_back().unwrap().to_owned()
}

#[test]
fn without_a_shell_there_is_no_stop() {
    let mut session = Session::start(HUBSCOPE, &[], &[]);
    session.wait_keys("");
    session.send("\x1a");
    session.wait_text("there is no shell to go back to");
    session.send("j");
    session.wait_keys("j");
    session.signal(Signal::TSTP);
    session.wait_text("there is no shell to go back to");
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_given_back();
}
