//! Nearest names, for an id that does not exist.

use std::sync::atomic::AtomicBool;

use crate::engine::Hub;
use crate::engine::query::ast::{Anchor, Pattern, Query, Word};
use crate::engine::search::hits::Hits;
use crate::engine::search::searcher::Searcher;
use crate::engine::table::order::Order;

/// The maximum number of names that are suggested.
pub const SUGGESTED: usize = 3;

/// Returns `; did you mean …?` with the best matches of an id, or else of the name after its slash.
pub fn did_you_mean(hub: &Hub, id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id);
    let Some(hits) = [id, name].into_iter().find_map(|text| matches(hub, text)) else {
        return "; check the spelling".to_owned();
    };
    let models = hits.models.iter().take(SUGGESTED);
    let names: Vec<&str> = models.map(|model| hub.models.id(*model)).collect();
    format!("; did you mean {}?", names.join(" or "))
}

/// Returns the models whose id has the text, if there are any.
fn matches(hub: &Hub, text: &str) -> Option<Hits> {
    if text.trim().is_empty() {
        return None;
    }
    let word = Pattern {
        text: text.to_lowercase(),
        anchor: Anchor::Anywhere,
    };
    let query = Query {
        words: vec![Word {
            negated: false,
            any: vec![word],
        }],
        ..Query::default()
    };
    let never = AtomicBool::new(false);
    let order = Order::default();
    let hits = Searcher::default().search(hub.corpus(), &query, order, &never, None)?;
    (!hits.models.is_empty()).then_some(hits)
}
