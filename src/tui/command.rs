//! The shell command that prints what a pane shows, so that what was found by looking can go on
//! in a script.

use crate::engine::data::field::{FIELDS, Field};
use crate::engine::search::rank::Order;
use crate::format::shell_word;

/// The command that prints what a query finds.
pub fn search(query: &str, order: Order, data: Option<&str>) -> String {
    let sort = order_word(order).map(|order| format!("--sort {order}"));
    command("search", sort, data, query)
}

/// The command that prints a model.
pub fn show(id: &str, data: Option<&str>) -> String {
    command("show", None, data, id)
}

fn command(name: &str, option: Option<String>, data: Option<&str>, word: &str) -> String {
    let data = data.map(|data| match data.starts_with('-') {
        // As a word of its own it would be taken for an option.
        true => format!("--data={}", shell_word(data)),
        false => format!("--data {}", shell_word(data)),
    });
    let dashed = word.starts_with('-').then(|| "--".to_owned());
    let parts = ["hubscope".to_owned(), name.to_owned()]
        .into_iter()
        .chain(option)
        .chain(data)
        .chain(dashed)
        .chain([shell_word(word)]);
    parts.collect::<Vec<_>>().join(" ")
}

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

    #[test]
    fn what_begins_with_a_dash_is_no_option() {
        let usual = Order::default();
        assert_eq!(
            search("-author:x y", usual, None),
            "hubscope search -- '-author:x y'"
        );
        assert_eq!(
            search("", usual, Some("-a b")),
            "hubscope search --data='-a b' ''"
        );
        assert_eq!(
            show("-rf", Some("a.parquet")),
            "hubscope show --data a.parquet -- '-rf'"
        );
    }
}
