//! What there is to choose from: the words of a key, and how many models of a set have each.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Corpus;
use crate::engine::query::keys::Key;
use crate::engine::table::bitset::{ModelSet, chunks};
use crate::engine::table::models::ModelId;
use crate::engine::tags::{Tag, Tags};

/// A word of a key, and how many models have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    pub word: String,
    pub models: usize,
}

/// The words that the models of a set have, the most frequent first; of authors and tags, of
/// which there are hundreds of thousands, the first `most`.
pub fn values(corpus: Corpus, key: Key, within: &ModelSet, most: usize) -> Vec<FacetValue> {
    let mut counted = match key {
        Key::Author => authors(corpus, within),
        Key::Tag => tags(corpus.tags, corpus.tags.listed().collect(), within),
        Key::Lang => tags(
            corpus.tags,
            languages()
                .flat_map(|code| corpus.tags.listed_named(code))
                .collect(),
            within,
        ),
        _ => words(corpus, key, within),
    };
    counted.par_sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let listed = counted.into_iter().take(most);
    let value = |(word, models): (&str, usize)| FacetValue {
        word: word.to_owned(),
        models,
    };
    listed.map(value).collect()
}

fn words<'h>(corpus: Corpus<'h>, key: Key, within: &ModelSet) -> Vec<(&'h str, usize)> {
    let Some(words) = key.info().field.and_then(|f| corpus.models.words(f)) else {
        return Vec::new();
    };
    let names = words.names();
    let mut counts = vec![0; names.len()];
    for model in within.iter() {
        if let Some(code) = words.code(model.row()) {
            counts[code as usize] += 1;
        }
    }
    let counted = names.zip(counts).filter(|(_, count)| *count > 0);
    counted
        .filter_map(|(name, count)| Some((name?, count)))
        .collect()
}

fn tags<'h>(tags: &'h Tags, all: Vec<Tag>, within: &ModelSet) -> Vec<(&'h str, usize)> {
    let counts = all
        .into_par_iter()
        .map(|tag| (tags.name(tag), tags.count(tag, within)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn authors<'h>(corpus: Corpus<'h>, within: &ModelSet) -> Vec<(&'h str, usize)> {
    let models = corpus.models;
    let of_chunk = |rows| {
        let mut counts: FxHashMap<&'h str, usize> = FxHashMap::default();
        let authors = within
            .within(rows)
            .filter_map(|m: ModelId| models.author(m));
        authors.for_each(|author| *counts.entry(author).or_default() += 1);
        counts
    };
    let parts: Vec<_> = chunks(models.len()).into_par_iter().map(of_chunk).collect();
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for (author, count) in parts.into_iter().flatten() {
        *counts.entry(author).or_default() += count;
    }
    counts.into_iter().collect()
}

/// The tags that are surely languages.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.split(' ')
}

/// Whether a tag can be a language: three-letter codes cannot be told from other short tags, such
/// as `trl`, but whoever asks for one means it.
pub fn is_language(tag: &str) -> bool {
    let letters = tag.split('-').next().unwrap_or_default();
    (2..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic())
        || tag.eq_ignore_ascii_case("multilingual")
}

/// The two-letter codes of ISO 639-1, and what models of many languages are tagged with.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu multilingual";
