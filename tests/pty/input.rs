//! Input that is not keys, and keys that arrive in pieces. `src/tui/terminal/input/tests.rs` has
//! every sequence and every split; here the thread that reads has its turn.

use std::thread;
use std::time::Duration;

use vt100::{Color, MouseProtocolEncoding, MouseProtocolMode};

use crate::session::{HUBSCOPE, Session};

/// The pause between two writes: the terminal delivers them one by one.
fn pause(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

#[test]
fn a_key_in_pieces_is_one_key() {
    let mut session = Session::loaded();
    let llama = "/llama<enter>";
    session.send("/llama\r");
    session.wait_keys(llama);
    session.send("\x1b");
    pause(1);
    session.send("[B");
    session.wait_keys(&format!("{llama}<down>"));
    for piece in ["\x1b[", "1;", "2", "A"] {
        session.send(piece);
        pause(60);
    }
    session.send("\x1b[B");
    let moved = format!("{llama}<down><shift-up><down>");
    session.wait_keys(&moved);
    // Alone, it is Esc, which clears the query.
    session.send("\x1b");
    session.wait_keys(&format!("{moved}<esc>"));
}

#[test]
fn answers_of_the_terminal_are_no_keys() {
    let mut session = Session::loaded();
    for answer in [
        "\x1b[?997;1n",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1b[?62;22c",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1bP>|XTerm(388)\x1b\\",
        "\x1b[<2;10;20M",
        "\x1b[<35;10;20M",
        "\x1b[M +q",
    ] {
        session.send(answer);
    }
    session.send("j");
    session.wait_keys("j");
}

/// Returns the color of the program's name, in the corner of the screen.
fn accent(session: &Session) -> Color {
    session.screen().cell(0, 0).unwrap().fgcolor()
}

const DARK: Color = Color::Idx(110);
const LIGHT: Color = Color::Idx(25);
const QUESTION: &str = "\x1b]11;?";

#[test]
fn the_terminals_background_selects_the_colors() {
    for (level, expected) in [("ffff", LIGHT), ("1e1e", DARK)] {
        let mut session = Session::explorer(&[]);
        session.wait_for("the question", |s| s.count(QUESTION) == 1);
        // The answer arrives in pieces.
        for piece in [
            "\x1b]1",
            "1;rgb:",
            level,
            "/",
            level,
            "/",
            level,
            "\x1b",
            "\\\x1b[?6",
            "2c",
        ] {
            session.send(piece);
            pause(2);
        }
        session.wait_keys("");
        assert_eq!(accent(&session), expected);
        assert_eq!(session.count(QUESTION), 1);
        session.send("q");
        assert_eq!(session.exit(), 0);
    }
}

#[test]
fn a_late_answer_changes_the_colors_and_nothing_else() {
    let mut session = Session::loaded();
    assert_eq!(accent(&session), DARK);
    session.send("/lla");
    session.wait_keys("/lla");
    session.send("\x1b]11;rgb:fdfd/f6f6/e3e3\x07");
    session.wait_for("the light theme", |s| accent(s) == LIGHT);
    session.send("ma");
    session.wait_keys("/llama");
}

#[test]
fn where_the_colors_are_given_nothing_is_asked() {
    for set in [
        ("HUBSCOPE_THEME", "dark"),
        ("NO_COLOR", "1"),
        ("TERM", "linux"),
        ("TERM", "vt220"),
    ] {
        let mut session = Session::start(HUBSCOPE, &[], &[set]);
        session.wait_keys("");
        let before = accent(&session);
        session.send("\x1b]11;rgb:ffff/ffff/ffff\x07j");
        session.wait_keys("j");
        assert_eq!(session.count(QUESTION), 0, "{set:?}");
        assert_eq!(accent(&session), before, "{set:?}");
    }
}

#[test]
fn the_mouse_is_reported_only_while_it_is_on() {
    let mut session = Session::loaded();
    assert_eq!(session.mouse_mode(), MouseProtocolMode::ButtonMotion);
    let encoding = session.screen().mouse_protocol_encoding();
    assert_eq!(encoding, MouseProtocolEncoding::Sgr);
    // A report in pieces is one click.
    for piece in ["\x1b[<0;6", ";", "9M\x1b[<0;6;9m"] {
        session.send(piece);
        pause(20);
    }
    session.wait_keys("<click:5,8>");
    session.send("\x1b[<65;6;9M");
    session.wait_keys("<click:5,8><wheel-down:5,8>");
    session.send("M");
    session.wait_for("no reports", |s| s.mouse_mode() == MouseProtocolMode::None);
    session.send("M");
    session.wait_for("reports", |s| s.mouse_mode() != MouseProtocolMode::None);
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
}

#[test]
fn after_a_sequence_that_is_cut_off_keys_are_keys() {
    let mut session = Session::loaded();
    for (count, cut) in ["\x1b[<", "\x1b[?", "\x1b]11;rgb:", "\x1bO", "\x1b[M "]
        .into_iter()
        .enumerate()
    {
        session.send(cut);
        pause(250);
        session.send("j");
        session.wait_keys(&"j".repeat(count + 1));
    }
}

#[test]
fn a_paste_without_an_end_is_taken() {
    let mut session = Session::loaded();
    session.send("\x1b[200~llama");
    session.wait_keys("/llama");
    session.send("\r");
    session.wait_keys("/llama<enter>");
}
