//! Rust source as tokens, without comments and the contents of strings.

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// An identifier, a keyword or a number.
    Word(String),
    /// `::`
    Sep,
    Sign(char),
    /// A string or a character; a lifetime too.
    Text,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

/// Returns the tokens of a text, without comments.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let next = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let (mut at, mut line) = (0, 1);
    let mut found = Vec::new();
    while at < chars.len() {
        let start = at;
        let kind = match chars[at] {
            '/' if next(at + 1) == '/' => {
                at += chars[at..].iter().take_while(|c| **c != '\n').count();
                None
            }
            '/' if next(at + 1) == '*' => {
                at = block_comment(&chars, at);
                None
            }
            'r' | 'b' | 'c' if string_prefix(&chars, at).is_some() => {
                at = string_prefix(&chars, at).unwrap_or(at);
                at = string(&chars, start, at);
                Some(Kind::Text)
            }
            '"' => {
                at = string(&chars, at, at);
                Some(Kind::Text)
            }
            '\'' => {
                at = quoted(&chars, at);
                Some(Kind::Text)
            }
            c if is_word(c) => {
                at += chars[at..].iter().take_while(|c| is_word(**c)).count();
                Some(Kind::Word(chars[start..at].iter().collect()))
            }
            ':' if next(at + 1) == ':' => {
                at += 2;
                Some(Kind::Sep)
            }
            c => {
                at += 1;
                (!c.is_whitespace()).then_some(Kind::Sign(c))
            }
        };
        found.extend(kind.map(|kind| Token { kind, line }));
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The end of a comment, in which others may nest.
fn block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Where the quote of a string is that begins with letters (`r#"`, `b"`), if it is one.
fn string_prefix(chars: &[char], at: usize) -> Option<usize> {
    if at > 0 && is_word(chars[at - 1]) {
        return None;
    }
    let letters = chars[at..]
        .iter()
        .take_while(|c| "rbc".contains(**c))
        .count();
    let hashes = chars[at + letters..]
        .iter()
        .take_while(|c| **c == '#')
        .count();
    let quote = at + letters + hashes;
    let is_raw = chars[at..at + letters].contains(&'r');
    (chars.get(quote) == Some(&'"') && (hashes == 0 || is_raw)).then_some(quote)
}

/// The end of a string that begins at `start`, its prefix included, and has its quote at `quote`.
fn string(chars: &[char], start: usize, quote: usize) -> usize {
    let is_raw = chars[start..quote].contains(&'r');
    let hashes = chars[start..quote].iter().filter(|c| **c == '#').count();
    let mut at = quote + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' if !is_raw => at += 1,
            '"' => {
                let after = &chars[at + 1..];
                if after.len() >= hashes && after[..hashes].iter().all(|c| *c == '#') {
                    return at + 1 + hashes;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// The end of a character or a lifetime.
fn quoted(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            // What is escaped may be a quote.
            let rest = chars.get(at + 3..).unwrap_or_default();
            at + 3 + rest.iter().take_while(|c| **c != '\'').count() + 1
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1 + chars[at + 1..].iter().take_while(|c| is_word(**c)).count(),
    }
}
