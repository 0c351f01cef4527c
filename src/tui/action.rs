//! The one table of actions: what can be done, with which keys, where, and how it is called.
//! Key handling, the help overlay, the hints of the status line and the README's list of keys all
//! read it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::layout::Pane;
use crate::engine::query::keys::FilterKey;

/// Something a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Open,
    Pick,
    Right,
    Left,
    OpenAll,
    CloseAll,
    Deepen,
    Flatten,
    Parent,
    NextSibling,
    PreviousSibling,
    Root,
    Group,
    MostUsed,
    Families,
    Copies,
    Way,
    Statistics,
    Density,
    Schema,
    Query,
    Back,
    NextPane,
    PreviousPane,
    Go(Pane),
    Zoom,
    Sort,
    Reverse,
    NextField,
    PreviousField,
    MoreBins,
    FewerBins,
    Scale,
    Range,
    ExtendDown,
    ExtendUp,
    FilterBy,
    Like(FilterKey),
    RemoveFilter,
    Fold,
    Mark,
    Compare,
    Copy,
    CopyMenu,
    Command,
    SaveQuery,
    Queries,
    Link,
    Earlier,
    Later,
    Help,
    Palette,
    Redraw,
    Reload,
    Suspend,
    Quit,
    Interrupt,
}

/// Where an action means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Everywhere,
    In(Pane),
    /// In the list of models, where the explorer was started to pick one.
    Picking,
}

/// One row of the table.
pub struct ActionInfo {
    pub action: Action,
    /// As the palette and the README call it.
    pub name: &'static str,
    /// The keys, the first one being the one that hints show.
    pub keys: &'static [&'static str],
    pub place: Where,
    /// A word or two for the status line; empty where it is not hinted at.
    pub hint: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
}

const fn everywhere(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    hint: &'static str,
    about: &'static str,
) -> ActionInfo {
    ActionInfo {
        action,
        name,
        keys,
        place: Where::Everywhere,
        hint,
        about,
    }
}

const fn within(
    pane: Pane,
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    hint: &'static str,
    about: &'static str,
) -> ActionInfo {
    ActionInfo {
        action,
        name,
        keys,
        place: Where::In(pane),
        hint,
        about,
    }
}

