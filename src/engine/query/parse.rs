//! The text of a query to what it asks for. Whatever is typed is either understood or refused
//! with the place and the reason; where every piece stands is kept, so that the explorer can take
//! one out of the person's own text.

use std::fmt;
use std::ops::Range;

use crate::engine::query::fit::Room;
use crate::engine::query::keys::{KEYS, Key, Takes, Trait};
use crate::engine::query::query::{Pattern, Place, Query, Test, Value, Word};
use crate::engine::query::range::Span;
use crate::engine::table::order::Order;

/// A query and where its conditions stand in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub query: Query,
    /// The places (bytes) of all tests and negated words, in the order typed.
    pub filters: Vec<Range<usize>>,
    /// The places of all tests, as [`Query::tests`] has them.
    pub tests: Vec<Range<usize>>,
    /// Why this is no query where there is no older snapshot to compare with.
    pub compares: Option<Mistake>,
}

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    pub reason: String,
}

impl Mistake {
    /// The mistake as one line: the column of the text, counted from 1, and the reason.
    pub fn in_words(&self, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or_default();
        format!("column {}: {}", before.chars().count() + 1, self.reason)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Mistake {}

/// Reads a query.
///
/// # Errors
/// With the first mistake from the left.
pub fn parse(text: &str) -> Result<Parsed, Mistake> {
    let mut parsed = Parsed::default();
    for place in pieces(text)? {
        let piece = Piece {
            text: &text[place.clone()],
            start: place.start,
        };
        piece.read(place, &mut parsed)?;
    }
    Ok(parsed)
}

/// The pieces between blanks; in quotes blanks are letters.
fn pieces(text: &str) -> Result<Vec<Range<usize>>, Mistake> {
    let mut found = Vec::new();
    let mut start = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter.is_whitespace() {
            found.extend(start.take().map(|start| start..at));
            continue;
        }
        start.get_or_insert(at);
        if letter == '"' {
            skip_quoted(&mut letters).ok_or_else(|| Mistake {
                at: at..text.len(),
                reason: "this quote is not closed".to_owned(),
            })?;
        }
    }
    found.extend(start.map(|start| start..text.len()));
    Ok(found)
}

/// Goes on behind the closing quote and gives its place.
fn skip_quoted(letters: &mut std::str::CharIndices) -> Option<usize> {
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// A piece of the text, or a part of one, and where it stands.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Piece<'t> {
    fn mistake<T>(self, reason: impl Into<String>) -> Result<T, Mistake> {
        Err(Mistake {
            at: self.start..self.start + self.text.len(),
            reason: reason.into(),
        })
    }

    /// The mistake that it is where there is no older snapshot.
    fn compares(self) -> Mistake {
        Mistake {
            at: self.start..self.start + self.text.len(),
            reason: needs_older(self.text),
        }
    }

    /// The first `len` bytes.
    fn until(self, len: usize) -> Piece<'t> {
        Piece {
            text: &self.text[..len],
            ..self
        }
    }

