//! Draws a frame: header, panes with their titles, status line, and what covers them. Reads the
//! state, changes nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::keymap::{Action, Binding, KeyContext};
use super::layout::{Pane, ScreenLayout, below_title};
use super::view::PaneContext;
use super::widgets::{fit, put, put_right, width};
use crate::engine::Hub;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::present::charset::Charset;
use crate::present::{figures, format};

/// Draws the whole screen into an empty buffer of its size.
pub fn draw(app: &App, buffer: &mut Buffer) {
    if app.screen.is_empty() {
        return;
    }
    let layout = app.layout();
    draw_header(app, layout.header, buffer);
    let cx = PaneContext::of(&app.session, &app.theme, true);
    match cx {
        None => draw_waiting(app, &layout, buffer),
        Some(cx) => {
            for &(pane, area) in &layout.panes {
                let focused = app.focus == pane && !app.is_covered();
                draw_pane(app, PaneContext { focused, ..cx }, pane, area, buffer);
            }
            draw_lines(app, &layout, buffer);
        }
    }
    draw_status(app, layout.status, buffer);
    if let Some((view, cx)) = app.overlay().zip(cx) {
        view.draw(cx, layout.body, buffer);
    }
    if let Some(dialog) = &app.dialog {
        dialog.draw(&app.theme, app.screen, buffer);
    }
    if app.charset == Charset::Ascii {
        replace_characters(app.charset, buffer);
    }
}

/// Replaces the characters that the terminal cannot show, each in its own cell.
fn replace_characters(charset: Charset, buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut drawn = cell.symbol().chars();
        if let (Some(sign), None) = (drawn.next(), drawn.next()) {
            cell.set_char(charset.show(sign));
        }
    }
}

/// In microseconds.
const DAY: i64 = 86_400_000_000;
/// The age in days from which data is marked as old.
const OLD: i64 = 30;

fn draw_header(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let counts = app
        .session
        .hub
        .as_ref()
        .map(|hub| counts(app, hub))
        .unwrap_or_default();
    let counts = fit(&counts, usize::from(area.width).saturating_sub(1));
    put_right(buffer, area.right(), area.y, &counts, theme.text);
    let room = usize::from(area.width).saturating_sub(width(&counts) + 2);
    if room < 12 {
        return;
    }
    let x = put(buffer, (area.x, area.y), "hubscope", room, theme.focused);
    let room = room.saturating_sub(10);
    let newest = app.session.hub.as_ref().and_then(|hub| hub.newest());
    let date = newest.map_or_else(String::new, |time| format!(", up to {}", format::day(time)));
    let (age, is_old) = age(app).map_or_else(Default::default, age_text);
    let older = app
        .session
        .hub
        .as_ref()
        .and_then(|hub| hub.comparison.as_deref());
    let against = older.map(|older| format!(", against {}", figures::snapshot(older)));
    let mut parts = [date, age, against.unwrap_or_default()];
    // The date gives way first.
    for at in 0..parts.len() {
        let all: usize = parts.iter().map(|part| width(part)).sum();
        if width(&app.title) + all > room {
            parts[at].clear();
        }
    }
    let [date, age, against] = &parts;
    let title = format!("{}{date}", app.title);
    let at = put(buffer, (x + 2, area.y), &fit(&title, room), room, theme.dim);
    let style = if is_old { theme.error } else { theme.dim };
    let at = put(buffer, (at, area.y), age, width(age), style);
    put(buffer, (at, area.y), against, width(against), theme.dim);
}

/// Returns the age of the data in days; `None` for the built-in sample.
fn age(app: &App) -> Option<i64> {
    let hub = app
        .session
        .hub
        .as_ref()
        .filter(|hub| hub.source != Source::Sample)?;
    let newest = hub.newest()?;
    // A clock that is behind the data knows no age.
    let age = app.now?.checked_sub(newest).filter(|age| *age >= 0)?;
    Some(age / DAY)
}

/// Returns the text of an age, and true if the data is old.
fn age_text(days: i64) -> (String, bool) {
    let text = match days {
        0 => ", from today".to_owned(),
        1 => ", 1 day old".to_owned(),
        days => format!(", {} days old", format::grouped(days)),
    };
    (text, days > OLD)
}

