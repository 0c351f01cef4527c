//! The part of a query that is being typed: what a completion may put in its place.

use std::ops::Range;

use super::ast::{Filter, FilterValue};
use super::keys::{FILTERS, FilterInfo, FilterKey, Flag, ValueType};
use super::parse::parse;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;

/// What a partial word completes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The name of a filter.
    Key,
    /// The field of `sort:`.
    Sort,
    /// A value of a filter.
    Value(FilterKey),
}

/// The beginning of a word that ends at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    pub subject: Subject,
    /// What is typed of it, without the quotes around it.
    pub typed: String,
    /// The bytes that a completion replaces.
    pub at: Range<usize>,
    /// The bytes of the whole term.
    pub term: Range<usize>,
}

impl Partial {
    /// Returns the partial word before a cursor at the end of a term, `None` where nothing can be
    /// completed: in words of ids, and in numbers, sizes and dates.
    pub fn before(text: &str, cursor: usize) -> Option<Partial> {
        let after = text.get(cursor..)?;
        if !(after.is_empty() || after.starts_with(char::is_whitespace)) {
            return None;
        }
        let start = start_after(&text[..cursor], char::is_whitespace);
        let term = &text[start..cursor];
        let unsigned = term.trim_start_matches(['-', '!']);
        let (name, values) = match unsigned.split_once(':') {
            Some((name, values)) => (name, Some(values)),
            None => (unsigned, None),
        };
        let (subject, part) = match (values, FilterKey::named(name)) {
            (None, _) => (Subject::Key, unsigned),
            (Some(values), _) if name == "sort" => {
                let own = start_after(values, |c| c == ',');
                (Subject::Sort, &values[own..])
            }
            // A key without a value is not searched for, whatever its values are.
            (Some(values), Some(key)) if has_values(key) || values.is_empty() => {
                let own = start_after(values, |c| matches!(c, ',' | '|'));
                (Subject::Value(key), &values[own..])
            }
            _ => return None,
        };
        let unquoted = part.strip_prefix('"');
        let typed = unquoted.map_or(part, |part| part.strip_suffix('"').unwrap_or(part));
        Some(Partial {
            subject,
            typed: typed.to_owned(),
            at: cursor - part.len()..cursor,
            term: start..cursor,
        })
    }

    /// Returns the rest of the name of the first filter that begins with what is typed, with its colon.
    /// One letter is not enough: most words that begin so are not meant as filters. Filters that compare
    /// with an older snapshot count only if `compares`.
    pub fn rest_of_key(&self, compares: bool) -> Option<String> {
        let is_typed = self.subject == Subject::Key && self.typed.len() > 1;
        let typed = Some(self.typed.as_str()).filter(|_| is_typed)?;
        let usable = |info: &&FilterInfo| compares || !info.field.is_some_and(Field::is_compared);
        let names = FILTERS.iter().filter(usable).map(|info| info.name);
        let names = names.chain(["sort"]);
        let mut rests = names.filter_map(|name| name.strip_prefix(typed));
        rests
            .find(|rest| !rest.is_empty())
            .map(|rest| format!("{rest}:"))
    }

    /// Returns the words that it can be where there are few that never change: fields to sort by, flags,
    /// filters of `has:`; those that compare with an older snapshot only if `compares`. `None` where they
    /// are values of models.
    pub fn fixed_words(&self, compares: bool) -> Option<Vec<&'static str>> {
        let usable = |field: Option<Field>| compares || !field.is_some_and(Field::is_compared);
        let Subject::Value(key) = self.subject else {
            let fields = Order::fields().filter(|info| usable(Some(info.field)));
            return (self.subject == Subject::Sort).then(|| fields.map(|info| info.name).collect());
        };
        match key.info().value_type {
            ValueType::Flag => {
                let flags = Flag::ALL.into_iter();
                let flags =
                    flags.filter(|(_, flag)| compares || !Filter::of_flag(*flag).compares());
                Some(flags.map(|(name, _)| name).collect())
            }
            ValueType::Key => {
                let knowable = FILTERS.iter().filter(|info| info.key.is_knowable());
                let knowable = knowable.filter(|info| usable(info.field));
                Some(knowable.map(|info| info.name).collect())
            }
            _ => None,
        }
    }

    /// Returns true if it is an order, a flag or a key by itself, if under another name than the one that
    /// is suggested.
    pub fn is_valid(&self) -> bool {
        let Subject::Value(key) = self.subject else {
            return self.subject == Subject::Sort && Order::parse(&self.typed).is_ok();
        };
        let is_fixed = matches!(key.info().value_type, ValueType::Flag | ValueType::Key);
        is_fixed && parse(&format!("{}:{}", key.info().name, self.typed)).is_ok()
    }

    /// Returns the text with the partial word completed and the position of the cursor after it; a space
    /// follows, so that the next term can be typed.
    pub fn completed(&self, text: &str, word: &str) -> (String, usize) {
        let word = FilterValue::Word(word.to_owned());
        let before = format!("{}{word} ", &text[..self.at.start]);
        let after = text[self.at.end..].trim_start();
        (format!("{before}{after}"), before.len())
    }

    /// Returns the text without the term, in whose place values are counted.
    pub fn others(&self, text: &str) -> String {
        format!("{} {}", &text[..self.term.start], &text[self.term.end..])
    }

    /// Returns the text with blanks in place of the partial word, and of its term if that has no other
    /// value. All places in the text stay.
    pub fn blanked(&self, text: &str) -> String {
        let has_others = text[..self.at.start].ends_with([',', '|']);
        let start = match has_others {
            true => self.at.start - 1,
            false => self.term.start,
        };
        let blanks = " ".repeat(self.term.end - start);
        format!("{}{blanks}{}", &text[..start], &text[self.term.end..])
    }
}