    /// What follows the first `len` bytes.
    fn after(self, len: usize) -> Piece<'t> {
        Piece {
            text: &self.text[len..],
            start: self.start + len,
        }
    }

    fn read(self, place: Range<usize>, parsed: &mut Parsed) -> Result<(), Mistake> {
        let Some((negated, name, values)) = self.split_test() else {
            let word = self.word()?;
            if word.negated {
                parsed.filters.push(place);
            }
            parsed.query.words.push(word);
            return Ok(());
        };
        if name.text == "sort" {
            let order = values.order(negated)?;
            if order.field.is_compared() {
                parsed.compares.get_or_insert(self.compares());
            }
            parsed.query.sort = Some(order);
            return Ok(());
        }
        let Some(key) = Key::named(name.text) else {
            return name.mistake(unknown(name.text));
        };
        let test = Test {
            negated,
            key,
            values: values.values(key)?,
        };
        if test.compares() {
            // Of a test on a field it is the field that compares, else the value.
            let field = key.info().field;
            let end = field.map_or(self.text.len(), |_| values.start - self.start);
            parsed.compares.get_or_insert(self.until(end).compares());
        }
        parsed.filters.push(place.clone());
        parsed.tests.push(place);
        parsed.query.tests.push(test);
        Ok(())
    }

    /// `-key:values`, unless a quote comes before the colon.
    fn split_test(self) -> Option<(bool, Piece<'t>, Piece<'t>)> {
        let unsigned = self.text.trim_start_matches(['-', '!']);
        let sign = self.text.len() - unsigned.len();
        let colon = unsigned.find(':')?;
        let name = &unsigned[..colon];
        if sign > 1 || name.contains(['"', '|']) {
            return None;
        }
        let name = Piece {
            text: name,
            start: self.start + sign,
        };
        Some((sign == 1, name, self.after(sign + colon + 1)))
    }

    // --- words ---

    fn word(self) -> Result<Word, Mistake> {
        let negated = self.text.starts_with('!');
        let rest = self.after(usize::from(negated));
        let any = rest.split(&['|']).into_iter().map(Piece::pattern);
        Ok(Word {
            negated,
            any: any.collect::<Result<_, _>>()?,
        })
    }

    /// The parts between these marks, of which those in quotes are letters.
    fn split(self, marks: &[char]) -> Vec<Piece<'t>> {
        let mut parts = Vec::new();
        let mut from = 0;
        let mut letters = self.text.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == '"' {
                skip_quoted(&mut letters);
            } else if marks.contains(&letter) {
                parts.push((from, at));
                from = at + letter.len_utf8();
            }
        }
        parts.push((from, self.text.len()));
        let piece = |(from, to): (usize, usize)| Piece {
            text: &self.text[from..to],
            start: self.start + from,
        };
        parts.into_iter().map(piece).collect()
    }

    fn pattern(self) -> Result<Pattern, Mistake> {
        let sign = self.text.chars().next().filter(|c| "^'~".contains(*c));
        let body = self.after(sign.map_or(0, char::len_utf8));
        let (body, end) = match body.text.strip_suffix('$') {
            Some(text) if !body.is_quoted() => (Piece { text, ..body }, true),
            _ => (body, false),
        };
        let place = match (sign, end) {
            (None, false) => Place::Anywhere,
            (None, true) => Place::End,
            (Some('^'), false) => Place::Start,
            (Some('^'), true) => Place::Whole,
            (Some('\''), false) => Place::Word,
            (Some(_), false) => Place::Scattered,
            (Some(sign), true) => {
                return self.mistake(format!("`{sign}` and `$` do not go together"));
            }
        };
        let text = body.unquoted()?;
        match text.is_empty() {
            true if self.text.is_empty() => {
                self.mistake("a word is missing here; `a|b` finds either, quotes make `|` a letter")
            }
            true => self.mistake(format!("`{}` needs a word", self.text)),
            false => Ok(Pattern { text, place }),
        }
    }

    /// Whether the whole of it stands in quotes.
    fn is_quoted(self) -> bool {
        let mut letters = self.text.char_indices();
        let opens = letters.next().is_some_and(|(_, first)| first == '"');
        opens && skip_quoted(&mut letters) == Some(self.text.len() - 1)
    }

    /// The text itself, out of its quotes.
    fn unquoted(self) -> Result<String, Mistake> {
        if self.is_quoted() {
            let inside = &self.text[1..self.text.len() - 1];
            let mut text = String::new();
            let mut letters = inside.chars();
            while let Some(letter) = letters.next() {
                let escaped = if letter == '\\' { letters.next() } else { None };
                text.push(escaped.unwrap_or(letter));
            }
            return Ok(text);
        }
        if self.text.contains('"') {
            return self.mistake("quotes go around a whole word");
        }
        Ok(self.text.to_owned())
    }

    // --- tests ---

    fn values(self, key: Key) -> Result<Vec<Value>, Mistake> {
        let info = key.info();
        if self.text.is_empty() {
            let at = Piece {
                text: info.name,
                start: self.start - info.name.len() - 1,
            };
            return at.mistake(format!(
                "`{}:` needs a value, such as {}",
                info.name, info.example
            ));
        }
        let parts = self.split(&[',', '|']).into_iter();
        parts.map(|part| part.value(key)).collect()
    }

    fn value(self, key: Key) -> Result<Value, Mistake> {
        let text = self.unquoted()?;
        if text.is_empty() {
            return match self.text.is_empty() {
                true => self.mistake("a value is missing beside the comma"),
                false => self.mistake("nothing stands between the quotes"),
            };
        }
        let takes = key.info().takes;
        match takes {
            Takes::Word | Takes::Model => Ok(Value::Word(text)),
            Takes::Count | Takes::Change | Takes::Share | Takes::Growth | Takes::Time => {
                Span::parse(&text, takes)
                    .map(Value::Span)
                    .or_else(|reason| self.mistake(reason))
            }
            Takes::Room => Room::parse(&text)
                .map(Value::Room)
                .or_else(|reason| self.mistake(reason)),
            Takes::Key => match Key::named(&text).filter(|k| k.is_knowable()) {
                Some(known) => Ok(Value::Key(known)),
                None => {
                    let known = KEYS.iter().filter(|i| i.key.is_knowable());
                    let names: Vec<&str> = known.map(|i| i.name).collect();
                    self.mistake(format!("`{text}` is none of {}", names.join(", ")))
                }
            },
            Takes::Trait => match Trait::ALL.iter().find(|(name, _)| *name == text) {
                Some((_, found)) => Ok(Value::Trait(*found)),
                None => {
                    let names = Trait::ALL.map(|(name, _)| name);
                    self.mistake(format!("`{text}` is none of {}", names.join(", ")))
                }
            },
        }
    }

    fn order(self, negated: bool) -> Result<Order, Mistake> {
        match (Order::parse(self.text), negated) {
            (Ok(order), false) => Ok(order),
            (Ok(_), true) => {
                self.mistake("an order cannot be negated; `sort:likes:asc` turns it round")
            }
            (Err(reason), _) => self.mistake(reason),
        }
    }
}