/// Describes the numbers of models loaded and listed, and the progress of loading.
fn counts(app: &App, hub: &Hub) -> String {
    let all = format::count(hub.models.len());
    let mut text = match app.session.query.parsed.query.is_empty() {
        true => format!("{all} models"),
        _ if app.session.hits.is_none() => format!("… of {all} models"),
        _ => format!("{} of {all} models", format::count(app.session.found())),
    };
    if !app.session.marks.is_empty() {
        text = format!("{} marked · {text}", app.session.marks.len());
    }
    if app.session.failure.is_some() {
        text = format!("incomplete · {text}");
    } else if hub.stage < Stage::Complete {
        text = format!("loading {:.0}% · {text}", app.progress * 100.0);
    } else if app.session.is_comparing() {
        text = format!("comparing… · {text}");
    }
    text
}

fn draw_pane(app: &App, cx: PaneContext, pane: Pane, area: Rect, buffer: &mut Buffer) {
    draw_title(app, cx, pane, area, buffer);
    let inside = below_title(area);
    if inside.is_empty() {
        return;
    }
    app.pane(pane).draw(cx, inside, buffer);
}

/// Draws the title of a pane: its number and name; the focused one has a heavy line and a mark.
fn draw_title(app: &App, cx: PaneContext, pane: Pane, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let focused = cx.focused;
    let (line, style) = if focused {
        ("━", theme.focused)
    } else {
        ("─", theme.line)
    };
    for x in area.x..area.right() {
        put(buffer, (x, area.y), line, 1, style);
    }
    let name = match focused {
        true => format!(" ● {} {} ", pane.number(), pane.title()),
        false => format!(" {} {} ", pane.number(), pane.title()),
    };
    let style = if focused { theme.focused } else { theme.title };
    let room = usize::from(area.width).saturating_sub(1);
    let end = put(buffer, (area.x + 1, area.y), &name, room, style);
    let note = note(app, cx.hub, pane);
    let left = usize::from(area.right().saturating_sub(end));
    let end = match shortened(app, cx, pane, area) {
        Some(id) if width(id) + width(&note) + 7 < left => {
            put(buffer, (end, area.y), &format!("{id} "), room, theme.dim)
        }
        _ => end,
    };
    let room = usize::from(area.right().saturating_sub(end)).saturating_sub(5);
    // The ends of a long path matter most.
    let note = match pane {
        Pane::Tree => {
            let position = app.tree.position();
            let path = fit(&note, room.saturating_sub(width(&position) + 3)).into_owned();
            let parts = [path, position].into_iter().filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" · ")
        }
        _ => note,
    };
    if !note.is_empty() && room >= width(&note) {
        put_right(
            buffer,
            area.right().saturating_sub(1),
            area.y,
            &format!(" {note} "),
            theme.dim,
        );
    }
}

/// Returns the id of the selected model if it is shortened in the list, and the details are not on
/// the screen.
fn shortened<'a>(app: &App, cx: PaneContext<'a>, pane: Pane, area: Rect) -> Option<&'a str> {
    let is_whole_elsewhere = !app.layout().inside(Pane::Details).is_empty();
    match pane {
        Pane::Models if !is_whole_elsewhere => app.list.shortened(cx, area.width),
        _ => None,
    }
}

/// Returns the text on the right of a title.
fn note(app: &App, hub: &Hub, pane: Pane) -> String {
    match pane {
        Pane::Models if app.session.found() > 0 => {
            format!(
                "{} of {}",
                format::count(app.list.cursor.at + 1),
                format::count(app.session.found())
            )
        }
        Pane::Tree => crumbs(app, hub),
        Pane::Histogram => match app.chart.within {
            Some(_) => "matching, and all".to_owned(),
            None => "all models".to_owned(),
        },
        _ => String::new(),
    }
}

/// Returns the path from the root to the selected row of the tree.
fn crumbs(app: &App, hub: &Hub) -> String {
    if app.tree.outline.is_none() {
        return String::new();
    }
    let name = |node| hub.name(node).rsplit('/').next().unwrap_or_default();
    let names: Vec<&str> = app.tree.crumbs().into_iter().map(name).collect();
    match app.tree.shows_families() {
        true if names.len() < 2 => {
            let roots = hub.rollup.roots.len();
            format!("{} families", format::count(roots))
        }
        _ => names.join(" › "),
    }
}

/// Draws the line between two columns of panes.
fn draw_lines(app: &App, layout: &ScreenLayout, buffer: &mut Buffer) {
    for (_, area) in layout.panes.iter().filter(|(_, area)| area.x > 0) {
        for y in area.y..area.bottom() {
            put(buffer, (area.x - 1, y), "│", 1, app.theme.line);
        }
    }
}

