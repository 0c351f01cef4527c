//! Finding ids by what is typed. Every word must occur in the id, in any order, ignoring case
//! unless it has a capital; ids that only have a word's letters in order come after all others,
//! scored by fuzzy-matcher, which only this file knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use memchr::memmem::{self, Finder};
use rayon::prelude::*;

use super::arena::{Arena, chunks, letters};
use crate::engine::data::models::{ModelId, Models};

/// Shorter words than this bring no fuzzy matches: nearly every id has two letters in order.
const FUZZY_FROM: usize = 3;

/// How well an id matches; the best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    /// The id is what was typed.
    Id = 1,
    /// The name after the slash is.
    Name,
    /// Either begins with it.
    Prefix,
    /// It stands in the id as a whole word.
    Word,
    /// It stands somewhere in the id.
    Substring,
    /// The id has its letters in order, with others between.
    Fuzzy,
}

/// The models that match a query, the best first.
#[derive(Clone, Debug)]
pub struct Hits {
    pub models: Arc<[ModelId]>,
    /// How many contain every word; these come first.
    pub exact: usize,
}

impl Hits {
    /// Everything, in a list's own order: what an empty query finds.
    pub fn all(order: Arc<[ModelId]>) -> Hits {
        Hits {
            exact: order.len(),
            models: order,
        }
    }

    /// How many match only with other letters between.
    pub fn fuzzy(&self) -> usize {
        self.models.len() - self.exact
    }
}

/// A word to look for.
struct Word<'q> {
    typed: &'q str,
    lower: String,
    finder: Finder<'static>,
    mask: u64,
    /// Capitals count, since it has one.
    strict: bool,
}

