//! Completions of queries and orders, from the tables that the parser reads.

use clap_complete::CompletionCandidate;

use super::context::CompletionContext;
use crate::engine::Hub;
use crate::engine::query::keys::{FILTERS, FilterKey, ValueType};
use crate::engine::query::partial::{Partial, Subject};
use crate::engine::table::field::{Field, FieldInfo};
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::present::format::short;

/// The maximum number of completions that come from a hub.
const LIMIT: usize = 50;

/// Returns the completions of a query of which a text is typed: of its last term, and of all of it the
/// saved queries.
pub fn query(context: &CompletionContext, text: &str) -> Vec<CompletionCandidate> {
    let saved = (context.explorer.saved)().into_iter();
    let saved = saved.filter(|(_, query)| query.starts_with(text) && query != text);
    let saved = saved.map(|(name, query)| candidate(query, format!("saved as {name}")));
    let terms = match Partial::before(text, text.len()) {
        Some(partial) => terms(context, text, &partial),
        None => Vec::new(),
    };
    saved.chain(terms).collect()
}

fn terms(context: &CompletionContext, text: &str, partial: &Partial) -> Vec<CompletionCandidate> {
    let completed = |word: &str| partial.completed(text, word).0.trim_end().to_owned();
    let typed = partial.typed.as_str();
    match partial.subject {
        Subject::Key => {
            let before = &text[..partial.at.start];
            let keys = keys(context.compares).filter(|(name, ..)| name.starts_with(typed));
            let keys: Vec<_> = keys.collect();
            let names = keys.iter();
            let names = names.map(|(name, about, _)| candidate(format!("{before}{name}:"), *about));
            // Bash closes quotes after the only completion, in which a value shall follow.
            let examples = keys.iter().filter(|(name, _, example)| {
                keys.len() == 1 && example.starts_with(name) && !typed.is_empty()
            });
            let examples =
                examples.map(|(.., example)| candidate(format!("{before}{example}"), "an example"));
            names.chain(examples).collect()
        }
        Subject::Sort => {
            let before = &text[..partial.at.start];
            let keys = key_of_order(typed, context.compares).into_iter();
            keys.map(|(key, about)| candidate(format!("{before}{key}"), about))
                .collect()
        }
        Subject::Value(key) if key.info().value_type == ValueType::Model => {
            let Some(hub) = context.hub() else {
                return Vec::new();
            };
            let models = hub.ids_beginning(typed, LIMIT).into_iter();
            models
                .map(|model| candidate(completed(hub.models.id(model)), downloads(&hub, model)))
                .collect()
        }
        Subject::Value(key) => {
            let words = values(context, key, partial).into_iter();
            words
                .map(|word| CompletionCandidate::new(completed(&word)))
                .collect()
        }
    }
}

/// Returns the values of a filter that begin as typed: those that never change, else those of the hub.
fn values(context: &CompletionContext, key: FilterKey, partial: &Partial) -> Vec<String> {
    let typed = partial.typed.to_lowercase();
    let begins = |word: &&str| word.starts_with(&typed);
    let fixed = partial.fixed_words(context.compares);
    if let Some(fixed) = fixed.or_else(|| key.usual_words()) {
        return fixed
            .into_iter()
            .filter(begins)
            .map(str::to_owned)
            .collect();
    }
    let hub = context.hub();
    hub.map_or_else(Vec::new, |hub| {
        hub.values_beginning(key, &partial.typed, LIMIT)
    })
}

/// Returns the keys of queries, each with its meaning and an example.
fn keys(compares: bool) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let usable = move |field: Option<Field>| compares || !field.is_some_and(Field::is_compared);
    let filters = FILTERS.iter().filter(move |info| usable(info.field));
    let keys = filters.map(|info| (info.name, info.about, info.example));
    let sort = "sorts by a field, the largest first unless :asc";
    keys.chain([("sort", sort, "sort:likes")])
}

/// Returns the completions of an order of which a text is typed.
pub fn order(context: &CompletionContext, text: &str) -> Vec<CompletionCandidate> {
    let start = text.rfind(',').map_or(0, |comma| comma + 1);
    let (before, typed) = text.split_at(start);
    let keys = key_of_order(typed, context.compares).into_iter();
    keys.map(|(key, about)| candidate(format!("{before}{key}"), about))
        .collect()
}

/// Returns the fields to sort by that begin as typed, and after a colon both directions.
fn key_of_order(typed: &str, compares: bool) -> Vec<(String, &'static str)> {
    if let Some((name, direction)) = typed.split_once(':') {
        let directions = [("asc", "the smallest first"), ("desc", "the largest first")];
        let directions = directions.into_iter();
        return directions
            .filter(|(word, _)| word.starts_with(direction))
            .map(|(word, about)| (format!("{name}:{word}"), about))
            .collect();
    }
    let usable = |info: &&FieldInfo| compares || !info.field.is_compared();
    let fields = Order::fields().filter(usable);
    fields
        .filter(|info| info.name.starts_with(typed))
        .map(|info| (info.name.to_owned(), info.about))
        .collect()
}

/// Returns the completions of an id of which a text is typed; none of an option.
pub fn ids(context: &CompletionContext, typed: &str) -> Vec<CompletionCandidate> {
    let hub = Some(context).filter(|_| !typed.starts_with('-'));
    let Some(hub) = hub.and_then(CompletionContext::hub) else {
        return Vec::new();
    };
    let models = hub.ids_beginning(typed, LIMIT).into_iter();
    models
        .map(|model| candidate(hub.models.id(model).to_owned(), downloads(&hub, model)))
        .collect()
}

fn downloads(hub: &Hub, model: ModelId) -> String {
    match hub.models.number(Field::Downloads, model) {
        Some(downloads) => format!("{} downloads", short(downloads)),
        None => String::new(),
    }
}

fn candidate(value: String, help: impl Into<String>) -> CompletionCandidate {
    let help: String = help.into();
    CompletionCandidate::new(value).help(Some(help.replace('`', "").into()))
}
