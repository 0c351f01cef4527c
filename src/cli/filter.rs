//! What `--where` asks for: a query, in the language of the explorer's query line.

use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};

use crate::engine::Hub;
use crate::engine::data::load::Stage;
use crate::engine::data::set::ModelSet;
use crate::engine::search::answer::Searcher;
use crate::engine::search::parse::parse;
use crate::engine::search::query::{Query, Test};

/// A query whose order does not matter.
pub struct Filter {
    query: Query,
}

impl Filter {
    /// Reads a query.
    ///
    /// # Errors
    /// When the text is no query, with the column and the reason.
    pub fn new(text: &str) -> Result<Filter> {
        let text = text.trim();
        let parsed = parse(text).map_err(|m| anyhow!("--where `{text}`, {}", m.in_words(text)))?;
        Ok(Filter {
            query: parsed.query,
        })
    }

    /// How much of a hub must be loaded before it can be answered.
    pub fn stage(&self) -> Stage {
        let tests = self.query.tests.iter();
        tests.map(Test::stage).max().unwrap_or(Stage::Names)
    }

    /// The models that it asks for.
    pub fn models(&self, hub: &Hub) -> ModelSet {
        let never = AtomicBool::new(false);
        let found = Searcher::default().matching(hub.corpus(), &self.query, &never);
        found.unwrap_or_else(|| ModelSet::none(hub.models.len()))
    }
}
