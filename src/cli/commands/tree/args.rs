//! The options of `hubscope tree`.

use clap::Args;

use crate::cli::complete::candidates::{Candidates, Word};
use crate::cli::output::format::{ListOutput, parse_limit};
use crate::engine::query::keys::FilterKey;
use crate::engine::table::order::Order;

/// The largest depth; trees are printed by recursion, and none is deeper but in files made to be.
const MAX_DEPTH: usize = 1_000;

#[derive(Clone, Debug, Args)]
pub struct TreeArgs {
    /// Id of the model, such as `google/gemma-7b`, or of a missing base model
    #[arg(add = Candidates::Id)]
    pub id: String,
    /// Maximum number of generations
    #[arg(long, default_value_t = 2, value_parser = parse_depth)]
    pub depth: usize,
    /// Maximum number of children per model (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    /// Sort by a field, or by `FIELD:asc` for the smallest first; by several between commas [default: family_downloads]
    #[arg(long, value_name = "FIELD", value_parser = Order::parse, add = Candidates::Order)]
    pub sort: Option<Order>,
    /// Only models of this relation to their base, such as `quantized`
    #[arg(long, value_name = "WORD", add = Candidates::Words(relations))]
    pub relation: Option<String>,
    /// Only models that match a query, and their ancestors
    #[arg(
        long = "where",
        value_name = "QUERY",
        allow_hyphen_values = true,
        conflicts_with = "up",
        add = Candidates::Query
    )]
    pub query: Option<String>,
    /// Print the base models instead, their base models, …
    #[arg(long)]
    pub up: bool,
    #[command(flatten)]
    pub output: ListOutput,
}

fn relations() -> Vec<Word> {
    let words = FilterKey::Relation.usual_words().unwrap_or_default();
    words.into_iter().map(|word| (word, "")).collect()
}

fn parse_depth(text: &str) -> Result<usize, String> {
    let parsed = text.parse().ok().filter(|depth| *depth <= MAX_DEPTH);
    parsed.ok_or_else(|| format!("not a number from 0 to {MAX_DEPTH}"))
}
