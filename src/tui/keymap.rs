//! The keymap: which action a key has in each context. `assets/keymap.toml` is its only source;
//! key handling, hints, help, the palette and the guide read it.

use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use tui_input::InputRequest;

use super::keys::name_of;
use crate::engine::query::keys::FilterKey;

/// An action that a key or a line of the palette can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Accept,
    Back,
    BorderDown,
    BorderLeft,
    BorderRight,
    BorderUp,
    ClearLine,
    Children,
    Close,
    Collapse,
    CollapseAll,
    CollapseLevel,
    Columns,
    Command,
    Complete,
    Copies,
    Copy,
    CopyMenu,
    Count,
    CursorLeft,
    CursorRight,
    DeleteAfter,
    DeleteBefore,
    DeleteWord,
    Down,
    Earlier,
    Expand,
    ExpandAll,
    ExpandLevel,
    Export,
    ExtendDown,
    ExtendUp,
    Families,
    Family,
    FewerBins,
    Filter,
    FilterBySelected,
    FindName,
    First,
    Focus,
    Fold,
    FoldCopies,
    GoDetails,
    GoHistogram,
    GoModels,
    GoTree,
    Group,
    Help,
    HidePane,
    Interrupt,
    Last,
    Later,
    Left,
    LineEnd,
    LineStart,
    Link,
    Live,
    Mark,
    MoreBins,
    MostDownloaded,
    MoveDown,
    MoveUp,
    NewerQuery,
    NextField,
    NextMatch,
    NextPane,
    NextSibling,
    NextTable,
    OlderQuery,
    OpenTree,
    PageDown,
    PageUp,
    Palette,
    Parent,
    Pick,
    PreviousField,
    PreviousMatch,
    PreviousPane,
    PreviousSibling,
    PreviousTable,
    Query,
    Quit,
    Range,
    Redraw,
    Reload,
    Remove,
    RemoveFilter,
    Resume,
    Reverse,
    Right,
    Root,
    SameAuthor,
    SameBase,
    SameLicense,
    SameTask,
    SaveQuery,
    SavedQueries,
    Scale,
    /// Open the overlay of this name.
    #[serde(skip)]
    Show(&'static str),
    Sort,
    Suspend,
    Toggle,
    ToggleMouse,
    Unmark,
    Up,
    WholeTable,
    Zoom,
}

impl Action {
    /// Returns its name in the config file: `next-pane`, `show-statistics`.
    pub fn name(self) -> String {
        match self {
            Action::Show(view) => format!("show-{view}"),
            action => {
                let name = serde_json::to_value(action).unwrap_or_default();
                name.as_str().unwrap_or_default().to_owned()
            }
        }
    }

    /// Returns true if the action of the panes works over every view, too.
    pub fn works_over_views(self) -> bool {
        matches!(
            self,
            Action::Command
                | Action::Copy
                | Action::CopyMenu
                | Action::Export
                | Action::Filter
                | Action::Help
                | Action::Link
                | Action::Palette
                | Action::Query
                | Action::RemoveFilter
                | Action::SaveQuery
                | Action::SavedQueries
        )
    }

    /// Returns the filter that the action sets by the current model.
    pub fn filter_key(self) -> Option<FilterKey> {
        Some(match self {
            Action::SameAuthor => FilterKey::Author,
            Action::SameTask => FilterKey::Task,
            Action::SameLicense => FilterKey::License,
            Action::SameBase | Action::Children => FilterKey::Base,
            Action::Family => FilterKey::Family,
            Action::Copies => FilterKey::Copies,
            _ => return None,
        })
    }
}

/// A place that gives keys a meaning, by its name in the keymap. Overlays have names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyContext(pub &'static str);

