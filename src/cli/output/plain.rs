//! The way out of everything that commands print. File names, columns, ids and queries come from
//! strangers and pass through many messages and tables; here they are all cleaned.

use std::io::{self, Write};

use memchr::{memrchr, memrchr2};

use crate::engine::table::clean::{clean_lines, is_clean, judged};
use crate::present::charset::Charset;

/// Bytes of JSON that are treated together: a call for each string would take longer.
const HELD: usize = 1 << 13;

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

/// An output that treats the lines that are written to it.
pub struct Plain<W: Write> {
    out: W,
    treatment: Treatment,
    /// The beginning of a line or of a string. Its end may decide on it: some characters are harmless
    /// only beside others.
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

    /// Writes the held lines.
    fn write_held(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.held);
        let is_clean = text.split(['\n', '\t']).all(is_clean);
        let treated = match self.treatment {
            Treatment::Text(Charset::Ascii) => Charset::Ascii.in_text(&clean_lines(&text)).into(),
            _ if is_clean => text,
            Treatment::Json => escaped(&text).into(),
            _ => clean_lines(&text).into(),
        };
        let written = self.out.write_all(treated.as_bytes());
        self.held.clear();
        written
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.treatment == Treatment::Exact {
            return self.out.write(bytes);
        }
        // A quote decides on its neighbors as the end of a line does, and JSON may be one long line.
        let end = match self.treatment {
            Treatment::Json => memrchr2(b'\n', b'"', bytes),
            _ => memrchr(b'\n', bytes),
        };
        let (lines, rest) = bytes.split_at(end.map_or(0, |at| at + 1));
        if !lines.is_empty() {
            self.held.extend_from_slice(lines);
            if self.treatment != Treatment::Json || self.held.len() >= HELD {
                self.write_held()?;
            }
        }
        self.held.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_held()?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Plain<W> {
    fn drop(&mut self) {
        let _ = self.write_held();
    }
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
        drop(plain);
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
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(
                printed(Treatment::Json, &bytes),
                printed(Treatment::Json, &[text.as_bytes()])
            );
            let printed = printed(Treatment::Json, &[text.as_bytes()]);
            assert!(printed.lines().all(is_clean), "{printed}");
            let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(read, value);
        }
    }

    /// Writers with a buffer of their own split characters, and what belongs together.
    #[test]
    fn a_character_may_come_in_pieces() {
        let text = "模\u{202e}é\u{AD}👩\u{200D}💻".as_bytes();
        let pieces: Vec<&[u8]> = text.chunks(1).collect();
        let unicode = Treatment::Text(Charset::Unicode);
        let cleaned = "模\u{FFFD}é\u{FFFD}👩\u{200D}💻";
        assert_eq!(printed(unicode, &pieces), cleaned);
        assert_eq!(
            printed(unicode, &[b"\xff\xe6\xa8", b"x"]),
            "\u{FFFD}\u{FFFD}x"
        );
    }
}
