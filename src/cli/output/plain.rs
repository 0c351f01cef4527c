//! Output for terminals of any character set.

use std::io::{self, Write};

use crate::present::charset::Charset;

/// An output that replaces characters which the terminal cannot show.
pub struct Plain<W> {
    out: W,
    charset: Charset,
}

impl<W: Write> Plain<W> {
    /// Returns an output in a character set.
    pub fn new(out: W, charset: Charset) -> Plain<W> {
        Plain { out, charset }
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.charset == Charset::Unicode {
            return self.out.write(bytes);
        }
        // A write ends with a whole character, unless it is no text.
        match str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => {
                self.out.write_all(self.charset.in_text(text).as_bytes())?;
                Ok(bytes.len())
            }
            _ => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_not_replaced() {
        let mut out = Vec::new();
        write!(Plain::new(&mut out, Charset::Ascii), "├─ 模/x █▏ …").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "|- 模/x #- ~");
        let mut out = Vec::new();
        write!(Plain::new(&mut out, Charset::Unicode), "├─ █▏").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "├─ █▏");
    }
}
