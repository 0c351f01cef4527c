//! Menus over the panes, help and palette among them: a list that typing narrows.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::engine::query::keys::{FilterInfo, FilterKey};
use crate::tui::keymap::{Action, Binding, ContextKeys, KeyContext, Keymap};
use crate::tui::layout::below_title;
use crate::tui::theme::Theme;
use crate::tui::view::{Clicked, Request};
use crate::tui::widgets::{
    Cursor, draw_dialog, draw_input, draw_selection, fit, inside_dialog, put, put_right, width,
};

/// A line of a menu.
#[derive(Clone, Debug, Default)]
pub struct Item {
    pub name: String,
    /// What it is or does, in one line.
    pub about: String,
    /// Shown on the right: keys, or a count.
    pub keys: String,
    /// Further words by which it is found.
    pub words: String,
    /// The effect of choosing it; `None` for lines that are only read.
    pub request: Option<Request>,
}

impl Item {
    /// Returns an item without keys.
    pub fn new(name: impl Into<String>, about: impl Into<String>, request: Request) -> Item {
        Item {
            name: name.into(),
            about: about.into(),
            request: Some(request),
            ..Item::default()
        }
    }

    /// Returns the item of a key; choosing it runs the action.
    fn of_binding(keys: &'static ContextKeys, binding: &Binding) -> Item {
        let about = match keys.title.as_str() {
            "" => binding.help.clone(),
            title => format!("{title}: {}", binding.help),
        };
        Item {
            keys: binding.keys.join(" "),
            words: binding.words.clone(),
            ..Item::new(
                &binding.name,
                about,
                Request::Run(binding.action, keys.context()),
            )
        }
    }

    /// Returns the item of a filter; choosing it types its key.
    fn of_filter(info: &FilterInfo) -> Item {
        let key = format!("{}:", info.name);
        Item {
            keys: info.example.to_owned(),
            ..Item::new(
                &key,
                format!("Filter: {}", info.about),
                Request::EditQuery(key.clone()),
            )
        }
    }
}

/// A menu.
pub struct Menu {
    pub title: &'static str,
    pub items: Vec<Item>,
    /// The words that narrow the list.
    pub filter: Input,
    pub cursor: Cursor,
    /// The filter whose values are listed, if it is a picker.
    pub picks: Option<FilterKey>,
    /// True if a value was ticked: Enter then takes what is ticked.
    pub is_ticked: bool,
    /// True until the values arrive.
    pub is_loading: bool,
    pub context: KeyContext,
}

impl Menu {
    /// Returns a menu of items.
    pub fn new(title: &'static str, items: Vec<Item>) -> Menu {
        Menu {
            title,
            items,
            filter: Input::default(),
            cursor: Cursor::default(),
            picks: None,
            is_ticked: false,
            is_loading: false,
            context: KeyContext::MENU,
        }
    }

    /// Returns the menu of the values of a filter, which arrive later.
    pub fn picker(key: FilterKey) -> Menu {
        Menu {
            picks: Some(key),
            is_loading: true,
            context: KeyContext::PICKER,
            ..Menu::new(key.info().name, Vec::new())
        }
    }

    /// Returns the menu of saved queries.
    pub fn saved(items: Vec<Item>) -> Menu {
        Menu {
            context: KeyContext::SAVED,
            ..Menu::new("Saved queries", items)
        }
    }

