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

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::data::block::Column;
use crate::engine::data::field::Field;
use crate::engine::data::models::{ModelId, Models, billionths};
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
    walk_in(PORTION, set, start, take, join)
}

/// The same in parts of at least so many stretches.
fn walk_in<T: Send>(
    portion: usize,
    set: &ModelSet,
    start: impl Fn() -> T + Send + Sync,
    take: impl Fn(&mut T, ModelId) + Send + Sync,
    join: impl Fn(T, T) -> T + Send + Sync,
) -> T {
    let parts = chunks(set.rows()).into_par_iter().with_min_len(portion);
    parts
        .fold(&start, |mut all, rows| {
            each(set, rows, |model| take(&mut all, model));
            all
        })
        .reduce(&start, join)
}

/// Hands the models of a set within a stretch of rows, which begins at a multiple of 64, to `take`:
/// as [`ModelSet::within`], but in one loop.
fn each(set: &ModelSet, rows: Range<usize>, mut take: impl FnMut(ModelId)) {
    for start in rows.step_by(64) {
        let mut word = set.word_of(start);
        while word != 0 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the loader refuses more rows"
            )]
            take(ModelId(start as u32 + word.trailing_zeros()));
            word &= word - 1;
        }
    }
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
