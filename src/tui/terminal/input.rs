//! The parser of a terminal's input: bytes and the time of their arrival in, keys, pastes, the mouse
//! and answers out.
//! It neither reads nor waits, so that every way in which bytes can arrive is tested without a
//! terminal.
//!
//! Sequences are those of ECMA-48 (5.4 control sequences, 5.6 control strings) as xterm sends them
//! (its `ctlseqs` document). Bytes may arrive one by one: over a network, a key is one packet or
//! several. The parser of crossterm takes the pieces of a split key for keys of their own (35 of 112
//! splits cleared the query), and waits for ever on a sequence that is cut off. Here a sequence is held until its final byte; one that is unknown is dropped there, and
//! one that is cut off is dropped after a silence. No input makes it deaf: every state but the
//! ground has a deadline.
//!
//! Esc is the beginning of most sequences, and acts as a key after [`ESC_PATIENCE`] without a further
//! byte. If the rest of another key arrives after that, it is still that key and not letters. A line
//! that is seen to split keys makes Esc wait longer from then on: twice the gap, at most [`SILENCE`].

mod sequences;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent};

use super::background;

/// The time that Esc waits for the rest of a sequence, on a line that has shown no need for more.
const ESC_PATIENCE: Duration = Duration::from_millis(30);

/// The longest silence within a sequence, a control string or a character.
const SILENCE: Duration = Duration::from_millis(150);

/// The longest silence within a paste.
const PASTE_SILENCE: Duration = Duration::from_secs(1);

/// The end of a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// The maximum length of a paste; the rest is dropped. In bytes.
const PASTE_BYTES: usize = 1 << 20;

/// The maximum length of a control string. In bytes.
const STRING_BYTES: usize = 1 << 16;

/// The maximum length of the parameters of a sequence, and of an answer; no key has nearly as many.
/// In bytes.
const PARAMETER_BYTES: usize = 64;

const BEL: u8 = 0x07;
const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;

/// Something that the terminal has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    /// The answer to a question for the background: true if that is light.
    Background(bool),
    /// The answer to the question what the terminal is.
    Attributes,
}

/// The position within the grammar of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// After ESC.
    Escape,
    /// After an ESC that has acted as a key.
    LateEscape,
    /// Within a control sequence: ESC `[`.
    Csi,
    /// After a single shift: ESC `O`.
    Ss3,
    /// After ESC `[` `[`, with which the Linux console begins its function keys.
    Console,
    /// Within a mouse report of the old kind, with the number of bytes that it still has. The
    /// program asks for none, but another one may have left them on.
    Mouse(u8),
    /// Within a control string: OSC, DCS, APC, PM or SOS, with the number of its bytes. Of an OSC,
    /// the beginning is held.
    Text(usize),
    /// After an ESC in a control string.
    TextEscape,
    /// Within a bracketed paste.
    Paste,
    /// Within a character of this many bytes.
    Char(usize),
}

/// The parser; see the module.
pub struct Parser {
    state: State,
    /// Parameters of a sequence, the text of an answer or a paste, or the bytes of a character.
    held: Vec<u8>,
    /// True if the control string is an OSC.
    is_osc: bool,
    /// True if the character was preceded by ESC.
    alt: bool,
    /// True if the ESC of the sequence has acted as a key.
    late: bool,
    /// The longest gap within the sequence.
    gap: Duration,
    /// The time that Esc waits on this line.
    patience: Duration,
    /// The time of the last byte.
    last: Instant,
    parsed: Vec<Input>,
}

impl Parser {
    /// Returns a parser that has read nothing.
    pub fn new(now: Instant) -> Parser {
        Parser {
            state: State::Ground,
            held: Vec::new(),
            is_osc: false,
            alt: false,
            late: false,
            gap: Duration::ZERO,
            patience: ESC_PATIENCE,
            last: now,
            parsed: Vec::new(),
        }
    }

