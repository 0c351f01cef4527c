//! Every way out gives the terminal back: keys, signals, panics, and a terminal that is gone.

use rustix::process::{Pid, Signal, test_kill_process};

use crate::session::{HUBSCOPE, Session, wait_until};

#[test]
fn q_and_ctrl_c_leave() {
    for keys in ["q", "\x03", "/llama\x03", "?\x03"] {
        let mut session = Session::loaded();
        assert!(session.screen().alternate_screen() && session.screen().hide_cursor());
        assert!(session.screen().bracketed_paste());
        session.send(keys);
        assert_eq!(session.exit(), if keys == "q" { 0 } else { 130 });
        session.assert_given_back();
    }
}

#[test]
fn signals_leave_with_their_number() {
    let signals = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];
    for (signal, code) in signals.into_iter().zip([143, 129, 130, 131]) {
        let mut session = Session::loaded();
        session.signal(signal);
        assert_eq!(session.exit(), code);
        session.assert_given_back();
    }
}

/// The loop hangs in its write then; the signal is obeyed all the same.
#[test]
fn a_terminal_that_takes_nothing_does_not_keep_it_alive() {
    let mut session = Session::loaded();
    session.fill_up();
    session.signal(Signal::TERM);
    assert_eq!(session.exit_unread(), 143);
    session.assert_modes_given_back();
}

#[test]
fn panics_give_the_terminal_back_and_are_told() {
    for (place, words) in [
        ("draw", "hubscope: this is a bug in hubscope"),
        ("worker", "this is a bug in hubscope"),
        ("load", "hubscope: sample (synthetic): the file is damaged"),
    ] {
        let mut session = Session::start(HUBSCOPE, &[], &[("HUBSCOPE_PANIC", place)]);
        assert_eq!(session.exit(), 2, "{place}");
        session.assert_given_back();
        let text = session.text();
        assert!(text.contains(&format!("asked for in {place}")), "{text}");
        // At the start of a line: with raw keys, lines would stand like stairs.
        assert!(text.lines().any(|line| line.starts_with(words)), "{text}");
        let written = String::from_utf8(session.bytes.clone()).unwrap();
        let (_, after) = written.rsplit_once("\x1b[?1049l").unwrap();
        assert!(
            after.contains("asked for in"),
            "told after the terminal is given back"
        );
        assert_eq!(written.matches("asked for in").count(), 1, "{written}");
    }
}

#[test]
fn it_ends_with_its_terminal() {
    let session = Session::loaded();
    let mut child = session.hang_up();
    let ended = wait_until(|| child.try_wait().unwrap());
    assert!(ended.is_some(), "it runs on without a terminal");
}

/// A session's leader gets a signal when the terminal goes, but passes it on only if it likes.
#[test]
fn it_ends_with_its_terminal_where_no_signal_comes() {
    let told = tempfile::NamedTempFile::new().unwrap();
    let script = "trap '' HUP; \"$HUBSCOPE\" < /dev/tty & echo $! > \"$TOLD\"; wait";
    let told_at = told.path().to_str().unwrap();
    let mut session = Session::start("sh", &["-c", script], &[("TOLD", told_at)]);
    session.wait_keys("");
    let pid: i32 = std::fs::read_to_string(told.path())
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let mut leader = session.hang_up();
    let gone = || {
        test_kill_process(Pid::from_raw(pid).unwrap())
            .is_err()
            .then_some(())
    };
    assert!(wait_until(gone).is_some(), "it runs on without a terminal");
    leader.wait().unwrap();
}
