//! The models that a command is about, and checks of the comparisons it asks for.

use std::sync::atomic::AtomicBool;

use anyhow::{Error, Result, anyhow, ensure};
use clap::Args;

use super::complete::candidates::Candidates;
use super::context::{CommandContext, Found};
use crate::engine::Hub;
use crate::engine::query::ast::Filter;
use crate::engine::query::parse::{Parsed, QueryError, needs_comparison, parse};
use crate::engine::search::searcher::Searcher;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format::count;

/// `--where`, which selects models.
#[derive(Clone, Debug, Default, Args)]
pub struct Where {
    /// Only the models that match this query; see `search`
    // A query may begin with a dash: `-author:google`.
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true, add = Candidates::Query)]
    pub query: Option<String>,
}

/// A query as typed and as read.
pub struct Within {
    /// The query as typed; empty for all models.
    pub text: String,
    pub parsed: Parsed,
}

impl Within {
    /// Reads a query in the language of the explorer's query line; none selects all models.
    ///
    /// # Errors
    /// When the text is no query, with the column and the reason.
    pub fn new(text: Option<&str>) -> Result<Within> {
        let text = text.unwrap_or_default().trim();
        Ok(Within {
            text: text.to_owned(),
            parsed: parse(text).map_err(|mistake| wrong(text, &mistake))?,
        })
    }

    /// Returns the stage of loading that the filters need.
    pub fn stage(&self) -> Stage {
        let stages = self.parsed.query.filters.iter().map(Filter::stage);
        stages.max().unwrap_or(Stage::Names)
    }

    /// Returns the order that the query asks for.
    pub fn order(&self) -> Option<Order> {
        self.parsed.query.sort
    }

    /// Refuses a query that compares with an older snapshot where there is none.
    ///
    /// # Errors
    /// With the column and what to do.
    pub fn check(&self, hub: &Hub) -> Result<()> {
        let comparison = self.parsed.comparison.as_ref();
        match comparison.filter(|_| hub.comparison.is_none()) {
            Some(mistake) => Err(wrong(&self.text, mistake)),
            None => Ok(()),
        }
    }

    /// Returns the models that match exactly.
    ///
    /// # Errors
    /// As [`Within::check`].
    pub fn models(&self, hub: &Hub) -> Result<ModelSet> {
        self.check(hub)?;
        let never = AtomicBool::new(false);
        Searcher::default()
            .matching(hub.corpus(), &self.parsed.query, &never)
            .ok_or_else(|| anyhow!("the search was stopped"))
    }

    /// Returns the outcome for this many models, after explaining why there are none. `hidden` more
    /// match the words of the query, but not its filters.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn found(
        &self,
        hub: &Hub,
        models: usize,
        hidden: usize,
        context: &mut CommandContext,
    ) -> Result<Found> {
        if models == 0 {
            let (text, source) = (&self.text, &hub.source);
            let excluded = match hidden {
                0 => String::new(),
                hidden => format!("; the filters exclude {}", count(hidden)),
            };
            context.explain(&format!("no model in {source} matches `{text}`{excluded}"))?;
        }
        Ok((models > 0).into())
    }

    /// Returns ` that match …`, or nothing if all do.
    pub fn in_words(&self) -> String {
        match self.text.is_empty() {
            true => String::new(),
            false => format!(" that match `{}`", self.text),
        }
    }
}

fn wrong(text: &str, mistake: &QueryError) -> Error {
    anyhow!("the query `{text}`, {}", mistake.with_column(text))
}

/// Refuses a field that compares with an older snapshot where there is none; `asked` is how it was
/// asked for, such as `--sort delta`.
///
/// # Errors
/// With what to do.
pub fn check_field(hub: &Hub, field: Field, asked: impl FnOnce() -> String) -> Result<()> {
    ensure!(hub.offers(field), needs_comparison(&asked()));
    Ok(())
}

/// The same for the fields of an order.
///
/// # Errors
/// As [`check_field`].
pub fn check_order(hub: &Hub, order: Order) -> Result<()> {
    let mut keys = order.keys();
    keys.try_for_each(|key| check_field(hub, key.field, || format!("--sort {order}")))
}
