//! The context of one query: its filters applied, its order established. It lists the models that
//! the ranks of the words leave, rank by rank, each rank in the order of the list.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::engine::cache::archive::Buffer;
use crate::engine::query::ast::Query;
use crate::engine::search::fuzzy::{self, SCORED};
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::search::rank::{MISS, Rank, RankCounts, Ranks, count, passed};
use crate::engine::search::{Corpus, model_at};
use crate::engine::table::arrange::arrange;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::sort::joined;

/// The length of a first page, more than any screen shows.
pub const PAGE: usize = 512;
/// The maximum number of models whose ranks are sorted; larger sets are found in a pass over the sorted list
/// of all models.
const FEW: usize = 16_384;
/// The number of models that are partitioned by rank between two checks of the cancel flag.
const PARTITION: usize = 16_384;

/// One query on one hub.
pub struct QueryContext<'q> {
    pub corpus: Corpus<'q>,
    pub query: &'q Query,
    pub order: Order,
    /// All models in this order.
    pub list: Buffer<ModelId>,
    /// The models that pass the filters; `None` if there are no filters.
    pub passing: Option<ModelSet>,
    /// See [`Hits::blocking_filter`].
    pub blocking_filter: Option<usize>,
    pub cancel: &'q AtomicBool,
}

impl QueryContext<'_> {
    /// Returns true if the result is no longer wanted.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Removes the models that are not in a set.
    pub fn restrict(&mut self, set: &ModelSet) {
        match &mut self.passing {
            Some(passing) => passing.and(set),
            none => *none = Some(set.clone()),
        }
    }

    /// Returns the models that the query asks for: without those of [`Rank::Fuzzy`].
    pub fn set(&self, ranks: Option<&Ranks>) -> ModelSet {
        let mut set = match ranks {
            Some(ranks) => ModelSet::up_to(ranks, Rank::Subsequence as u8),
            None => ModelSet::all(self.corpus.models.len()),
        };
        if let Some(passing) = &self.passing {
            set.and(passing);
        }
        set
    }

    /// Returns the result for the ranks of the words; for all models if there are no words. `None`
    /// if cancelled.
    pub fn hits(&self, ranks: Option<&Ranks>, completeness: Completeness) -> Option<Hits> {
        let passed = self.passing.as_ref().map(|set| passed(ranks, set));
        let passing_ranks = passed.as_ref().map(|(ranks, _)| ranks);
        let (models, counts) = match passing_ranks.or(ranks) {
            Some(ranks) => self.sorted(ranks, completeness)?,
            None => {
                let mut counts = [0; Rank::COUNT];
                counts[Rank::Substring as usize] = self.corpus.models.len();
                (self.list.clone(), counts)
            }
        };
        Some(Hits {
            models,
            counts,
            set: Arc::new(self.set(ranks)),
            passing: self.passing.clone().map(Arc::new),
            hidden: passed.map_or(0, |(_, hidden)| hidden),
            blocking_filter: self.blocking_filter,
            completeness,
        })
    }

    /// Returns a result of which only the first models are known.
    pub fn page(&self, models: Vec<ModelId>) -> Hits {
        Hits {
            models: models.into(),
            counts: [0; Rank::COUNT],
            set: Arc::new(ModelSet::none(0)),
            passing: None,
            hidden: 0,
            blocking_filter: self.blocking_filter,
            completeness: Completeness::FirstPage,
        }
    }

    /// Returns the first page of models that match as subsequences, given in the order of the list.
    pub fn scored_page(&self, mut models: Vec<ModelId>) -> Hits {
        models.truncate(SCORED);
        self.sort_by_score(&mut models);
        models.truncate(PAGE);
        self.page(models)
    }

    /// Returns the models that match, all or the first ones, and their counts.
    fn sorted(
        &self,
        ranks: &Ranks,
        completeness: Completeness,
    ) -> Option<(Buffer<ModelId>, RankCounts)> {
        let counts = count(ranks);
        if self.is_cancelled() {
            return None;
        }
        if completeness != Completeness::Complete {
            return Some((self.first(ranks, &counts, PAGE)?.into(), counts));
        }
        let mut models = match counts.iter().sum::<usize>() > FEW {
            true => self.partitioned(ranks)?,
            false => self.first(ranks, &counts, usize::MAX)?,
        };
        let [.., subsequence, fuzzy] = counts;
        let exact = models.len() - subsequence - fuzzy;
        let (subsequences, fuzzy) = models[exact..].split_at_mut(subsequence);
        self.sort_by_score(subsequences);
        self.sort_by_score(fuzzy);
        (!self.is_cancelled()).then(|| (models.into(), counts))
    }

    /// Moves the best subsequence matches to the front. Any other order than the default was
    /// requested, and is kept.
    fn sort_by_score(&self, models: &mut [ModelId]) {
        if self.order == Order::default() {
            fuzzy::best_first(self.corpus.models, self.query, models, self.cancel);
        }
    }

    /// Returns up to `limit` of the first models that match.
    pub fn first(&self, ranks: &Ranks, counts: &RankCounts, limit: usize) -> Option<Vec<ModelId>> {
        let limit = limit.min(counts.iter().sum());
        let mut first = Vec::new();
        for (rank, count) in (0_u8..).zip(counts) {
            let left = limit - first.len();
            if left == 0 {
                break;
            }
            if *count <= FEW {
                let rows = memchr::memchr_iter(rank, ranks);
                let some: Vec<ModelId> = rows.map(model_at).collect();
                let some = self.arranged(some)?;
                first.extend(some.iter().take(left));
            } else {
                let all = self.list.iter().copied();
                first.extend(all.filter(|m| ranks[m.row()] == rank).take(left));
            }
        }
        Some(first)
    }

    /// Sorts models in the order of the list.
    pub fn arranged(&self, models: Vec<ModelId>) -> Option<Vec<ModelId>> {
        let models = models.into_par_iter();
        arrange(self.corpus.models, self.order, models, self.cancel)
    }

    /// Returns all models that match, by partitioning the list.
    fn partitioned(&self, ranks: &Ranks) -> Option<Vec<ModelId>> {
        let cells = || vec![ModelId(0); PARTITION * (Rank::COUNT + 1)];
        let partitions: Vec<[Vec<ModelId>; Rank::COUNT]> = self
            .list
            .par_chunks(PARTITION)
            .map_init(cells, |cells, models| match self.is_cancelled() {
                true => Default::default(),
                false => partition(cells, models, ranks),
            })
            .collect();
        let parts = (0..Rank::COUNT).flat_map(|rank| partitions.iter().map(move |p| &p[rank][..]));
        joined(parts, self.cancel)
    }
}

/// Partitions models by rank. Each model is written to the next cell of its rank; a miss is
/// overwritten by the next one. Without a branch to mispredict, this takes a third of the time.
fn partition(
    cells: &mut [ModelId],
    models: &[ModelId],
    ranks: &Ranks,
) -> [Vec<ModelId>; Rank::COUNT] {
    let mut ends: [usize; Rank::COUNT + 1] = std::array::from_fn(|rank| rank * PARTITION);
    for model in models {
        let rank = usize::from(ranks[model.row()].min(MISS));
        cells[ends[rank]] = *model;
        ends[rank] += usize::from(rank < Rank::COUNT);
    }
    std::array::from_fn(|rank| cells[rank * PARTITION..ends[rank]].to_vec())
}
