//! The shell command that prints what a pane shows, so that what was found by looking can go on
//! in a script, or into a file.

use std::fmt;

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

/// A command of the program, which prints what a view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    name: &'static str,
    /// Each with its value, if it has one, after `=`.
    options: Vec<String>,
    /// The id, field or query.
    word: Option<String>,
}

/// A format that commands print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFormat {
    pub name: &'static str,
    pub option: &'static str,
    /// The extension of files in it.
    pub extension: &'static str,
    /// True if it is text.
    pub is_text: bool,
}

const fn text(name: &'static str, option: &'static str, extension: &'static str) -> RowFormat {
    RowFormat {
        name,
        option,
        extension,
        is_text: true,
    }
}

const TABLES: [RowFormat; 3] = [
    text("CSV", "--csv", "csv"),
    text("JSON", "--json", "json"),
    text("Markdown", "--markdown", "md"),
];
const PARQUET: RowFormat = RowFormat {
    is_text: false,
    ..text("Parquet", "--parquet", "parquet")
};
const IDS: RowFormat = text("ids", "--ids", "txt");
const SVG: RowFormat = text("SVG", "--svg", "svg");

impl ShellCommand {
    fn new(name: &'static str, options: impl IntoIterator<Item = String>, from: Opened) -> Self {
        let data = from.data.map(|path| format!("--data={path}"));
        let against = from.against.map(|path| format!("--against={path}"));
        ShellCommand {
            name,
            options: options.into_iter().chain(data).chain(against).collect(),
            word: None,
        }
    }

    fn on(self, word: impl Into<String>) -> ShellCommand {
        ShellCommand {
            word: Some(word.into()),
            ..self
        }
    }

    /// Returns the formats that the command prints.
    pub fn formats(&self) -> Vec<RowFormat> {
        let own: &[RowFormat] = match self.name {
            "search" | "tree" | "roots" => &[PARQUET, IDS],
            "hist" | "history show" => &[SVG],
            _ => &[],
        };
        [&TABLES, own].concat()
    }

    /// Returns the command that prints everything in a format, not only the first rows.
    pub fn whole(&self, format: RowFormat) -> ShellCommand {
        let limits: &[&str] = match self.name {
            "search" | "roots" => &["--limit=0"],
            "tree" => &["--depth=1000", "--limit=0"],
            _ => &[],
        };
        let own = limits.iter().chain([&format.option]);
        let own = own.map(|option| (*option).to_owned());
        // Of an option that is stated twice, the later one would be an error.
        let others = self.options.iter().filter(|option| {
            let name = |option: &str| option.split('=').next().map(str::to_owned);
            limits.iter().all(|limit| name(limit) != name(option))
        });
        ShellCommand {
            options: own.chain(others.cloned()).collect(),
            ..self.clone()
        }
    }

    /// Returns the name of what it prints, as a file without its extension.
    pub fn subject(&self) -> &'static str {
        match self.name {
            "search" => "models",
            "roots" => "families",
            "hist" => "histogram",
            "stats" => "statistics",
            "show" => "model",
            "schema" => "columns",
            "history show" => "curve",
            name => name,
        }
    }

    /// Returns the arguments of the program.
    pub fn arguments(&self) -> Vec<String> {
        let name = self.name.split(' ').map(str::to_owned);
        let options = self.options.iter().cloned();
        let word = self
            .word
            .iter()
            .flat_map(|word| ["--".to_owned(), word.clone()]);
        name.chain(options).chain(word).collect()
    }
}

impl fmt::Display for ShellCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hubscope {}", self.name)?;
        for option in &self.options {
            match option.split_once('=') {
                // As a word of its own, a value with a dash would be taken for an option.
                Some((name, value)) if value.starts_with('-') || name == "--where" => {
                    write!(f, " {name}={}", shell_word(value))?;
                }
                Some((name @ ("--data" | "--against"), path)) => {
                    write!(f, " {name} {}", shell_word(path))?;
                }
                Some((name, value)) => write!(f, " {name} {value}")?,
                None => write!(f, " {option}")?,
            }
        }
        match &self.word {
            Some(word) if word.starts_with('-') => write!(f, " -- {}", shell_word(word)),
            Some(word) => write!(f, " {}", shell_word(word)),
            None => Ok(()),
        }
    }
}

/// Returns the command that prints the results of a query; `order` counts where the query states none.
pub fn search(query: &str, order: Order, from: Opened) -> ShellCommand {
    let sort = (order != Order::default()).then(|| format!("--sort={order}"));
    ShellCommand::new("search", sort, from).on(query)
}

