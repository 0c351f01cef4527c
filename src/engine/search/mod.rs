//! Finding models. [`searcher`] answers a query and remembers the parts of its answer:
//! [`filters`] finds the models that pass a filter, [`pattern`] ranks every id for a pattern with the
//! help of the [`index`], and [`context`] lists the matches in order. [`first_page`] and
//! [`top_scan`] find the first of them before the rest is known; [`facets`] counts the values that
//! a filter can have, [`completions`] those that begin as typed, and [`relax`] what is found with one
//! filter less.

pub mod completions;
pub mod context;
pub mod facets;
pub mod filters;
pub mod first_page;
pub mod fuzzy;
pub mod hits;
pub mod index;
pub mod pattern;
pub mod rank;
pub mod relax;
pub mod searcher;
pub mod subsequence;
pub mod top_scan;
pub mod words;

use crate::engine::cache::archive::Buffer;
use crate::engine::lineage::graph::Graph;
use crate::engine::lineage::quantizations::Quantizations;
use crate::engine::search::index::IdIndex;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::comparison::Comparison;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::tags::Tags;

/// The parts of a hub that queries search.
#[derive(Clone, Copy)]
pub struct Corpus<'h> {
    pub models: &'h Models,
    pub graph: &'h Graph,
    pub quantizations: &'h Quantizations,
    pub suspects: &'h ModelSet,
    pub index: &'h IdIndex,
    pub tags: &'h Tags,
    pub comparison: Option<&'h Comparison>,
    /// See [`crate::engine::Hub::newest`].
    pub newest: Option<i64>,
    /// All models, the most downloaded first.
    pub by_downloads: &'h Buffer<ModelId>,
}

/// Returns the model of a row.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the loader refuses more rows"
)]
pub fn model_at(row: usize) -> ModelId {
    ModelId(row as u32)
}