/// What is said of a test or an order that compares where there is nothing to compare with.
pub fn needs_older(what: &str) -> String {
    format!("`{what}` compares with an older snapshot; start with --against OLD")
}

/// What is said of a test that there is not.
fn unknown(name: &str) -> String {
    let names = KEYS.iter().map(|i| i.name).chain(["sort"]);
    let near = names
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, known)| *distance * 2 <= known.len());
    match near {
        Some((_, known)) => format!("there is no test `{name}:`; did you mean `{known}:`?"),
        None => format!("there is no test `{name}:`; quotes make it a word, `?` lists the tests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> String {
        parse(text).unwrap_err().in_words(text)
    }

    #[test]
    fn every_operator() {
        let query = parse(r#"a ^b c$ ^d$ 'e ~f !g|^h "i j"|k "a:b" -gguf"#)
            .unwrap()
            .query;
        let places: Vec<Place> = query.words.iter().map(|w| w.any[0].place).collect();
        use Place::*;
        assert_eq!(
            places,
            [
                Anywhere, Start, End, Whole, Word, Scattered, Anywhere, Anywhere, Anywhere,
                Anywhere
            ]
        );
        assert!(query.words[6].negated);
        assert_eq!(query.words[6].any[1].place, Start);
        assert_eq!(query.words[7].any[0].text, "i j");
        assert_eq!(query.words[8].any[0].text, "a:b");
        assert_eq!(query.words[9].any[0].text, "-gguf");
    }

    #[test]
    fn every_test() {
        for info in &KEYS {
            let parsed = parse(&format!("x {} !y", info.example)).unwrap();
            assert_eq!(parsed.query.tests[0].key, info.key, "{}", info.example);
            assert_eq!(parsed.filters.len(), 2);
            assert_eq!(parsed.tests[0], 2..2 + info.example.len());
        }
        let query = parse("author:a,\"b c\" has:params|base -is:root sort:likes:asc")
            .unwrap()
            .query;
        assert_eq!(query.tests[0].values[1], Value::Word("b c".to_owned()));
        assert_eq!(query.tests[1].values.len(), 2);
        assert!(query.tests[2].negated);
        assert!(query.sort.unwrap().ascending);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(
            told("llama \"two words"),
            "column 7: this quote is not closed"
        );
        assert_eq!(
            told("é foo:x"),
            "column 3: there is no test `foo:`; quotes make it a word, `?` lists the tests"
        );
        assert_eq!(
            told("licence:mit"),
            "column 1: there is no test `licence:`; did you mean `license:`?"
        );
        assert_eq!(
            told("params:>big"),
            "column 8: `big` is not a number, such as 300, 1.5M or 7B"
        );
        assert_eq!(
            told("x author:"),
            "column 3: `author:` needs a value, such as author:google,Qwen"
        );
        assert_eq!(
            told("author:a,,b"),
            "column 10: a value is missing beside the comma"
        );
        assert_eq!(
            told("sort:size"),
            "column 6: there is no order by `size`; one of id, downloads, all, likes, trending, params, created, modified, ratio, children, descendants, depth, family_downloads, family_all, with_copies, delta, growth"
        );
        for text in [
            "^",
            "!",
            "a|",
            "'",
            "~x$",
            "a\"b\"",
            "has:is",
            "is:tree",
            "params:9B..7B",
            "-sort:likes",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        let places = [
            Place::Anywhere,
            Place::Start,
            Place::End,
            Place::Whole,
            Place::Word,
            Place::Scattered,
        ];
        (
            "[a-zA-Z0-9 ^'!~$|:,\"\\\\é模-]{1,6}",
            prop::sample::select(places.to_vec()),
        )
            .prop_map(|(text, place)| Pattern { text, place })
    }

    fn test() -> impl Strategy<Value = Test> {
        let value = |key: Key| -> BoxedStrategy<Value> {
            match key.info().takes {
                Takes::Word | Takes::Model => {
                    "[a-z0-9 :,|\"$!-]{1,6}".prop_map(Value::Word).boxed()
                }
                Takes::Key => Just(Value::Key(Key::Params)).boxed(),
                Takes::Trait => Just(Value::Trait(Trait::Merge)).boxed(),
                Takes::Room => "[0-9]{1,4}(\\.[0-9]{1,3})?[GMT]i?B(@(4|8))?"
                    .prop_map(|text| Value::Room(Room::parse(&text).unwrap()))
                    .boxed(),
                takes => {
                    let unit = match takes {
                        Takes::Count => "[0-9]{1,4}(\\.[0-9]{1,3})?[KMBT]?",
                        Takes::Change => "[+-]?[0-9]{1,4}(\\.[0-9]{1,3})?[KMBT]?",
                        Takes::Share => "[0-9]{1,3}(\\.[0-9]{1,3})?%?",
                        Takes::Growth => "[+-]?[0-9]{1,3}(\\.[0-9]{1,3})?%?",
                        _ => "20[0-9]{2}(-0[1-9](-1[0-9])?)?",
                    };
                    let text = (0..7_usize, unit, unit).prop_map(|(form, a, b)| match form {
                        0 => a,
                        1 => format!(">{a}"),
                        2 => format!(">={a}"),
                        3 => format!("<{a}"),
                        4 => format!("<={a}"),
                        5 => format!("{a}.."),
                        _ => format!("..{b}"),
                    });
                    text.prop_map(move |text| Value::Span(Span::parse(&text, takes).unwrap()))
                        .boxed()
                }
            }
        };
        let keys: Vec<Key> = KEYS.iter().map(|i| i.key).collect();
        prop::sample::select(keys).prop_flat_map(move |key| {
            (any::<bool>(), prop::collection::vec(value(key), 1..3)).prop_map(
                move |(negated, values)| Test {
                    negated,
                    key,
                    values,
                },
            )
        })
    }

    fn query() -> impl Strategy<Value = Query> {
        let word = (any::<bool>(), prop::collection::vec(pattern(), 1..3))
            .prop_map(|(negated, any)| Word { negated, any });
        let orders: Vec<Order> = Order::fields()
            .flat_map(|i| {
                [true, false].map(|ascending| Order {
                    field: i.field,
                    ascending,
                })
            })
            .collect();
        (
            prop::collection::vec(word, 0..4),
            prop::collection::vec(test(), 0..4),
            prop::option::of(prop::sample::select(orders)),
        )
            .prop_map(|(words, tests, sort)| Query { words, tests, sort })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(query in query()) {
            let text = query.to_string();
            prop_assert_eq!(parse(&text).map(|p| p.query), Ok(query), "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place_in_it(bytes in prop::collection::vec(any::<u8>(), 0..40), typed in "[a-z:,|!^$~'\"\\\\ .>0-9-]{0,30}") {
            for text in [String::from_utf8_lossy(&bytes).into_owned(), typed] {
                match parse(&text) {
                    Ok(parsed) => prop_assert!(parsed.filters.iter().all(|at| text.get(at.clone()).is_some())),
                    Err(mistake) => prop_assert!(text.get(mistake.at).is_some()),
                }
            }
        }
    }
}
