//! The syntax tree of a query: words to find in ids, filters on other values, an order. Printed, it
//! is text that parses to the same tree.

use std::fmt;

use crate::engine::query::keys::{FilterKey, Flag};
use crate::engine::query::memory::MemoryFit;
use crate::engine::query::range::ValueRange;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;

/// A parsed query. A model matches if every word and every filter holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub words: Vec<Word>,
    pub filters: Vec<Filter>,
    /// The order that the query itself requests.
    pub sort: Option<Order>,
}

impl Query {
    /// Returns the words that must occur, in the order typed.
    pub fn required(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|w| !w.negated)
    }

    /// Returns true if every model matches.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.filters.is_empty()
    }
}

/// One or more patterns, of which at least one must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub negated: bool,
    pub any: Vec<Pattern>,
}

/// A text to find in an id. It is case-sensitive if it has a capital.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    pub text: String,
    pub anchor: Anchor,
}

/// The position in the id at which the text of a pattern must occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// Anywhere; ids that contain the text as a subsequence only are listed after all others.
    Anywhere,
    /// At the start: `^text`.
    Start,
    /// At the end: `text$`.
    End,
    /// The text is the whole id: `^text$`.
    Whole,
    /// Between characters that are neither letters nor digits: `'text`.
    Word,
    /// As a subsequence: `~text`.
    Subsequence,
}

impl Pattern {
    /// Returns true if matches are case-sensitive.
    pub fn is_case_sensitive(&self) -> bool {
        self.text.chars().any(char::is_uppercase)
    }

    /// Returns true if every substring match of this pattern is one of the shorter pattern too. The
    /// same holds for subsequence matches, where the shorter pattern has any.
    pub fn narrows(&self, shorter: &Pattern) -> bool {
        let contains = match shorter.is_case_sensitive() {
            true => self.text.contains(&shorter.text),
            false => self.text.to_lowercase().contains(&shorter.text),
        };
        let anchors = shorter.anchor == Anchor::Anywhere && self.anchor != Anchor::Subsequence;
        anchors && contains && self != shorter
    }

    /// Returns true if the text begins with the text of the other pattern, ignoring case.
    pub fn extends(&self, shorter: &Pattern) -> bool {
        let [longer, shorter] = [self, shorter].map(|pattern| pattern.text.to_lowercase());
        longer.starts_with(&shorter)
    }
}

/// A condition on a value of a model, such as `task:text-generation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub negated: bool,
    pub key: FilterKey,
    /// At least one of them must hold.
    pub values: Vec<FilterValue>,
}

/// A value of a filter; [`ValueType`](crate::engine::query::keys::ValueType) says which variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterValue {
    /// A word, or the id of a model.
    Word(String),
    Range(ValueRange),
    Memory(MemoryFit),
    Key(FilterKey),
    Flag(Flag),
}

impl Filter {
    /// Returns the filter `is:FLAG`.
    pub fn of_flag(flag: Flag) -> Filter {
        Filter {
            negated: false,
            key: FilterKey::Is,
            values: vec![FilterValue::Flag(flag)],
        }
    }

    /// Returns true if the filter needs an older snapshot to compare with.
    pub fn compares(&self) -> bool {
        let of_key = |key: FilterKey| key.info().field.is_some_and(Field::is_compared);
        let of_value = |value: &FilterValue| match value {
            FilterValue::Key(key) => of_key(*key),
            FilterValue::Flag(flag) => matches!(flag, Flag::New | Flag::Renamed),
            _ => false,
        };
        of_key(self.key) || self.values.iter().any(of_value)
    }

    /// Returns the stage of loading that the filter needs.
    pub fn stage(&self) -> Stage {
        let of_key = |key: FilterKey| match key {
            FilterKey::Tag | FilterKey::Lang => Stage::Complete,
            FilterKey::Base | FilterKey::Family | FilterKey::Copies | FilterKey::Is => {
                Stage::Lineage
            }
            FilterKey::Fits => Stage::of(Field::Params),
            _ => key.info().field.map_or(Stage::Names, Stage::of),
        };
        let of_value = |value: &FilterValue| match value {
            FilterValue::Key(key) => of_key(*key),
            FilterValue::Flag(Flag::Suspect) => {
                Stage::of(Field::Library).max(Stage::of(Field::Dtype))
            }
            _ => of_key(self.key),
        };
        let stages = self.values.iter().map(of_value);
        stages.max().unwrap_or(Stage::Names)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words.iter().map(Word::to_string);
        let filters = self.filters.iter().map(Filter::to_string);
        let sort = self.sort.iter().map(|order| format!("sort:{order}"));
        let terms: Vec<String> = words.chain(filters).chain(sort).collect();
        f.write_str(&terms.join(" "))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any: Vec<String> = self.any.iter().map(Pattern::to_string).collect();
        let sign = if self.negated { "!" } else { "" };
        write!(f, "{sign}{}", any.join("|"))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = match self.anchor {
            Anchor::Anywhere => ("", ""),
            Anchor::Start => ("^", ""),
            Anchor::End => ("", "$"),
            Anchor::Whole => ("^", "$"),
            Anchor::Word => ("'", ""),
            Anchor::Subsequence => ("~", ""),
        };
        write!(f, "{before}{}{after}", quoted(&self.text))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(FilterValue::to_string).collect();
        let sign = if self.negated { "-" } else { "" };
        write!(f, "{sign}{}:{}", self.key.info().name, values.join(","))
    }
}

impl fmt::Display for FilterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterValue::Word(word) => f.write_str(&quoted(word)),
            FilterValue::Range(range) => write!(f, "{range}"),
            FilterValue::Memory(fit) => write!(f, "{fit}"),
            FilterValue::Key(key) => f.write_str(key.info().name),
            FilterValue::Flag(flag) => f.write_str(flag.name()),
        }
    }
}

/// Quotes a text if the parser would not read it as one plain word.
fn quoted(text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '|' | ',' | ':');
    let operator = text.starts_with(['^', '\'', '!', '~', '-']) || text.ends_with('$');
    if !text.is_empty() && !operator && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
}