/// Draws the screen before anything is loaded, or after loading failed.
fn draw_waiting(app: &App, layout: &ScreenLayout, buffer: &mut Buffer) {
    let area = layout.panes.first().map_or(app.screen, |(_, area)| *area);
    let room = usize::from(area.width).saturating_sub(4);
    let mut y = area.y + area.height / 3;
    let quits = app.session.key(KeyContext::PROGRAM, Action::Quit);
    let quits = format!("{quits} quits.");
    let mut say = |text: &str, style, buffer: &mut Buffer| {
        let mut rest = text;
        while !rest.is_empty() && room > 0 {
            let end = rest
                .char_indices()
                .nth(room)
                .map_or(rest.len(), |(at, _)| at);
            put(buffer, (area.x + 2, y), &rest[..end], room, style);
            rest = &rest[end..];
            y += 1;
        }
    };
    match &app.session.failure {
        Some(reason) => {
            say("Loading failed.", app.theme.error, buffer);
            say(reason, app.theme.text, buffer);
            say(&quits, app.theme.dim, buffer);
        }
        None => {
            let cells = room.min(40);
            let done = (app.progress.clamp(0.0, 1.0) * 1000.0) as usize;
            let filled = crate::present::bars::bar(done, 1000, cells);
            say(&format!("Opening {}", app.title), app.theme.text, buffer);
            say(
                &format!("{filled:<cells$} {:.0}%", app.progress * 100.0),
                app.theme.accent,
                buffer,
            );
            say(&quits, app.theme.dim, buffer);
        }
    }
}

/// Draws the status message, else the hints.
fn draw_status(app: &App, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let room = usize::from(area.width);
    if let Some(status) = &app.status {
        put(
            buffer,
            (area.x, area.y),
            &fit(status, room),
            room,
            theme.here,
        );
        return;
    }
    let mut x = area.x;
    for (key, hint) in hints(app) {
        let cells = u16::try_from(width(&key) + width(hint) + 3).unwrap_or(u16::MAX);
        if x.saturating_add(cells) > area.right() + 2 {
            break;
        }
        x = put(buffer, (x, area.y), &key, room, theme.accent);
        x = put(buffer, (x + 1, area.y), hint, room, theme.dim) + 2;
    }
    let note = source_note(app);
    if usize::from(area.right().saturating_sub(x)) > width(&note) {
        put_right(buffer, area.right(), area.y, &note, theme.dim);
    }
}

/// Returns the keys with hints of the present contexts: help first, so that everything else can be
/// found, then the last session while it can be resumed.
fn hints(app: &App) -> Vec<(String, &'static str)> {
    let mut contexts = app.contexts();
    if app.dialog.is_some() || app.session.query.editing {
        contexts.insert(1, KeyContext::TEXT);
    }
    let is_typing = contexts.contains(&KeyContext::TEXT);
    // Where text is typed, a character is not a key.
    let is_key = |key: &str| !is_typing || key.chars().count() > 1;
    let bindings = contexts
        .iter()
        .flat_map(|context| app.session.keymap.bindings(*context));
    let hinted = bindings.filter(|binding| {
        let key = binding.keys.first();
        let is_hinted = binding.action != Action::Resume || app.can_resume();
        !binding.hint.is_empty() && is_hinted && key.is_some_and(|key| is_key(key))
    });
    let is_first =
        |binding: &&'static Binding| matches!(binding.action, Action::Help | Action::Resume);
    let (first, others): (Vec<_>, Vec<_>) = hinted.partition(is_first);
    let mut hints: Vec<(String, &str)> = Vec::new();
    for binding in first.into_iter().chain(others) {
        // A key of a more particular context is not the one to show.
        let taken = |key: &str| hints.iter().any(|(other, _)| other == symbol_of(key));
        let key = binding.keys.iter().find(|key| !taken(key));
        hints.extend(key.map(|key| (symbol_of(key).to_owned(), binding.hint.as_str())));
    }
    hints
}

/// Returns the name of a key as hints show it.
fn symbol_of(key: &str) -> &str {
    match key {
        "up" => "↑",
        "down" => "↓",
        "left" => "←",
        "right" => "→",
        name => name,
    }
}

/// Returns a note on the data: that it is synthetic, or the fields that it lacks.
fn source_note(app: &App) -> String {
    let Some(hub) = &app.session.hub else {
        return String::new();
    };
    if hub.source == Source::Sample {
        return "the sample is synthetic; `hubscope FILE` opens real data".to_owned();
    }
    let lacking: Vec<&str> = hub.lacking().iter().map(|f| f.info().title).collect();
    match lacking.as_slice() {
        [] => String::new(),
        fields => format!("this file has no {}", fields.join(", ")),
    }
}