    /// Returns the menu of all keys and these filters.
    pub fn help<'f>(
        keymap: &'static Keymap,
        picking: bool,
        filters: impl Iterator<Item = &'f FilterInfo>,
    ) -> Menu {
        let mut items = items_of_contexts(keymap, picking, |_| true);
        items.extend(filters.map(Item::of_filter));
        Menu::new("Help", items)
    }

    /// Returns the menu of all actions of the panes.
    pub fn palette(keymap: &'static Keymap, picking: bool) -> Menu {
        let runs = |keys: &ContextKeys| keys.opener.is_none();
        Menu::new("Actions", items_of_contexts(keymap, picking, runs))
    }

    /// Returns the items that contain every word of the filter, those with the words in their
    /// names first.
    pub fn found(&self) -> Vec<&Item> {
        let filter = self.filter.value().to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let has_all = |text: &str| words.iter().all(|word| text.contains(word));
        let fits = |item: &&Item| {
            let Item {
                name,
                about,
                keys,
                words,
                ..
            } = item;
            has_all(&format!("{name} {about} {keys} {words}").to_lowercase())
        };
        let named = |item: &&Item| has_all(&item.name.to_lowercase());
        let (mut found, others): (Vec<_>, Vec<_>) = self.items.iter().filter(fits).partition(named);
        found.extend(others);
        found
    }

    /// Returns the selected item.
    pub fn selected(&self) -> Option<&Item> {
        self.found().get(self.cursor.at).copied()
    }

    /// Removes the selected item.
    pub fn remove_selected(&mut self) {
        let Some(request) = self.selected().map(|item| item.request.clone()) else {
            return;
        };
        self.items.retain(|item| item.request != request);
    }

    /// Moves in the list. `screen` is the whole screen.
    pub fn act(&mut self, action: Action, screen: Rect) {
        let (len, height) = (self.found().len(), self.height(screen));
        self.cursor.go(action, len, height);
    }

    /// Keeps the cursor among the items.
    pub fn settle(&mut self, screen: Rect) {
        let (len, height) = (self.found().len(), self.height(screen));
        self.cursor.settle(len, height);
    }

    /// Scrolls by this many lines, downwards if positive.
    pub fn scroll(&mut self, lines: isize, screen: Rect) {
        let (len, height) = (self.found().len(), self.height(screen));
        self.cursor.scroll(lines, len, height);
    }

    /// Selects the item in a cell of the screen; `None` beside the menu.
    pub fn click(&mut self, at: Position, screen: Rect) -> Option<Clicked> {
        let list = self.list(screen);
        match list.contains(at) {
            true => Some(self.cursor.click(at.y - list.y, self.found().len())),
            false => self.area(screen).contains(at).then_some(Clicked::Nothing),
        }
    }

    /// Returns its place on a screen.
    fn area(&self, screen: Rect) -> Rect {
        let widest =
            |text: fn(&Item) -> &str| self.items.iter().map(|i| width(text(i))).max().unwrap_or(0);
        let cells = widest(|i| &i.name) + widest(|i| &i.about) + widest(|i| &i.keys) + 10;
        // A picker keeps its size when its values arrive.
        let lines = self
            .items
            .len()
            .max(if self.picks.is_some() { 20 } else { 0 })
            + 3;
        let cells = cells.max(if self.picks.is_some() { 56 } else { 0 });
        let wide = screen
            .width
            .min(u16::try_from(cells).unwrap_or(u16::MAX).max(40));
        // The status line has the hints.
        let room = screen.height.saturating_sub(1);
        let high = room.min(u16::try_from(lines).unwrap_or(u16::MAX));
        Rect {
            x: screen.x + (screen.width - wide) / 2,
            y: screen.y + (screen.height - high) / 2,
            width: wide,
            height: high,
        }
    }

    /// Returns the number of items on a screen.
    fn height(&self, screen: Rect) -> usize {
        self.list(screen).height.into()
    }

    /// Returns the place of its items on a screen, below the line that is typed into.
    fn list(&self, screen: Rect) -> Rect {
        below_title(inside_dialog(self.area(screen), screen))
    }

    /// Draws it in the middle of the screen.
    pub fn draw(&self, theme: &Theme, screen: Rect, buffer: &mut Buffer) {
        let inside = draw_dialog(self.title, self.area(screen), theme, buffer);
        if inside.is_empty() {
            return;
        }
        let filter = Rect {
            height: 1,
            ..inside
        };
        self.draw_filter(theme, filter, buffer);
        let list = self.list(screen);
        let found = self.found();
        let names = self.items.iter().map(|i| width(&i.name)).max().unwrap_or(0) + 2;
        let window = self.cursor.window(found.len(), list.height.into());
        for (at, row) in window.zip(list.rows()) {
            draw_item(found[at], names, theme, row, buffer);
            if at == self.cursor.at {
                draw_selection(theme, theme.selected, "▶", row, buffer);
            }
        }
        if found.is_empty() {
            let text = match (self.is_loading, self.items.is_empty()) {
                (true, _) => "Counting…",
                (false, true) => "No values",
                (false, false) => "No matches",
            };
            put(buffer, (list.x + 1, list.y), text, room_of(list), theme.dim);
        }
    }

    fn draw_filter(&self, theme: &Theme, inside: Rect, buffer: &mut Buffer) {
        let room = room_of(inside).saturating_sub(3);
        let after = put(buffer, (inside.x + 1, inside.y), "› ", 2, theme.accent);
        if self.filter.value().is_empty() {
            put(
                buffer,
                (after + 1, inside.y),
                "type to search",
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

/// Draws a line: the name, `names` cells wide, the description, and the keys on the right.
fn draw_item(item: &Item, names: usize, theme: &Theme, row: Rect, buffer: &mut Buffer) {
    let (room, y) = (room_of(row), row.y);
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
}

/// Returns the items of all bindings in the contexts that `includes`.
fn items_of_contexts(
    keymap: &'static Keymap,
    picking: bool,
    includes: impl Fn(&ContextKeys) -> bool,
) -> Vec<Item> {
    let contexts = keymap.contexts().iter().filter(|keys| includes(keys));
    let wanted = contexts.filter(|keys| picking || keys.context() != KeyContext::PICKING);
    let items = |keys: &'static ContextKeys| {
        let bindings = keys.bindings.iter();
        bindings.map(move |binding| Item::of_binding(keys, binding))
    };
    wanted.flat_map(items).collect()
}

fn room_of(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(2)
}
