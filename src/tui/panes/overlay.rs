//! What lies over the panes for a moment: help, which is also the palette, and menus. Both are a
//! list that typing narrows.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget};
use tui_input::Input;

use crate::engine::query::keys::FilterKey;
use crate::tui::action::{ACTIONS, Action, ActionInfo, Where};
use crate::tui::queries::SavedQuery;
use crate::tui::rows::{Cursor, draw_input, fit, put, put_right, width};
use crate::tui::theme::Theme;

/// What choosing an item does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An action, and the place that it belongs to.
    Do(Action, Where),
    SortBy(crate::engine::table::field::Field),
    CopyText(String),
    /// The words of a key, to filter by.
    Pick(FilterKey),
    /// A word of a key, into its filter or out of it.
    Toggle(FilterKey, String),
    /// The filter at this place (bytes) of the query.
    Remove(Range<usize>),
    /// The query line, with this at its end.
    Type(String),
    Recall(SavedQuery),
}

/// A line to choose.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// What it does, or is.
    pub about: String,
    /// Its keys; empty where it has none.
    pub keys: String,
    pub choice: Choice,
}

/// A list over the panes.
pub struct Overlay {
    pub title: &'static str,
    pub items: Vec<Item>,
    pub filter: Input,
    pub cursor: Cursor,
    /// The key whose words are listed, if it is a picker.
    pub picks: Option<FilterKey>,
    /// Whether the items are still to come.
    pub awaited: bool,
}

impl Overlay {
    /// A list of these items.
    pub fn new(title: &'static str, items: Vec<Item>) -> Overlay {
        Overlay {
            title,
            items,
            filter: Input::default(),
            cursor: Cursor::default(),
            picks: None,
            awaited: false,
        }
    }

    /// A list of the words of a key, which are still to come.
    pub fn picker(key: FilterKey) -> Overlay {
        Overlay {
            picks: Some(key),
            awaited: true,
            ..Overlay::new(key.info().name, Vec::new())
        }
    }

    /// Every action, with its keys; those for picking a model only where that is wanted.
    pub fn actions(title: &'static str, picking: bool) -> Overlay {
        let item = |info: &ActionInfo| Item {
            name: info.name.to_owned(),
            about: match info.place {
                Where::Everywhere => info.about.to_owned(),
                Where::In(pane) => format!("{}: {}", pane.title(), info.about),
                Where::Picking => format!("Models: {}", info.about),
            },
            keys: info.keys.join(" "),
            choice: Choice::Do(info.action, info.place),
        };
        let offered = |info: &&ActionInfo| picking || info.place != Where::Picking;
        Overlay::new(title, ACTIONS.iter().filter(offered).map(item).collect())
    }

    /// The items that have every word of the filter, those that have it in their names first.
    pub fn found(&self) -> Vec<&Item> {
        let words: Vec<String> = self
            .filter
            .value()
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let fits = |item: &&Item| {
            let text = format!("{} {} {}", item.name, item.about, item.keys).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let named = |item: &&Item| {
            words
                .iter()
                .all(|word| item.name.to_lowercase().contains(word))
        };
        let (mut found, others): (Vec<_>, Vec<_>) = self.items.iter().filter(fits).partition(named);
        found.extend(others);
        found
    }

    /// What is selected.
    pub fn chosen(&self) -> Option<Choice> {
        self.found()
            .get(self.cursor.at)
            .map(|item| item.choice.clone())
    }

    /// Where it lies on a screen.
    pub fn area(&self, screen: Rect) -> Rect {
        let widest =
            |text: fn(&Item) -> &str| self.items.iter().map(|i| width(text(i))).max().unwrap_or(0);
        let cells = widest(|i| &i.name) + widest(|i| &i.about) + widest(|i| &i.keys) + 10;
        // A picker keeps its size when its words come.
        let lines = self
            .items
            .len()
            .max(if self.picks.is_some() { 20 } else { 0 })
            + 3;
        let cells = cells.max(if self.picks.is_some() { 56 } else { 0 });
        let wide = screen
            .width
            .min(u16::try_from(cells).unwrap_or(u16::MAX).max(40));
        let high = screen.height.min(u16::try_from(lines).unwrap_or(u16::MAX));
        Rect {
            x: screen.x + (screen.width - wide) / 2,
            y: screen.y + (screen.height - high) / 2,
            width: wide,
            height: high,
        }
    }

    /// How many items are seen on a screen.
    pub fn height(&self, screen: Rect) -> usize {
        self.area(screen).height.saturating_sub(3).into()
    }

    /// Draws it in the middle of the screen.
    pub fn draw(&self, theme: &Theme, screen: Rect, buffer: &mut Buffer) {
        let area = self.area(screen);
        Clear.render(area, buffer);
        let frame = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.line);
        frame
            .title(format!(" {} ", self.title))
            .title_style(theme.focused)
            .render(area, buffer);
        let inside = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        if inside.is_empty() {
            return;
        }
        self.draw_filter(theme, inside, buffer);
        let found = self.found();
        let names = self.items.iter().map(|i| width(&i.name)).max().unwrap_or(0) + 2;
        let window = self
            .cursor
            .window(found.len(), usize::from(inside.height) - 1);
        for (at, y) in window.zip(inside.y + 1..) {
            let item = found[at];
            let row = Rect {
                y,
                height: 1,
                ..inside
            };
            let room = usize::from(row.width).saturating_sub(2);
            put(
                buffer,
                (row.x + 1, y),
                &fit(&item.name, room),
                room,
                theme.text,
            );
            let keys = fit(&item.keys, room.saturating_sub(names));
            put_right(
                buffer,
                row.right().saturating_sub(1),
                y,
                &keys,
                theme.accent,
            );
            let about = room.saturating_sub(names + width(&keys) + 1);
            let x = row.x + 1 + u16::try_from(names).unwrap_or(0);
            put(buffer, (x, y), &fit(&item.about, about), about, theme.dim);
            if at == self.cursor.at {
                buffer.set_style(row, theme.selected);
                put(buffer, (row.x, y), "▶", 1, theme.selected);
            }
        }
        if found.is_empty() {
            let text = match (self.awaited, self.items.is_empty()) {
                (true, _) => "counting…",
                (false, true) => "no model has any",
                (false, false) => "nothing has these words",
            };
            put(
                buffer,
                (inside.x + 1, inside.y + 1),
                text,
                room_of(inside),
                theme.dim,
            );
        }
    }

    fn draw_filter(&self, theme: &Theme, inside: Rect, buffer: &mut Buffer) {
        let room = room_of(inside).saturating_sub(3);
        let after = put(buffer, (inside.x + 1, inside.y), "› ", 2, theme.accent);
        if self.filter.value().is_empty() {
            put(
                buffer,
                (after + 1, inside.y),
                "type to narrow",
                room,
                theme.dim,
            );
        }
        draw_input(
            &self.filter,
            Rect {
                x: after,
                width: inside.right().saturating_sub(after),
                ..inside
            },
            theme.text,
            buffer,
        );
    }
}

fn room_of(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(2)
}