    /// Parses bytes that have arrived; returns what they complete.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Input> {
        if self.state != State::Ground {
            self.gap = self.gap.max(now - self.last);
        }
        for byte in bytes {
            self.byte(*byte);
            self.last = now;
        }
        std::mem::take(&mut self.parsed)
    }

    /// Returns the time from which on [`Parser::expire`] has something to do; none while nothing is
    /// incomplete.
    pub fn deadline(&self) -> Option<Instant> {
        let patience = match self.state {
            State::Ground => return None,
            State::Escape => self.patience,
            State::Paste => PASTE_SILENCE,
            _ => SILENCE,
        };
        Some(self.last + patience)
    }

    /// Gives up what has waited too long; returns what it was.
    pub fn expire(&mut self, now: Instant) -> Vec<Input> {
        while self.deadline().is_some_and(|deadline| deadline <= now) {
            self.give_up();
        }
        std::mem::take(&mut self.parsed)
    }

    fn give_up(&mut self) {
        match self.state {
            State::Escape => {
                self.push(KeyCode::Esc, KeyModifiers::NONE);
                self.state = State::LateEscape;
                return;
            }
            // The keys Esc and `[`, typed fast.
            State::Csi if self.is_lone_late() => self.push_char('['),
            State::Ss3 if self.is_lone_late() => self.push_char('O'),
            State::Paste => self.paste(),
            _ => {}
        }
        self.enter(State::Ground);
    }

    fn is_lone_late(&self) -> bool {
        self.late && self.held.is_empty()
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.held.clear();
        if state == State::Ground {
            self.alt = false;
            self.late = false;
            self.gap = Duration::ZERO;
        }
    }

    fn byte(&mut self, byte: u8) {
        match (self.state, byte) {
            (State::Ground, _) => self.begin(byte),
            (State::Escape, _) => self.after_escape(byte),
            (State::LateEscape, b'[' | b'O') => {
                self.late = true;
                self.after_escape(byte);
            }
            (State::Csi, b'[') if self.held.is_empty() => self.enter(State::Console),
            (State::Csi, b'M') if self.held.is_empty() => self.enter(State::Mouse(3)),
            (State::Csi, b'~') if self.held == b"200" => self.enter(State::Paste),
            (State::Csi, _) if sequences::is_final(&self.held, byte) => self.end_csi(byte),
            (State::Ss3, 0x40..=0x7e) => self.end_key(sequences::ss3(&self.held, byte)),
            (State::Csi | State::Ss3, 0x20..=0x3f) => {
                if self.held.len() < PARAMETER_BYTES {
                    self.held.push(byte);
                }
            }
            (State::Console, 0x20..=0x7e) => self.end_key(sequences::console(byte)),
            (State::Mouse(1), _) => self.enter(State::Ground),
            (State::Mouse(bytes), _) => self.state = State::Mouse(bytes - 1),
            (State::Text(_), BEL) | (State::TextEscape, b'\\') => self.end_text(),
            (State::Text(_), ESC) => self.state = State::TextEscape,
            (State::TextEscape, _) => self.after_escape(byte),
            (State::Text(length), _) if length < STRING_BYTES && byte != CTRL_C => {
                if self.is_osc && length < PARAMETER_BYTES {
                    self.held.push(byte);
                }
                self.state = State::Text(length + 1);
            }
            (State::Paste, _) => self.pasted(byte),
            (State::Char(length), 0x80..=0xbf) => self.continue_char(length, byte),
            // The byte ends what was before it, incomplete.
            _ => {
                self.enter(State::Ground);
                self.begin(byte);
            }
        }
    }

    /// Takes the first byte of something.
    fn begin(&mut self, byte: u8) {
        let control = KeyModifiers::CONTROL;
        match byte {
            ESC => return self.enter(State::Escape),
            0xc2..=0xdf => self.state = State::Char(2),
            0xe0..=0xef => self.state = State::Char(3),
            0xf0..=0xf4 => self.state = State::Char(4),
            b'\r' => self.push(KeyCode::Enter, KeyModifiers::NONE),
            b'\t' => self.push(KeyCode::Tab, KeyModifiers::NONE),
            0x7f => self.push(KeyCode::Backspace, KeyModifiers::NONE),
            0 => self.push(KeyCode::Char(' '), control),
            0x01..=0x1a => self.push(KeyCode::Char((byte - 1 + b'a').into()), control),
            0x1c..=0x1f => self.push(KeyCode::Char((byte - 0x1c + b'4').into()), control),
            0x20..=0x7e => self.push_char(byte.into()),
            // Not the beginning of a character.
            0x80..=0xc1 | 0xf5..=0xff => {}
        }
        match self.state {
            State::Char(_) => self.held.push(byte),
            _ => self.enter(State::Ground),
        }
    }

    fn after_escape(&mut self, byte: u8) {
        match byte {
            b'[' => self.enter(State::Csi),
            b'O' => self.enter(State::Ss3),
            b']' | b'P' | b'_' | b'^' | b'X' => {
                self.enter(State::Text(0));
                self.is_osc = byte == b']';
            }
            ESC => {
                self.push(KeyCode::Esc, KeyModifiers::NONE);
                self.enter(State::Escape);
            }
            _ => {
                self.enter(State::Ground);
                self.alt = true;
                self.begin(byte);
            }
        }
    }

    fn end_csi(&mut self, last: u8) {
        if let Some(mouse) = sequences::mouse(&self.held, last) {
            self.parsed.push(Input::Mouse(mouse));
        } else if self.held.starts_with(b"?") && last == b'c' {
            self.parsed.push(Input::Attributes);
        }
        self.end_key(sequences::csi(&self.held, last));
    }

    fn end_key(&mut self, key: Option<KeyEvent>) {
        if let Some(key) = key {
            self.patience = self.patience.max(self.gap * 2).min(SILENCE);
            self.parsed.push(Input::Key(key));
        }
        self.enter(State::Ground);
    }

    fn end_text(&mut self) {
        let is_light = background::is_light(&self.held).filter(|_| self.is_osc);
        self.parsed.extend(is_light.map(Input::Background));
        self.enter(State::Ground);
    }

    fn pasted(&mut self, byte: u8) {
        self.held.push(byte);
        if self.held.ends_with(PASTE_END) {
            self.held.truncate(self.held.len() - PASTE_END.len());
            self.paste();
            self.enter(State::Ground);
        } else if self.held.len() == PASTE_BYTES + PASTE_END.len() {
            self.held.remove(PASTE_BYTES);
        }
    }

    /// Completes a paste, without the part of its end that has arrived.
    fn paste(&mut self) {
        let cut = (1..PASTE_END.len()).find(|len| self.held.ends_with(&PASTE_END[..*len]));
        self.held.truncate(self.held.len() - cut.unwrap_or(0));
        let text = String::from_utf8_lossy(&self.held).into_owned();
        self.parsed.push(Input::Paste(text));
    }

    fn continue_char(&mut self, length: usize, byte: u8) {
        self.held.push(byte);
        if self.held.len() < length {
            return;
        }
        let text = str::from_utf8(&self.held).unwrap_or_default();
        if let Some(letter) = text.chars().next().filter(|letter| !letter.is_control()) {
            self.push_char(letter);
        }
        self.enter(State::Ground);
    }

    fn push_char(&mut self, letter: char) {
        let shift = match letter.is_uppercase() {
            true => KeyModifiers::SHIFT,
            false => KeyModifiers::NONE,
        };
        self.push(KeyCode::Char(letter), shift);
    }

    fn push(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let alt = match self.alt {
            true => KeyModifiers::ALT,
            false => KeyModifiers::NONE,
        };
        let key = KeyEvent::new(code, modifiers | alt);
        self.parsed.push(Input::Key(key));
    }
}
