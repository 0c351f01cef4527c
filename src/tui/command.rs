//! The shell command that prints what a pane shows, so that what was found by looking can go on
//! in a script.

use crate::engine::lineage::tree::TreeOptions;
use crate::engine::stats::histogram::Binning;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::present::format::shell_word;

/// The source and the older snapshot, as the user named them.
#[derive(Clone, Copy, Default)]
pub struct Opened<'a> {
    /// `None` where it was found unnamed.
    pub data: Option<&'a str>,
    /// The older snapshot that it is compared with, if it is.
    pub against: Option<&'a str>,
}

/// Returns the command that prints the results of a query; `order` counts where the query states none.
pub fn search(query: &str, order: Order, from: Opened) -> String {
    let sort = (order != Order::default()).then(|| format!("--sort {order}"));
    command("search", sort, from, Some(query))
}

/// Returns the command that prints a model.
pub fn show(id: &str, from: Opened) -> String {
    command("show", None, from, Some(id))
}

/// Returns the command that prints the descendants of a model in an order, or only those that match
/// a query.
pub fn tree(id: &str, order: Order, query: Option<&str>, from: Opened) -> String {
    let query = query.and_then(asked);
    command("tree", sort_families(order).chain(query), from, Some(id))
}

/// Returns the command that prints the largest families by this order.
pub fn roots(order: Order, from: Opened) -> String {
    command("roots", sort_families(order), from, None)
}

/// Returns the command that prints the histogram of a field over the models that match a query.
pub fn hist(field: Field, binning: Binning, query: &str, from: Opened) -> String {
    let scale = (binning.scale != Binning::of(field).scale)
        .then(|| format!("--scale {}", binning.scale.name()));
    let bins = binning.bins.map(|bins| format!("--bins {bins}"));
    let options = scale.into_iter().chain(bins).chain(asked(query));
    command("hist", options, from, Some(field.info().key))
}

/// Returns the command that prints the tables of the report on the models that match a query.
pub fn stats(query: &str, from: Opened) -> String {
    command("stats", asked(query), from, None)
}

fn asked(query: &str) -> Option<String> {
    // As one word, for a query may begin with a dash.
    (!query.is_empty()).then(|| format!("--where={}", shell_word(query)))
}

fn sort_families(order: Order) -> impl Iterator<Item = String> {
    let sort = (order != TreeOptions::DEFAULT_ORDER).then(|| format!("--sort {order}"));
    sort.into_iter()
}

fn command(
    name: &str,
    options: impl IntoIterator<Item = String>,
    from: Opened,
    word: Option<&str>,
) -> String {
    let named = |option: &str, path: &str| match path.starts_with('-') {
        // As a word of its own it would be taken for an option.
        true => format!("{option}={}", shell_word(path)),
        false => format!("{option} {}", shell_word(path)),
    };
    let data = from.data.map(|path| named("--data", path));
    let against = from.against.map(|path| named("--against", path));
    let dashed = word
        .filter(|word| word.starts_with('-'))
        .map(|_| "--".to_owned());
    let parts = ["hubscope".to_owned(), name.to_owned()]
        .into_iter()
        .chain(options)
        .chain(data)
        .chain(against)
        .chain(dashed)
        .chain(word.map(shell_word));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stats::edges::Scale;

    #[test]
    fn what_begins_with_a_dash_is_no_option() {
        let nothing = Opened::default();
        let of = |data| Opened {
            data: Some(data),
            ..nothing
        };
        let usual = Order::default();
        assert_eq!(
            search("-author:x y", usual, nothing),
            "hubscope search -- '-author:x y'"
        );
        assert_eq!(
            search("", usual, of("-a b")),
            "hubscope search --data='-a b' ''"
        );
        assert_eq!(
            show("-rf", of("a.parquet")),
            "hubscope show --data a.parquet -- '-rf'"
        );
        assert_eq!(
            tree(
                "a/b",
                TreeOptions::DEFAULT_ORDER,
                Some("-author:x"),
                nothing
            ),
            "hubscope tree --where='-author:x' a/b"
        );
        let usual_bins = Binning::of(Field::Likes);
        assert_eq!(
            hist(Field::Likes, usual_bins, "", nothing),
            "hubscope hist likes"
        );
        let twelve = Binning {
            scale: Scale::Linear,
            bins: Some(12),
        };
        assert_eq!(
            hist(Field::Likes, twelve, "a", nothing),
            "hubscope hist --scale linear --bins 12 --where=a likes"
        );
        assert_eq!(
            stats("-author:x", nothing),
            "hubscope stats --where='-author:x'"
        );
        assert_eq!(roots(usual, nothing), "hubscope roots --sort downloads");
        let both = Opened {
            data: Some("new.parquet"),
            against: Some("the old"),
        };
        assert_eq!(
            search("delta:>1K", usual, both),
            "hubscope search --data new.parquet --against 'the old' 'delta:>1K'"
        );
    }
}
