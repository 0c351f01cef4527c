//! Frequencies of words (tasks, libraries, licenses, relations, authors) and of months of creation,
//! with the downloads of the models that have each.

use std::cmp::Reverse;
use std::mem::take;

use rustc_hash::FxHashMap;

use super::buckets::Bins;
use super::edges::month_edges;
use super::fold::{Merge, extent, fold, fold_in};
use super::histogram::binned;
use crate::engine::table::bitset::{ModelSet, RowMask};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// The number of some models and the sum of their downloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub models: usize,
    /// Downloads of the last 30 days, over the models of which they are known.
    pub downloads: i64,
}

impl Merge for Tally {
    fn merge(&mut self, later: Tally) {
        self.models += later.models;
        self.downloads = self.downloads.saturating_add(later.downloads);
    }
}

/// A frequency table. All tallies add up to the models of the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frequency {
    /// The most frequent words, equals from A to Z; months in their own order.
    pub words: Vec<(String, Tally)>,
    /// The number of all other words, and their models.
    pub others: (usize, Tally),
    /// The models without a word.
    pub none: Tally,
}

/// Counts the words of a field over a set, and names the `most` frequent ones.
pub fn words(models: &Models, field: Field, set: &ModelSet, most: usize) -> Frequency {
    let words = models.words(field);
    let names = words.into_iter().flat_map(|words| words.names());
    let names: Vec<&str> = names.map(Option::unwrap_or_default).collect();
    let codes = words.map(Column::codes);
    let codes_of = |rows: RowMask, none: u32| {
        let mut own = [none; 64];
        if let Some(codes) = &codes {
            codes.put(rows, none, &mut own);
        }
        own
    };
    let (mut tallies, none) = tallies(models, set, names.len(), codes_of);
    let counts = tallies.iter().map(|tally| tally.models);
    let (named, count) = most_frequent(counts, most, |code| names[code]);
    let words = named.iter();
    let words = words.map(|code| (names[*code].to_owned(), take(&mut tallies[*code])));
    let words: Vec<(String, Tally)> = words.collect();
    let mut others = Tally::default();
    tallies.into_iter().for_each(|tally| others.merge(tally));
    Frequency {
        others: (count - words.len(), others),
        words,
        none,
    }
}

/// The authors of all models as codes, since reading every id again for each table would take ten
/// times as long.
pub struct Authors {
    /// The author of each model; `u32::MAX` for none.
    codes: Column<u32>,
    /// The first model of each author.
    firsts: Vec<ModelId>,
}

impl Authors {
    /// Assigns codes to the authors.
    pub fn of(models: &Models) -> Authors {
        let mut firsts = Vec::new();
        let mut codes: FxHashMap<&str, u32> = FxHashMap::default();
        let mut code = |model: ModelId| {
            let next = u32::try_from(firsts.len()).ok()?;
            let code = *codes.entry(models.author(model)?).or_insert(next);
            firsts.extend((code == next).then_some(model));
            Some(code)
        };
        let all = models.all().map(|model| code(model).unwrap_or(u32::MAX));
        let codes = Column::full(all.collect());
        Authors { codes, firsts }
    }

    /// Counts the authors over a set, and names the `most` frequent ones. Only those are tallied,
    /// since there are so many authors.
    pub fn frequency(&self, models: &Models, set: &ModelSet, most: usize) -> Frequency {
        let counts = self.counts(set).into_iter().map(|count| count as usize);
        let name = |author: usize| models.author(self.firsts[author]).unwrap_or_default();
        let most = most.min(usize::from(u16::MAX) - 1);
        let (named, count) = most_frequent(counts, most, name);
        let other = u16::try_from(named.len()).unwrap_or(u16::MAX);
        let mut ranks = vec![other; self.firsts.len()];
        for (rank, author) in (0..).zip(&named) {
            ranks[*author] = rank;
        }
        let codes_of = |rows: RowMask, none: u32| {
            let mut codes = self.authors(rows);
            for code in &mut codes[..rows.count()] {
                let rank = ranks.get(*code as usize);
                *code = rank.map_or(none, |rank| (*rank).into());
            }
            codes
        };
        let (mut tallies, none) = tallies(models, set, named.len() + 1, codes_of);
        let others = tallies.pop().unwrap_or_default();
        let words = named.iter().map(|author| name(*author).to_owned());
        Frequency {
            words: words.zip(tallies).collect(),
            others: (count - named.len(), others),
            none,
        }
    }

