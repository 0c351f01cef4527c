//! Which words how many models have: of tasks, libraries, licences, relations, authors, and of the
//! months they were made in, with the downloads of the models that have each.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::edges::month_edges;
use super::histogram::is_binned;
use super::values::Bins;
use super::{PORTION, reader, walk, walk_in};
use crate::engine::data::field::Field;
use crate::engine::data::models::{ModelId, Models};
use crate::engine::data::set::{CHUNK, ModelSet};

/// How many models, and how often they are downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub models: usize,
    /// Downloads of the last 30 days, of all models together of which they are known.
    pub downloads: i64,
}

impl Tally {
    pub(super) fn take(&mut self, downloads: Option<i64>) {
        self.models += 1;
        self.downloads = self.downloads.saturating_add(downloads.unwrap_or(0));
    }

    pub(super) fn with(self, other: Tally) -> Tally {
        Tally {
            models: self.models + other.models,
            downloads: self.downloads.saturating_add(other.downloads),
        }
    }
}

/// A table of words. All tallies together are all models of the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frequency {
    /// The most frequent words, from A to Z where they are equally so; months in their own order.
    pub words: Vec<(String, Tally)>,
    /// How many more words there are, and the models that have them.
    pub others: (usize, Tally),
    /// The models of which no word is known.
    pub none: Tally,
}

/// How often each word of a field occurs in a set; no more than `most` words are named.
pub fn words(models: &Models, field: Field, set: &ModelSet, most: usize) -> Frequency {
    let words = models.words(field);
    let names: Vec<&str> = words
        .into_iter()
        .flat_map(|words| words.names().map(Option::unwrap_or_default))
        .collect();
    let code = |model: ModelId| words.and_then(|words| words.code(model.row()));
    Tallies::of(models, set, names.len(), code).ranked(most, |at| names[at])
}

/// The authors of all models by number: to look at every id again for each table would take ten
/// times as long.
pub struct Authors {
    /// Of each model the number of its author; one more than there are where it has none.
    codes: Vec<u32>,
    /// Of each author the first model.
    firsts: Vec<ModelId>,
}

impl Authors {
    /// Numbers the authors.
    pub fn of(models: &Models) -> Authors {
        let mut firsts = Vec::new();
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut number = |model: ModelId| {
            let author = models.author(model)?;
            Some(*numbers.entry(author).or_insert_with(|| {
                firsts.push(model);
                #[expect(clippy::cast_possible_truncation, reason = "fewer than models")]
                let number = firsts.len() as u32 - 1;
                number
            }))
        };
        let codes = models
            .all()
            .map(|m| number(m).unwrap_or(u32::MAX))
            .collect();
        Authors { codes, firsts }
    }

    /// How often each author occurs in a set; no more than `most` are named.
    pub fn frequency(&self, models: &Models, set: &ModelSet, most: usize) -> Frequency {
        let code = |model: ModelId| Some(self.codes[model.row()]).filter(|code| *code < u32::MAX);
        let name = |at: usize| models.author(self.firsts[at]).unwrap_or_default();
        Tallies::of(models, set, self.firsts.len(), code).ranked(most, name)
    }
}

/// How many models of a set were made in each month that has any; `name` names a month by its
/// first moment.
pub fn months(models: &Models, set: &ModelSet, name: impl Fn(i64) -> String) -> Frequency {
    let field = Field::CreatedAt;
    let created = reader(models, field);
    let take = |range: &mut Option<(i64, i64)>, model| {
        if let Some(value) = created(model).filter(|value| is_binned(field, *value)) {
            let (low, high) = range.unwrap_or((value, value));
            *range = Some((low.min(value), high.max(value)));
        }
    };
    let join = |a: Option<(i64, i64)>, b: Option<(i64, i64)>| {
        let both = a.into_iter().chain(b);
        both.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    };
    let range = walk(set, || None, take, join);
    let edges = range.map_or(Vec::new(), |(low, high)| month_edges(low, high).1);
    let bins = Bins::between(edges.clone());
    let code = |model: ModelId| {
        let created = created(model).filter(|value| is_binned(field, *value))?;
        u32::try_from(bins.of(created)).ok()
    };
    let Tallies { words, none } = Tallies::of(models, set, bins.count(), code);
    let named = words
        .into_iter()
        .map(|(at, tally)| (name(edges[at]), tally));
    Frequency {
        words: named.collect(),
        none,
        ..Frequency::default()
    }
}

/// A tally of each code that occurs, and of the models without one.
struct Tallies {
    words: Vec<(usize, Tally)>,
    none: Tally,
}

impl Tallies {
    /// Counts; every code is below `codes`.
    fn of(
        models: &Models,
        set: &ModelSet,
        codes: usize,
        code: impl Fn(ModelId) -> Option<u32> + Sync + Send,
    ) -> Tallies {
        let downloads = reader(models, Field::Downloads);
        let take = |tallies: &mut Vec<Tally>, model: ModelId| {
            let at = code(model).map_or(codes, |code| code as usize);
            tallies[at].take(downloads(model));
        };
        let join = |mut all: Vec<Tally>, more: Vec<Tally>| {
            let both = all.iter_mut().zip(more);
            both.for_each(|(all, more)| *all = all.with(more));
            all
        };
        // Many tallies take longer to join than to count: no more parts than cores, then.
        let portion = match codes < 10_000 {
            true => PORTION,
            false => set.rows() / CHUNK / rayon::current_num_threads() + 1,
        };
        let none = || vec![Tally::default(); codes + 1];
        let mut tallies = walk_in(portion, set, none, take, join);
        let none = tallies.pop().unwrap_or_default();
        let occur = tallies.into_iter().enumerate();
        Tallies {
            words: occur.filter(|(_, tally)| tally.models > 0).collect(),
            none,
        }
    }

    /// The most frequent words first.
    fn ranked<'n>(mut self, most: usize, name: impl Fn(usize) -> &'n str) -> Frequency {
        // By numbers first: names take long to look up, and most words are far too rare.
        let least = match most.checked_sub(1).filter(|last| *last < self.words.len()) {
            Some(last) => {
                let by_models = |word: &(usize, Tally)| Reverse(word.1.models);
                let (_, last, _) = self.words.select_nth_unstable_by_key(last, by_models);
                last.1.models
            }
            None => 0,
        };
        let words = self.words.into_iter();
        let (mut named, mut others): (Vec<_>, Vec<_>) =
            words.partition(|(_, tally)| tally.models >= least);
        named.sort_unstable_by(|a, b| {
            let more = b.1.models.cmp(&a.1.models);
            more.then_with(|| name(a.0).cmp(name(b.0)))
        });
        others.extend(named.split_off(most.min(named.len())));
        let rest = others.iter().map(|(_, tally)| *tally);
        let named = named.into_iter();
        Frequency {
            words: named
                .map(|(at, tally)| (name(at).to_owned(), tally))
                .collect(),
            others: (others.len(), rest.fold(Tally::default(), Tally::with)),
            none: self.none,
        }
    }
}
