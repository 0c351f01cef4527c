//! Which models: the language of queries (`query`, `parse`, `key`, `limit`, `room`), finding ids by words
//! (`arena`, `words`, `letters`, `matcher`), testing what is known of models (`select`, `facet`),
//! and both together in an order (`answer`, `list`, `page`, `glance`).

pub mod answer;
pub mod facet;
pub mod glance;
pub mod index;
pub mod list;
pub mod matcher;
pub mod page;
pub mod select;
pub mod subsequence;
pub mod words;

use crate::engine::cache::archive::Buffer;
use crate::engine::diff::against::Against;
use crate::engine::lineage::graph::Graph;
use crate::engine::lineage::quantizations::Quantizations;
use crate::engine::search::index::Arena;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::tags::Tags;

/// What is searched: the parts of a hub that queries are about.
#[derive(Clone, Copy)]
pub struct Corpus<'h> {
    pub models: &'h Models,
    pub graph: &'h Graph,
    pub quantizations: &'h Quantizations,
    pub suspects: &'h ModelSet,
    pub arena: &'h Arena,
    pub tags: &'h Tags,
    pub against: Option<&'h Against>,
    /// All models, the most downloaded first.
    pub by_downloads: &'h Buffer<ModelId>,
}
