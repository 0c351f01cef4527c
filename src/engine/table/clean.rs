//! Cleaning of text from strangers. Escape sequences in ids, tags and file names would reach the
//! terminal, direction marks would scramble a line, and invisible characters make two names look the
//! same. Each such character becomes U+FFFD, so that it is seen to have been there.
//!
//! These are the control characters, the separators of lines and paragraphs, interlinear annotations,
//! and everything that Unicode calls default ignorable (DerivedCoreProperties.txt), which includes
//! direction marks, fillers and tags. Some of the last have a visible effect, and stay where they
//! have it: a variation selector after a visible character, and joiners within scripts that are
//! written with them and within emoji (after UAX #31, 2.3, with blocks in place of the properties).

use std::borrow::Cow;

/// The replacement of a harmful character.
const MARK: char = '\u{FFFD}';

/// Returns the text with harmful characters replaced by U+FFFD; borrowed when there is nothing to
/// replace.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let marked = judged(text).map(|(c, harmful)| if harmful { MARK } else { c });
    Cow::Owned(marked.collect())
}

/// Returns lines and columns of text, cleaned between their separators: line breaks and tabs.
pub fn clean_lines(text: &str) -> String {
    let separators = ['\n', '\t'];
    let clean_part = |part: &str| {
        let content = part.strip_suffix(separators).unwrap_or(part);
        clean(content).into_owned() + &part[content.len()..]
    };
    text.split_inclusive(separators).map(clean_part).collect()
}

/// Returns each character, and whether it is harmful where it is.
pub fn judged(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    let mut rest = text.chars();
    std::iter::from_fn(move || {
        let c = rest.next()?;
        let harmful = is_harmful(c) && !is_needed(before, c, rest.clone().next());
        before = Some(c);
        Some((c, harmful))
    })
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
    is_plain(text.as_bytes())
        || !text.chars().any(is_harmful)
        || judged(text).all(|(_, harmful)| !harmful)
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

/// Returns true if a character is harmful in most places.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || !c.is_ascii()
            && matches!(c,
                '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
                | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Returns true if a character that is harmful in most places has a visible effect in this one.
fn is_needed(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is_visible = |c: &char| !is_harmful(*c) && *c != ' ';
    match c {
        '\u{180B}'..='\u{180D}'
        | '\u{180F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}' => before.is_some_and(|c| is_visible(&c)),
        '\u{200C}' | '\u{200D}' => before.zip(after).is_some_and(|(before, after)| {
            uses_joiners(before) && uses_joiners(after)
                || c == '\u{200D}' && is_of_emoji(before) && is_of_emoji(after)
        }),
        _ => false,
    }
}

/// Returns true for the scripts in which letters join or stack: Arabic and others of its kind, the
/// Brahmic ones, Mongolian.
fn uses_joiners(c: char) -> bool {
    matches!(c,
        '\u{620}'..='\u{74F}' | '\u{750}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17B3}' | '\u{17B6}'..='\u{17FF}' | '\u{1820}'..='\u{18AF}'
        | '\u{A800}'..='\u{A82F}' | '\u{A8E0}'..='\u{A8FF}' | '\u{A980}'..='\u{A9DF}'
        | '\u{AA60}'..='\u{AA7F}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{11000}'..='\u{11FFF}')
}

/// Returns true for what may be joined in an emoji: pictographs, skin tones, and the
/// selector of their colored form.
fn is_of_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        let texts = [
            "",
            "gpt2",
            "org/naïve-模型",
            "a b",
            // Persian, with the joiner that keeps two letters apart; Sinhala and Malayalam.
            "می\u{200C}خواهم",
            "ශ්\u{200D}රී",
            "അവന്\u{200D}റെ",
            "👩\u{200D}💻 ❤\u{FE0F}\u{200D}🔥 👨🏽\u{200D}🌾 1\u{FE0F}\u{20E3}",
            "葛\u{E0100}",
        ];
        for text in texts {
            assert!(
                matches!(clean(text), Cow::Borrowed(t) if t == text),
                "{text}"
            );
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

    /// The list of the characters that were found to pass, each between two letters.
    #[test]
    fn invisible_characters_are_replaced() {
        let named = "\u{7F}\u{85}\u{9B}\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{180E}\u{200B}\u{200C}\u{200D}\
            \u{200E}\u{200F}\u{2028}\u{2029}\u{2060}\u{2064}\u{206A}\u{206F}\u{3164}\u{FEFF}\u{FFA0}\
            \u{FFF9}\u{FFFA}\u{FFFB}\u{E0001}";
        let ranges = ('\0'..=' ').take(32).chain('\u{202A}'..='\u{202E}');
        let ranges = ranges.chain('\u{2066}'..='\u{2069}');
        for c in ranges.chain('\u{E0000}'..='\u{E007F}').chain(named.chars()) {
            assert_eq!(clean(&format!("a{c}b")), "a\u{FFFD}b", "{c:?}");
        }
    }

    /// What has an effect in one place has none in another, where it only hides.
    #[test]
    fn joiners_and_selectors_stay_only_where_they_are_needed() {
        for (text, cleaned) in [
            ("می\u{200C}", "می\u{FFFD}"),
            ("\u{200D}💻", "\u{FFFD}💻"),
            ("می\u{200C}\u{200C}خ", "می\u{FFFD}\u{FFFD}خ"),
            ("a\u{200D}💻", "a\u{FFFD}💻"),
            ("👩\u{200C}💻", "👩\u{FFFD}💻"),
            ("\u{FE0F}a", "\u{FFFD}a"),
            ("a\u{FE01}\u{FE02}", "a\u{FE01}\u{FFFD}"),
            ("😀\u{E0100}\u{E0101}", "😀\u{E0100}\u{FFFD}"),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }

    #[test]
    fn bytes_are_cleaned_as_text_is() {
        assert_eq!(
            &*clean_bytes("a\u{AD}b".as_bytes()),
            "a\u{FFFD}b".as_bytes()
        );
        assert_eq!(&*clean_bytes(b"a\xffb"), "a\u{FFFD}b".as_bytes());
    }
}
