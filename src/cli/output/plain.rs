//! The way out of everything that commands print. File names, columns, ids and queries come from
//! strangers and pass through many messages and tables; here they are all cleaned.

use std::io::{self, Write};

use crate::engine::table::clean::{clean, is_clean, judged};
use crate::present::charset::Charset;

/// The treatment of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Bytes, or a path for a program: they arrive unchanged.
    Exact,
    /// JSON: harmful characters, which occur in strings only, are escaped, so that values stay what
    /// they are.
    Json,
    /// Text in a character set: harmful characters are replaced.
    Text(Charset),
}

/// An output that treats what is written to it.
pub struct Plain<W> {
    out: W,
    treatment: Treatment,
    /// The beginning of a character whose rest is not written yet.
    held: Vec<u8>,
}

impl<W: Write> Plain<W> {
    /// Returns an output with this treatment.
    pub fn new(out: W, treatment: Treatment) -> Plain<W> {
        Plain {
            out,
            treatment,
            held: Vec::new(),
        }
    }

    fn treat(&mut self, text: &str) -> io::Result<()> {
        let is_clean = text.split(['\n', '\t']).all(is_clean);
        let treated = match self.treatment {
            Treatment::Text(Charset::Ascii) => Charset::Ascii.in_text(&cleaned(text)),
            _ if is_clean => return self.out.write_all(text.as_bytes()),
            Treatment::Text(_) => cleaned(text),
            _ => escaped(text),
        };
        self.out.write_all(treated.as_bytes())
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.treatment == Treatment::Exact {
            return self.out.write(bytes);
        }
        if let (true, Ok(text)) = (self.held.is_empty(), str::from_utf8(bytes)) {
            self.treat(text)?;
            return Ok(bytes.len());
        }
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        // The last chunk may end within a character.
        for chunk in held.utf8_chunks() {
            self.treat(chunk.valid())?;
            let is_last = chunk.invalid().as_ptr_range().end == held.as_ptr_range().end;
            match str::from_utf8(chunk.invalid()) {
                Err(error) if is_last && error.error_len().is_none() => {
                    self.held = chunk.invalid().to_owned();
                }
                Err(_) => self.treat("\u{FFFD}")?,
                Ok(_) => {}
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns lines and columns of text, cleaned between their separators.
pub fn cleaned(text: &str) -> String {
    let parts = text.split_inclusive(['\n', '\t']);
    let clean_part = |part: &str| {
        let content = part.strip_suffix(['\n', '\t']).unwrap_or(part);
        clean(content).into_owned() + &part[content.len()..]
    };
    parts.map(clean_part).collect()
}

/// Returns JSON with harmful characters escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (c, harmful) in judged(text) {
        match harmful && c != '\n' {
            true => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}"))),
            false => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(treatment: Treatment, pieces: &[&[u8]]) -> String {
        let mut out = Vec::new();
        let mut plain = Plain::new(&mut out, treatment);
        pieces
            .iter()
            .for_each(|piece| plain.write_all(piece).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn letters_are_not_replaced() {
        let text = "├─ 模/x █▏ …".as_bytes();
        let ascii = Treatment::Text(Charset::Ascii);
        assert_eq!(printed(ascii, &[text]), "|- 模/x #- ~");
        let unicode = Treatment::Text(Charset::Unicode);
        assert_eq!(printed(unicode, &[text]), "├─ 模/x █▏ …");
    }

    #[test]
    fn text_is_cleaned_between_its_separators() {
        let unicode = Treatment::Text(Charset::Unicode);
        let text = "a\x1b]52;c;eA==\x07\tb\u{202e}\r\nc\u{AD}\n".as_bytes();
        let cleaned = "a\u{FFFD}]52;c;eA==\u{FFFD}\tb\u{FFFD}\u{FFFD}\nc\u{FFFD}\n";
        assert_eq!(printed(unicode, &[text]), cleaned);
        assert_eq!(printed(Treatment::Exact, &[text]).as_bytes(), text);
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({"a\u{7f}": "\x1b[31m\u{9b}\u{202e}模\u{E0041}\n \u{2028}é"});
        for text in [
            serde_json::to_string(&value).unwrap(),
            serde_json::to_string_pretty(&value).unwrap(),
        ] {
            let printed = printed(Treatment::Json, &[text.as_bytes()]);
            assert!(printed.lines().all(|line| clean(line) == line), "{printed}");
            let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(read, value);
        }
    }

    /// Writers with a buffer of their own split characters.
    #[test]
    fn a_character_may_come_in_pieces() {
        let text = "模\u{202e}é\u{AD}x".as_bytes();
        let pieces: Vec<&[u8]> = text.chunks(1).collect();
        let unicode = Treatment::Text(Charset::Unicode);
        assert_eq!(printed(unicode, &pieces), "模\u{FFFD}é\u{FFFD}x");
        assert_eq!(
            printed(unicode, &[b"\xff\xe6\xa8", b"x"]),
            "\u{FFFD}\u{FFFD}x"
        );
    }
}
