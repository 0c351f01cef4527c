//! How many and how much, over any set of models. Each figure is a walk over the set's rows on
//! all cores; nothing is sorted that need not be, for a person may be waiting for every one.

pub mod density;
pub mod edges;
pub mod frequency;
pub mod histogram;
pub mod rank;
pub mod steps;
pub mod summary;
pub mod values;

use rayon::prelude::*;

use crate::engine::table::bitset::{ModelSet, Rows, chunks};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models, billionths};

/// No less is given to a core at once, in stretches of rows: starting and joining a part costs, too.
const PORTION: usize = 8;

/// Walks over the rows of a set, in ascending order within each part, and joins what the parts came
/// to in their order.
fn walk<T: Send>(
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    take: impl Fn(&mut T, Rows) + Send + Sync,
    join: impl Fn(T, T) -> T + Send + Sync,
) -> T {
    walk_in(4, set, start, take, join)
}

/// The same in about so many parts for each core.
fn walk_in<T: Send>(
    parts: usize,
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    take: impl Fn(&mut T, Rows) + Send + Sync,
    join: impl Fn(T, T) -> T + Send + Sync,
) -> T {
    let stretches = chunks(set.rows());
    let portion = stretches.len() / (rayon::current_num_threads() * parts) + 1;
    let stretches = stretches.into_par_iter().with_min_len(portion.max(PORTION));
    stretches
        .fold(&start, |mut all, stretch| {
            set.rows_in(stretch).for_each(|rows| take(&mut all, rows));
            all
        })
        .reduce(&start, join)
}

/// Counts of two parts together.
fn added<N: std::ops::AddAssign + Copy>(mut all: Vec<N>, more: Vec<N>) -> Vec<N> {
    all.iter_mut()
        .zip(more)
        .for_each(|(all, more)| *all += more);
    all
}

/// Reads a field model by model: as [`Models::number`], but looks for the column only once.
fn reader(models: &Models, field: Field) -> impl Fn(ModelId) -> Option<i64> + Send + Sync + use<> {
    let column = |field| Column::numbers(models, field);
    // To write all shares out would take longer than to read them.
    let (own, whole) = match field {
        Field::RecentShare => (Field::Downloads, Some(column(Field::DownloadsAllTime))),
        _ => (field, None),
    };
    let own = column(own);
    move |model| {
        let value = own.as_ref()?.get(model)?;
        match &whole {
            None => Some(value),
            Some(whole) => billionths(value, whole.as_ref()?.get(model)?),
        }
    }
}
