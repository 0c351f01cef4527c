//! Parses the text of a query. Any text either parses or is an error with its place and reason.
//! The places of the conditions are kept, so that the explorer can edit the text as it was typed.

use std::fmt;
use std::ops::Range;

use crate::engine::query::ast::{Anchor, Filter, FilterValue, Pattern, Query, Word};
use crate::engine::query::keys::{FILTERS, FilterKey, Flag, ValueType};
use crate::engine::query::language::is_language;
use crate::engine::query::memory::MemoryFit;
use crate::engine::query::range::ValueRange;
use crate::engine::query::reference::id_of_address;
use crate::engine::table::order::Order;

/// A query, and the places of its conditions as byte ranges of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub query: Query,
    /// All filters and negated words, in the order typed.
    pub conditions: Vec<Range<usize>>,
    /// The filters, parallel to [`Query::filters`].
    pub filter_places: Vec<Range<usize>>,
    /// The error that the query is where there is no older snapshot to compare with.
    pub comparison: Option<QueryError>,
}

/// The reason why a text is not a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The byte range of the text that is wrong.
    pub at: Range<usize>,
    pub reason: String,
}

impl QueryError {
    /// Formats the error as one line: the column of the text, counted from 1, and the reason.
    pub fn with_column(&self, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or_default();
        format!("column {}: {}", before.chars().count() + 1, self.reason)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for QueryError {}

/// Parses a query.
///
/// # Errors
/// Returns the first error from the left.
pub fn parse(text: &str) -> Result<Parsed, QueryError> {
    let mut parsed = Parsed::default();
    let tokens = Token { text, start: 0 }.split(char::is_whitespace)?;
    for token in tokens.into_iter().filter(|token| !token.text.is_empty()) {
        token.read(&mut parsed)?;
    }
    Ok(parsed)
}

/// A part of the text of a query, and its first byte.
#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Token<'t> {
    fn place(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn error(self, reason: impl Into<String>) -> QueryError {
        QueryError {
            at: self.place(),
            reason: reason.into(),
        }
    }

    /// Splits off what follows the first `len` bytes.
    fn after(self, len: usize) -> Token<'t> {
        Token {
            text: &self.text[len..],
            start: self.start + len,
        }
    }

    /// Splits the token at every separator outside quotes.
    fn split(self, is_separator: impl Fn(char) -> bool) -> Result<Vec<Token<'t>>, QueryError> {
        let mut parts = Vec::new();
        let mut rest = self;
        let mut chars = self.text.char_indices();
        while let Some((at, char)) = chars.next() {
            if char == '"' {
                skip_quoted(&mut chars)
                    .ok_or_else(|| self.after(at).error("this quote is not closed"))?;
            } else if is_separator(char) {
                let start = rest.start - self.start;
                parts.push(Token {
                    text: &self.text[start..at],
                    ..rest
                });
                rest = self.after(at + char.len_utf8());
            }
        }
        parts.push(rest);
        Ok(parts)
    }

    /// Adds the word, filter or order to the query.
    fn read(self, parsed: &mut Parsed) -> Result<(), QueryError> {
        let split = self.split_filter();
        let word = match (id_of_address(self.text), split) {
            (Some(id), _) => Some(Word {
                negated: false,
                any: vec![Pattern {
                    // Without capitals, case does not count.
                    text: id.to_lowercase(),
                    anchor: Anchor::Whole,
                }],
            }),
            (None, None) => Some(self.word()?),
            (None, Some((negated, name, text))) if name.text == "id" => Some(Word {
                negated,
                any: vec![text.pattern()?],
            }),
            _ => None,
        };
        if let Some(word) = word {
            if word.negated {
                parsed.conditions.push(self.place());
            }
            parsed.query.words.push(word);
            return Ok(());
        }
        let Some((negated, name, values)) = split else {
            return Ok(());
        };
        if name.text == "sort" {
            let order = values.order(negated)?;
            if order.is_compared() {
                let error = self.error(needs_comparison(self.text));
                parsed.comparison.get_or_insert(error);
            }
            parsed.query.sort = Some(order);
            return Ok(());
        }
        let key = FilterKey::named(name.text).ok_or_else(|| name.error(unknown(name.text)))?;
        let info = key.info();
        if values.text.is_empty() {
            let reason = format!("`{}:` needs a value, such as {}", info.name, info.example);
            return Err(name.error(reason));
        }
        let parts = values.split(|c| matches!(c, ',' | '|'))?.into_iter();
        let filter = Filter {
            negated,
            key,
            values: parts
                .map(|part| part.value(key))
                .collect::<Result<_, _>>()?,
        };
        if filter.compares() {
            // The key compares if it has a field, else the value.
            let end = match info.field {
                Some(_) => values.start - self.start,
                None => self.text.len(),
            };
            let text = &self.text[..end];
            let error = Token { text, ..self }.error(needs_comparison(text));
            parsed.comparison.get_or_insert(error);
        }
        parsed.conditions.push(self.place());
        parsed.filter_places.push(self.place());
        parsed.query.filters.push(filter);
        Ok(())
    }

    /// Splits `-key:values` into sign, key and values; `None` if a quote precedes the colon. The colon
    /// may be left out before a comparison, as in `likes>100`.
    fn split_filter(self) -> Option<(bool, Token<'t>, Token<'t>)> {
        let unsigned = self.text.trim_start_matches(['-', '!']);
        let sign = self.text.len() - unsigned.len();
        let end = unsigned.find([':', '<', '>', '='])?;
        let name = Token {
            text: &unsigned[..end],
            start: self.start + sign,
        };
        let has_colon = unsigned[end..].starts_with(':');
        let is_compared = || FilterKey::named(name.text).is_some_and(FilterKey::is_compared);
        let is_filter = sign <= 1
            && match has_colon {
                true => !name.text.contains(['"', '|']),
                false => is_compared(),
            };
        let values = sign + end + usize::from(has_colon);
        is_filter.then(|| (sign == 1, name, self.after(values)))
    }