impl<'q> Word<'q> {
    fn new(typed: &'q str) -> Word<'q> {
        let lower = typed.to_lowercase();
        Word {
            typed,
            finder: Finder::new(lower.as_bytes()).into_owned(),
            mask: letters(lower.as_bytes()),
            strict: typed.chars().any(char::is_uppercase),
            lower,
        }
    }

    fn occurs(&self, arena: &Arena, models: &Models, row: usize) -> bool {
        self.finder.find(arena.id(row)).is_some() && self.case_fits(models, row)
    }

    fn case_fits(&self, models: &Models, row: usize) -> bool {
        !self.strict || models.id(model(row)).contains(self.typed)
    }

    /// How well it matches an id that contains it.
    fn tier(&self, id: &[u8]) -> Tier {
        let word = self.lower.as_bytes();
        let name = memchr::memchr(b'/', id).map_or(id, |slash| &id[slash + 1..]);
        if id == word {
            Tier::Id
        } else if name == word {
            Tier::Name
        } else if id.starts_with(word) || name.starts_with(word) {
            Tier::Prefix
        } else if memmem::find_iter(id, word).any(|at| stands_alone(id, at, word.len())) {
            Tier::Word
        } else {
            Tier::Substring
        }
    }
}

/// Finds the models that match; `order` says which of two equally good ones comes first. `None`
/// when `stop` was set meanwhile.
pub fn search(
    models: &Models,
    arena: &Arena,
    query: &str,
    order: &Arc<[ModelId]>,
    stop: &AtomicBool,
) -> Option<Hits> {
    let mut words: Vec<Word> = query.split_whitespace().map(Word::new).collect();
    if words.is_empty() {
        return Some(Hits::all(order.clone()));
    }
    // The longest word is the rarest, mostly: it is looked for, the others are checked.
    words.sort_by_key(|w| std::cmp::Reverse(w.lower.len()));
    let tiers = exact_tiers(models, arena, &words, stop)?;
    let mut found = in_order(&tiers, order);
    let exact = found.len();
    if words.iter().all(|w| w.lower.len() >= FUZZY_FROM) {
        found.extend(fuzzy(arena, &words, &tiers, order, stop)?);
    }
    Some(Hits {
        models: found.into(),
        exact,
    })
}

/// For each model how well it matches, 0 for not at all; fuzzy matches are not looked for here.
fn exact_tiers(
    models: &Models,
    arena: &Arena,
    words: &[Word],
    stop: &AtomicBool,
) -> Option<Vec<u8>> {
    let (first, others) = words.split_first()?;
    let mut tiers = vec![0_u8; arena.len()];
    let chunks = chunks(arena.len());
    tiers
        .par_chunks_mut(super::arena::CHUNK)
        .zip(chunks)
        .for_each(|(tiers, rows)| {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let start = rows.start;
            arena.rows_with(rows, &first.finder, |row| {
                if first.case_fits(models, row)
                    && others.iter().all(|w| w.occurs(arena, models, row))
                {
                    let tier = words.iter().map(|w| w.tier(arena.id(row))).max();
                    tiers[row - start] = tier.map_or(0, |t| t as u8);
                }
            });
        });
    (!stop.load(Ordering::Relaxed)).then_some(tiers)
}

/// The models that have a tier, tier by tier, each in the list's order.
fn in_order(tiers: &[u8], order: &[ModelId]) -> Vec<ModelId> {
    let mut found: [Vec<ModelId>; Tier::Fuzzy as usize] = Default::default();
    for model in order {
        let tier = tiers[model.row()];
        if tier != 0 {
            found[tier as usize].push(*model);
        }
    }
    found.concat()
}

/// The models that have the letters of every word in order and no tier yet, the best score first.
fn fuzzy(
    arena: &Arena,
    words: &[Word],
    tiers: &[u8],
    order: &[ModelId],
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let mask = words.iter().fold(0, |mask, w| mask | w.mask);
    let matcher = SkimMatcherV2::default().ignore_case();
    let score = |row: usize| {
        let id = str::from_utf8(arena.id(row)).ok()?;
        words
            .iter()
            .map(|w| matcher.fuzzy_match(id, &w.lower))
            .sum::<Option<i64>>()
    };
    let of_chunk = |(place, models): (usize, &[ModelId])| {
        if stop.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let fits = |row: usize| {
            tiers[row] == 0
                && arena.mask(row) & mask == mask
                && words
                    .iter()
                    .all(|w| is_subsequence(w.lower.as_bytes(), arena.id(row)))
        };
        let scored = models
            .iter()
            .zip(place * super::arena::CHUNK..)
            .filter(|(m, _)| fits(m.row()));
        scored
            .filter_map(|(m, place)| Some((-score(m.row())?, place, *m)))
            .collect()
    };
    let mut found: Vec<(i64, usize, ModelId)> = order
        .par_chunks(super::arena::CHUNK)
        .enumerate()
        .flat_map_iter(of_chunk)
        .collect();
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    found.par_sort_unstable_by_key(|(score, place, _)| (*score, *place));
    Some(found.into_iter().map(|(_, _, m)| m).collect())
}

fn is_subsequence(word: &[u8], mut id: &[u8]) -> bool {
    word.iter().all(|&letter| match memchr::memchr(letter, id) {
        Some(at) => {
            id = &id[at + 1..];
            true
        }
        None => false,
    })
}

fn stands_alone(id: &[u8], at: usize, len: usize) -> bool {
    let part_of_word =
        |place: Option<&u8>| place.is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    !part_of_word(at.checked_sub(1).and_then(|before| id.get(before)))
        && !part_of_word(id.get(at + len))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the loader refuses more rows"
)]
fn model(row: usize) -> ModelId {
    ModelId(row as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::search::rank::{Order, arrange};
    use polars::prelude::{NewChunkedArray, StringChunked};
    use proptest::prelude::*;

    fn models(ids: &[String]) -> Models {
        Models::new(StringChunked::from_iter_values(
            "id".into(),
            ids.iter().map(String::as_str),
        ))
        .unwrap()
    }

    fn find(ids: &[String], query: &str) -> (Vec<u32>, usize) {
        let models = models(ids);
        let arena = Arena::new(&models).unwrap();
        let order = arrange(&models, Order::default()).into();
        let hits = search(&models, &arena, query, &order, &AtomicBool::new(false)).unwrap();
        (hits.models.iter().map(|m| m.0).collect(), hits.exact)
    }

    #[test]
    fn the_exact_name_comes_first_and_fuzz_last() {
        let ids = [
            "x/my-bert",
            "y/albert",
            "z/b-e-r-t",
            "bert/other",
            "q/bert",
            "bert",
            "n/none",
        ];
        let (found, exact) = find(&ids.map(str::to_owned), "bert");
        assert_eq!(found, [5, 4, 3, 0, 1, 2]);
        assert_eq!(exact, 5);
    }

    #[test]
    fn a_capital_asks_for_capitals() {
        let ids = ["a/Llama", "a/llama"].map(str::to_owned);
        assert_eq!(find(&ids, "llama").1, 2);
        assert_eq!(find(&ids, "Llama"), (vec![0, 1], 1));
    }

    proptest! {
        #[test]
        fn finds_what_a_naive_scan_finds(
            ids in prop::collection::vec("[a-cA-C/-]{0,6}|[é/模a]{1,3}", 0..60),
            query in "[a-cA-C-]{1,3}( [a-c]{1,2})?",
        ) {
            let fits = |id: &String| query.split_whitespace().all(|word| {
                if word.chars().any(char::is_uppercase) { id.contains(word) }
                else { id.to_lowercase().contains(&word.to_lowercase()) }
            });
            let mut naive: Vec<u32> = (0..).zip(&ids).filter(|(_, id)| fits(id)).map(|(row, _)| row).collect();
            let (found, exact) = find(&ids, &query);
            let mut found = found[..exact].to_vec();
            found.sort_unstable();
            naive.sort_unstable();
            prop_assert_eq!(found, naive);
        }
    }
}