impl KeyContext {
    /// The models of an explorer started with `--pick`.
    pub const PICKING: KeyContext = KeyContext("picking");
    pub const MODELS: KeyContext = KeyContext("models");
    pub const TREE: KeyContext = KeyContext("tree");
    pub const HISTOGRAM: KeyContext = KeyContext("histogram");
    pub const DETAILS: KeyContext = KeyContext("details");
    /// Any pane.
    pub const PANES: KeyContext = KeyContext("panes");
    /// Any list: moving in it.
    pub const MOVES: KeyContext = KeyContext("moves");
    /// The query line.
    pub const QUERY: KeyContext = KeyContext("query");
    /// The query line while completions are suggested.
    pub const COMPLETION: KeyContext = KeyContext("completion");
    /// Any line that is typed into.
    pub const TEXT: KeyContext = KeyContext("text");
    pub const MENU: KeyContext = KeyContext("menu");
    /// The menu of the values of a filter.
    pub const PICKER: KeyContext = KeyContext("picker");
    /// The menu of the fields to sort by.
    pub const SORT: KeyContext = KeyContext("sorting");
    /// The menu of the columns.
    pub const COLUMNS: KeyContext = KeyContext("columns");
    /// The menu of saved queries.
    pub const SAVED: KeyContext = KeyContext("saved");
    /// The line for a name.
    pub const PROMPT: KeyContext = KeyContext("prompt");
    /// Everywhere.
    pub const PROGRAM: KeyContext = KeyContext("program");
}

/// The keys of a context.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextKeys {
    pub name: String,
    /// The name in help and guide; empty for contexts that hold in any pane.
    #[serde(default)]
    pub title: String,
    /// The action that leads to the context, where it is not a pane.
    #[serde(default, deserialize_with = "action_or_none")]
    pub opener: Option<Action>,
    #[serde(rename = "key")]
    pub bindings: Vec<Binding>,
}

impl ContextKeys {
    /// Returns the context.
    pub fn context(&'static self) -> KeyContext {
        KeyContext(&self.name)
    }

    /// Returns true if characters are text there and no keys.
    pub fn is_typed(&self) -> bool {
        let typed = [
            "completion",
            "query",
            "text",
            "menu",
            "picker",
            "sorting",
            "columns",
            "saved",
            "prompt",
        ];
        typed.contains(&self.name.as_str())
    }
}

/// One action in one context.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    #[serde(rename = "do", deserialize_with = "action")]
    pub action: Action,
    /// The names of its keys; hints show the first.
    pub keys: Vec<String>,
    /// One or two words, as in the palette.
    pub name: String,
    /// A word for the status line; empty without a hint.
    #[serde(default)]
    pub hint: String,
    /// One imperative line.
    pub help: String,
    /// Further words by which help and palette find it.
    #[serde(default)]
    pub words: String,
}

/// Reads an action: the name of an overlay after `show`, else that of a variant.
fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Action, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.strip_prefix("show ") {
        // The keymap lives as long as the program.
        Some(name) => Ok(Action::Show(name.to_owned().leak())),
        None => Action::deserialize(text.into_deserializer()),
    }
}

fn action_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Action>, D::Error> {
    action(deserializer).map(Some)
}

/// All contexts, in the order of help and guide.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Keymap {
    #[serde(rename = "context")]
    contexts: Vec<ContextKeys>,
}

/// The embedded keymap, which a config file may change. What the explorer has is in its session.
pub static KEYMAP: LazyLock<Keymap> = LazyLock::new(|| {
    let text = include_str!("../../assets/keymap.toml");
    toml::from_str(text).expect("the embedded keymap is valid")
});

impl Default for &'static Keymap {
    fn default() -> &'static Keymap {
        &KEYMAP
    }
}

impl Keymap {
    /// Returns all contexts, in order.
    pub fn contexts(&self) -> &[ContextKeys] {
        &self.contexts
    }

    /// Returns the keys of the context with an index, to change them.
    pub fn context_mut(&mut self, index: usize) -> &mut ContextKeys {
        &mut self.contexts[index]
    }

    /// Returns the keys of a context; `None` for one without keys of its own.
    pub fn keys_of(&self, context: KeyContext) -> Option<&ContextKeys> {
        self.contexts.iter().find(|keys| keys.name == context.0)
    }

    /// Returns the bindings of a context, in order.
    pub fn bindings(&self, context: KeyContext) -> &[Binding] {
        self.keys_of(context).map_or(&[], |keys| &keys.bindings)
    }