/// Returns the command that prints a model.
pub fn show(id: &str, from: Opened) -> ShellCommand {
    ShellCommand::new("show", None, from).on(id)
}

/// Returns the command that prints a curve of the history.
pub fn curve(what: &str, from: Opened) -> ShellCommand {
    // It compares nothing.
    let from = Opened {
        against: None,
        ..from
    };
    ShellCommand::new("history show", None, from).on(what)
}

/// Returns the command that prints the descendants of a model in an order, or only those that match
/// a query.
pub fn tree(id: &str, order: Order, query: Option<&str>, from: Opened) -> ShellCommand {
    let query = query.and_then(asked);
    ShellCommand::new("tree", sort_families(order).chain(query), from).on(id)
}

/// Returns the command that prints the largest families by this order.
pub fn roots(order: Order, from: Opened) -> ShellCommand {
    ShellCommand::new("roots", sort_families(order), from)
}

/// Returns the command that prints the histogram of a field over the models that match a query.
pub fn hist(field: Field, binning: Binning, query: &str, from: Opened) -> ShellCommand {
    let scale = (binning.scale != Binning::of(field).scale)
        .then(|| format!("--scale={}", binning.scale.name()));
    let bins = binning.bins.map(|bins| format!("--bins={bins}"));
    let options = scale.into_iter().chain(bins).chain(asked(query));
    ShellCommand::new("hist", options, from).on(field.info().key)
}

/// Returns the command that prints the tables of the report on the models that match a query.
pub fn stats(query: &str, from: Opened) -> ShellCommand {
    ShellCommand::new("stats", asked(query), from)
}

/// Returns the command that prints the columns of the file.
pub fn schema(from: Opened) -> ShellCommand {
    // It reads one file, and compares nothing.
    let from = Opened {
        against: None,
        ..from
    };
    ShellCommand::new("schema", None, from)
}

fn asked(query: &str) -> Option<String> {
    (!query.is_empty()).then(|| format!("--where={query}"))
}

fn sort_families(order: Order) -> impl Iterator<Item = String> {
    let sort = (order != TreeOptions::DEFAULT_ORDER).then(|| format!("--sort={order}"));
    sort.into_iter()
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
            search("-author:x y", usual, nothing).to_string(),
            "hubscope search -- '-author:x y'"
        );
        assert_eq!(
            search("", usual, of("-a b")).to_string(),
            "hubscope search --data='-a b' ''"
        );
        assert_eq!(
            show("-rf", of("a.parquet")).to_string(),
            "hubscope show --data a.parquet -- '-rf'"
        );
        assert_eq!(
            tree(
                "a/b",
                TreeOptions::DEFAULT_ORDER,
                Some("-author:x"),
                nothing
            )
            .to_string(),
            "hubscope tree --where='-author:x' a/b"
        );
        let usual_bins = Binning::of(Field::Likes);
        assert_eq!(
            hist(Field::Likes, usual_bins, "", nothing).to_string(),
            "hubscope hist likes"
        );
        let twelve = Binning {
            scale: Scale::Linear,
            bins: Some(12),
        };
        assert_eq!(
            hist(Field::Likes, twelve, "a", nothing).to_string(),
            "hubscope hist --scale linear --bins 12 --where=a likes"
        );
        assert_eq!(
            stats("-author:x", nothing).to_string(),
            "hubscope stats --where='-author:x'"
        );
        assert_eq!(
            roots(usual, nothing).to_string(),
            "hubscope roots --sort downloads"
        );
        let both = Opened {
            data: Some("new.parquet"),
            against: Some("the old"),
        };
        assert_eq!(
            search("delta:>1K", usual, both).to_string(),
            "hubscope search --data new.parquet --against 'the old' 'delta:>1K'"
        );
    }

    #[test]
    fn whole_commands_have_no_limit() {
        let search = search("-author:x", Order::default(), Opened::default());
        let csv = search.formats()[0];
        let whole = search.whole(csv);
        assert_eq!(
            whole.to_string(),
            "hubscope search --limit 0 --csv -- '-author:x'"
        );
        let arguments = ["search", "--limit=0", "--csv", "--", "-author:x"];
        assert_eq!(whole.arguments(), arguments);
        let binning = Binning::of(Field::Likes);
        let hist = hist(Field::Likes, binning, "a b", Opened::default());
        let svg = hist.whole(*hist.formats().last().unwrap());
        assert_eq!(svg.to_string(), "hubscope hist --svg --where='a b' likes");
        assert_eq!(
            svg.arguments(),
            ["hist", "--svg", "--where=a b", "--", "likes"]
        );
    }
}
