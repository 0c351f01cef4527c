//! Which words how many models have: of tasks, libraries, licences, relations, authors, and of the
//! months they were made in, with the downloads of the models that have each.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::edges::month_edges;
use super::histogram::binned;
use super::steps::Bins;
use super::values::{NOWHERE, range};
use super::{added, walk, walk_in};
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// How many models, and how often they are downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub models: usize,
    /// Downloads of the last 30 days, of all models together of which they are known.
    pub downloads: i64,
}

impl Tally {
    pub(super) fn take(&mut self, downloads: i64) {
        self.models += 1;
        self.downloads = self.downloads.saturating_add(downloads);
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
    let codes = words.map(Column::codes);
    let put = |rows: Rows, none: u32, room: &mut [u32; 64]| match &codes {
        Some(codes) => {
            codes.put(rows, none, room);
        }
        None => room.fill(none),
    };
    Tallies::of(models, set, names.len(), put).ranked(most, |at| names[at])
}

/// The authors of all models by number: to look at every id again for each table would take ten
/// times as long.
pub struct Authors {
    /// Of each model the number of its author; one more than there are where it has none.
    codes: Column<u32>,
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
        let codes = Column::full(codes);
        Authors { codes, firsts }
    }

    /// How often each author occurs in a set; no more than `most` are named. There are so many authors
    /// that only those who will be named are tallied.
    pub fn frequency(&self, models: &Models, set: &ModelSet, most: usize) -> Frequency {
        let counts = self.counts(set);
        let occur = (0..).zip(counts).filter(|(_, count)| *count > 0);
        let occur: Vec<(usize, usize)> = occur.map(|(at, count)| (at, count as usize)).collect();
        let authors = occur.len();
        let name = |at: usize| models.author(self.firsts[at]).unwrap_or_default();
        let most = most.min(usize::from(u16::MAX) - 1);
        let named = most_frequent(occur, most, name);
        let mut places = vec![u16::try_from(named.len()).unwrap_or(u16::MAX); self.firsts.len()];
        for (place, (at, _)) in (0..).zip(&named) {
            places[*at] = place;
        }
        let put = |rows: Rows, none: u32, room: &mut [u32; 64]| {
            self.codes.put(rows, u32::MAX, room);
            for code in &mut room[..rows.count()] {
                *code = places
                    .get(*code as usize)
                    .map_or(none, |place| (*place).into());
            }
        };
        let mut tallies = Tallies::of(models, set, named.len() + 1, put);
        let others = tallies.words.pop_if(|(at, _)| *at == named.len());
        let words = named.iter().zip(tallies.words);
        Frequency {
            words: words
                .map(|((at, _), (_, tally))| (name(*at).to_owned(), tally))
                .collect(),
            others: (
                authors - named.len(),
                others.map_or(Tally::default(), |(_, tally)| tally),
            ),
            none: tallies.none,
        }
    }

    /// How many models of a set each author has.
    fn counts(&self, set: &ModelSet) -> Vec<u32> {
        let take = |counts: &mut Vec<u32>, rows: Rows| {
            let mut room = [0; 64];
            self.codes.put(rows, u32::MAX, &mut room);
            for code in &room[..rows.count()] {
                if let Some(count) = counts.get_mut(*code as usize) {
                    *count += 1;
                }
            }
        };
        // Many counts take longer to join than to make: no more parts than cores, then.
        walk_in(1, set, || vec![0; self.firsts.len()], take, added)
    }
}

