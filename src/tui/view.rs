//! The state as a picture. Reads, draws, changes nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::{ACTIONS, Action};
use super::app::App;
use super::app::over::Over;
use super::layout::{Layout, Pane, below_title};
use super::panes::Look;
use super::panes::overlay::Choice;
use super::rows::{fit, put, put_right, width};
use crate::engine::Hub;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::present::charset::Signs;
use crate::present::{figures, format};

/// Draws the whole screen into an empty buffer of its size.
pub fn draw(app: &App, buffer: &mut Buffer) {
    if app.screen.is_empty() {
        return;
    }
    let layout = app.layout();
    draw_header(app, layout.header, buffer);
    match &app.hub {
        None => draw_waiting(app, &layout, buffer),
        Some(hub) => {
            for &(pane, area) in &layout.panes {
                draw_pane(app, hub, pane, area, buffer);
            }
            draw_lines(app, &layout, buffer);
        }
    }
    draw_status(app, layout.status, buffer);
    match (&app.overlay, &app.hub) {
        (Some(Over::Menu(menu)), _) => menu.draw(&app.theme, app.screen, buffer),
        (Some(Over::Prompt(prompt)), _) => prompt.draw(&app.theme, app.screen, buffer),
        (Some(Over::Compare(compare)), Some(hub)) => {
            compare.draw(look_over(app, hub), layout.body(app.screen), buffer);
        }
        (Some(Over::Way(way)), Some(hub)) => {
            way.draw(look_over(app, hub), layout.body(app.screen), buffer);
        }
        (Some(Over::Statistics(statistics)), Some(hub)) => {
            let look = look_over(app, hub);
            statistics.draw(look, &app.asked(), layout.body(app.screen), buffer);
        }
        (Some(Over::Density(plot)), Some(hub)) => {
            let model = app.current().and_then(|node| hub.graph.model(node));
            let look = look_over(app, hub);
            plot.draw(look, &app.asked(), model, layout.body(app.screen), buffer);
        }
        (Some(Over::Schema(columns)), Some(hub)) => {
            columns.draw(look_over(app, hub), layout.body(app.screen), buffer);
        }
        _ => {}
    }
    if app.signs == Signs::Ascii {
        spell(app.signs, buffer);
    }
}

/// Puts signs that the terminal can show in the place of others, each in its own cell.
fn spell(signs: Signs, buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut drawn = cell.symbol().chars();
        if let (Some(sign), None) = (drawn.next(), drawn.next()) {
            cell.set_char(signs.show(sign));
        }
    }
}