/// Returns the start of the last part of a text after separators outside quotes.
fn start_after(text: &str, is_separator: impl Fn(char) -> bool) -> usize {
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            char if !is_quoted && is_separator(char) => start = at + char.len_utf8(),
            _ => {}
        }
    }
    start
}

/// Returns true if the values of a key can be listed.
fn has_values(key: FilterKey) -> bool {
    let value_type = key.info().value_type;
    let listed = [ValueType::Model, ValueType::Flag, ValueType::Key];
    FilterKey::FACETS.contains(&key) || listed.contains(&value_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The partial word before `¦`, as subject, typed text and what is replaced.
    fn partial(text: &str) -> Option<(Subject, String, String)> {
        let cursor = text.find('¦').unwrap();
        let text = text.replace('¦', "");
        let partial = Partial::before(&text, cursor)?;
        Some((partial.subject, partial.typed, text[partial.at].to_owned()))
    }

    #[test]
    fn the_word_before_the_cursor_is_found() {
        let value = |key, typed: &str, at: &str| {
            Some((Subject::Value(key), typed.to_owned(), at.to_owned()))
        };
        assert_eq!(
            partial("a license:mi¦"),
            value(FilterKey::License, "mi", "mi")
        );
        assert_eq!(partial("-licence:¦ b"), value(FilterKey::License, "", ""));
        assert_eq!(
            partial("task:a,b|tex¦"),
            value(FilterKey::Task, "tex", "tex")
        );
        assert_eq!(
            partial("tag:\"a, b¦"),
            value(FilterKey::Tag, "a, b", "\"a, b")
        );
        assert_eq!(partial("is:¦"), value(FilterKey::Is, "", ""));
        assert_eq!(
            partial("base:meta-llama/Ll¦"),
            value(FilterKey::Base, "meta-llama/Ll", "meta-llama/Ll")
        );
        assert_eq!(partial("sort:li¦").unwrap().0, Subject::Sort);
        assert_eq!(partial("!lic¦").unwrap().1, "lic");
        assert_eq!(partial("sort:likes,do¦").unwrap().1, "do");
        assert_eq!(
            partial("tag:\"a:b\"¦"),
            value(FilterKey::Tag, "a:b", "\"a:b\"")
        );
        assert_eq!(partial("params:¦"), value(FilterKey::Params, "", ""));
        // Numbers are not listed, nor is the inside of a term completed.
        assert_eq!(partial("params:7¦"), None);
        assert_eq!(partial("license:m¦it"), None);
    }

    #[test]
    fn keys_are_completed_from_two_letters_on() {
        let rest = |text: &str| {
            Partial::before(text, text.len())
                .unwrap()
                .rest_of_key(false)
        };
        assert_eq!(rest("lic").as_deref(), Some("ense:"));
        assert_eq!(rest("x so").as_deref(), Some("rt:"));
        assert_eq!(rest("l"), None);
        assert_eq!(rest("license"), None);
        assert_eq!(rest("llama"), None);
    }

    #[test]
    fn completed_text_is_a_query() {
        let complete = |text: &str, word: &str| {
            let partial = Partial::before(text, text.len()).unwrap();
            partial.completed(text, word).0
        };
        assert_eq!(
            complete("x license:ap", "apache-2.0"),
            "x license:apache-2.0 "
        );
        assert_eq!(complete("tag:\"a", "a, b"), "tag:\"a, b\" ");
        let (text, cursor) = Partial::before("is:ro llama", 5)
            .unwrap()
            .completed("is:ro llama", "root");
        assert_eq!((text.as_str(), cursor), ("is:root llama", 8));
    }

    proptest! {
        /// At any place of any text, what is completed parses to the word, and blanking moves nothing.
        #[test]
        fn any_place_is_completed(text in "[a-c:,\"| é-]{0,20}", at in 0..21_usize, word in "[a-c ,\"]{1,5}") {
            let cursor = text.char_indices().map(|(at, _)| at).nth(at).unwrap_or(text.len());
            let text = format!("{} license:{}", text.replace('"', ""), &text[cursor..].replace(['"', ' '], ""));
            let partial = Partial::before(&text, text.len()).unwrap();
            prop_assert_eq!(partial.blanked(&text).len(), text.len());
            if let (Subject::Value(key), (full, end)) = (partial.subject, partial.completed(&text, &word)) {
                prop_assert_eq!(end, full.len());
                if let Ok(parsed) = parse(&full) {
                    let filter = parsed.query.filters.last().unwrap();
                    prop_assert_eq!(filter.key, key);
                    prop_assert_eq!(filter.values.last(), Some(&FilterValue::Word(word)));
                }
            }
        }
    }
}
