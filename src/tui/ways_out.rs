//! The changes of a query without results that would give some.

use std::cmp::Reverse;

use super::session::Session;
use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::edit::without_range;
use crate::engine::search::relax::Relaxation;
use crate::present::format;

/// A change of the query that finds something again.
pub struct WayOut {
    /// The change, in words.
    pub name: String,
    /// The query after it.
    pub query: String,
}

/// Returns the changes of a query without results that would give some: other values of its filters, and
/// filters left out, the ones that give most first.
pub fn ways_out(session: &Session) -> Vec<WayOut> {
    let text = session.query.input.value();
    let parsed = &session.query.parsed;
    let places = |relaxed: &Relaxation| parsed.filter_places.get(relaxed.filter).cloned();
    let mut relaxed: Vec<&Relaxation> = session.relaxed.iter().collect();
    relaxed.sort_by_key(|relaxed| Reverse(relaxed.models));
    let nearest = relaxed.iter().filter_map(|relaxed| {
        let (place, (value, models)) = (places(relaxed)?, relaxed.nearest.as_ref()?);
        let filter = parsed.query.filters.get(relaxed.filter)?;
        let meant = Filter {
            values: vec![FilterValue::Word(value.clone())],
            ..filter.clone()
        };
        Some(WayOut {
            name: format!("{} with `{meant}`", format::count(*models)),
            query: format!(
                "{}{meant}{}",
                text.get(..place.start)?,
                text.get(place.end..)?
            ),
        })
    });
    let without = relaxed.iter().filter(|relaxed| relaxed.models > 0);
    let without = without.filter_map(|relaxed| {
        let place = places(relaxed)?;
        Some(WayOut {
            name: format!(
                "{} without `{}`",
                format::count(relaxed.models),
                text.get(place.clone())?
            ),
            query: without_range(text, place),
        })
    });
    nearest.chain(without).collect()
}
