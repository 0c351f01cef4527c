//! Input that is not keys, and keys that arrive in pieces. `src/tui/terminal/input/tests.rs` has
//! every sequence and every split; here the thread that reads has its turn.

use std::thread;
use std::time::Duration;

use crate::session::Session;

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
        "\x1b_Gi=31;OK\x1b\\",
        "\x1bP>|XTerm(388)\x1b\\",
        "\x1b[<0;10;20M",
    ] {
        session.send(answer);
    }
    session.send("j");
    session.wait_keys("j");
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