/// How something over the panes is to look.
fn look_over<'a>(app: &'a App, hub: &'a Hub) -> Look<'a> {
    Look {
        hub,
        theme: &app.theme,
        focused: true,
    }
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;
/// Data that is older than so many days is called old.
const OLD: i64 = 30;

fn draw_header(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.theme;
    let counts = app
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
    let newest = app.hub.as_ref().and_then(|hub| hub.newest());
    let date = newest.map_or_else(String::new, |time| format!(", up to {}", format::day(time)));
    let (age, is_old) = age(app).map_or_else(Default::default, told_age);
    let older = app.hub.as_ref().and_then(|hub| hub.comparison.as_deref());
    let against = older.map(|older| format!(", against {}", figures::snapshot(older)));
    let mut parts = [date, age, against.unwrap_or_default()];
    // What there is no room for is left out, the date first.
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

/// How old the data is, in days; nothing for the built-in sample, which is of no day.
fn age(app: &App) -> Option<i64> {
    let hub = app
        .hub
        .as_ref()
        .filter(|hub| hub.source != Source::Sample)?;
    let newest = hub.newest()?;
    Some((app.now? - newest).div_euclid(DAY).max(0))
}

/// An age in words, and whether it is one to be warned of.
fn told_age(days: i64) -> (String, bool) {
    let told = match days {
        0 => ", of today".to_owned(),
        1 => ", 1 day old".to_owned(),
        days => format!(", {} days old", format::grouped(days)),
    };
    (told, days > OLD)
}

/// How many models there are and how many are listed, and what is still being loaded.
fn counts(app: &App, hub: &Hub) -> String {
    let all = format::count(hub.models.len());
    let mut text = match app.list.parsed.query.is_empty() {
        true => format!("{all} models"),
        _ if app.list.hits.is_none() => format!("… of {all} models"),
        _ => format!("{} of {all} models", format::count(app.list.found())),
    };
    if !app.marks.is_empty() {
        text = format!("{} marked · {text}", app.marks.len());
    }
    if app.failure.is_some() {
        text = format!("not all loaded · {text}");
    } else if hub.stage < Stage::Complete {
        text = format!("loading {:.0}% · {text}", app.progress * 100.0);
    } else if app.is_comparing() {
        text = format!("comparing… · {text}");
    }
    text
}

fn draw_pane(app: &App, hub: &Hub, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let look = app.look(hub, pane);
    draw_title(app, hub, pane, area, buffer);
    let inside = below_title(area);
    if inside.is_empty() {
        return;
    }
    let model = app.current().and_then(|node| hub.graph.model(node));
    match pane {
        Pane::Models => app.list.draw(look, &app.marks, inside, buffer),
        Pane::Tree => app.tree.draw(look, inside, buffer),
        Pane::Histogram => app.chart.draw(look, model, inside, buffer),
        Pane::Details => app.details.draw(look, inside, buffer),
    }
}

/// A line with the pane's number and name; the focused one has a heavy line and a mark.
fn draw_title(app: &App, hub: &Hub, pane: Pane, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let focused = app.look(hub, pane).focused;
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
    let note = note(app, hub, pane);
    let room = usize::from(area.right().saturating_sub(end)).saturating_sub(5);
    // Of a long way the beginning and the end tell most.
    let note = match pane {
        Pane::Tree => fit(&note, room),
        _ => note.as_str().into(),
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

/// What a pane's title line says on its right.
fn note(app: &App, hub: &Hub, pane: Pane) -> String {
    match pane {
        Pane::Models if app.list.lines() > 0 => {
            format!(
                "{} of {}",
                format::count(app.list.cursor.at + 1),
                format::count(app.list.found())
            )
        }
        Pane::Tree => crumbs(app, hub),
        Pane::Histogram => match app.chart.within {
            Some(_) => "what matches, and all".to_owned(),
            None => "all models".to_owned(),
        },
        _ => String::new(),
    }
}

/// The way from the root to the selected line of the tree.
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

/// The line between two columns of panes.
fn draw_lines(app: &App, layout: &Layout, buffer: &mut Buffer) {
    for (_, area) in layout.panes.iter().filter(|(_, area)| area.x > 0) {
        for y in area.y..area.bottom() {
            put(buffer, (area.x - 1, y), "│", 1, app.theme.line);
        }
    }
}

/// Before the first models are there, or when there will be none.
fn draw_waiting(app: &App, layout: &Layout, buffer: &mut Buffer) {
    let area = layout.panes.first().map_or(app.screen, |(_, area)| *area);
    let room = usize::from(area.width).saturating_sub(4);
    let mut y = area.y + area.height / 3;
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
    match &app.failure {
        Some(reason) => {
            say("Nothing could be opened.", app.theme.error, buffer);
            say(reason, app.theme.text, buffer);
            say("q leaves.", app.theme.dim, buffer);
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
            say("q leaves at any time.", app.theme.dim, buffer);
        }
    }
}

/// A message, else the keys that mean something here.
fn draw_status(app: &App, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    let room = usize::from(area.width);
    if let Some(message) = &app.message {
        put(
            buffer,
            (area.x, area.y),
            &fit(message, room),
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

fn hints(app: &App) -> Vec<(String, &'static str)> {
    if let Some(keys) = hints_of_mode(app) {
        return keys.map(|(key, hint)| (key.to_owned(), hint)).into();
    }
    // Help comes first: with it, whatever finds no room can be found.
    let hinted = ACTIONS
        .iter()
        .filter(|i| !i.hint.is_empty() && i.place.is_here(app.focus, app.picking));
    let (help, others): (Vec<_>, Vec<_>) = hinted.partition(|i| i.action == Action::Help);
    let mut hints: Vec<(String, &str)> = Vec::new();
    for info in help.into_iter().chain(others) {
        // A key that means something else already is not the one to hint at.
        let taken = |key: &str| hints.iter().any(|(other, _)| other == key);
        let key = info.keys.iter().find(|key| !taken(key));
        hints.extend(key.map(|key| ((*key).to_owned(), info.hint)));
    }
    hints
}

/// The keys where not those of the table are meant, or not all of them.
fn hints_of_mode(app: &App) -> Option<[(&'static str, &'static str); 4]> {
    Some(match &app.overlay {
        Some(Over::Prompt(_)) => [
            ("enter", "save"),
            ("ctrl-u", "clear"),
            ("esc", "cancel"),
            ("ctrl-c", "quit"),
        ],
        Some(Over::Menu(menu)) if matches!(menu.chosen(), Some(Choice::Recall(_))) => [
            ("enter", "recall"),
            ("↓ ↑", "move"),
            ("delete", "remove"),
            ("esc", "close"),
        ],
        Some(Over::Menu(menu)) if menu.picks.is_some() => [
            ("enter", "filter by it"),
            ("tab", "and stay"),
            ("↓ ↑", "move"),
            ("esc", "close"),
        ],
        Some(Over::Menu(_)) => [
            ("enter", "choose"),
            ("↓ ↑", "move"),
            ("ctrl-u", "clear"),
            ("esc", "close"),
        ],
        Some(Over::Way(_)) => [
            ("enter", "go there"),
            ("j k", "steps"),
            ("esc", "close"),
            ("q", "quit"),
        ],
        Some(Over::Statistics(_)) => [
            ("enter", "filter by it"),
            ("tab", "next table"),
            ("s S", "sort, reverse"),
            ("z", "all words, or back"),
        ],
        Some(Over::Density(_)) => [
            ("enter", "filter by both"),
            ("h j k l", "move"),
            ("esc", "close"),
            ("q", "quit"),
        ],
        Some(Over::Schema(_)) => [
            ("j k", "move"),
            ("g G", "ends"),
            ("esc", "close"),
            ("q", "quit"),
        ],
        Some(Over::Compare(_)) => [
            ("h l", "models"),
            ("j k", "lines"),
            ("esc", "close"),
            ("q", "quit"),
        ],
        None if app.list.editing => [
            ("enter", "done"),
            ("↑ ↓", "older, newer"),
            ("ctrl-n ctrl-p", "choose"),
            ("ctrl-u", "clear"),
        ],
        None => return None,
    })
}

/// What the person should know of the data: that it is made up, or what it lacks.
fn source_note(app: &App) -> String {
    let Some(hub) = &app.hub else {
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
