//! Text that people publish, such as a bug report: without passwords, tokens, their home and their name.

use std::borrow::Cow;
use std::env;

/// The replacement of a secret.
const HIDDEN: &str = "***";

/// The beginning of the Hub's tokens, and the fewest characters of one after that.
const TOKEN: &str = "hf_";
const TOKEN_CHARS: usize = 16;

/// The private parts of texts.
#[derive(Default)]
pub struct Privacy {
    /// The paths of the home folder, also without symbolic links.
    homes: Vec<String>,
    /// The user's name; `None` for root, which is everybody's.
    user: Option<String>,
    secrets: Vec<String>,
}

impl Privacy {
    /// Returns those of the user who runs the program, and these secrets.
    pub fn of_user(secrets: Vec<String>) -> Privacy {
        let home = env::home_dir().unwrap_or_default();
        let homes = [home.canonicalize().unwrap_or_default(), home];
        let homes = homes.map(|home| home.to_string_lossy().trim_end_matches('/').to_owned());
        let user = ["USER", "LOGNAME"].into_iter();
        let mut user = user.filter_map(|name| env::var(name).ok());
        Privacy {
            homes: homes.into_iter().filter(|home| home.len() > 1).collect(),
            user: user.find(|name| !name.is_empty() && name != "root"),
            secrets,
        }
    }

    /// Returns a text in which the home is `~`, the user's name in other paths `$USER`, and secrets,
    /// tokens and the credentials of addresses are hidden.
    pub fn hide(&self, text: &str) -> String {
        let mut text = Cow::from(text);
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        for secret in secrets {
            text = text.replace(secret, HIDDEN).into();
        }
        let mut text = without_tokens(&without_credentials(&text));
        let begins = |before: Option<char>| before.is_none_or(|c| !is_of_name(c) && c != '/');
        for home in &self.homes {
            text = replaced(&text, home, "~", begins);
        }
        match &self.user {
            Some(user) => replaced(&text, user, "$USER", |before| before == Some('/')),
            None => text,
        }
    }
}

/// Returns an address, or a text with addresses, without the names and passwords in them.
pub fn without_credentials(text: &str) -> String {
    let ends = |c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | '`') || c.is_whitespace();
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A password may have any of these, too.
        let address = part.split(char::is_whitespace).next().unwrap_or_default();
        let end = part.find(ends).unwrap_or(part.len());
        let is_host = |text: &str| text.contains('.') || text.contains(']') || text == "localhost";
        let at = match part[..end].contains('@') {
            true => part[..end].rfind('@'),
            // Before a path there is a host, or else part of a password.
            false => address
                .rfind('@')
                .filter(|_| part[..end].contains(':') || !is_host(&part[..end])),
        };
        let rest = at.map_or(part.to_owned(), |at| format!("{HIDDEN}{}", &part[at..]));
        clean.push_str("://");
        clean.push_str(&rest);
    }
    clean
}

fn without_tokens(text: &str) -> String {
    let mut parts = text.split(TOKEN);
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let secret = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let is_token = secret >= TOKEN_CHARS;
        clean.push_str(TOKEN);
        clean.push_str(if is_token { HIDDEN } else { &part[..secret] });
        clean.push_str(&part[secret..]);
    }
    clean
}

/// Replaces names that end there, and begin after a fitting character or, for `None`, at the start.
fn replaced(text: &str, from: &str, to: &str, fits: impl Fn(Option<char>) -> bool) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = &found[from.len()..];
        let last = before.chars().last().or_else(|| clean.chars().last());
        let is_whole = fits(last) && !after.starts_with(is_of_name);
        clean.push_str(before);
        clean.push_str(if is_whole { to } else { from });
        rest = after;
    }
    clean + rest
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_and_the_user_are_not_named() {
        let privacy = Privacy {
            homes: vec!["/home/ann".to_owned()],
            user: Some("ann".to_owned()),
            secrets: vec!["open sesame".to_owned()],
        };
        for (text, hidden) in [
            ("/home/ann/.cache", "~/.cache"),
            ("/home/ann", "~"),
            ("`/home/ann`: no (/home/ann/x)", "`~`: no (~/x)"),
            ("/home/anne/x /home/ann.old", "/home/anne/x /home/ann.old"),
            ("/mnt/home/ann/x", "/mnt/home/$USER/x"),
            ("/scratch/ann/hf", "/scratch/$USER/hf"),
            ("ann/model /x/annex", "ann/model /x/annex"),
            ("say open sesame", "say ***"),
        ] {
            assert_eq!(privacy.hide(text), hidden, "{text}");
        }
    }

    #[test]
    fn secrets_are_hidden() {
        let privacy = Privacy::default();
        for (text, hidden) in [
            ("https://ann:pass@hub.co/x", "https://***@hub.co/x"),
            ("https://token@hub.co", "https://***@hub.co"),
            ("http://ann:p@ss@hub:8/", "http://***@hub:8/"),
            ("http://ann:p/ss@hub:8/", "http://***@hub:8/"),
            ("http://tok#en@p:1", "http://***@p:1"),
            (
                "a http://a:b@c, http://d:e@f",
                "a http://***@c, http://***@f",
            ),
            (
                "https://hub.co/@x http://h:8/a",
                "https://hub.co/@x http://h:8/a",
            ),
            ("ann@hub.co", "ann@hub.co"),
            ("hf_AbCdEfGhIjKlMnOpQrStUv!", "hf_***!"),
            ("datasets/hf_cache/x", "datasets/hf_cache/x"),
            ("x=hf_0123456789abcdef hf_", "x=hf_*** hf_"),
        ] {
            assert_eq!(privacy.hide(text), hidden, "{text}");
        }
    }
}
