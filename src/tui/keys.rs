//! The names of keys, as `assets/keymap.toml` and `hubscope screen --keys` write them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The names of keys that are no characters, with examples of those that are many.
pub const KEY_NAMES: [&str; 18] = [
    "space",
    "enter",
    "esc",
    "tab",
    "backtab",
    "backspace",
    "delete",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "shift-up",
    "ctrl-a",
    "f1",
];

/// Returns the name of a key: `a`, `G`, `ctrl-d`, `enter`; `None` for keys that have no name.
pub fn name_of(key: KeyEvent) -> Option<String> {
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let name = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => "backtab".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::PageUp => "pageup".to_owned(),
        KeyCode::PageDown => "pagedown".to_owned(),
        KeyCode::F(n) => format!("f{n}"),
        _ => return None,
    };
    // With letters and Tab, Shift makes another key.
    let is_arrow = matches!(
        key.code,
        KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right
    );
    Some(match key.modifiers {
        with if with.contains(KeyModifiers::CONTROL) => format!("ctrl-{}", name.to_lowercase()),
        with if with.contains(KeyModifiers::SHIFT) && is_arrow => format!("shift-{name}"),
        _ => name,
    })
}

/// Returns the key of a name; the inverse of [`name_of`].
pub fn key_of(name: &str) -> Option<KeyEvent> {
    if let Some(name) = name.strip_prefix("ctrl-") {
        let key = key_of(name).filter(|key| key.modifiers.is_empty())?;
        return Some(KeyEvent::new(key.code, KeyModifiers::CONTROL));
    }
    if let Some(name) = name.strip_prefix("shift-") {
        let key = key_of(name).filter(|key| !matches!(key.code, KeyCode::Char(_)))?;
        return Some(KeyEvent::new(key.code, KeyModifiers::SHIFT));
    }
    let code = match name {
        "space" => KeyCode::Char(' '),
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        _ => {
            let mut letters = name.chars();
            match (letters.next()?, letters.as_str()) {
                (c, "") => KeyCode::Char(c),
                ('f', number) => KeyCode::F(number.parse().ok().filter(|n| (1..=12).contains(n))?),
                _ => return None,
            }
        }
    };
    Some(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Parses a script of keys such as `/llama<enter><tab>l<down>`; `<lt>` is the character `<`.
///
/// # Errors
/// When a name between `<` and `>` is not that of a key.
pub fn keys_of(script: &str) -> Result<Vec<KeyEvent>, String> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '<' {
            keys.push(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
            continue;
        }
        let (name, after) = rest
            .split_once('>')
            .ok_or_else(|| format!("`<{rest}` is not closed"))?;
        keys.push(match name {
            "lt" => KeyEvent::new(KeyCode::Char('<'), KeyModifiers::NONE),
            _ => key_of(name).ok_or_else(|| format!("unknown key <{name}>"))?,
        });
        rest = after;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_keys() {
        let keys = keys_of("/a<enter><ctrl-d><lt><ctrl-left>").unwrap();
        let names: Vec<String> = keys.into_iter().filter_map(name_of).collect();
        assert_eq!(names, ["/", "a", "enter", "ctrl-d", "<", "ctrl-left"]);
        assert!(keys_of("<entre>").unwrap_err().contains("<entre>"));
        assert!(keys_of("<enter").is_err());
    }
}
