//! What words and tests leave, as a list: tier by tier, in each in the order asked for. All of it,
//! or its first page; `page.rs` has the pages that are known before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Corpus;
use super::matcher;
use super::words::{MISS, Tier, Tiers};
use crate::engine::cache::archive::Buffer;
use crate::engine::query::query::Query;
use crate::engine::table::bitset::{CHUNK, ModelSet};
use crate::engine::table::models::ModelId;
use crate::engine::table::order::{Order, arrange};
use crate::engine::table::sort::joined;

/// An early answer lists so many models at most: more than any screen shows.
pub const PAGE: usize = 512;
/// So few models are put in order by themselves; more are met sooner on the way through all.
const FEW: usize = 16_384;
/// So many are sorted by tier between two looks at whether the list is still wanted.
const STRETCH: usize = 16_384;

/// The models that a query finds, the best first.
#[derive(Clone, Debug)]
pub struct Hits {
    /// All of them; the first ones only where they are not complete.
    pub models: Buffer<ModelId>,
    /// How many are found in each [`Tier`], in the order of tiers.
    pub tiers: [usize; Tier::COUNT],
    /// The models that are what was asked for: all but those offered beside it.
    pub set: Arc<ModelSet>,
    /// How many more have the words, but do not pass the tests.
    pub hidden: usize,
    /// The first test that alone lets nothing pass, by its place among the query's.
    pub barred: Option<usize>,
    pub known: Known,
}

/// How much of an answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// The first models, and nothing else.
    Page,
    /// Also how many have the words.
    Exact,
    /// All.
    Whole,
}

impl Hits {
    /// How many are found.
    pub fn found(&self) -> usize {
        self.tiers.iter().sum()
    }

    /// How many have every word.
    pub fn exact(&self) -> usize {
        self.found() - self.fuzzy()
    }

    /// How many only have its letters in order.
    pub fn fuzzy(&self) -> usize {
        self.tiers[Tier::Scattered as usize] + self.tiers[Tier::Fuzzy as usize]
    }

    /// How well the model at a place of the list matches.
    pub fn tier(&self, at: usize) -> Option<Tier> {
        let mut end = 0;
        let counted = Tier::ALL.into_iter().zip(self.tiers);
        let mut ends = counted.map(|(tier, count)| {
            end += count;
            (tier, end)
        });
        ends.find(|(_, end)| at < *end).map(|(tier, _)| tier)
    }
}

/// What the lists of one query are made from.
pub struct Gathering<'q> {
    pub corpus: Corpus<'q>,
    pub query: &'q Query,
    pub order: Order,
    pub in_order: Buffer<ModelId>,
    /// The models that pass the tests; all where there is none.
    pub passing: Option<ModelSet>,
    pub barred: Option<usize>,
    pub stop: &'q AtomicBool,
}