    /// Returns the action of a key in the first of these contexts that binds it.
    pub fn action(&self, key: KeyEvent, contexts: &[KeyContext]) -> Option<Action> {
        let name = name_of(key)?;
        let bound = |name: &str| {
            let mut all = contexts.iter().flat_map(|context| self.bindings(*context));
            all.find(|binding| binding.keys.iter().any(|key| key == name))
                .map(|binding| binding.action)
        };
        // An arrow with Shift that is not bound is the arrow.
        bound(&name).or_else(|| bound(name.strip_prefix("shift-")?))
    }

    /// Returns the change that a key makes to a line of text: an edit of the `text` context, or
    /// its character.
    pub fn edit(&self, key: KeyEvent) -> Option<InputRequest> {
        if let Some(action) = self.action(key, &[KeyContext::TEXT]) {
            return edit_of(action);
        }
        let modifiers = KeyModifiers::CONTROL | KeyModifiers::ALT;
        match key.code {
            KeyCode::Char(c) if !key.modifiers.intersects(modifiers) => {
                Some(InputRequest::InsertChar(c))
            }
            _ => None,
        }
    }
}

fn edit_of(action: Action) -> Option<InputRequest> {
    Some(match action {
        Action::ClearLine => InputRequest::DeleteLine,
        Action::DeleteWord => InputRequest::DeletePrevWord,
        Action::DeleteBefore => InputRequest::DeletePrevChar,
        Action::DeleteAfter => InputRequest::DeleteNextChar,
        Action::CursorLeft => InputRequest::GoToPrevChar,
        Action::CursorRight => InputRequest::GoToNextChar,
        Action::LineStart => InputRequest::GoToStart,
        Action::LineEnd => InputRequest::GoToEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::key_of;

    #[test]
    fn every_key_can_be_typed_and_has_one_action_in_its_context() {
        for keys in KEYMAP.contexts() {
            for binding in &keys.bindings {
                assert!(!binding.keys.is_empty(), "{binding:?}");
                for name in &binding.keys {
                    let key = key_of(name).unwrap_or_else(|| panic!("{name}"));
                    assert_eq!(name_of(key).as_ref(), Some(name));
                    let found = KEYMAP.action(key, &[keys.context()]);
                    assert_eq!(found, Some(binding.action), "{} {name}", keys.name);
                }
            }
        }
    }

    #[test]
    fn contexts_that_are_typed_into_bind_no_characters() {
        let typed = KEYMAP.contexts().iter().filter(|keys| keys.is_typed());
        for ContextKeys { name, bindings, .. } in typed.clone() {
            for key in bindings.iter().flat_map(|b| &b.keys) {
                assert!(key.chars().count() > 1, "{name} {key}");
            }
        }
        assert_eq!(typed.count(), 9);
    }

    #[test]
    fn text_is_edited_as_in_a_shell() {
        let edit = |name| KEYMAP.edit(key_of(name).unwrap());
        assert_eq!(edit("j"), Some(InputRequest::InsertChar('j')));
        assert_eq!(edit("space"), Some(InputRequest::InsertChar(' ')));
        assert_eq!(edit("ctrl-h"), Some(InputRequest::DeletePrevChar));
        assert_eq!(edit("ctrl-w"), Some(InputRequest::DeletePrevWord));
        assert_eq!(edit("home"), Some(InputRequest::GoToStart));
        assert_eq!(edit("ctrl-n"), None);
        assert_eq!(edit("tab"), None);
    }

    /// The guide's table of keys is the keymap.
    #[test]
    fn the_guide_lists_every_key() {
        let guide = include_str!("../../assets/guide/keys.md");
        let mut missing = String::new();
        for context in KEYMAP.contexts() {
            for binding in &context.bindings {
                let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{k}`")).collect();
                let (keys, title, help) = (keys.join(" "), &context.title, &binding.help);
                let line = format!("| {keys} | {title} | {help} |\n");
                if !guide.contains(&line) {
                    missing.push_str(&line);
                }
            }
        }
        assert!(missing.is_empty(), "assets/guide/keys.md lacks\n{missing}");
    }
}
