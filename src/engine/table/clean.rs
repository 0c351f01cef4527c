//! Cleaning of text from strangers. Escape sequences in ids, tags and cards would reach the
//! terminal, and direction marks would scramble a line. Each such character becomes U+FFFD, so that
//! it is seen to have been there.

use std::borrow::Cow;

/// The replacement of a harmful character.
const MARK: char = '\u{FFFD}';

/// Returns the text with control, direction and zero-width characters replaced by U+FFFD; borrowed
/// when there is nothing to replace.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| if is_harmful(c) { MARK } else { c })
            .collect(),
    )
}

/// Returns bytes cleaned likewise; invalid UTF-8 is replaced, too.
pub fn clean_bytes(text: &[u8]) -> Cow<'_, [u8]> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    match str::from_utf8(text).map(clean) {
        Ok(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        Ok(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        Err(_) => Cow::Owned(
            clean(&String::from_utf8_lossy(text))
                .into_owned()
                .into_bytes(),
        ),
    }
}

/// Returns true if [`clean`] leaves the text unchanged.
pub fn is_clean(text: &str) -> bool {
    is_plain(text.as_bytes()) || !text.chars().any(is_harmful)
}

/// Returns true if the text is printable ASCII, as nearly every id is: one pass without branches.
fn is_plain(text: &[u8]) -> bool {
    !text.iter().fold(false, |odd, byte| odd | is_odd(*byte))
}

/// Counts the bytes that are not printable ASCII; where there are none, [`clean`] leaves the text
/// unchanged.
pub fn odd_bytes(text: &[u8]) -> usize {
    text.iter().filter(|byte| is_odd(**byte)).count()
}

fn is_odd(byte: u8) -> bool {
    !(0x20..0x7f).contains(&byte)
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "gpt2", "org/naïve-模型", "a b"] {
            assert!(matches!(clean(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn escapes_and_direction_marks_are_replaced() {
        assert_eq!(clean("a\x1b[31m\n"), "a\u{FFFD}[31m\u{FFFD}");
        assert_eq!(
            clean("\u{9b}2J\u{202E}x\u{200B}"),
            "\u{FFFD}2J\u{FFFD}x\u{FFFD}"
        );
    }
}