    /// The number of models of each author in a set.
    fn counts(&self, set: &ModelSet) -> Vec<u32> {
        let add = |counts: &mut Vec<u32>, rows: RowMask| {
            for author in &self.authors(rows)[..rows.count()] {
                if let Some(count) = counts.get_mut(*author as usize) {
                    *count += 1;
                }
            }
        };
        // That many counts take longer to merge than to make: one task a core is best.
        fold_in(1, set, || vec![0; self.firsts.len()], add)
    }

    /// The authors of some rows, one after another.
    fn authors(&self, rows: RowMask) -> [u32; 64] {
        let mut authors = [u32::MAX; 64];
        self.codes.put(rows, u32::MAX, &mut authors);
        authors
    }
}

/// Counts the models of a set by month of creation, in the order of the months; `name` names a
/// month by its first moment.
pub fn months(models: &Models, set: &ModelSet, name: impl Fn(i64) -> String) -> Frequency {
    let created = Column::numbers(models, Field::CreatedAt);
    let extent = extent(created.as_ref(), set, &binned(Field::CreatedAt));
    let edges = match extent.is_empty() {
        true => Vec::new(),
        false => month_edges(extent).1,
    };
    let bins = Bins::between(edges.clone());
    let codes_of = |rows: RowMask, none: u32| {
        let mut times = [i64::MIN; 64];
        if let Some(created) = &created {
            created.put(rows, i64::MIN, &mut times);
        }
        times.map(|time| match (extent.low..=extent.high).contains(&time) {
            true => u32::try_from(bins.of(time)).unwrap_or(none),
            false => none,
        })
    };
    let (tallies, none) = tallies(models, set, bins.count(), codes_of);
    let months = tallies.into_iter().zip(edges);
    let months = months.filter(|(tally, _)| tally.models > 0);
    Frequency {
        words: months.map(|(tally, edge)| (name(edge), tally)).collect(),
        none,
        ..Frequency::default()
    }
}

/// Tallies the models of a set by code, and those without one; `codes_of` returns the codes of some
/// rows, all below `codes`, or its second argument for none.
fn tallies(
    models: &Models,
    set: &ModelSet,
    codes: usize,
    codes_of: impl Fn(RowMask, u32) -> [u32; 64] + Sync + Send,
) -> (Vec<Tally>, Tally) {
    let none = u32::try_from(codes).unwrap_or(u32::MAX);
    let downloads = Column::numbers(models, Field::Downloads);
    let add = |tallies: &mut Vec<Tally>, rows: RowMask| {
        let mut counts = [0; 64];
        if let Some(downloads) = &downloads {
            downloads.put(rows, 0, &mut counts);
        }
        let codes = codes_of(rows, none).into_iter();
        for (code, downloads) in codes.zip(counts).take(rows.count()) {
            tallies[code as usize].merge(Tally {
                models: 1,
                downloads,
            });
        }
    };
    let mut tallies = fold(set, || vec![Tally::default(); codes + 1], add);
    let none = tallies.pop().unwrap_or_default();
    (tallies, none)
}

/// Returns the codes with the largest counts, `most` at most, equals by name, and the number of all
/// codes with a count.
fn most_frequent<'n>(
    counts: impl Iterator<Item = usize>,
    most: usize,
    name: impl Fn(usize) -> &'n str,
) -> (Vec<usize>, usize) {
    let counts = counts.enumerate().filter(|(_, count)| *count > 0);
    let mut counts: Vec<(usize, usize)> = counts.collect();
    let all = counts.len();
    // By count alone first: names take long to look up, and most are far too rare.
    if let Some(last) = most.checked_sub(1).filter(|last| *last < counts.len()) {
        let by_count = |entry: &(usize, usize)| Reverse(entry.1);
        let (_, (_, least), _) = counts.select_nth_unstable_by_key(last, by_count);
        let least = *least;
        counts.retain(|(_, count)| *count >= least);
    }
    counts.sort_unstable_by_key(|(code, count)| (Reverse(*count), name(*code)));
    counts.truncate(most);
    (counts.into_iter().map(|(code, _)| code).collect(), all)
}
