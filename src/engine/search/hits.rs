//! The result of a search.

use std::sync::Arc;

use crate::engine::cache::archive::Buffer;
use crate::engine::search::rank::{Rank, RankCounts};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;

/// The models that match a query, best first.
#[derive(Clone, Debug)]
pub struct Hits {
    /// All of them, or the first ones only where the result is not complete.
    pub models: Buffer<ModelId>,
    /// The number of matches of each rank.
    pub counts: RankCounts,
    /// The matches without those of [`Rank::Fuzzy`], which the query does not ask for.
    pub set: Arc<ModelSet>,
    /// The models that pass the filters, whatever the words; `None` without filters, and on a first page.
    pub passing: Option<Arc<ModelSet>>,
    /// The number of models that match the words and fail the filters.
    pub hidden: usize,
    /// The index of the first filter that no model passes.
    pub blocking_filter: Option<usize>,
    pub completeness: Completeness,
}

/// The completeness of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completeness {
    /// The first models and nothing else.
    FirstPage,
    /// The first models, and everything about those that contain the words.
    Exact,
    /// Everything.
    Complete,
}

impl Hits {
    /// Returns the number of matches.
    pub fn found(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Returns the number of models that contain every word.
    pub fn exact(&self) -> usize {
        self.found() - self.fuzzy()
    }

    /// Returns the number of models that contain a word as a subsequence only.
    pub fn fuzzy(&self) -> usize {
        self.counts[Rank::Subsequence as usize] + self.counts[Rank::Fuzzy as usize]
    }

    /// Returns the rank of each model of the list, where the result is complete.
    pub fn ranks(&self) -> impl Iterator<Item = Rank> {
        let counted = Rank::ALL.into_iter().zip(self.counts);
        counted.flat_map(|(rank, count)| std::iter::repeat_n(rank, count))
    }
}