    fn word(self) -> Result<Word, QueryError> {
        let negated = self.text.starts_with('!');
        let patterns = self.after(usize::from(negated)).split(|c| c == '|')?;
        let any = patterns.into_iter().map(Token::pattern);
        Ok(Word {
            negated,
            any: any.collect::<Result<_, _>>()?,
        })
    }

    fn pattern(self) -> Result<Pattern, QueryError> {
        let sign = self.text.chars().next().filter(|c| "^'~".contains(*c));
        let body = self.after(sign.map_or(0, char::len_utf8));
        let (body, end) = match body.text.strip_suffix('$') {
            Some(text) if !body.is_quoted() => (Token { text, ..body }, true),
            _ => (body, false),
        };
        let anchor = match (sign, end) {
            (None, false) => Anchor::Anywhere,
            (None, true) => Anchor::End,
            (Some('^'), false) => Anchor::Start,
            (Some('^'), true) => Anchor::Whole,
            (Some('\''), false) => Anchor::Word,
            (Some(_), false) => Anchor::Subsequence,
            (Some(sign), true) => {
                return Err(self.error(format!("`{sign}` and `$` do not go together")));
            }
        };
        let text = body.unquoted()?;
        match (text.is_empty(), self.text) {
            (false, _) => Ok(Pattern { text, anchor }),
            (true, "") => {
                Err(self
                    .error("a word is missing here; `a|b` finds either, quotes make `|` a letter"))
            }
            (true, sign) => Err(self.error(format!("`{sign}` needs a word"))),
        }
    }

    /// Returns true if one pair of quotes encloses the token.
    fn is_quoted(self) -> bool {
        let mut chars = self.text.char_indices();
        let opens = chars.next().is_some_and(|(_, first)| first == '"');
        opens && skip_quoted(&mut chars) == Some(self.text.len() - 1)
    }

    /// Returns the text without its quotes.
    fn unquoted(self) -> Result<String, QueryError> {
        if !self.is_quoted() {
            return match self.text.contains('"') {
                true => Err(self.error("quotes go around a whole word")),
                false => Ok(self.text.to_owned()),
            };
        }
        let mut text = String::new();
        let mut chars = self.text[1..self.text.len() - 1].chars();
        while let Some(char) = chars.next() {
            let escaped = if char == '\\' { chars.next() } else { None };
            text.push(escaped.unwrap_or(char));
        }
        Ok(text)
    }

    fn value(self, key: FilterKey) -> Result<FilterValue, QueryError> {
        let text = self.unquoted()?;
        if text.is_empty() {
            return Err(self.error(match self.text {
                "" => "a value is missing beside the comma",
                _ => "nothing is between the quotes",
            }));
        }
        let none_of = |names: Vec<&str>| format!("`{text}` is none of {}", names.join(", "));
        let value = match key.info().value_type {
            ValueType::Word | ValueType::Model => Ok(FilterValue::Word(text)),
            ValueType::Language if !is_language(&text) => Err(format!(
                "`{text}` is no language code of ISO 639, such as de, yue or zh-Hant; a tag is `tag:{text}`"
            )),
            ValueType::Language => Ok(FilterValue::Word(text)),
            ValueType::Memory => MemoryFit::parse(&text).map(FilterValue::Memory),
            ValueType::Key => {
                let known = FilterKey::named(&text).filter(|key| key.is_knowable());
                let knowable = FILTERS.iter().filter(|i| i.key.is_knowable());
                known
                    .map(FilterValue::Key)
                    .ok_or_else(|| none_of(knowable.map(|i| i.name).collect()))
            }
            ValueType::Flag => {
                let flag = Flag::ALL.iter().find(|(name, _)| *name == text);
                flag.map(|(_, flag)| FilterValue::Flag(*flag))
                    .ok_or_else(|| none_of(Flag::ALL.map(|(name, _)| name).to_vec()))
            }
            value_type => ValueRange::parse(&text, value_type).map(FilterValue::Range),
        };
        value.map_err(|reason| self.error(reason))
    }

    fn order(self, negated: bool) -> Result<Order, QueryError> {
        match (Order::parse(self.text), negated) {
            (Ok(order), false) => Ok(order),
            (Ok(_), true) => {
                Err(self.error("an order cannot be negated; `sort:likes:asc` turns it round"))
            }
            (Err(reason), _) => Err(self.error(reason)),
        }
    }
}

/// Advances past the closing quote and returns its position.
fn skip_quoted(chars: &mut std::str::CharIndices) -> Option<usize> {
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                chars.next();
            }
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// The message for a filter or an order that compares where there is nothing to compare with.
pub fn needs_comparison(what: &str) -> String {
    format!("`{what}` compares with an older snapshot; start with --against OLD")
}

/// The message for an unknown filter.
fn unknown(name: &str) -> String {
    let names = FILTERS.iter().map(|i| i.name).chain(["sort"]);
    let near = names
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, known)| *distance * 2 <= known.len());
    match near {
        Some((_, known)) => format!("unknown filter `{name}:`; did you mean `{known}:`?"),
        None => format!("unknown filter `{name}:`; quotes make it a word, `?` lists the filters"),
    }
}

#[cfg(test)]
mod tests;