/// Every action; of two with the same key the first that fits the place is meant.
pub const ACTIONS: &[ActionInfo] = &[
    ActionInfo {
        action: Action::Pick,
        name: "pick",
        keys: &["enter"],
        place: Where::Picking,
        hint: "pick",
        about: "leave, and print the id, or those of all marked models",
    },
    within(
        Pane::Models,
        Action::Open,
        "tree",
        &["enter", "l", "right"],
        "tree",
        "go to the tree of the selected model",
    ),
    within(
        Pane::Tree,
        Action::Right,
        "expand",
        &["l", "right"],
        "expand",
        "list the children; if open, go to the first",
    ),
    within(
        Pane::Tree,
        Action::Left,
        "collapse",
        &["h", "left"],
        "collapse",
        "hide the children; if closed, go to the parent",
    ),
    within(
        Pane::Tree,
        Action::Open,
        "focus",
        &["enter"],
        "focus",
        "draw the tree around it; “more” lists the rest",
    ),
    within(
        Pane::Tree,
        Action::OpenAll,
        "expand all",
        &["="],
        "",
        "list everything below the model",
    ),
    within(
        Pane::Tree,
        Action::CloseAll,
        "collapse all",
        &["-"],
        "",
        "back to the model and its children",
    ),
    within(
        Pane::Tree,
        Action::Deepen,
        "deeper",
        &["+"],
        "",
        "open one more generation",
    ),
    within(
        Pane::Tree,
        Action::Flatten,
        "flatter",
        &["_"],
        "",
        "close the lowest open generation",
    ),
    within(
        Pane::Tree,
        Action::Parent,
        "parent",
        &["p"],
        "",
        "go to what it hangs from",
    ),
    within(
        Pane::Tree,
        Action::NextSibling,
        "next sibling",
        &["]"],
        "",
        "go to the next one made from the same base",
    ),
    within(
        Pane::Tree,
        Action::PreviousSibling,
        "previous sibling",
        &["["],
        "",
        "go to the one before",
    ),
    within(
        Pane::Tree,
        Action::Root,
        "root",
        &["^"],
        "",
        "go to the root of the tree",
    ),
    within(
        Pane::Tree,
        Action::Group,
        "group",
        &["r"],
        "group",
        "children in groups by how they were made, or in one list",
    ),
    within(
        Pane::Tree,
        Action::MostUsed,
        "most used",
        &["u"],
        "",
        "go to its most downloaded descendant that matches",
    ),
    within(
        Pane::Tree,
        Action::Fold,
        "fold",
        &["v"],
        "fold",
        "only what matches the query, or everything",
    ),
    within(
        Pane::Histogram,
        Action::NextField,
        "next field",
        &["l", "right"],
        "field",
        "draw the next field",
    ),
    within(
        Pane::Histogram,
        Action::PreviousField,
        "previous field",
        &["h", "left"],
        "",
        "draw the previous field",
    ),
    within(
        Pane::Histogram,
        Action::Open,
        "filter by bar",
        &["enter"],
        "filter by it",
        "only what the selected bar or range counts; again: no more",
    ),
    within(
        Pane::Histogram,
        Action::MoreBins,
        "more bins",
        &["+"],
        "bins",
        "cut the bins finer",
    ),
    within(
        Pane::Histogram,
        Action::FewerBins,
        "fewer bins",
        &["-"],
        "",
        "put bins together",
    ),
    within(
        Pane::Histogram,
        Action::Scale,
        "scale",
        &["r"],
        "log/linear",
        "bins in powers of ten, or all of one width",
    ),
    within(
        Pane::Histogram,
        Action::Range,
        "range",
        &["v"],
        "range",
        "mark a range from this bar on, which moving extends; again: drop it",
    ),
    within(
        Pane::Histogram,
        Action::ExtendDown,
        "extend down",
        &["J", "shift-down"],
        "",
        "the same and one bar down",
    ),
    within(
        Pane::Histogram,
        Action::ExtendUp,
        "extend up",
        &["K", "shift-up"],
        "",
        "the same and one bar up",
    ),
    everywhere(
        Action::Query,
        "search",
        &["/"],
        "search",
        "type words and tests that models must pass",
    ),
    everywhere(
        Action::FilterBy,
        "filter",
        &["f"],
        "filter",
        "choose a task, licence, author, … to filter by",
    ),
    everywhere(
        Action::RemoveFilter,
        "remove filter",
        &["x"],
        "",
        "take the filter away, or choose which one",
    ),
    everywhere(
        Action::Like(FilterKey::Author),
        "same author",
        &["a"],
        "",
        "filter by this model's author; again: no more",
    ),
    everywhere(
        Action::Like(FilterKey::Task),
        "same task",
        &["t"],
        "",
        "filter by this model's task",
    ),
    everywhere(
        Action::Like(FilterKey::License),
        "same licence",
        &["i"],
        "",
        "filter by this model's licence",
    ),
    everywhere(
        Action::Like(FilterKey::Base),
        "same base",
        &["b"],
        "",
        "filter by this model's base",
    ),
    everywhere(
        Action::Like(FilterKey::Family),
        "its family",
        &["F"],
        "",
        "only what is made from this model",
    ),
    everywhere(
        Action::Families,
        "families",
        &["R"],
        "families",
        "the tree of all families, the largest first; again: the model’s",
    ),
    everywhere(
        Action::Copies,
        "fold copies",
        &["m"],
        "",
        "count quantizations, conversions, mirrors with their origin",
    ),
    everywhere(
        Action::Way,
        "way",
        &["P"],
        "",
        "what changed on the way from the root, or between two marked",
    ),
    everywhere(
        Action::Statistics,
        "statistics",
        &["%"],
        "",
        "the report’s tables on what the query asks for",
    ),
    everywhere(
        Action::Density,
        "density",
        &["D"],
        "",
        "downloads by parameters as a plot; enter filters by both",
    ),
    everywhere(
        Action::Schema,
        "schema",
        &["C"],
        "",
        "the file’s columns, and what each is used for",
    ),
    everywhere(
        Action::Down,
        "down",
        &["j", "down", "ctrl-n"],
        "",
        "one line down",
    ),
    everywhere(Action::Up, "up", &["k", "up", "ctrl-p"], "", "one line up"),
    everywhere(
        Action::PageDown,
        "page down",
        &["ctrl-d", "pagedown"],
        "",
        "half a page down",
    ),
    everywhere(
        Action::PageUp,
        "page up",
        &["ctrl-u", "pageup"],
        "",
        "half a page up",
    ),
    everywhere(Action::First, "first", &["g", "home"], "", "the first line"),
    everywhere(Action::Last, "last", &["G", "end"], "", "the last line"),
    everywhere(
        Action::NextPane,
        "next pane",
        &["tab"],
        "pane",
        "go to the next pane",
    ),
    everywhere(
        Action::PreviousPane,
        "previous pane",
        &["backtab"],
        "",
        "go to the pane before",
    ),
    everywhere(
        Action::Go(Pane::Models),
        "models",
        &["1"],
        "",
        "go to the list of models",
    ),
    everywhere(
        Action::Go(Pane::Tree),
        "tree pane",
        &["2"],
        "",
        "go to the tree",
    ),
    everywhere(
        Action::Go(Pane::Histogram),
        "histogram",
        &["3"],
        "",
        "go to the histogram",
    ),
    everywhere(
        Action::Go(Pane::Details),
        "details",
        &["4"],
        "",
        "go to the details",
    ),
    everywhere(
        Action::Zoom,
        "zoom",
        &["z"],
        "zoom",
        "the pane on the whole screen, a table with all its words; or back",
    ),
    everywhere(
        Action::Sort,
        "sort",
        &["s"],
        "sort",
        "choose what the list or tree is sorted by; a table: its next column",
    ),
    everywhere(
        Action::Reverse,
        "reverse",
        &["S"],
        "",
        "turn that order round",
    ),
    everywhere(
        Action::Mark,
        "mark",
        &["space"],
        "mark",
        "mark the model, or take the mark away",
    ),
    everywhere(
        Action::Compare,
        "compare",
        &["c"],
        "",
        "lay the marked models side by side",
    ),
    everywhere(
        Action::Copy,
        "copy id",
        &["y"],
        "copy",
        "copy the id, or those of all marked models",
    ),
    everywhere(
        Action::CopyMenu,
        "copy menu",
        &["Y"],
        "",
        "choose what to copy: link, command, code",
    ),
    everywhere(
        Action::Command,
        "command",
        &["$"],
        "",
        "the shell command that prints what the pane shows",
    ),
    everywhere(
        Action::SaveQuery,
        "save query",
        &["w"],
        "",
        "save the query and its order under a name",
    ),
    everywhere(
        Action::Queries,
        "saved queries",
        &["'"],
        "",
        "choose a saved query; delete removes it",
    ),
    everywhere(
        Action::Link,
        "link",
        &["o"],
        "",
        "open the model's page, or show its address",
    ),
    everywhere(
        Action::Earlier,
        "earlier",
        &["H"],
        "",
        "back to the model and query before",
    ),
    everywhere(Action::Later, "later", &["L"], "", "forward again"),
    everywhere(
        Action::Back,
        "back",
        &["esc"],
        "",
        "close what is open, clear the query; never quits",
    ),
    everywhere(
        Action::Help,
        "help",
        &["?", "f1"],
        "help",
        "all keys, searchable",
    ),
    everywhere(
        Action::Palette,
        "palette",
        &[":"],
        "",
        "type the name of an action, enter does it",
    ),
    everywhere(
        Action::Reload,
        "reload",
        &["ctrl-r"],
        "",
        "read the file again if it has changed; all stays where it is",
    ),
    everywhere(
        Action::Redraw,
        "redraw",
        &["ctrl-l"],
        "",
        "draw the whole screen again",
    ),
    everywhere(
        Action::Suspend,
        "suspend",
        &["ctrl-z"],
        "",
        "back to the shell; `fg` returns",
    ),
    everywhere(Action::Quit, "quit", &["q"], "quit", "leave"),
    everywhere(
        Action::Interrupt,
        "interrupt",
        &["ctrl-c"],
        "",
        "leave, as interrupted (exit code 130)",
    ),
];

