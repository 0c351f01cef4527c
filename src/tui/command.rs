//! An order as commands and queries write it.

use crate::engine::data::field::{FIELDS, Field};
use crate::engine::search::rank::Order;

/// An order as `--sort` and `sort:` take it; nothing for the usual one.
pub fn order_word(order: Order) -> Option<String> {
    let key = order.field.info().key;
    // Ids go from A to Z unless said otherwise, so both directions are said.
    let direction = match (order.field, order.ascending) {
        (Field::Id, false) => ":desc",
        (_, true) => ":asc",
        (_, false) => "",
    };
    (order != Order::default()).then(|| format!("{key}{direction}"))
}

/// The other way round of [`order_word`].
pub fn order_of(word: &str) -> Option<Order> {
    let (key, direction) = word.split_once(':').unwrap_or((word, ""));
    let info = FIELDS.iter().find(|info| info.key == key)?;
    let ascending = match direction {
        "asc" => true,
        "desc" | "" => false,
        _ => return None,
    };
    Some(Order {
        field: info.field,
        ascending,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_written() {
        for info in &FIELDS {
            for ascending in [false, true] {
                let order = Order {
                    field: info.field,
                    ascending,
                };
                let read = order_word(order).map_or(Some(Order::default()), |w| order_of(&w));
                assert_eq!(read, Some(order));
            }
        }
        assert_eq!(order_of("size"), None);
        assert_eq!(order_of("likes:up"), None);
    }
}
