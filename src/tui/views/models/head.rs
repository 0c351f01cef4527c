//! Draws the lines above the list: the query, its filters, and headings or a mistake; and the
//! reason of an empty list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::query::parse::QueryError;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::field::{Field, FieldInfo};
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::view::PaneContext;
use crate::tui::ways_out::ways_out;
use crate::tui::widgets::{draw_marked_input, fit, put, put_right, width};

/// Draws the query line with the number of models found.
pub(super) fn draw_query(cx: PaneContext, area: Rect, buffer: &mut Buffer) {
    let theme = cx.theme;
    let counts = counts(cx, area.width);
    put(buffer, (area.x + 1, area.y), "/", 1, theme.accent);
    let room = usize::from(area.width).saturating_sub(5 + width(&counts));
    let place = Rect {
        x: area.x + 3,
        width: u16::try_from(room).unwrap_or(0),
        ..area
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
    }
    put_right(
        buffer,
        area.right().saturating_sub(1),
        area.y,
        &counts,
        theme.dim,
    );
}

/// Describes the number of models found.
fn counts(cx: PaneContext, room: u16) -> String {
    let all = format::count(cx.hub.models.len());
    let Some(hits) = &cx.session.hits else {
        return "…".to_owned();
    };
    if cx.session.query.parsed.query.is_empty() {
        return format!("{all} models");
    }
    let mut counts = format!("{} exact", format::count(hits.exact()));
    if hits.completeness == Completeness::FirstPage {
        return format!("counting, of {all}");
    }
    if hits.completeness < Completeness::Complete {
        counts.push_str(" · … fuzzy");
    } else if hits.fuzzy() > 0 {
        counts.push_str(&format!(" · {} fuzzy", format::count(hits.fuzzy())));
    }
    match room >= 60 {
        true => format!("{counts} of {all}"),
        false => counts,
    }
}

/// Draws the filters as typed, and the number of models that they hide.
pub(super) fn draw_filters(cx: PaneContext, area: Rect, buffer: &mut Buffer) {
    let theme = cx.theme;
    let hidden = cx.session.hits.as_ref().map_or(0, |h| h.hidden);
    let hidden = match hidden {
        0 => String::new(),
        hidden => format!("{} hidden by filters", format::count(hidden)),
    };
    put_right(
        buffer,
        area.right().saturating_sub(1),
        area.y,
        &hidden,
        theme.dim,
    );
    let end = area
        .right()
        .saturating_sub(u16::try_from(width(&hidden) + 2).unwrap_or(u16::MAX));
    let mut x = area.x + 1;
    for (at, text) in cx.session.query.filters.iter().enumerate() {
        let room = usize::from(end.saturating_sub(x));
        let left = cx.session.query.filters.len() - at;
        let cells = width(text) + 2;
        if cells + if left > 1 { 4 } else { 0 } > room && at > 0 {
            put(buffer, (x, area.y), &format!("+{left}"), room, theme.dim);
            return;
        }
        let chip = format!(" {} ", fit(text, room.saturating_sub(2)));
        x = put(buffer, (x, area.y), &chip, room, theme.chip) + 1;
    }
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

/// Draws the headings of the columns, with an arrow at the one of the order.
pub(super) fn draw_headings(
    cx: PaneContext,
    columns: &[&FieldInfo],
    area: Rect,
    buffer: &mut Buffer,
) {
    let arrow = if cx.session.query.order().ascending {
        "↑"
    } else {
        "↓"
    };
    let heading = |info: &FieldInfo| match info.field == cx.session.query.order().field {
        true => format!("{}{arrow}", info.title),
        false => info.title.to_owned(),
    };
    let shown = columns
        .iter()
        .any(|c| c.field == cx.session.query.order().field);
    let own = match shown || cx.session.query.order().field == Field::Id {
        true => heading(Field::Id.info()),
        false => format!(
            "model, by {}{arrow}",
            cx.session.query.order().field.info().title
        ),
    };
    put(
        buffer,
        (area.x + 2, area.y),
        &own,
        usize::from(area.width).saturating_sub(2),
        cx.theme.dim,
    );
    let mut right = area.right().saturating_sub(1);
    for info in columns.iter().rev() {
        put_right(buffer, right, area.y, &heading(info), cx.theme.dim);
        right = right.saturating_sub(info.width + 1);
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
