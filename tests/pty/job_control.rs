//! Job control: Ctrl-Z, `fg`, `bg` and the signals behind them, under a shell.

use rustix::process::{Signal, kill_process};

use crate::session::{HUBSCOPE, Session};

/// Starts the explorer as a job of a shell, and waits until it is loaded.
fn job(command: &str) -> Session {
    let mut shell = Session::shell(&["--noediting"]);
    shell.send(&format!("{command}\n"));
    shell.wait_keys("");
    shell
}

/// Reads until the shell is in the foreground; keys sent before may go to the explorer.
fn wait_foreground(shell: &mut Session) {
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
}

/// Reads until the shell is in the foreground, and checks that it works.
fn wait_shell(shell: &mut Session, number: u32) {
    wait_foreground(shell);
    shell.send(&format!("echo $(({number} * 1000 + 1))\n"));
    shell.wait_text(&format!("{number}001"));
    shell.wait_for("its modes", super::session::Session::has_initial_modes);
    shell.assert_screen_restored();
}

/// Resumes the explorer, which takes the terminal once and draws one frame.
fn resume(shell: &mut Session) {
    shell.forget();
    shell.send("fg\n");
    shell.wait_keys("");
    assert_eq!(shell.count("\x1b[?1049h"), 1, "taken once");
    assert_eq!(shell.count("\x1b[?2026h"), 1, "drawn once");
}

/// Quits the explorer, and checks that the shell works.
fn quit(shell: &mut Session) {
    shell.send("jq");
    wait_foreground(shell);
    shell.send("echo left=$?\n");
    shell.wait_text("left=0");
    wait_shell(shell, 9);
    shell.send("exit\n");
    assert_eq!(shell.exit(), 0);
}

#[test]
fn ctrl_z_suspends_and_fg_resumes() {
    let mut shell = job("$HUBSCOPE");
    for round in 1..3 {
        shell.send("\x1a");
        shell.wait_text("Stopped");
        wait_shell(&mut shell, round);
        resume(&mut shell);
    }
    quit(&mut shell);
}

#[test]
fn sigtstp_suspends() {
    let mut shell = job("$HUBSCOPE");
    let pid = shell.foreground();
    kill_process(pid, Signal::TSTP).unwrap();
    shell.wait_text("Stopped");
    wait_shell(&mut shell, 1);
    // Continued in the background, it stops again and leaves the terminal to the shell.
    for number in 2..4 {
        shell.continue_and_stop(pid);
        wait_shell(&mut shell, number);
    }
    resume(&mut shell);
    quit(&mut shell);
}

#[test]
fn in_the_background_it_writes_nothing_and_can_be_killed() {
    let mut shell = job("set -b; $HUBSCOPE");
    let pid = shell.foreground();
    shell.send("\x1a");
    wait_shell(&mut shell, 1);
    shell.forget();
    shell.send("bg\n");
    shell.wait_for("a stop", |s| s.count("Stopped") == 1);
    shell.forget();
    shell.send("kill %1\n");
    shell.wait_text("Exit 143");
    wait_shell(&mut shell, 2);
    assert_eq!(shell.count("\x1b[?1049"), 0, "nothing to restore");
    assert!(kill_process(pid, Signal::CONT).is_err());
}

/// The shell waits for the script, which therefore has to stop too.
#[test]
fn a_script_that_runs_it_stops_with_it() {
    let mut shell = job("sh -c '$HUBSCOPE; echo script=$?'");
    shell.send("\x1a");
    shell.wait_text("Stopped");
    wait_shell(&mut shell, 1);
    resume(&mut shell);
    shell.send("q");
    shell.wait_text("script=0");
}

#[test]
fn a_resume_after_sigstop_sets_the_terminal_anew() {
    let mut shell = job("$HUBSCOPE");
    let pid = shell.foreground();
    kill_process(pid, Signal::STOP).unwrap();
    shell.wait_state(pid, 'T');
    shell.wait_text("Stopped");
    resume(&mut shell);
    quit(&mut shell);
}

/// The terminal has the modes of a shell that edits its line then. They are not the ones to restore.
#[test]
fn started_in_the_background_it_waits_for_the_foreground() {
    let mut shell = Session::shell(&[]);
    let first = modes_of_commands(&mut shell, 1);
    shell.send("set -b; $HUBSCOPE &\r");
    shell.wait_text("Stopped");
    assert_eq!(shell.count("\x1b[?1049h"), 0, "the screen is not taken");
    shell.send("fg\r");
    shell.wait_keys("");
    shell.send("q");
    wait_foreground(&mut shell);
    assert_eq!(modes_of_commands(&mut shell, 2), first);
}

/// Returns a checksum of the terminal's modes for commands of the shell.
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
fn without_a_shell_it_cannot_be_suspended() {
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
    session.assert_restored();
}
