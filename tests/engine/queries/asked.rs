//! Random queries: what they mean for the plain answer, and as text for the engine.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;

/// A query, of which the engine only sees the text.
#[derive(Clone, Debug)]
pub struct Asked {
    pub words: Vec<Word>,
    pub tests: Vec<Test>,
    /// As typed, the member of a row, and whether the smallest comes first.
    pub sort: Option<(&'static str, &'static str, bool)>,
}

#[derive(Clone, Debug)]
pub struct Word {
    pub negated: bool,
    pub any: Vec<Pattern>,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    pub text: String,
    pub place: Place,
}

#[derive(Clone, Copy, Debug)]
pub enum Place {
    Anywhere,
    Start,
    End,
    Whole,
    Word,
    Scattered,
}

#[derive(Clone, Debug)]
pub struct Test {
    pub negated: bool,
    pub key: &'static str,
    pub values: Values,
}

#[derive(Clone, Debug)]
pub enum Values {
    Words(Vec<String>),
    Spans(Vec<Span<Number>>),
    Times(Vec<Span<String>>),
    Names(Vec<&'static str>),
    Traits(Vec<&'static str>),
}

/// A number as typed: so many steps of this power of ten.
#[derive(Clone, Debug)]
pub struct Number {
    pub text: String,
    pub digits: i64,
    pub power: i32,
}

#[derive(Clone, Debug)]
pub enum Span<T> {
    About(T),
    Above(T),
    AtLeast(T),
    Below(T),
    AtMost(T),
    Between(Option<T>, Option<T>),
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words.iter().map(Word::to_string);
        let tests = self.tests.iter().map(Test::to_string);
        let sort = self.sort.iter().map(|(text, ..)| format!("sort:{text}"));
        let parts: Vec<String> = words.chain(tests).chain(sort).collect();
        f.write_str(&parts.join(" "))
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
        // Quotes never do harm.
        let quoted = format!("\"{}\"", self.text);
        match self.place {
            Place::Anywhere => f.write_str(&quoted),
            Place::Start => write!(f, "^{quoted}"),
            Place::End => write!(f, "{quoted}$"),
            Place::Whole => write!(f, "^{quoted}$"),
            Place::Word => write!(f, "'{quoted}"),
            Place::Scattered => write!(f, "~{quoted}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = match &self.values {
            Values::Words(words) => words.iter().map(|w| format!("\"{w}\"")).collect(),
            Values::Spans(spans) => spans.iter().map(Span::to_string).collect(),
            Values::Times(spans) => spans.iter().map(Span::to_string).collect(),
            Values::Names(names) | Values::Traits(names) => {
                names.iter().map(|n| (*n).to_owned()).collect()
            }
        };
        let minus = if self.negated { "-" } else { "" };
        write!(f, "{minus}{}:{}", self.key, values.join(","))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T: fmt::Display> fmt::Display for Span<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::About(value) => write!(f, "{value}"),
            Span::Above(value) => write!(f, ">{value}"),
            Span::AtLeast(value) => write!(f, ">={value}"),
            Span::Below(value) => write!(f, "<{value}"),
            Span::AtMost(value) => write!(f, "<={value}"),
            Span::Between(from, to) => {
                from.iter().try_for_each(|value| write!(f, "{value}"))?;
                f.write_str("..")?;
                to.iter().try_for_each(|value| write!(f, "{value}"))
            }
        }
    }
}

/// Any query on hubs of `hubs.rs`.
pub fn asked() -> impl Strategy<Value = Asked> {
    let sorts = [
        ("likes", "likes", false),
        ("likes:asc", "likes", true),
        ("created", "createdAt", false),
        ("modified:asc", "lastModified", true),
    ];
    (
        prop::collection::vec(word(), 0..3),
        prop::collection::vec(test(), 0..3),
        prop::option::weighted(0.3, select(sorts.to_vec())),
    )
        .prop_map(|(words, tests, sort)| Asked { words, tests, sort })
}

pub fn word() -> impl Strategy<Value = Word> {
    let places = vec![
        Place::Anywhere,
        Place::Anywhere,
        Place::Anywhere,
        Place::Start,
        Place::End,
        Place::Whole,
        Place::Word,
        Place::Scattered,
    ];
    // Whole ids and their parts, short and long, with capitals and without.
    let text = prop_oneof!["[abA/é模-]{1,4}", "[ab]{1,2}/[ab-]{1,3}", "[ab]{1,4}"];
    let pattern = (text, select(places)).prop_map(|(text, place)| Pattern { text, place });
    (
        prop::bool::weighted(0.2),
        prop::collection::vec(pattern, 1..3),
    )
        .prop_map(|(negated, any)| Word { negated, any })
}

pub fn test() -> impl Strategy<Value = Test> {
    let words = |key: &'static str, word: &'static str| {
        let words = prop::collection::vec(word, 1..3);
        (Just(key), words.prop_map(Values::Words)).boxed()
    };
    let spans = |key: &'static str| {
        let spans = prop::collection::vec(span_of(number(false)), 1..3);
        (Just(key), spans.prop_map(Values::Spans)).boxed()
    };
    let times = |key: &'static str| {
        let times = prop::collection::vec(span_of(time()), 1..3);
        (Just(key), times.prop_map(Values::Times)).boxed()
    };
    let names = |key: &'static str| {
        let names = prop::collection::vec(select(KNOWABLE.to_vec()), 1..3);
        (Just(key), names.prop_map(Values::Names)).boxed()
    };
    let shares = prop::collection::vec(span_of(number(true)), 1..3);
    let traits = prop::collection::vec(
        select(vec!["root", "ghost", "merge", "copy", "unrelated"]),
        1..3,
    );
    let any = prop_oneof![
        words("author", "[aAbé]{1,2}"),
        words("task", "[xX]|[yY]|z z|none"),
        words("library", "[xX]|[yY]|none"),
        words("license", "mit|MIT|other|none"),
        words("dtype", "bf16|F32|miku|none"),
        words("tag", "[tT][1-6]|en|EN|license:mit|模|base_model:x|none"),
        words("lang", "en|EN|de|multilingual|yue"),
        words("relation", "finetune|Merge|odd|none"),
        words("base", "[aA]/[abB]{1,2}|[ab]{1,2}|ghost|a/ghost"),
        words("family", "[aA]/[abB]{1,2}|[ab]{1,2}|ghost|a/ghost"),
        spans("params"),
        spans("downloads"),
        spans("all"),
        spans("likes"),
        (Just("ratio"), shares.prop_map(Values::Spans)).boxed(),
        spans("children"),
        spans("descendants"),
        times("created"),
        times("modified"),
        names("has"),
        names("no"),
        (Just("is"), traits.prop_map(Values::Traits)).boxed(),
    ];
    (prop::bool::weighted(0.3), any).prop_map(|(negated, (key, values))| Test {
        negated,
        key,
        values,
    })
}

