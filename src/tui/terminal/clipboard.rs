//! The clipboard of the user's terminal, which is reached over SSH, too: by OSC 52, which no terminal
//! reports to have obeyed. GNU screen passes it on in pieces; tmux does the rest itself.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

use super::guard::Writer;

/// The maximum length of what GNU screen passes on at once, with the signs around it. In bytes.
const SCREEN_BYTES: usize = 768;

/// The longest encoded text that xterm takes; few terminals take much more. In bytes.
const XTERM_BYTES: usize = 74_994;

/// The program that stands between the explorer and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Screen,
    Tmux,
    /// GNU screen or an old tmux on the other side of SSH; each ignores what is for the other one.
    ScreenOrTmux,
}

impl Between {
    /// Returns it by the variables that it sets. `value` reads a variable.
    fn of(value: impl Fn(&str) -> Option<String>) -> Between {
        let set = |name: &str| value(name).filter(|value| !value.is_empty());
        let is_screen = set("TERM").is_some_and(|name| name.starts_with("screen"));
        match (set("TMUX"), set("STY")) {
            (Some(_), _) => Between::Tmux,
            (None, Some(_)) => Between::Screen,
            (None, None) if is_screen => Between::ScreenOrTmux,
            (None, None) => Between::Nothing,
        }
    }
}

/// Describes how a text would be copied here.
pub fn way() -> &'static str {
    match Between::of(|name| std::env::var(name).ok()) {
        Between::Tmux => "tmux load-buffer -w; OSC 52 where tmux is before 3.2",
        Between::Screen => "OSC 52 in pieces for GNU screen",
        Between::ScreenOrTmux => "OSC 52 whole, and in pieces for GNU screen",
        Between::Nothing => "OSC 52",
    }
}

/// Copies a text, and returns what was done, for the user. It may wait for tmux.
///
/// # Errors
/// When the terminal is gone.
pub fn copy(text: &str) -> Result<String> {
    let between = Between::of(|name| std::env::var(name).ok());
    if between == Between::Tmux && load_tmux(text) {
        return Ok(in_tmux(text));
    }
    let bytes = sequence(text, between)?;
    Writer.write_all(&bytes).context("the terminal is gone")?;
    Ok(sent(text))
}

/// Returns the sequence that makes the terminal copy a text.
fn sequence(text: &str, between: Between) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    queue!(plain, CopyToClipboard::to_clipboard_from(text))?;
    Ok(match between {
        Between::Nothing | Between::Tmux => plain,
        Between::Screen => in_pieces(&plain),
        Between::ScreenOrTmux => [in_pieces(&plain), plain].concat(),
    })
}

/// Returns a sequence in pieces that GNU screen passes on. It is ended by a bell, since ESC \ ends a
/// piece.
fn in_pieces(sequence: &[u8]) -> Vec<u8> {
    let text = sequence.strip_suffix(b"\x1b\\").unwrap_or(sequence);
    let ended = [text, b"\x07"].concat();
    let pieces = ended.chunks(SCREEN_BYTES - 5);
    let wrapped = pieces.flat_map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat());
    wrapped.collect()
}

/// Makes tmux copy a text, and hand it to its terminal; false if there is no tmux that obeys: versions
/// before 3.2 do not know the option `-w`.
fn load_tmux(text: &str) -> bool {
    let mut tmux = Command::new("tmux");
    tmux.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped());
    let spawned = tmux.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        return false;
    };
    // A tmux that has failed reads nothing, and its status says so.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

/// Describes what tmux has done. It does not report whether its terminal has a clipboard.
fn in_tmux(text: &str) -> String {
    let text = in_line(text);
    format!("in tmux's buffer, which hands it to the terminal's clipboard: {text}")
}

/// Describes a text that was sent to the terminal.
fn sent(text: &str) -> String {
    let encoded = text.len().div_ceil(3) * 4;
    match encoded > XTERM_BYTES {
        true => format!(
            "sent to the terminal's clipboard, which may be too small for {encoded} bytes (xterm takes {XTERM_BYTES}): {}",
            in_line(text)
        ),
        false => format!("sent to the terminal's clipboard: {}", in_line(text)),
    }
}

/// Returns the beginning of a text, in one line.
fn in_line(text: &str) -> String {
    let beginning: String = text.chars().take(200).collect();
    beginning.replace('\n', ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_is_seen_by_its_variables() {
        let of = |set: &[(&str, &str)]| {
            Between::of(|name| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("TERM", "xterm")]), Between::Nothing);
        assert_eq!(of(&[("TERM", "xterm"), ("STY", "1.a")]), Between::Screen);
        let far = of(&[("TERM", "screen.xterm-256color")]);
        assert_eq!(far, Between::ScreenOrTmux);
        let tmux = ("TMUX", "/tmp/tmux-0/default,1,0");
        assert_eq!(of(&[("TERM", "screen"), tmux]), Between::Tmux);
        // tmux within GNU screen.
        assert_eq!(of(&[("STY", "1.a"), tmux]), Between::Tmux);
        assert_eq!(of(&[("STY", ""), ("TMUX", "")]), Between::Nothing);
    }

    /// Returns what a terminal receives when GNU screen takes the signs off each piece.
    fn unwrapped(bytes: &[u8]) -> Vec<u8> {
        let mut rest = bytes;
        let mut received = Vec::new();
        while let Some(piece) = rest.strip_prefix(b"\x1bP") {
            let end = piece.windows(2).position(|two| two == b"\x1b\\").unwrap();
            assert!(end + 4 < SCREEN_BYTES, "{end}");
            received.extend(&piece[..end]);
            rest = &piece[end + 2..];
        }
        assert_eq!(rest, b"");
        received
    }

    #[test]
    fn screen_gets_pieces_that_it_passes_on() {
        let plain = sequence("openai-community/gpt2", Between::Nothing).unwrap();
        assert_eq!(plain, b"\x1b]52;c;b3BlbmFpLWNvbW11bml0eS9ncHQy\x1b\\");
        for length in [0, 1, 500, 570, 571, 572, 10_000, 100_000] {
            let text = "a/b\n".repeat(length / 4 + 1);
            let plain = sequence(&text, Between::Nothing).unwrap();
            let received = unwrapped(&sequence(&text, Between::Screen).unwrap());
            let ended = |bytes: &[u8], end: &[u8]| bytes.strip_suffix(end).unwrap().to_vec();
            assert_eq!(ended(&received, b"\x07"), ended(&plain, b"\x1b\\"));
        }
        let both = sequence("a/b", Between::ScreenOrTmux).unwrap();
        assert_eq!(both, b"\x1bP\x1b]52;c;YS9i\x07\x1b\\\x1b]52;c;YS9i\x1b\\");
    }

    #[test]
    fn what_is_reported_is_what_was_done() {
        assert_eq!(
            sent("a/b\nc/d"),
            "sent to the terminal's clipboard: a/b, c/d"
        );
        // 56,245 bytes are 74,996 encoded ones; three less are 74,992.
        assert!(sent(&"a".repeat(56_245)).contains("too small for 74996 bytes"));
        assert!(!sent(&"a".repeat(56_242)).contains("too small"));
        assert!(in_tmux("a/b").starts_with("in tmux's buffer"));
    }
}
