//! Facets: the values that a filter can have, and how many models of a set have each.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::engine::query::keys::FilterKey;
use crate::engine::query::language::languages;
use crate::engine::search::Corpus;
use crate::engine::table::bitset::{ModelSet, chunks};
use crate::engine::table::models::Models;
use crate::engine::tags::{Tag, Tags};

/// A value of a filter, and the number of models that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    pub word: String,
    pub models: usize,
}

/// Returns the values of a key that models of a set have, most frequent first, up to a limit: there
/// are hundreds of thousands of authors and tags.
pub fn values(corpus: Corpus, key: FilterKey, set: &ModelSet, limit: usize) -> Vec<FacetValue> {
    let mut counted = match key {
        FilterKey::Author => authors(corpus.models, set),
        FilterKey::Tag => tags(corpus.tags, corpus.tags.listed().collect(), set),
        FilterKey::Lang => {
            let languages = languages().flat_map(|code| corpus.tags.listed_named(code));
            tags(corpus.tags, languages.collect(), set)
        }
        _ => words(corpus.models, key, set),
    };
    counted.par_sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let listed = counted.into_iter().take(limit);
    let value = |(word, models): (&str, usize)| FacetValue {
        word: word.to_owned(),
        models,
    };
    listed.map(value).collect()
}

fn words<'h>(models: &'h Models, key: FilterKey, set: &ModelSet) -> Vec<(&'h str, usize)> {
    let Some(words) = key.info().field.and_then(|field| models.words(field)) else {
        return Vec::new();
    };
    let names = words.names();
    let mut counts = vec![0; names.len()];
    let codes = set.iter().filter_map(|model| words.code(model.row()));
    codes.for_each(|code| counts[code as usize] += 1);
    let counted = names.zip(counts).filter(|(_, count)| *count > 0);
    counted
        .filter_map(|(name, count)| Some((name?, count)))
        .collect()
}

fn tags<'h>(tags: &'h Tags, some: Vec<Tag>, set: &ModelSet) -> Vec<(&'h str, usize)> {
    let some = some.into_par_iter();
    let counts = some.map(|tag| (tags.name(tag), tags.count(tag, set)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn authors<'h>(models: &'h Models, set: &ModelSet) -> Vec<(&'h str, usize)> {
    let of_chunk = |rows| {
        let mut counts: FxHashMap<&'h str, usize> = FxHashMap::default();
        let authors = set.within(rows).filter_map(|model| models.author(model));
        authors.for_each(|author| *counts.entry(author).or_default() += 1);
        counts
    };
    let chunks: Vec<_> = chunks(models.len()).into_par_iter().map(of_chunk).collect();
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for (author, count) in chunks.into_iter().flatten() {
        *counts.entry(author).or_default() += count;
    }
    counts.into_iter().collect()
}