/// What can be asked for with `has:` and `no:`.
const KNOWABLE: [&str; 18] = [
    "author",
    "task",
    "library",
    "license",
    "dtype",
    "tag",
    "lang",
    "relation",
    "base",
    "params",
    "downloads",
    "all",
    "likes",
    "ratio",
    "children",
    "descendants",
    "created",
    "modified",
];

fn number(share: bool) -> impl Strategy<Value = Number> {
    let unit = match share {
        true => vec![("", 0), ("%", -2)],
        false => vec![("", 0), ("", 0), ("K", 3), ("k", 3), ("M", 6), ("b", 9)],
    };
    (0..130_i64, 0..3_usize, select(unit)).prop_map(|(digits, places, (unit, power))| {
        let text = if places == 0 {
            digits.to_string()
        } else {
            let step = 10_i64.pow(places as u32);
            format!("{}.{:0places$}", digits / step, digits % step)
        };
        Number {
            text: text + unit,
            digits,
            power: power - places as i32,
        }
    })
}

fn time() -> impl Strategy<Value = String> {
    "202[3-5]|202[34]-(0[1-9]|1[0-2])|2024-0[1-3]-(0[1-9]|1[0-9]|2[0-8])"
}

fn span_of<T: fmt::Display + Clone + fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Span<T>> {
    (value, 0..7_usize).prop_map(|(value, form)| match form {
        0 => Span::About(value),
        1 => Span::Above(value),
        2 => Span::AtLeast(value),
        3 => Span::Below(value),
        4 => Span::AtMost(value),
        5 => Span::Between(Some(value), None),
        _ => Span::Between(None, Some(value)),
    })
}
