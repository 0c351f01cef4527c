//! Which words how many models have: of tasks, libraries, licences, relations, authors, and of the
//! months they were made in, with the downloads of the models that have each.

use rustc_hash::FxHashMap;

use super::edges::Scale;
use super::histogram::{Binning, histogram_of};
use super::walk;
use crate::engine::data::field::Field;
use crate::engine::data::models::{ModelId, Models};
use crate::engine::data::set::ModelSet;

/// How many models, and how often they are downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub models: usize,
    /// Downloads of the last 30 days, of all models together of which they are known.
    pub downloads: i64,
}

impl Tally {
    fn take(&mut self, downloads: Option<i64>) {
        self.models += 1;
        self.downloads = self.downloads.saturating_add(downloads.unwrap_or(0));
    }

    fn with(self, other: Tally) -> Tally {
        Tally {
            models: self.models + other.models,
            downloads: self.downloads.saturating_add(other.downloads),
        }
    }
}

/// A table of words. All tallies together are all models of the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frequency {
    /// Every word that a model of the set has: the most frequent first, then from A to Z; months
    /// in their own order.
    pub words: Vec<(String, Tally)>,
    /// The models of which no word is known.
    pub none: Tally,
}

/// How often each word of a field occurs in a set.
pub fn words(models: &Models, field: Field, set: &ModelSet) -> Frequency {
    let Some(words) = models.words(field) else {
        return tallied(models, set, 0, |_| None, |_| String::new());
    };
    let names: Vec<&str> = words.names().map(Option::unwrap_or_default).collect();
    let code = |model: ModelId| words.code(model.row());
    ranked(tallied(models, set, names.len(), code, |at| {
        names[at].to_owned()
    }))
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

    /// How often each author occurs in a set.
    pub fn frequency(&self, models: &Models, set: &ModelSet) -> Frequency {
        let code = |model: ModelId| Some(self.codes[model.row()]).filter(|code| *code < u32::MAX);
        let name = |at: usize| {
            models
                .author(self.firsts[at])
                .unwrap_or_default()
                .to_owned()
        };
        ranked(tallied(models, set, self.firsts.len(), code, name))
    }
}

/// How many models of a set were made in each month, from the first to the last.
pub fn months(models: &Models, set: &ModelSet, name: impl Fn(i64) -> String) -> Frequency {
    let binning = Binning {
        scale: Scale::Calendar,
        bins: None,
    };
    let months = histogram_of(models, Field::CreatedAt, set, binning);
    let code = |model: ModelId| {
        let at = months.bin_of(models.number(Field::CreatedAt, model)?)?;
        u32::try_from(at).ok()
    };
    tallied(models, set, months.bins.len(), code, |at| {
        name(months.bins[at].from)
    })
}

/// The tallies of several words as one.
pub fn together(words: &[(String, Tally)]) -> Tally {
    let tallies = words.iter().map(|(_, tally)| *tally);
    tallies.fold(Tally::default(), Tally::with)
}

/// A tally of each code below `codes`, and of the models without one; codes that do not occur are
/// left out.
fn tallied(
    models: &Models,
    set: &ModelSet,
    codes: usize,
    code: impl Fn(ModelId) -> Option<u32> + Sync + Send,
    name: impl Fn(usize) -> String,
) -> Frequency {
    let take = |tallies: &mut Vec<Tally>, model: ModelId| {
        let at = code(model).map_or(codes, |code| code as usize);
        tallies[at].take(models.number(Field::Downloads, model));
    };
    let join = |mut all: Vec<Tally>, more: Vec<Tally>| {
        all.iter_mut()
            .zip(more)
            .for_each(|(all, more)| *all = all.with(more));
        all
    };
    let mut tallies = walk(set, || vec![Tally::default(); codes + 1], take, join);
    let none = tallies.pop().unwrap_or_default();
    let occur = tallies
        .into_iter()
        .enumerate()
        .filter(|(_, t)| t.models > 0);
    Frequency {
        words: occur.map(|(at, tally)| (name(at), tally)).collect(),
        none,
    }
}

/// The most frequent words first.
fn ranked(mut table: Frequency) -> Frequency {
    table
        .words
        .sort_unstable_by(|a, b| b.1.models.cmp(&a.1.models).then_with(|| a.0.cmp(&b.0)));
    table
}
