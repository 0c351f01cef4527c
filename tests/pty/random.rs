//! Random keys, sizes and pastes in a real terminal: whatever is typed, the explorer goes on and
//! answers. `HUBSCOPE_EVENTS` and `HUBSCOPE_SEED` choose a number of events and their order.

use std::time::{Duration, Instant};

use hubscope::tui::keymap::KEYMAP;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::session::{HUBSCOPE, Session};

/// The longest time until an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The number of events between two questions for an answer.
const BURST: usize = 12;

/// Returns the bytes of a named key, as a terminal sends them.
fn bytes_of(name: &str) -> String {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        let letter = letter.bytes().next().unwrap();
        return char::from(letter & 0x1f).into();
    }
    let bytes = match name {
        "space" => " ",
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "backtab" => "\x1b[Z",
        "backspace" => "\x7f",
        "delete" => "\x1b[3~",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "left" => "\x1b[D",
        "right" => "\x1b[C",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "shift-up" => "\x1b[1;2A",
        "shift-down" => "\x1b[1;2B",
        "f1" => "\x1bOP",
        letter => letter,
    };
    bytes.to_owned()
}

/// Returns what a person and a terminal may send, but for keys that quit or stop it.
fn event(rng: &mut Pcg64, keys: &[&String]) -> String {
    let noise = [
        "\x1b[?997;1n",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1b[<0;3;4M",
        "\x1b[I",
        "\x1b[",
        "\x1bO",
        "\x1b]",
        "模型",
        "\u{202e}",
    ];
    let pasted = [
        "llama",
        "author:google params:>7B",
        "\"",
        "two\r\nlines",
        "",
        "\x1b[31m",
    ];
    match rng.random_range(0..100) {
        0..70 => bytes_of(keys.choose(rng).unwrap()),
        70..88 => rng.random_range('a'..='z').to_string(),
        88..93 => format!("\x1b[200~{}\x1b[201~", pasted.choose(rng).unwrap()),
        93..99 => (*noise.choose(rng).unwrap()).to_owned(),
        _ => "\x1b[200~no end".to_owned(),
    }
    .replace('q', "j")
}

/// Sends a resize, after which the explorer draws a whole frame, and waits for that.
fn ask(session: &mut Session, size: (u16, u16), sent: &str) {
    session.forget();
    let asked = Instant::now();
    session.resize(size.0, size.1);
    while session.count("\x1b[2J") == 0 || session.count("\x1b[?2026l") == 0 {
        session.read(Duration::from_millis(20));
        assert!(
            asked.elapsed() < PATIENCE,
            "no answer at {size:?} after {sent:?}:\n{}",
            session.text()
        );
    }
}

fn campaign(events: usize, seed: u64) {
    let quitting = ["ctrl-c", "ctrl-z", "q"];
    let bindings = KEYMAP.contexts().iter().flat_map(|keys| &keys.bindings);
    let keys: Vec<&String> = bindings
        .flat_map(|binding| &binding.keys)
        .filter(|name| !quitting.contains(&name.as_str()))
        .collect();
    let rng = &mut Pcg64::seed_from_u64(seed);
    let mut session = Session::start(HUBSCOPE, &[], &[]);
    session.wait_text("of 20,000");
    let mut sent = 0;
    while sent < events {
        let burst: Vec<String> = (0..BURST).map(|_| event(rng, &keys)).collect();
        for event in &burst {
            session.send(event);
        }
        // Never the size that it has: that is no change.
        let parity = u16::try_from(sent % 2).unwrap();
        let size = (
            rng.random_range(0..90) * 2 + 1 + parity,
            rng.random_range(1..60),
        );
        ask(&mut session, size, &burst.concat());
        sent += burst.len() + 1;
    }
    // After a silence, every unfinished sequence is given up, and keys are keys.
    session.resize(120, 40);
    std::thread::sleep(Duration::from_millis(1_200));
    session.send("\x03");
    assert_eq!(session.exit(), 130);
    session.assert_restored();
}

#[test]
fn random_events_are_answered() {
    campaign(300, 1);
}

#[test]
#[ignore = "20,000 events, or as many as HUBSCOPE_EVENTS says"]
fn many_random_events_are_answered() {
    let set = |name, default| std::env::var(name).map_or(default, |n| n.parse().unwrap());
    campaign(
        set("HUBSCOPE_EVENTS", 20_000),
        set("HUBSCOPE_SEED", 7) as u64,
    );
}
