//! Sorts models in an order, on all cores.

use std::cmp::{Ordering, Reverse};
use std::sync::atomic::{self, AtomicBool};

use rayon::prelude::*;

use crate::engine::table::bitset::CHUNK;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::model_id::ModelId;
use crate::engine::table::models::Models;
use crate::engine::table::order::Order;
use crate::engine::table::sort::sorted;

/// The number of models from which those that are equal by one field are sorted in parallel.
const MANY: usize = 4_096;

/// Sorts some models, unknown values last, equal ones by their rows; `None` when `stop` was set
/// meanwhile.
pub fn arrange(
    models: &Models,
    order: Order,
    some: impl IndexedParallelIterator<Item = ModelId>,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let mut list = by_first(models, order, some, stop)?;
    let Some(further) = order.further() else {
        return Some(list);
    };
    let compare = |order: Order, a: ModelId, b: ModelId| compared(models, order, a, b);
    for equal in list.chunk_by_mut(|a, b| compare(order, *a, *b).is_eq()) {
        if stop.load(atomic::Ordering::Relaxed) {
            return None;
        }
        if equal.len() < MANY {
            let by_keys = |a: ModelId, b: ModelId| {
                let mut keys = further.keys().map(|key| compare(key, a, b));
                keys.find(|found| found.is_ne()).unwrap_or(a.cmp(&b))
            };
            equal.sort_unstable_by(|a, b| by_keys(*a, *b));
        } else {
            let sorted = arrange(models, further, equal.par_iter().copied(), stop)?;
            equal.copy_from_slice(&sorted);
        }
    }
    Some(list)
}

/// Compares two models by the first field of an order.
fn compared(models: &Models, order: Order, a: ModelId, b: ModelId) -> Ordering {
    let field = order.field;
    match field.info().kind {
        Kind::Score => {
            let score = |m| models.score(field, m);
            order.comparing(f64::total_cmp)(&score(a), &score(b))
        }
        Kind::Word => {
            let word = |m| models.word(field, m);
            order.comparing(<&str>::cmp)(&word(a), &word(b))
        }
        Kind::Text => order.comparing(<&str>::cmp)(&Some(models.id(a)), &Some(models.id(b))),
        _ => {
            let number = |m| models.number(field, m);
            order.comparing(i64::cmp)(&number(a), &number(b))
        }
    }
}

/// Sorts by the first field of an order.
fn by_first(
    models: &Models,
    order: Order,
    some: impl IndexedParallelIterator<Item = ModelId>,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let field = order.field;
    match field.info().kind {
        Kind::Count if is_small(models, field, some.len()) => by_small(models, order, some, stop),
        Kind::Count | Kind::Bytes | Kind::Change | Kind::Share | Kind::Growth | Kind::Time => {
            directed(some, |m| models.number(field, m), order, stop)
        }
        Kind::Score => {
            let score = |m| models.score(field, m).map(in_total_order);
            directed(some, score, order, stop)
        }
        Kind::Word => directed(some, |m| models.word(field, m), order, stop),
        Kind::Text => {
            let key = |m| {
                let id = models.id(m);
                Some((beginning(id), id))
            };
            directed(some, key, order, stop)
        }
    }
}

fn directed<K: Copy + Ord + Send + Sync>(
    some: impl IndexedParallelIterator<Item = ModelId>,
    key: impl Fn(ModelId) -> Option<K> + Sync,
    order: Order,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    match order.ascending {
        true => sorted(some, |m| Some((key(m)?, m)), |item| item.1, stop),
        false => sorted(some, |m| Some((Reverse(key(m)?), m)), |item| item.1, stop),
    }
}

/// Returns true if all numbers of a field fit 32 bits, where enough models are sorted to be worth
/// the look.
fn is_small(models: &Models, field: Field, listed: usize) -> bool {
    let is_small = |numbers: &[i64]| {
        let all = numbers.iter();
        all.fold(true, |small, n| small & (0..1 << 32).contains(n))
    };
    let column = models.numbers_kept(field);
    let values = column.filter(|_| listed > models.len() / 8);
    values.is_some_and(|column| {
        let values = column.downcast_as_array().values().par_chunks(CHUNK);
        values.all(is_small)
    })
}

/// Sorts as [`directed`] by such numbers: with the row in the lower half, each is one number to
/// sort, which takes half the time and memory.
fn by_small(
    models: &Models,
    order: Order,
    some: impl IndexedParallelIterator<Item = ModelId>,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let item = |model: ModelId| {
        let number = u32::try_from(models.number(order.field, model)?).ok()?;
        let key = if order.ascending { number } else { !number };
        Some(u64::from(key) << 32 | u64::from(model.0))
    };
    sorted(some, item, |item| ModelId(item as u32), stop)
}

/// Returns the first eight bytes as a number that compares as they do: it distinguishes most texts
/// without a look at them.
fn beginning(text: &str) -> u64 {
    let bytes = text.bytes().chain(std::iter::repeat(0));
    bytes
        .take(8)
        .fold(0, |all, byte| all << 8 | u64::from(byte))
}

/// Returns a whole number that compares as the score does by [`f64::total_cmp`].
fn in_total_order(score: f64) -> i64 {
    let bits = score.to_bits().cast_signed();
    // A larger bit pattern is a smaller score below zero.
    bits ^ (bits >> 63).cast_unsigned().wrapping_shr(1).cast_signed()
}