impl Where {
    /// Whether it means something in a pane, of an explorer started to pick a model or not.
    pub fn is_here(self, pane: Pane, picking: bool) -> bool {
        match self {
            Where::Everywhere => true,
            Where::In(place) => place == pane,
            Where::Picking => picking && pane == Pane::Models,
        }
    }

    /// The place as help and README name it; nothing for everywhere.
    pub fn title(self) -> &'static str {
        match self {
            Where::Everywhere => "",
            Where::In(pane) => pane.title(),
            Where::Picking => "Models, `--pick`",
        }
    }
}

/// What a key asks for in a pane.
pub fn of_key(key: KeyEvent, pane: Pane) -> Option<Action> {
    of_key_in(key, pane, false)
}

/// The same in an explorer that was perhaps started to pick a model.
pub fn of_key_in(key: KeyEvent, pane: Pane, picking: bool) -> Option<Action> {
    let name = name_of(key)?;
    let named = |name: &str| {
        let fits =
            |info: &&ActionInfo| info.place.is_here(pane, picking) && info.keys.contains(&name);
        ACTIONS.iter().find(fits).map(|info| info.action)
    };
    // An arrow with Shift that means nothing of its own is the arrow.
    named(&name).or_else(|| named(name.strip_prefix("shift-")?))
}

