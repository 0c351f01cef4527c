//! A query as it is understood: words to find in ids, tests that a model must pass, an order.
//! `parse.rs` reads it from text; printed, it is text that reads back as the same query.

use std::fmt;

use crate::engine::query::fit::Room;
use crate::engine::query::keys::{Key, Trait};
use crate::engine::query::range::Span;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;

/// What is asked for. Every word and every test must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub words: Vec<Word>,
    pub tests: Vec<Test>,
    /// The order asked for in the query itself.
    pub sort: Option<Order>,
}

impl Query {
    /// The words that must occur, in the order typed.
    pub fn wanted(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|w| !w.negated)
    }

    /// Whether it is nothing but an order, at most.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.tests.is_empty()
    }
}

/// A word, or several of which one will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub negated: bool,
    pub any: Vec<Pattern>,
}

/// What to look for in an id. Case counts where the text has a capital.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    pub text: String,
    pub place: Place,
}

/// Where in the id a pattern's text must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Somewhere; ids that only have its letters in order come after all others.
    Anywhere,
    /// At the beginning: `^text`.
    Start,
    /// At the end: `text$`.
    End,
    /// It is the id: `^text$`.
    Whole,
    /// Between characters that are no letters or digits: `'text`.
    Word,
    /// Its letters in order, whatever stands between them: `~text`.
    Scattered,
}

impl Pattern {
    /// Whether capitals count.
    pub fn is_strict(&self) -> bool {
        self.text.chars().any(char::is_uppercase)
    }

    /// Whether every id that this one matches is matched by the shorter one too, so that it can be
    /// looked for within the answer to that; ids with the letters in order only if that answer has
    /// such ids.
    pub fn is_within(&self, shorter: &Pattern) -> bool {
        let holds = match shorter.is_strict() {
            true => self.text.contains(&shorter.text),
            false => self.text.to_lowercase().contains(&shorter.text),
        };
        let places = shorter.place == Place::Anywhere && self.place != Place::Scattered;
        places && holds && self != shorter
    }

    /// Whether the text begins with that of the other, whatever their case.
    pub fn begins_with(&self, shorter: &Pattern) -> bool {
        let [longer, shorter] = [self, shorter].map(|pattern| pattern.text.to_lowercase());
        longer.starts_with(&shorter)
    }
}

/// A condition on a model, other than the words of its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub negated: bool,
    pub key: Key,
    /// One of them must hold.
    pub values: Vec<Value>,
}

impl Test {
    /// Whether it compares with an older snapshot.
    pub fn compares(&self) -> bool {
        let of_key = |key: Key| key.info().field.is_some_and(Field::is_compared);
        let of_value = |value: &Value| match value {
            Value::Key(key) => of_key(*key),
            Value::Trait(found) => matches!(found, Trait::New | Trait::Renamed),
            _ => false,
        };
        of_key(self.key) || self.values.iter().any(of_value)
    }

    /// How much of a hub must be loaded before it can be answered.
    pub fn stage(&self) -> Stage {
        let of_key = |key: Key| match key {
            Key::Tag | Key::Lang => Stage::Complete,
            Key::Base | Key::Family | Key::Is => Stage::Lineage,
            Key::Fits => Stage::of(Field::Params),
            _ => key.info().field.map_or(Stage::Names, Stage::of),
        };
        let of_value = |value: &Value| match value {
            Value::Key(key) => of_key(*key),
            Value::Trait(Trait::Suspect) => Stage::of(Field::Library).max(Stage::of(Field::Dtype)),
            _ => of_key(self.key),
        };
        self.values
            .iter()
            .map(of_value)
            .max()
            .unwrap_or(Stage::Names)
    }
}

/// What a test asks for; which kind is said by [`crate::engine::query::keys::Takes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A word, or a model's id.
    Word(String),
    Span(Span),
    Room(Room),
    Key(Key),
    Trait(Trait),
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words.iter().map(Word::to_string);
        let tests = self.tests.iter().map(Test::to_string);
        let sort = self.sort.iter().map(|order| format!("sort:{order}"));
        let parts: Vec<String> = words.chain(tests).chain(sort).collect();
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any: Vec<String> = self.any.iter().map(Pattern::to_string).collect();
        write!(
            f,
            "{}{}",
            if self.negated { "!" } else { "" },
            any.join("|")
        )
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = match self.place {
            Place::Anywhere => ("", ""),
            Place::Start => ("^", ""),
            Place::End => ("", "$"),
            Place::Whole => ("^", "$"),
            Place::Word => ("'", ""),
            Place::Scattered => ("~", ""),
        };
        write!(f, "{before}{}{after}", quoted(&self.text))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(Value::to_string).collect();
        let minus = if self.negated { "-" } else { "" };
        write!(f, "{minus}{}:{}", self.key.info().name, values.join(","))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Word(word) => f.write_str(&quoted(word)),
            Value::Span(span) => write!(f, "{span}"),
            Value::Room(room) => write!(f, "{room}"),
            Value::Key(key) => f.write_str(key.info().name),
            Value::Trait(place) => f.write_str(place.name()),
        }
    }
}

/// A text as it stands in a query: in quotes where it would mean something else without.
pub fn quoted(text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '|' | ',' | ':');
    let operator = text.starts_with(['^', '\'', '!', '~', '-']) || text.ends_with('$');
    if !text.is_empty() && !operator && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
}
