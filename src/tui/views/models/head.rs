//! Draws the lines above the list: the query, and headings or a mistake; and the reason of an empty
//! list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::columns::{ListColumns, heading};
use super::suggestions::{draw_rest, scroll_of};
use crate::engine::query::parse::QueryError;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::field::Field;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::view::PaneContext;
use crate::tui::ways_out::ways_out;
use crate::tui::widgets::{draw_marked_input, fit, put, put_right, width};

/// Returns the part of the query line from its text on.
pub(super) fn query_text(area: Rect) -> Rect {
    Rect {
        x: area.x + 3,
        width: area.width.saturating_sub(3),
        ..area
    }
}

/// Draws the query line, with what the header does not say of its matches.
pub(super) fn draw_query(cx: PaneContext, area: Rect, buffer: &mut Buffer) {
    let theme = cx.theme;
    put(buffer, (area.x + 1, area.y), "/", 1, theme.accent);
    // The query goes before the note; a cell is for the cursor.
    let all = usize::from(area.width).saturating_sub(5);
    let left = all.saturating_sub(width(cx.session.query.input.value()) + 1);
    let mut notes = notes(cx).into_iter();
    let note = notes.find(|note| width(note) <= left).unwrap_or_default();
    let room = all - width(&note);
    let place = Rect {
        width: u16::try_from(room).unwrap_or(0),
        ..query_text(area)
    };
    let text = cx.session.query.input.value();
    if text.is_empty() && !cx.session.query.editing {
        put(
            buffer,
            (place.x, place.y),
            "search, such as `llama 8b task:text-generation`",
            room,
            theme.dim,
        );
    } else {
        let wrong = cx
            .session
            .query
            .mistake
            .as_ref()
            .map(|m| (m.at.clone(), theme.wrong));
        draw_marked_input(
            &cx.session.query.input,
            cx.session.query.editing,
            place,
            theme.text,
            wrong,
            buffer,
        );
        let input = &cx.session.query.input;
        let scroll = scroll_of(input, area);
        let cursor = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
        if cx.session.query.editing {
            draw_rest(cx, (place.x + cursor, area.y), place.right(), buffer);
        }
    }
    put_right(
        buffer,
        area.right().saturating_sub(1),
        area.y,
        &note,
        theme.dim,
    );
}

/// Returns descriptions of what is found where the header does not say it: fuzzy matches, and what
/// filters hide; the longest first. Where the list belongs to another query, they name that.
fn notes(cx: PaneContext) -> Vec<String> {
    let Some(hits) = &cx.session.hits else {
        return vec!["…".to_owned()];
    };
    if !cx.session.query.is_listed() {
        let below = match cx.session.query.valid.trim() {
            "" => "below: all models".to_owned(),
            valid => format!("below: {}", fit(valid, 36)),
        };
        return vec![below, "below: another".to_owned()];
    }
    let fuzzy = match (hits.completeness, hits.fuzzy()) {
        _ if cx.session.query.parsed.query.is_empty() => None,
        (Completeness::FirstPage, _) => Some("counting…".to_owned()),
        (Completeness::Complete, 0) => None,
        (Completeness::Complete, fuzzy) => {
            let exact = format::count(hits.exact());
            Some(format!("{exact} exact, {} fuzzy", format::count(fuzzy)))
        }
        _ => Some(format!("{} exact, … fuzzy", format::count(hits.exact()))),
    };
    let hidden = Some(hits.hidden).filter(|hidden| *hidden > 0);
    let hidden = hidden.map(|hidden| format!("{} hidden", format::count(hidden)));
    let both: Vec<String> = fuzzy.iter().chain(&hidden).cloned().collect();
    let by_filters = hidden
        .as_ref()
        .map(|_| format!("{} by filters", both.join(", ")));
    [by_filters, Some(both.join(", ")), fuzzy, hidden]
        .into_iter()
        .flatten()
        .collect()
}

/// Draws the place and the reason of a mistake in the query.
pub(super) fn draw_mistake(cx: PaneContext, mistake: &QueryError, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(3);
    let text = mistake.with_column(cx.session.query.input.value());
    put(
        buffer,
        (area.x + 2, area.y),
        &fit(&text, room),
        room,
        cx.theme.error,
    );
}

/// Draws the headings of the columns, each in the cells of its column.
pub(super) fn draw_headings(
    cx: PaneContext,
    columns: &ListColumns,
    area: Rect,
    buffer: &mut Buffer,
) {
    let order = cx.session.query.order();
    let leads = columns.columns.iter().any(|column| column.leads);
    let own = match leads || order.field == Field::Id {
        true => heading(Field::Id.info(), order),
        false => format!("model, by {}", heading(order.field.info(), order)),
    };
    let name = fit(&own, columns.name);
    let dim = cx.theme.dim;
    put(buffer, (area.x + 2, area.y), &name, columns.name, dim);
    let mut right = usize::from(area.right()).saturating_sub(1);
    for column in columns.columns.iter().rev() {
        let x = u16::try_from(right).unwrap_or(u16::MAX);
        put_right(buffer, x, area.y, &column.heading, dim);
        right = right.saturating_sub(column.width + 1);
    }
}

/// Draws the reason that nothing is listed, and the remedy.
pub(super) fn draw_nothing(cx: PaneContext, hits: &Hits, area: Rect, buffer: &mut Buffer) {
    let blocking = hits
        .blocking_filter
        .and_then(|at| cx.session.query.parsed.query.filters.get(at));
    let why = match blocking {
        Some(filter) => format!("No model at all passes `{filter}`."),
        None if hits.hidden > 0 => format!(
            "No results: the filters exclude {}.",
            format::count(hits.hidden)
        ),
        None if cx.session.query.parsed.query.words.is_empty() => {
            "No model passes all these filters.".to_owned()
        }
        None => "No id has all these words.".to_owned(),
    };
    let stage = blocking
        .and_then(|filter| filter.key.info().field)
        .map(Stage::of);
    let waits = blocking.is_some_and(|filter| filter.compares() && cx.hub.comparison.is_none());
    let early = waits || stage.is_some_and(|stage| cx.hub.stage < stage);
    let key = |action| cx.session.key(KeyContext::PANES, action);
    let what = match (early, hits.blocking_filter.is_some() || hits.hidden > 0) {
        (true, _) => "It is still loading.".to_owned(),
        (false, true) => format!(
            "{} lists these and removes filters, {} lists values to filter by.",
            key(Action::RemoveFilter),
            key(Action::Filter)
        ),
        (false, false) => {
            let key = key(Action::Back);
            format!("{key} clears the query; fewer or shorter words find more.")
        }
    };
    let room = usize::from(area.width).saturating_sub(3);
    let mut lines = vec![why];
    lines.extend(
        ways_out(cx.session)
            .into_iter()
            .map(|way| format!("  {}", way.name)),
    );
    lines.push(what);
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        put(
            buffer,
            (area.x + 2, y),
            &fit(line, room),
            room,
            cx.theme.dim,
        );
    }
}