impl<'q> Gathering<'q> {
    pub fn new(corpus: Corpus<'q>, query: &'q Query, stop: &'q AtomicBool) -> Gathering<'q> {
        Gathering {
            corpus,
            query,
            order: Order::default(),
            in_order: corpus.by_downloads.clone(),
            passing: None,
            barred: None,
            stop,
        }
    }

    /// The models that are what was asked for.
    pub fn set(&self, tiers: Option<&Tiers>) -> ModelSet {
        let mut set = match tiers {
            Some(tiers) => ModelSet::up_to(tiers, Tier::Scattered as u8),
            None => ModelSet::all(self.corpus.models.len()),
        };
        if let Some(passing) = &self.passing {
            set.and(passing);
        }
        set
    }

    /// The list of what the tiers leave, all models where there are no words.
    pub fn hits(&self, tiers: Option<&Tiers>, whole: bool) -> Option<Hits> {
        let rows = self.corpus.models.len();
        let (models, counts, hidden) = match (tiers, &self.passing) {
            (None, None) => {
                let mut counts = [0; Tier::COUNT];
                counts[Tier::Substring as usize] = rows;
                (self.in_order.clone(), counts, 0)
            }
            (Some(tiers), None) => {
                let (models, counts) = self.list(tiers, whole)?;
                (models, counts, 0)
            }
            (tiers, Some(passing)) => {
                let (tiers, hidden) = passed(tiers, passing);
                let (models, counts) = self.list(&tiers, whole)?;
                (models, counts, hidden)
            }
        };
        Some(Hits {
            models,
            tiers: counts,
            set: Arc::new(self.set(tiers)),
            hidden,
            barred: self.barred,
            known: if whole { Known::Whole } else { Known::Exact },
        })
    }

    /// The models that have a tier, tier by tier, in each in the list's order: all of them, or the
    /// first ones. And how many there are.
    pub fn list(
        &self,
        tiers: &Tiers,
        whole: bool,
    ) -> Option<(Buffer<ModelId>, [usize; Tier::COUNT])> {
        let counts = count(tiers);
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut list = match whole {
            true if counts.iter().sum::<usize>() > FEW => self.sorted(tiers)?,
            true => self.first(tiers, &counts, usize::MAX)?,
            false => self.first(tiers, &counts, PAGE)?,
        };
        if whole {
            let mut start = 0;
            for (tier, count) in Tier::ALL.into_iter().zip(counts) {
                if tier >= Tier::Scattered {
                    self.score(&mut list[start..start + count]);
                }
                start += count;
            }
        }
        let stopped = self.stop.load(Ordering::Relaxed);
        (!stopped).then(|| (list.into(), counts))
    }

    /// Puts the best of models that have the letters only first. In any other order than the usual
    /// one, that order was asked for.
    pub fn score(&self, found: &mut [ModelId]) {
        if self.order == Order::default() {
            matcher::best_first(self.corpus.models, self.query, found, self.stop);
        }
    }

    /// So many of the first models: where a tier has few, they are put in order by themselves.
    pub fn first(
        &self,
        tiers: &Tiers,
        counts: &[usize; Tier::COUNT],
        most: usize,
    ) -> Option<Vec<ModelId>> {
        let mut first = Vec::new();
        for (tier, count) in (0_u8..).zip(counts) {
            let room = most.min(counts.iter().sum()) - first.len();
            if room == 0 {
                break;
            }
            if *count <= FEW {
                let rows = memchr::memchr_iter(tier, tiers);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the loader refuses more rows"
                )]
                let some: Vec<ModelId> = rows.map(|row| ModelId(row as u32)).collect();
                let some = some.into_par_iter();
                let some = arrange(self.corpus.models, self.order, some, self.stop)?;
                first.extend(some.iter().take(room));
            } else {
                let all = self.in_order.iter().copied();
                first.extend(all.filter(|m| tiers[m.row()] == tier).take(room));
            }
        }
        Some(first)
    }

    fn sorted(&self, tiers: &Tiers) -> Option<Vec<ModelId>> {
        let stopped = || self.stop.load(Ordering::Relaxed);
        let stretches: Vec<[Vec<ModelId>; Tier::COUNT]> = self
            .in_order
            .par_chunks(STRETCH)
            .map_init(Sorter::new, |sorter, models| match stopped() {
                true => Default::default(),
                false => sorter.sort(models, tiers),
            })
            .collect();
        let parts = || (0..Tier::COUNT).flat_map(|tier| stretches.iter().map(move |s| &s[tier]));
        joined(parts().map(Vec::as_slice), self.stop)
    }
}

/// How many models have each tier.
pub fn count(tiers: &Tiers) -> [usize; Tier::COUNT] {
    let of_chunk = |tiers: &[u8]| {
        // Two counters in turn: one would wait for itself where a tier comes again.
        let mut counts = [[0_usize; Tier::COUNT + 1]; 2];
        for pair in tiers.chunks(2) {
            for (tier, counts) in pair.iter().zip(&mut counts) {
                counts[usize::from(*tier).min(Tier::COUNT)] += 1;
            }
        }
        std::array::from_fn(|tier| counts[0][tier] + counts[1][tier])
    };
    tiers
        .par_chunks(CHUNK)
        .map(of_chunk)
        .reduce(Default::default, |a, b| {
            std::array::from_fn(|tier| a[tier] + b[tier])
        })
}

/// Sorts stretches of the order by tier. A model goes to the end of its tier's row of cells, and
/// one without a tier to a place that the next one takes: without a branch to be guessed wrong,
/// this takes a third of the time.
struct Sorter {
    cells: Vec<ModelId>,
}

impl Sorter {
    fn new() -> Sorter {
        Sorter {
            cells: vec![ModelId(0); STRETCH * (Tier::COUNT + 1)],
        }
    }

    fn sort(&mut self, models: &[ModelId], tiers: &Tiers) -> [Vec<ModelId>; Tier::COUNT] {
        let mut ends: [usize; Tier::COUNT + 1] = std::array::from_fn(|tier| tier * STRETCH);
        for model in models {
            let tier = usize::from(tiers[model.row()].min(MISS));
            self.cells[ends[tier]] = *model;
            ends[tier] += usize::from(tier < Tier::COUNT);
        }
        std::array::from_fn(|tier| self.cells[tier * STRETCH..ends[tier]].to_vec())
    }
}

/// The tiers of those that pass, and how many others have one.
pub fn passed(tiers: Option<&Tiers>, passing: &ModelSet) -> (Tiers, usize) {
    let mut passed = match tiers {
        Some(tiers) => tiers.clone(),
        None => vec![Tier::Substring as u8; passing.rows()],
    };
    let hidden = passed
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, tiers)| {
            let mut hidden = 0;
            for (at, tiers) in tiers.chunks_mut(64).enumerate() {
                let bits = passing.word_of(chunk * CHUNK + at * 64);
                for (bit, tier) in tiers.iter_mut().enumerate() {
                    let passes = bits >> bit & 1 == 1;
                    hidden += usize::from(!passes && *tier != MISS);
                    *tier = if passes { *tier } else { MISS };
                }
            }
            hidden
        })
        .sum();
    (passed, hidden)
}
