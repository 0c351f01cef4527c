//! Which signs a terminal can show, and what stands for the others: bars, branches and marks are
//! drawn beyond ASCII, which a terminal whose locale is not UTF-8 shows as debris.

/// The signs of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Whatever Unicode has.
    Unicode,
    Ascii,
}

impl Signs {
    /// Those of the locale that environment variables name: `LC_ALL` rules `LC_CTYPE`, that rules
    /// `LANG`, and an empty one is none (POSIX.1-2024, chapter 8.2). `C` and `POSIX` are ASCII.
    /// Where no variable is set nothing is said, and nearly every terminal is one of Unicode.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Signs {
        let ruling = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
        let mut set = ruling.filter_map(variable).filter(|name| !name.is_empty());
        match set.next().map(|name| name.to_lowercase()) {
            Some(name) if !name.contains("utf-8") && !name.contains("utf8") => Signs::Ascii,
            _ => Signs::Unicode,
        }
    }

    /// Returns a text in these signs.
    pub fn in_text(self, text: &str) -> String {
        text.chars().map(|sign| self.show(sign)).collect()
    }

    /// The sign to show for a sign. Letters stay, for they are somebody's text.
    pub fn show(self, sign: char) -> char {
        match self {
            Signs::Ascii if !sign.is_ascii() => in_ascii(sign),
            _ => sign,
        }
    }
}

/// One cell of ASCII for each sign that is drawn; a bar's last cell shows from half of it on.
fn in_ascii(sign: char) -> char {
    match sign {
        '█' | '▉' | '▊' | '▋' | '▌' | '▇' => '#',
        '▍' | '▎' | '▏' | '▃' | '▄' | '─' | '–' => '-',
        '▅' | '▆' | '━' => '=',
        '▁' | '▂' => '_',
        '░' => '.',
        // A dot would be taken for one of a name that is cut there.
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
        '▒' => ':',
        '▓' => '%',
        '↻' => '@',
        '●' | '◆' | '✓' => '*',
        '≠' => '!',
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
    fn the_first_variable_that_is_set_rules() {
        let of = |set: &[(&str, &str)]| {
            Signs::of(|name| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Signs::Unicode);
        assert_eq!(of(&[("LANG", "")]), Signs::Unicode);
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), Signs::Unicode);
        assert_eq!(of(&[("LANG", "C.utf8")]), Signs::Unicode);
        assert_eq!(of(&[("LANG", "C")]), Signs::Ascii);
        assert_eq!(of(&[("LANG", "de_DE.ISO-8859-1")]), Signs::Ascii);
        let both = [("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")];
        assert_eq!(of(&both), Signs::Unicode);
        assert_eq!(
            of(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]),
            Signs::Ascii
        );
    }

    #[test]
    fn bars_of_ascii_are_as_long() {
        for part in 0..=64 {
            let drawn = bar(part, 64, 8);
            let shown: String = drawn.chars().map(|c| Signs::Ascii.show(c)).collect();
            assert!(shown.is_ascii(), "{shown}");
            assert_eq!(shown.len(), drawn.chars().count());
        }
        assert!(EIGHTHS_UP.iter().all(|bar| {
            let shown = bar.chars().map(|c| Signs::Ascii.show(c));
            shown.collect::<String>().is_ascii()
        }));
        assert_eq!(Signs::Ascii.show('模'), '模');
        assert_eq!(Signs::Unicode.show('█'), '█');
    }
}
