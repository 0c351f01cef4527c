//! The models that a command is about: those that the query after `--where` finds, or all.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::{Error, Result, anyhow, ensure};

use super::Found;
use crate::engine::Hub;
use crate::engine::query::ast::Filter;
use crate::engine::query::parse::{Parsed, QueryError, needs_comparison, parse};
use crate::engine::search::searcher::Searcher;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;

/// Reads a query in the language of the explorer's query line.
///
/// # Errors
/// When the text is no query, with the column and the reason.
pub fn read(text: &str) -> Result<Parsed> {
    parse(text).map_err(|mistake| wrong(text, &mistake))
}

/// Refuses a query that compares with an older snapshot where there is none.
///
/// # Errors
/// With the column and what to do.
pub fn check(hub: &Hub, text: &str, parsed: &Parsed) -> Result<()> {
    match parsed
        .comparison
        .as_ref()
        .filter(|_| hub.comparison.is_none())
    {
        Some(mistake) => Err(wrong(text, mistake)),
        None => Ok(()),
    }
}

/// The same of an order.
///
/// # Errors
/// With what to do.
pub fn check_order(hub: &Hub, order: Order) -> Result<()> {
    ensure!(
        hub.offers(order.field),
        needs_comparison(&format!("--sort {order}"))
    );
    Ok(())
}

fn wrong(text: &str, mistake: &QueryError) -> Error {
    anyhow!("the query `{text}`, {}", mistake.with_column(text))
}

/// Which models are asked for.
pub struct Within {
    /// The query as typed; empty for all models.
    pub text: String,
    parsed: Parsed,
}

impl Within {
    /// Those that a query finds exactly; all without one.
    ///
    /// # Errors
    /// When the text is no query, with the column and the reason.
    pub fn new(text: Option<&str>) -> Result<Within> {
        let text = text.unwrap_or_default().trim();
        Ok(Within {
            text: text.to_owned(),
            parsed: read(text)?,
        })
    }

    /// How much of a hub must be loaded to tell.
    pub fn stage(&self) -> Stage {
        let stages = self.parsed.query.filters.iter().map(Filter::stage);
        stages.max().unwrap_or(Stage::Names)
    }

    /// The order that the query asks for.
    pub fn order(&self) -> Option<Order> {
        self.parsed.query.sort
    }

    /// The models.
    ///
    /// # Errors
    /// When the query compares with an older snapshot and there is none.
    pub fn models(&self, hub: &Hub) -> Result<ModelSet> {
        check(hub, &self.text, &self.parsed)?;
        let never = AtomicBool::new(false);
        Searcher::default()
            .matching(hub.corpus(), &self.parsed.query, &never)
            .ok_or_else(|| anyhow!("the search was stopped"))
    }

    /// Whether anything was found; if not, that is said in a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn found(&self, hub: &Hub, models: usize, err: &mut impl Write) -> Result<Found> {
        if models > 0 {
            return Ok(Found::Something);
        }
        let text = &self.text;
        writeln!(err, "hubscope: no model in {} matches `{text}`", hub.source)?;
        Ok(Found::Nothing)
    }

    /// ` that match …`, or nothing where all do.
    pub fn in_words(&self) -> String {
        match self.text.is_empty() {
            true => String::new(),
            false => format!(" that match `{}`", self.text),
        }
    }
}
