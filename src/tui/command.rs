//! The shell command that prints what a pane shows, so that what was found by looking can go on
//! in a script.

use crate::engine::data::order::Order;
use crate::format::shell_word;

/// The command that prints what a query finds, in this order where the query asks for none.
pub fn search(query: &str, order: Order, data: Option<&str>) -> String {
    let sort = (order != Order::default()).then(|| format!("--sort {order}"));
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

#[cfg(test)]
mod tests {
    use super::*;

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
