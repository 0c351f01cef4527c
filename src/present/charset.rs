//! The character set of a terminal, and ASCII replacements: bars, branches and marks are not ASCII,
//! and a terminal whose locale is not UTF-8 shows them as garbage.

/// A character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// All of Unicode.
    Unicode,
    Ascii,
}

impl Charset {
    /// Returns the character set of the locale: `LC_ALL` overrides `LC_CTYPE`, which overrides `LANG`,
    /// and an empty variable is unset (POSIX.1-2024, chapter 8.2). `C` and `POSIX` are ASCII. Without
    /// a locale it is Unicode, as for nearly every terminal.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Charset {
        match Charset::locale(variable).map(|(_, name)| name.to_lowercase()) {
            Some(name) if !name.contains("utf-8") && !name.contains("utf8") => Charset::Ascii,
            _ => Charset::Unicode,
        }
    }

    /// Returns the variable that decides on the locale, and its value.
    pub fn locale(variable: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
        let ruling = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
        let mut set = ruling.filter_map(|name| Some((name, variable(name)?)));
        set.find(|(_, value)| !value.is_empty())
    }

    /// Returns a text in this character set.
    pub fn in_text(self, text: &str) -> String {
        text.chars().map(|sign| self.show(sign)).collect()
    }

    /// Returns the replacement of a character. Letters are data and are not replaced.
    pub fn show(self, sign: char) -> char {
        match self {
            Charset::Ascii if !sign.is_ascii() => in_ascii(sign),
            _ => sign,
        }
    }
}

/// Returns one ASCII character for each that is drawn; the last cell of a bar is rounded.
fn in_ascii(sign: char) -> char {
    match sign {
        '█' | '▉' | '▊' | '▋' | '▌' | '▇' => '#',
        '▍' | '▎' | '▏' | '▃' | '▄' | '─' | '–' => '-',
        '▅' | '▆' | '━' => '=',
        '▁' | '▂' => '_',
        '░' => '.',
        // A dot could belong to the name that is cut there.
        '…' => '~',
        '│' | '┃' | '├' | '▕' | '▐' => '|',
        '└' => '`',
        '┌' | '┐' | '┘' | '╭' | '╮' | '╰' | '╯' | '┤' | '┬' | '┴' | '┼' | '╋' => {
            '+'
        }
        '▶' | '▷' | '▸' | '»' | '›' | '→' => '>',
        '‹' | '←' => '<',
        '↑' | '↖' | '▲' | '▴' => '^',
        '↓' | '▼' | '▽' | '▾' => 'v',
        '\u{2800}' => ' ',
        '\u{2801}'..='\u{28ff}' => '*',
        '▒' => ':',
        '▓' => '%',
        '↻' => '@',
        '●' | '◆' | '✓' => '*',
        '≠' => '!',
        '\u{FFFD}' => '?',
        '·' => ',',
        '×' => 'x',
        'μ' => 'u',
        '’' => '\'',
        '“' | '”' => '"',
        '¼' => 'q',
        '½' => 'm',
        '¾' => 'Q',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::bars::{EIGHTHS_UP, bar};

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let of = |set: &[(&str, &str)]| {
            Charset::of(|name| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Charset::Unicode);
        assert_eq!(of(&[("LANG", "")]), Charset::Unicode);
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), Charset::Unicode);
        assert_eq!(of(&[("LANG", "C.utf8")]), Charset::Unicode);
        assert_eq!(of(&[("LANG", "C")]), Charset::Ascii);
        assert_eq!(of(&[("LANG", "de_DE.ISO-8859-1")]), Charset::Ascii);
        let both = [("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")];
        assert_eq!(of(&both), Charset::Unicode);
        assert_eq!(
            of(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]),
            Charset::Ascii
        );
    }

    #[test]
    fn bars_of_ascii_are_as_long() {
        for part in 0..=64 {
            let drawn = bar(part, 64, 8);
            let shown: String = drawn.chars().map(|c| Charset::Ascii.show(c)).collect();
            assert!(shown.is_ascii(), "{shown}");
            assert_eq!(shown.len(), drawn.chars().count());
        }
        assert!(EIGHTHS_UP.iter().all(|bar| {
            let shown = bar.chars().map(|c| Charset::Ascii.show(c));
            shown.collect::<String>().is_ascii()
        }));
        assert_eq!(Charset::Ascii.show('模'), '模');
        assert_eq!(Charset::Unicode.show('█'), '█');
    }
}