/// How many models of a set were made in each month that has any; `name` names a month by its
/// first moment.
pub fn months(models: &Models, set: &ModelSet, name: impl Fn(i64) -> String) -> Frequency {
    let field = Field::CreatedAt;
    let created = Column::numbers(models, field);
    let (low, high) = created
        .as_ref()
        .map_or(NOWHERE, |created| range(created, set, &binned(field)));
    let edges = match low <= high {
        true => month_edges(low, high).1,
        false => Vec::new(),
    };
    let bins = Bins::between(edges.clone());
    let put = |rows: Rows, none: u32, room: &mut [u32; 64]| {
        let mut values = [i64::MIN; 64];
        if let Some(created) = &created {
            created.put(rows, i64::MIN, &mut values);
        }
        for (code, value) in room.iter_mut().zip(values) {
            *code = match (low..=high).contains(&value) {
                true => u32::try_from(bins.of(value)).unwrap_or(none),
                false => none,
            };
        }
    };
    let Tallies { words, none } = Tallies::of(models, set, bins.count(), put);
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
    /// Counts; `put` puts the codes of some rows into the room, all below `codes`, or `codes` itself
    /// for those without one, which it is told.
    fn of(
        models: &Models,
        set: &ModelSet,
        codes: usize,
        put: impl Fn(Rows, u32, &mut [u32; 64]) + Sync + Send,
    ) -> Tallies {
        let none = u32::try_from(codes).unwrap_or(u32::MAX);
        let downloads = Column::numbers(models, Field::Downloads);
        let take = |tallies: &mut Vec<Tally>, rows: Rows| {
            let (mut codes, mut counts) = ([none; 64], [0; 64]);
            put(rows, none, &mut codes);
            if let Some(downloads) = &downloads {
                downloads.put(rows, 0, &mut counts);
            }
            let rows = codes.iter().zip(counts).take(rows.count());
            rows.for_each(|(code, count)| tallies[*code as usize].take(count));
        };
        let join = |mut all: Vec<Tally>, more: Vec<Tally>| {
            let both = all.iter_mut().zip(more);
            both.for_each(|(all, more)| *all = all.with(more));
            all
        };
        let mut tallies = walk(set, || vec![Tally::default(); codes + 1], take, join);
        let none = tallies.pop().unwrap_or_default();
        let occur = tallies.into_iter().enumerate();
        Tallies {
            words: occur.filter(|(_, tally)| tally.models > 0).collect(),
            none,
        }
    }

    /// The most frequent words first.
    fn ranked<'n>(self, most: usize, name: impl Fn(usize) -> &'n str) -> Frequency {
        let words = self.words.iter().enumerate();
        let counts = words.map(|(place, (_, tally))| (place, tally.models));
        let at = |place: usize| self.words[place].0;
        let named = most_frequent(counts.collect(), most, |place| name(at(place)));
        let words: Vec<(String, Tally)> = named
            .iter()
            .map(|(place, _)| (name(at(*place)).to_owned(), self.words[*place].1))
            .collect();
        let mut others: Vec<Tally> = self.words.into_iter().map(|(_, tally)| tally).collect();
        named
            .iter()
            .for_each(|(place, _)| others[*place] = Tally::default());
        Frequency {
            others: (
                others.len() - words.len(),
                others.into_iter().fold(Tally::default(), Tally::with),
            ),
            words,
            none: self.none,
        }
    }
}

/// The first of things by how often they occur, no more than `most`; equally frequent ones by name.
fn most_frequent<'n>(
    mut counts: Vec<(usize, usize)>,
    most: usize,
    name: impl Fn(usize) -> &'n str,
) -> Vec<(usize, usize)> {
    // By numbers first: names take long to look up, and most are far too rare.
    if let Some(last) = most.checked_sub(1).filter(|last| *last < counts.len()) {
        let by_count = |entry: &(usize, usize)| Reverse(entry.1);
        let (_, (_, least), _) = counts.select_nth_unstable_by_key(last, by_count);
        let least = *least;
        counts.retain(|(_, count)| *count >= least);
    }
    counts.sort_unstable_by(|(a, of_a), (b, of_b)| {
        let more = of_b.cmp(of_a);
        more.then_with(|| name(*a).cmp(name(*b)))
    });
    counts.truncate(most);
    counts
}
