//! Hostile text: what a terminal must never be handed raw. Anyone may upload a model, so anything may
//! stand in a name, a tag or a card.

use rand::{Rng, RngExt};

use crate::sample::shape::pick;

/// Percent of rows and strings that are made hostile.
pub const SHARE: f64 = 33.0;

/// Control sequences and characters that disturb a terminal, each with what it would do.
const POISON: &[&str] = &[
    // Colours.
    "\x1b[31m",
    "\x1b[1;5;41m",
    // Clears the screen, hides the cursor, leaves the alternate screen.
    "\x1b[2J\x1b[H",
    "\x1b[?25l",
    "\x1b[?1049l",
    // Writes the clipboard.
    "\x1b]52;c;aHVic2NvcGU=\x07",
    // A link that is not what it says.
    "\x1b]8;;https://example.org/\x1b\\link\x1b]8;;\x1b\\",
    // The window's title.
    "\x1b]0;owned\x07",
    // Asks the terminal to type an answer.
    "\x1b[6n",
    "\x1bP+q544e\x1b\\",
    // The same introducer as one C1 character, and another.
    "\u{9b}31m",
    "\u{9d}0;owned\u{9c}",
    // Characters that move, delete or ring.
    "\n",
    "\r\n",
    "\t",
    "\x08\x08",
    "\x07",
    "\x0c",
    "\x7f",
    "\0",
    // Reversed and isolated text.
    "\u{202e}",
    "\u{2066}\u{2069}",
    "\u{200f}",
    // Nothing to see, and more than it seems.
    "\u{200b}\u{200d}",
    "\u{feff}",
    "a\u{300}\u{301}\u{302}\u{303}\u{304}",
    "\u{2028}",
    // Two columns each.
    "模型模型模型模型",
    "ｗｉｄｅ",
    "👩‍👩‍👧‍👦",
    "﷽",
];

/// `text` with one to three pieces of poison in it.
pub fn text(text: &str, rng: &mut impl Rng) -> String {
    let mut poisoned: Vec<char> = text.chars().collect();
    for _ in 0..*pick(rng, &[1, 1, 2, 3]) {
        let at = rng.random_range(0..=poisoned.len());
        poisoned.splice(at..at, pick(rng, POISON).chars());
    }
    poisoned.into_iter().collect()
}

/// A poisoned id that still has its slash, so that its owner can be told.
pub fn id(id: &str, rng: &mut impl Rng) -> String {
    match id.split_once('/') {
        Some((owner, name)) if rng.random_range(0..3) == 0 => {
            format!("{}/{name}", text(owner, rng).replace('/', ""))
        }
        Some((owner, name)) => format!("{owner}/{}", text(name, rng)),
        None => text(id, rng),
    }
}
