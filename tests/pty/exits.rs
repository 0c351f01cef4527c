//! The terminal is restored on every exit: by keys, signals, panics, and a hangup.

use rustix::process::{Pid, Signal, test_kill_process};

use crate::session::{HUBSCOPE, Session, wait_until};

#[test]
fn q_and_ctrl_c_quit() {
    for keys in ["q", "\x03", "/llama\x03", "?\x03"] {
        let mut session = Session::loaded();
        assert!(session.screen().alternate_screen() && session.screen().hide_cursor());
        assert!(session.screen().bracketed_paste());
        session.send(keys);
        assert_eq!(session.exit(), if keys == "q" { 0 } else { 130 });
        session.assert_restored();
    }
}

#[test]
fn signals_exit_with_their_code() {
    let signals = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];
    for (signal, code) in signals.into_iter().zip([143, 129, 130, 131]) {
        let mut session = Session::loaded();
        session.signal(signal);
        assert_eq!(session.exit(), code);
        session.assert_restored();
    }
}

/// Signals that the program does not outlive: it ends by the signal, as it would without a handler.
#[test]
fn fatal_signals_return_the_terminal() {
    let signals = [
        (Signal::ABORT, "Aborted"),
        (Signal::BUS, "Bus error"),
        (Signal::FPE, "Floating point exception"),
        (Signal::ILL, "Illegal instruction"),
        (Signal::SEGV, "Segmentation fault"),
        (Signal::SYS, "Bad system call"),
        (Signal::TRAP, "Trace/breakpoint trap"),
        (Signal::USR1, "User defined signal 1"),
        (Signal::XCPU, "CPU time limit exceeded"),
    ];
    for (signal, name) in signals {
        // With its colors given, it draws at once and does not wait for the terminal's answer.
        let mut session = Session::explorer(&["--theme", "dark"]);
        session.wait_text("Opening");
        session.signal(signal);
        let status = session.exit_status();
        assert_eq!(status.signal(), Some(name));
        session.assert_restored();
        let lines = match signal {
            Signal::BUS => "hubscope: a file that it was reading became shorter; start it again",
            _ => "",
        };
        assert_eq!(session.text().trim(), lines, "{name}");
    }
}

#[test]
fn a_fatal_signal_ends_it_while_the_terminal_is_blocked() {
    let mut session = Session::loaded();
    session.fill_output();
    session.signal(Signal::SEGV);
    assert_eq!(session.exit_unread(), 1);
    session.assert_modes_restored();
}

/// The standard library's report of a stack overflow is printed after the terminal is returned.
#[test]
fn a_stack_overflow_is_reported_on_the_screen_from_before() {
    let mut session = Session::start(HUBSCOPE, &[], &[("HUBSCOPE_PANIC", "draw-deep")]);
    let status = session.exit_status();
    assert_eq!(status.signal(), Some("Aborted"));
    session.assert_restored();
    let text = session.text();
    assert!(text.contains("has overflowed its stack"), "{text}");
}

/// The loop hangs in a write, and the signal ends the program nevertheless.
#[test]
fn a_blocked_terminal_does_not_prevent_the_exit() {
    let mut session = Session::loaded();
    session.fill_output();
    session.signal(Signal::TERM);
    assert_eq!(session.exit_unread(), 143);
    session.assert_modes_restored();
}

#[test]
fn panics_restore_the_terminal_and_are_printed() {
    for (place, words) in [
        ("draw", "hubscope: this is a bug in hubscope"),
        ("worker", "hubscope: this is a bug in hubscope"),
        ("load", "hubscope: sample (synthetic): the file is damaged"),
    ] {
        let mut session = Session::start(HUBSCOPE, &[], &[("HUBSCOPE_PANIC", place)]);
        assert_eq!(session.exit(), 2, "{place}");
        session.assert_restored();
        let text = session.text();
        // At the start of a line: in raw mode, each line would begin where the last one ended.
        assert!(text.lines().any(|line| line.starts_with(words)), "{text}");
        let written = String::from_utf8(session.bytes.clone()).unwrap();
        let reason = format!("asked for in {place}");
        if place == "load" {
            // Decoders panic on damaged files; their words help nobody.
            assert!(!written.contains(&reason), "{written}");
            continue;
        }
        let (_, after) = written.rsplit_once("\x1b[?1049l").unwrap();
        assert!(
            after.contains(&reason),
            "printed before the terminal is restored"
        );
        assert_eq!(written.matches(&reason).count(), 1, "{written}");
    }
}

#[test]
fn a_hangup_ends_it() {
    let session = Session::loaded();
    let mut child = session.hang_up();
    let ended = wait_until(|| child.try_wait().unwrap());
    assert!(ended.is_some(), "it still runs");
}

/// Only the leader of a session receives SIGHUP at a hangup. It need not pass it on.
#[test]
fn a_hangup_without_a_signal_ends_it() {
    let pid_file = tempfile::NamedTempFile::new().unwrap();
    let script = "trap '' HUP; \"$HUBSCOPE\" < /dev/tty & echo $! > \"$PID_FILE\"; wait";
    let pid_path = pid_file.path().to_str().unwrap();
    let mut session = Session::start("sh", &["-c", script], &[("PID_FILE", pid_path)]);
    session.wait_keys("");
    let pid: i32 = std::fs::read_to_string(pid_file.path())
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
    assert!(wait_until(gone).is_some(), "it still runs");
    leader.wait().unwrap();
}