/// Sorts items by the keys that `key` returns in the direction of an order, unknown keys last, equal
/// ones by the items.
pub fn arrange_by<T: Copy + Ord + Send + Sync, K: Send + Sync>(
    order: Order,
    listed: impl IntoIterator<Item = T>,
    key: impl Fn(T) -> Option<K> + Sync,
    compare: impl Fn(&K, &K) -> Ordering + Sync,
) -> Vec<T> {
    let mut keyed: Vec<(Option<K>, T)> = listed.into_iter().map(|m| (key(m), m)).collect();
    let compare = order.comparing(compare);
    keyed.par_sort_unstable_by(|(a, at), (b, bt)| compare(a, b).then(at.cmp(bt)));
    keyed.into_iter().map(|(_, m)| m).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};

    fn models() -> Models {
        let ids = StringChunked::from_slice("id".into(), &["a/0", "b/1", "c/2", "d/3", "a/4"]);
        let likes = Series::new(
            "likes".into(),
            [Some(5_i64), None, Some(0), Some(7), Some(5)],
        );
        Models::new(&ids)
            .unwrap()
            .with(Field::Likes, &likes)
            .unwrap()
    }

    fn rows(field: Field, ascending: bool) -> Vec<u32> {
        let (models, never) = (models(), AtomicBool::new(false));
        arrange(
            &models,
            Order::by(field, ascending),
            models.par_all(),
            &never,
        )
        .unwrap()
        .iter()
        .map(|m| m.0)
        .collect()
    }

    #[test]
    fn scores_are_in_total_order() {
        let scores = [
            f64::NEG_INFINITY,
            -2.5,
            -f64::MIN_POSITIVE,
            -0.0,
            0.0,
            1e-300,
            7.0,
            f64::INFINITY,
            f64::NAN,
        ];
        for (a, b) in scores
            .iter()
            .flat_map(|a| scores.iter().map(move |b| (*a, *b)))
        {
            assert_eq!(in_total_order(a).cmp(&in_total_order(b)), a.total_cmp(&b));
        }
    }

    #[test]
    fn unknown_is_last_both_ways_and_equals_keep_their_order() {
        assert_eq!(rows(Field::Likes, false), [3, 0, 4, 2, 1]);
        assert_eq!(rows(Field::Likes, true), [2, 0, 4, 3, 1]);
        assert_eq!(rows(Field::Id, true), [0, 4, 1, 2, 3]);
        assert_eq!(rows(Field::Params, false), [0, 1, 2, 3, 4]);
    }

    /// Every order of up to four fields, compared with a sort of all values at once.
    #[test]
    fn several_fields_decide_one_after_the_other() {
        let fields = [Field::Likes, Field::Downloads, Field::Params, Field::Task];
        let rows = 9_000_u64;
        // Most values are equal, which are sorted in parallel; some are unknown.
        let value = |row: u64, salt: u64| {
            let mixed = (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 + salt * 2) >> 40;
            match mixed % 8 {
                0..5 => Some(0),
                5 => Some(1),
                6 => Some(2),
                _ => None,
            }
        };
        let ids: Vec<String> = (0..rows).map(|row| format!("a/{row}")).collect();
        let ids = StringChunked::from_iter_values("id".into(), ids.iter().map(String::as_str));
        let mut models = Models::new(&ids).unwrap();
        for (field, salt) in fields.into_iter().zip(0..) {
            let values: Vec<Option<i64>> = (0..rows).map(|row| value(row, salt)).collect();
            let column = match field.info().kind {
                Kind::Word => continue,
                _ => Series::new("x".into(), values),
            };
            models = models.with(field, &column).unwrap();
        }
        let never = AtomicBool::new(false);
        for text in [
            "likes,downloads",
            "likes:asc,downloads",
            "downloads,likes:asc,params",
            "params:asc,downloads:asc,likes,id:desc",
            "id,likes",
        ] {
            let order = Order::parse(text).unwrap();
            let found = arrange(&models, order, models.par_all(), &never).unwrap();
            let mut wanted: Vec<ModelId> = models.all().collect();
            wanted.sort_by_cached_key(|model| {
                let key = |key: Order| match key.field {
                    Field::Id => (false, 0, models.id(*model).bytes().collect::<Vec<_>>()),
                    field => {
                        let value = models.number(field, *model);
                        let sign = if key.ascending { 1 } else { -1 };
                        (value.is_none(), value.unwrap_or(0) * sign, Vec::new())
                    }
                };
                order.keys().map(key).collect::<Vec<_>>()
            });
            if text.ends_with("id:desc") {
                // Ids are the last key: equal rows are turned round.
                let same = |a: &ModelId, b: &ModelId| {
                    let keys = order.keys().take(3);
                    keys.into_iter()
                        .all(|k| models.number(k.field, *a) == models.number(k.field, *b))
                };
                wanted.chunk_by_mut(same).for_each(<[_]>::reverse);
            }
            assert_eq!(found, wanted, "{text}");
        }
        let stopped = arrange(
            &models,
            Order::parse("likes,downloads").unwrap(),
            models.par_all(),
            &AtomicBool::new(true),
        );
        assert_eq!(stopped, None);
    }
}
