//! Ids and values that begin with a text, for the completions of a shell: it asks anew at each key, so
//! that nothing is kept between two questions, and each is one pass over what the hub has.

use std::cmp::Reverse;

use memchr::memmem::Finder;
use rustc_hash::FxHashSet;

use super::Hub;
use crate::engine::query::keys::FilterKey;
use crate::engine::search::facets;
use crate::engine::table::arena::{GAP, StringArena};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, models_of};

/// Of texts that many ids begin with, the first completions are among this many of the most downloaded
/// models: looking at these takes less time than at all.
const WALK: usize = 10_000;

impl Hub {
    /// Returns the models whose ids begin with a text, the most downloaded first, up to a limit. Case
    /// does not count where no id begins with the text as it is.
    ///
    /// A shell inserts what all completions share. If there are more than the limit, that is no more
    /// than what all ids share: one that differs is in the last place.
    pub fn ids_beginning(&self, text: &str, limit: usize) -> Vec<ModelId> {
        let id = |model: &ModelId| self.models.id(*model);
        let walk = self.by_downloads.iter().take(WALK).copied();
        let first = walk.filter(|model| id(model).starts_with(text)).take(limit);
        let first: Vec<ModelId> = first.collect();
        if first.len() == limit && shared(&first, id) == text.len() {
            return first;
        }
        cut(self.beginning(text), limit, id)
    }

    /// Returns the values of a filter that begin with a text, ignoring case, up to a limit: authors in
    /// the order of their most downloaded models, tags by name, others the most frequent first; none of
    /// a filter whose values are not words.
    pub fn values_beginning(&self, key: FilterKey, text: &str, limit: usize) -> Vec<String> {
        match key {
            FilterKey::Author => self.authors_beginning(text, limit),
            FilterKey::Tag => {
                let tags = self.tags.listed().map(|tag| self.tags.name(tag));
                let tags = tags.filter(|tag| begins(tag, text));
                let tags = cut(tags.collect(), limit, |tag| *tag);
                tags.into_iter().map(str::to_owned).collect()
            }
            key => {
                let all = ModelSet::all(self.models.len());
                let values = facets::values(self.corpus(), key, &all, usize::MAX).into_iter();
                let words = values.map(|value| value.word);
                let words: Vec<String> = words.filter(|word| begins(word, text)).collect();
                let words = words.iter().map(String::as_str);
                let words = cut(words.collect(), limit, |word| *word);
                words.into_iter().map(str::to_owned).collect()
            }
        }
    }

    fn authors_beginning(&self, text: &str, limit: usize) -> Vec<String> {
        let distinct = |models: &mut dyn Iterator<Item = ModelId>, limit: usize| {
            let mut seen = FxHashSet::default();
            let authors = models.filter_map(|model| self.models.author(model));
            let authors = authors.filter(|author| begins(author, text) && seen.insert(*author));
            authors.take(limit).collect::<Vec<&str>>()
        };
        let mut walk = self.by_downloads.iter().take(WALK).copied();
        let mut authors = distinct(&mut walk, limit);
        if authors.len() < limit || shared(&authors, |author| *author) > text.len() {
            let mut all = self.beginning(text).into_iter();
            authors = cut(distinct(&mut all, usize::MAX), limit, |author| *author);
        }
        authors.into_iter().map(str::to_owned).collect()
    }

    /// Returns the models whose ids begin with a text, the most downloaded first.
    fn beginning(&self, text: &str) -> Vec<ModelId> {
        let mut models = rows_beginning(self.id_index.texts(), &text.to_lowercase());
        let is_exact = |model: &ModelId| self.models.id(*model).starts_with(text);
        if models.iter().any(is_exact) {
            models.retain(is_exact);
        }
        models.sort_unstable_by_key(|model| {
            let downloads = self.models.number(Field::Downloads, *model);
            (Reverse(downloads), *model)
        });
        models
    }
}

/// Cuts off a list of completions. What all have in common at their beginning stays: the one that has
/// the least in common with those that are listed takes the last place.
fn cut<'h, T>(mut all: Vec<T>, limit: usize, text: impl Fn(&T) -> &'h str) -> Vec<T> {
    if all.len() > limit && limit > 0 {
        let shared = shared(&all[..limit], &text);
        let first = text(&all[0]).as_bytes();
        let length = |other: &T| common(first, text(other).as_bytes());
        let others = (limit..all.len()).min_by_key(|at| length(&all[*at]));
        if let Some(at) = others.filter(|at| length(&all[*at]) < shared) {
            all.swap(limit - 1, at);
        }
        all.truncate(limit);
    }
    all
}

/// Returns the number of bytes that texts have in common at their beginnings.
fn shared<'h, T>(all: &[T], text: impl Fn(&T) -> &'h str) -> usize {
    let Some(first) = all.first().map(|one| text(one).as_bytes()) else {
        return 0;
    };
    let lengths = all
        .iter()
        .map(|other| common(first, text(other).as_bytes()));
    lengths.min().unwrap_or(0)
}

fn rows_beginning(ids: &StringArena, text: &str) -> Vec<ModelId> {
    if text.as_bytes().contains(&GAP) {
        return Vec::new();
    }
    let needle = [&[GAP], text.as_bytes()].concat();
    let mut rows = Vec::new();
    ids.each_place(0..ids.len(), &Finder::new(&needle), |row, _| {
        rows.extend(models_of(row..row + 1));
    });
    rows
}

fn begins(word: &str, text: &str) -> bool {
    let head = word.get(..text.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(text))
        || !text.is_ascii() && word.to_lowercase().starts_with(&text.to_lowercase())
}

/// Returns the number of bytes that two texts have in common at their beginnings.
fn common(one: &[u8], other: &[u8]) -> usize {
    let pairs = one.iter().zip(other);
    pairs.take_while(|(a, b)| a == b).count()
}
