//! Orders of models: by any field, descending or ascending, unknown values last.

use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use crate::engine::table::bitset::CHUNK;
use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::table::model_id::ModelId;
use crate::engine::table::models::Models;
use crate::engine::table::sort::sorted;

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub field: Field,
    /// True if the smallest come first (or A to Z) instead of the largest.
    pub ascending: bool,
}

impl Default for Order {
    fn default() -> Order {
        Order {
            field: Field::Downloads,
            ascending: false,
        }
    }
}

/// Other names of fields to sort by.
const ALIASES: [(&str, &str); 4] = [
    ("age", "created"),
    ("downloads_all", "all"),
    ("family", "family_downloads"),
    ("size", "params"),
];

impl Order {
    /// Returns the fields to sort by: all but words, which have no natural order.
    pub fn fields() -> impl Iterator<Item = &'static FieldInfo> {
        FIELDS.iter().filter(|i| i.kind != Kind::Word)
    }

    /// Parses `likes` or `likes:asc`; the largest come first by default, but ids go from A to Z.
    ///
    /// # Errors
    /// With the reason, for the user who typed it.
    pub fn parse(text: &str) -> Result<Order, String> {
        let (name, direction) = text.split_once(':').unwrap_or((text, ""));
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, name)| *name);
        let is = |info: &&FieldInfo| info.name == name || info.key == name;
        let Some(info) = Order::fields().find(is) else {
            let names: Vec<&str> = Order::fields().map(|i| i.name).collect();
            return Err(format!(
                "unknown field `{name}` to sort by; one of {}",
                names.join(", ")
            ));
        };
        let ascending = match direction {
            "" => info.field == Field::Id,
            "asc" => true,
            "desc" => false,
            other => return Err(format!("`{other}` is neither `asc` nor `desc`")),
        };
        Ok(Order {
            field: info.field,
            ascending,
        })
    }

    /// Returns the comparison of values in this direction, unknown ones last in both.
    fn with<K>(
        self,
        compare: impl Fn(&K, &K) -> Ordering,
    ) -> impl Fn(&Option<K>, &Option<K>) -> Ordering {
        move |a, b| match (a, b) {
            (Some(a), Some(b)) if self.ascending => compare(a, b),
            (Some(a), Some(b)) => compare(b, a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match (self.field == Field::Id, self.ascending) {
            (false, true) => ":asc",
            (true, false) => ":desc",
            _ => "",
        };
        write!(f, "{}{direction}", self.field.info().name)
    }
}

/// Sorts some models, unknown values last, equal ones by their rows; `None` when `stop` was set
/// meanwhile.
pub fn arrange(
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

/// Sorts items by the keys that `key` returns, unknown keys last, equal ones by the items.
pub fn arrange_by<T: Copy + Ord + Send + Sync, K: Send + Sync>(
    order: Order,
    listed: impl IntoIterator<Item = T>,
    key: impl Fn(T) -> Option<K> + Sync,
    compare: impl Fn(&K, &K) -> Ordering + Sync,
) -> Vec<T> {
    let mut keyed: Vec<(Option<K>, T)> = listed.into_iter().map(|m| (key(m), m)).collect();
    let compare = order.with(compare);
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
            Order { field, ascending },
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
}
