//! How many and how much, over any set of models. Each figure is a walk over the set's rows on
//! all cores; nothing is sorted that need not be, for a person may be waiting for every one.

pub mod edges;
pub mod frequency;
pub mod histogram;
pub mod summary;
pub mod values;

use rayon::prelude::*;

use crate::engine::data::models::ModelId;
use crate::engine::data::set::{ModelSet, chunks};

/// No less is given to a core at once: starting and joining a part costs, too.
const PORTION: usize = 8;

/// Walks over the models of a set, by ascending row within each part, and joins what the parts
/// came to in their order.
fn walk<T: Send>(
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    take: impl Fn(&mut T, ModelId) + Send + Sync,
    join: impl Fn(T, T) -> T + Send + Sync,
) -> T {
    let parts = chunks(set.rows()).into_par_iter().with_min_len(PORTION);
    parts
        .fold(&start, |mut all, rows| {
            set.within(rows).for_each(|model| take(&mut all, model));
            all
        })
        .reduce(&start, join)
}
