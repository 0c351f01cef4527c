//! The kinds of values that shells complete, which arguments declare: `add = Candidates::Query`.

use clap::builder::ArgExt;

/// A value that an argument takes from a table, and its meaning.
pub type Word = (&'static str, &'static str);

/// The completions of an argument's value.
#[derive(Clone, Copy, Debug)]
pub enum Candidates {
    /// The last term of a query, and saved queries.
    Query,
    /// Ids of models.
    Id,
    /// Fields to sort by, each perhaps with a direction, between commas.
    Order,
    /// Words of a table.
    Words(fn() -> Vec<Word>),
    /// Built-in themes and those of the user.
    Theme,
    /// Panes and views of the explorer.
    View,
    /// Files, folders and the built-in sample.
    Source,
}

impl ArgExt for Candidates {}
