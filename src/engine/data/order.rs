//! Models in order: by any field, downwards or upwards, what is unknown last.

use std::cmp::Ordering;
use std::fmt;

use rayon::prelude::*;

use super::field::{FIELDS, Field, FieldInfo, Kind};
use super::models::{ModelId, Models};

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub field: Field,
    /// Smallest first (or A to Z) instead of largest first.
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

impl Order {
    /// The fields to sort by: all but words, which have no order worth a list.
    pub fn fields() -> impl Iterator<Item = &'static FieldInfo> {
        FIELDS.iter().filter(|i| i.kind != Kind::Word)
    }

    /// Reads `likes` or `likes:asc`; the largest comes first unless said otherwise, but ids go from
    /// A to Z.
    ///
    /// # Errors
    /// With the reason, in words for the person who typed it.
    pub fn parse(text: &str) -> Result<Order, String> {
        let (name, direction) = text.split_once(':').unwrap_or((text, ""));
        let is = |info: &&FieldInfo| info.name == name || info.key == name;
        let Some(info) = Order::fields().find(is) else {
            let names: Vec<&str> = Order::fields().map(|i| i.name).collect();
            return Err(format!(
                "there is no order by `{name}`; one of {}",
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

/// Every model in this order; equal ones keep the order of the source.
pub fn arrange(models: &Models, order: Order) -> Vec<ModelId> {
    arrange_some(models, order, models.all())
}

/// Some models, given by ascending row, in this order.
pub fn arrange_some(
    models: &Models,
    order: Order,
    some: impl Iterator<Item = ModelId>,
) -> Vec<ModelId> {
    match order.field.info().kind {
        Kind::Count | Kind::Share | Kind::Time => by_number(models, order, some),
        Kind::Score => arrange_by(
            order,
            some,
            |m| models.score(order.field, m),
            f64::total_cmp,
        ),
        Kind::Word => arrange_by(
            order,
            some,
            |m| models.word(order.field, m),
            |a, b| a.cmp(b),
        ),
        Kind::Text => arrange_by(order, some, |m| Some(models.id(m)), |a, b| a.cmp(b)),
    }
}

/// Most counts are 0: those are set aside unsorted, which leaves a third of the work.
fn by_number(models: &Models, order: Order, listed: impl Iterator<Item = ModelId>) -> Vec<ModelId> {
    let Some(column) = models.numbers(order.field) else {
        return listed.collect();
    };
    let mut some = Vec::new();
    let (mut zero, mut unknown) = (Vec::new(), Vec::new());
    for model in listed {
        match column.get(model.row()) {
            None => unknown.push(model),
            Some(0) => zero.push(model),
            Some(value) => some.push((
                if order.ascending {
                    value
                } else {
                    -value.max(-i64::MAX)
                },
                model,
            )),
        }
    }
    some.par_sort_unstable();
    let negative = some.partition_point(|(key, _)| *key < 0);
    let mut all = Vec::with_capacity(some.len() + zero.len() + unknown.len());
    all.extend(some[..negative].iter().map(|(_, m)| *m));
    all.append(&mut zero);
    all.extend(some[negative..].iter().map(|(_, m)| *m));
    all.append(&mut unknown);
    all
}

/// Anything in an order by what `key` finds of it, what is unknown last; equal ones by themselves.
pub fn arrange_by<T: Copy + Ord + Send + Sync, K: Send + Sync>(
    order: Order,
    listed: impl IntoIterator<Item = T>,
    key: impl Fn(T) -> Option<K> + Sync,
    compare: impl Fn(&K, &K) -> Ordering + Sync,
) -> Vec<T> {
    let mut keyed: Vec<(Option<K>, T)> = listed.into_iter().map(|m| (key(m), m)).collect();
    keyed.par_sort_unstable_by(|(a, at), (b, bt)| {
        let by_key = match (a, b) {
            (Some(a), Some(b)) if order.ascending => compare(a, b),
            (Some(a), Some(b)) => compare(b, a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_key.then(at.cmp(bt))
    });
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
        arrange(&models(), Order { field, ascending })
            .iter()
            .map(|m| m.0)
            .collect()
    }

    #[test]
    fn unknown_is_last_both_ways_and_equals_keep_their_order() {
        assert_eq!(rows(Field::Likes, false), [3, 0, 4, 2, 1]);
        assert_eq!(rows(Field::Likes, true), [2, 0, 4, 3, 1]);
        assert_eq!(rows(Field::Id, true), [0, 4, 1, 2, 3]);
        assert_eq!(rows(Field::Params, false), [0, 1, 2, 3, 4]);
    }
}
