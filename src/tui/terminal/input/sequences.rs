//! The keys of control sequences: those of xterm, with rxvt's, the Linux console's and those of
//! kitty's protocol that other terminals send, too.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// Returns true if a byte ends a control sequence with these parameters. rxvt ends those of shifted
/// keys with `$`, which otherwise is no final byte.
pub fn is_final(parameters: &[u8], byte: u8) -> bool {
    let is_number = !parameters.is_empty() && parameters.iter().all(u8::is_ascii_digit);
    (0x40..=0x7e).contains(&byte) || byte == b'$' && is_number
}

/// Returns the key of a control sequence, if it is one.
pub fn csi(parameters: &[u8], last: u8) -> Option<KeyEvent> {
    let numbers = numbers(parameters)?;
    let shift = KeyModifiers::SHIFT;
    let (code, modifiers) = match (last, &numbers[..]) {
        (b'Z', _) => (KeyCode::BackTab, shift),
        (b'a'..=b'd', []) => (arrow(last)?, shift),
        // A cursor position report, but for F3.
        (b'R', [row, _]) if *row != 1 => return None,
        (b'~', [27, modifier, code]) => (unicode(*code)?, modifiers(*modifier)),
        (b'~', [number]) => (numbered(*number)?, KeyModifiers::NONE),
        (b'~', [number, modifier]) => (numbered(*number)?, modifiers(*modifier)),
        (b'$', [number]) => (numbered(*number)?, shift),
        (b'^', [number]) => (numbered(*number)?, KeyModifiers::CONTROL),
        (b'@', [number]) => (numbered(*number)?, shift | KeyModifiers::CONTROL),
        (b'u', [code]) => (unicode(*code)?, KeyModifiers::NONE),
        (b'u', [code, modifier]) => (unicode(*code)?, modifiers(*modifier)),
        (_, []) => (lettered(last)?, KeyModifiers::NONE),
        // Old versions of xterm leave out the first parameter.
        (_, [modifier] | [1, modifier]) => (lettered(last)?, modifiers(*modifier)),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Returns the event of a mouse report, if it is one (xterm's SGR 1006): of the left button or the
/// wheel, whatever keys are held meanwhile.
pub fn mouse(parameters: &[u8], last: u8) -> Option<MouseEvent> {
    const HELD_KEYS: u32 = 4 | 8 | 16;
    let numbers = numbers(parameters.strip_prefix(b"<")?)?;
    let [code, column, row] = numbers[..] else {
        return None;
    };
    let left = MouseButton::Left;
    let kind = match (code & !HELD_KEYS, last) {
        (0, b'M') => MouseEventKind::Down(left),
        (0, b'm') => MouseEventKind::Up(left),
        (32, b'M') => MouseEventKind::Drag(left),
        (64, b'M') => MouseEventKind::ScrollUp,
        (65, b'M') => MouseEventKind::ScrollDown,
        _ => return None,
    };
    let from_zero = |number: u32| u16::try_from(number.checked_sub(1)?).ok();
    Some(MouseEvent {
        kind,
        column: from_zero(column)?,
        row: from_zero(row)?,
        modifiers: KeyModifiers::NONE,
    })
}

/// Returns the key of a sequence that begins with a single shift, if it is one.
pub fn ss3(parameters: &[u8], last: u8) -> Option<KeyEvent> {
    let (code, modifiers) = match (last, &numbers(parameters)?[..]) {
        (b'a'..=b'd', []) => (arrow(last)?, KeyModifiers::CONTROL),
        (b'M', []) => (KeyCode::Enter, KeyModifiers::NONE),
        (_, []) => (lettered(last)?, KeyModifiers::NONE),
        (_, [modifier] | [1, modifier]) => (lettered(last)?, modifiers(*modifier)),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Returns the function key of the Linux console, if it is one.
pub fn console(last: u8) -> Option<KeyEvent> {
    let is_key = (b'A'..=b'E').contains(&last);
    is_key.then(|| KeyCode::F(last - b'A' + 1).into())
}

/// Returns the numbers between semicolons; `None` where there is anything else.
fn numbers(parameters: &[u8]) -> Option<Vec<u32>> {
    if parameters.is_empty() {
        return Some(Vec::new());
    }
    let text = str::from_utf8(parameters).ok()?;
    let parts = text.split(';');
    parts
        .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then_some(part))
        .map(|part| part?.parse().ok())
        .collect()
}

/// Returns the modifiers of their parameter: a sum of bits and 1.
fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let named = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ];
    let set = named.into_iter().filter(|(bit, _)| bits & bit != 0);
    set.map(|(_, modifier)| modifier).collect()
}

fn arrow(last: u8) -> Option<KeyCode> {
    lettered(last.to_ascii_uppercase())
}

fn lettered(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=24 => KeyCode::F((number - 12) as u8),
        _ => return None,
    })
}

/// Returns the key of a code point, as kitty's protocol and xterm's `modifyOtherKeys` send it.
fn unicode(code: u32) -> Option<KeyCode> {
    Some(match code {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        _ => {
            let letter = char::from_u32(code).filter(|letter| !letter.is_control())?;
            // Kitty numbers the keys without a character in the private use area.
            let is_private = ('\u{E000}'..='\u{F8FF}').contains(&letter);
            (!is_private).then_some(KeyCode::Char(letter))?
        }
    })
}