/// The name of a key, as the table writes it: `a`, `G`, `ctrl-d`, `enter`.
pub fn name_of(key: KeyEvent) -> Option<String> {
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let name = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => "backtab".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::PageUp => "pageup".to_owned(),
        KeyCode::PageDown => "pagedown".to_owned(),
        KeyCode::F(n) => format!("f{n}"),
        _ => return None,
    };
    // Of letters and of the tabulator, Shift makes other keys.
    let is_arrow = matches!(
        key.code,
        KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right
    );
    Some(match key.modifiers {
        with if with.contains(KeyModifiers::CONTROL) => format!("ctrl-{}", name.to_lowercase()),
        with if with.contains(KeyModifiers::SHIFT) && is_arrow => format!("shift-{name}"),
        _ => name,
    })
}

/// The key of this name; the other way round of [`name_of`].
pub fn key_of(name: &str) -> Option<KeyEvent> {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        let mut letters = letter.chars();
        let code = KeyCode::Char(letters.next()?);
        return letters
            .next()
            .is_none()
            .then_some(KeyEvent::new(code, KeyModifiers::CONTROL));
    }
    if let Some(name) = name.strip_prefix("shift-") {
        let key = key_of(name).filter(|key| !matches!(key.code, KeyCode::Char(_)))?;
        return Some(KeyEvent::new(key.code, KeyModifiers::SHIFT));
    }
    let code = match name {
        "space" => KeyCode::Char(' '),
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        _ => {
            let mut letters = name.chars();
            match (letters.next()?, letters.as_str()) {
                (c, "") => KeyCode::Char(c),
                ('f', number) => KeyCode::F(number.parse().ok().filter(|n| (1..=12).contains(n))?),
                _ => return None,
            }
        }
    };
    Some(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Keys as a script writes them: `/llama<enter><tab>l<down>`; `<lt>` is the character `<`.
///
/// # Errors
/// With the name between `<` and `>` that is no key's.
pub fn keys_of(script: &str) -> Result<Vec<KeyEvent>, String> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '<' {
            keys.push(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
            continue;
        }
        let (name, after) = rest
            .split_once('>')
            .ok_or_else(|| format!("`<{rest}` is not closed"))?;
        keys.push(match name {
            "lt" => KeyEvent::new(KeyCode::Char('<'), KeyModifiers::NONE),
            _ => key_of(name).ok_or_else(|| format!("no key is called <{name}>"))?,
        });
        rest = after;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_can_be_typed_and_finds_its_action() {
        for info in ACTIONS {
            for name in info.keys {
                let key = key_of(name).unwrap_or_else(|| panic!("{name}"));
                assert_eq!(name_of(key).as_deref(), Some(*name));
                let pane = match info.place {
                    Where::In(pane) => pane,
                    Where::Picking => Pane::Models,
                    // A pane may give a key of everywhere a meaning of its own, but not all may.
                    Where::Everywhere => Pane::Details,
                };
                let picking = info.place == Where::Picking;
                assert_eq!(of_key_in(key, pane, picking), Some(info.action), "{name}");
            }
        }
    }

    /// The README's list of keys is this table.
    #[test]
    fn the_readme_lists_every_action() {
        let readme = include_str!("../../README.md");
        for info in ACTIONS {
            let place = info.place.title();
            let keys: Vec<String> = info.keys.iter().map(|key| format!("`{key}`")).collect();
            let line = format!("| {} | {place} | {} |", keys.join(" "), info.about);
            assert!(readme.contains(&line), "README.md lacks the line\n{line}");
        }
    }

    #[test]
    fn scripts_of_keys() {
        let keys = keys_of("/a<enter><ctrl-d><lt>").unwrap();
        let names: Vec<String> = keys.into_iter().filter_map(name_of).collect();
        assert_eq!(names, ["/", "a", "enter", "ctrl-d", "<"]);
        assert!(keys_of("<entre>").unwrap_err().contains("<entre>"));
        assert!(keys_of("<enter").is_err());
    }
}
