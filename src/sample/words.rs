//! Words, and patterns of names that are made of them.

use rand::{Rng, RngExt};
use rustc_hash::FxHashMap;

use crate::sample::random::pick;

/// Values that a pattern refers to.
pub type Values = Vec<(&'static str, String)>;

/// Lists of words and patterns, by name: `words.json` and `names.json`.
pub struct Words(pub FxHashMap<&'static str, Vec<&'static str>>);

impl Words {
    /// Returns a word of `list`, each equally likely.
    pub fn pick(&self, rng: &mut impl Rng, list: &str) -> &'static str {
        match self.0[list].as_slice() {
            [only] => only,
            several => pick::<&str>(rng, several),
        }
    }

    /// Picks a pattern of `list` and replaces its placeholders from left to right: `{stem}` by that
    /// value or by an expanded pattern of that list, `{^stem}` by the same capitalized, `{1..9}` by
    /// a number. `{topic=topics}` defines a value and is replaced by nothing.
    pub fn expand(&self, rng: &mut impl Rng, list: &str, values: &mut Values) -> String {
        let mut text = String::new();
        for (at, part) in self.pick(rng, list).split(['{', '}']).enumerate() {
            let name = part.trim_start_matches('^');
            if at % 2 == 0 {
                text += part;
            } else if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                text += value;
            } else if let Some((name, list)) = part.split_once('=') {
                let value = self.expand(rng, list, values);
                values.push((name, value));
            } else if let Some((from, to)) = part.split_once("..") {
                let number = |text: &str| text.parse::<u32>().expect("a number");
                text += &rng.random_range(number(from)..number(to)).to_string();
            } else {
                let start = text.len();
                text += &self.expand(rng, name, values);
                if part != name {
                    text[start..=start].make_ascii_uppercase();
                }
            }
        }
        text
    }
}
