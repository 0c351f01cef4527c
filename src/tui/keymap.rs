//! The keymap: which action a key has in each context. `assets/keymap.toml` is its only source;
//! key handling, hints, help, the palette and the guide read it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;
use tui_input::InputRequest;

use super::keys::name_of;
use crate::engine::query::keys::FilterKey;

/// An action that a key or a line of the palette can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Accept,
    Back,
    ClearLine,
    Close,
    Collapse,
    CollapseAll,
    CollapseLevel,
    Command,
    Compare,
    Copy,
    CopyMenu,
    CursorLeft,
    CursorRight,
    DeleteAfter,
    DeleteBefore,
    DeleteWord,
    Density,
    Down,
    Earlier,
    Expand,
    ExpandAll,
    ExpandLevel,
    ExtendDown,
    ExtendUp,
    Families,
    Family,
    FewerBins,
    Filter,
    FilterBySelected,
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
    Interrupt,
    Last,
    Later,
    Left,
    LineEnd,
    LineStart,
    Link,
    Mark,
    MoreBins,
    MostDownloaded,
    NewerQuery,
    NextField,
    NextPane,
    NextSibling,
    NextTable,
    OlderQuery,
    OpenTree,
    PageDown,
    PageUp,
    Palette,
    Parent,
    Path,
    Pick,
    PreviousField,
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
    Schema,
    Sort,
    Statistics,
    Suspend,
    Toggle,
    Up,
    WholeTable,
    Zoom,
}

impl Action {
    /// Returns the filter that the action takes from the current model.
    pub fn filter_key(self) -> Option<FilterKey> {
        Some(match self {
            Action::SameAuthor => FilterKey::Author,
            Action::SameTask => FilterKey::Task,
            Action::SameLicense => FilterKey::License,
            Action::SameBase => FilterKey::Base,
            Action::Family => FilterKey::Family,
            _ => return None,
        })
    }
}

/// A place that gives keys a meaning. In the order of the help and the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// The models of an explorer started with `--pick`.
    Picking,
    Models,
    Tree,
    Histogram,
    Details,
    /// Any pane.
    Panes,
    /// Any list: moving in it.
    Moves,
    /// The query line.
    Query,
    /// Any line that is typed into.
    Text,
    Menu,
    /// The menu of the values of a filter.
    Picker,
    /// The menu of saved queries.
    Saved,
    /// The line for a name.
    Prompt,
    Statistics,
    Density,
    Compare,
    Path,
    Schema,
    /// Everywhere.
    Program,
}

impl Context {
    /// Returns the name of the context in help and guide; empty for those that hold in any pane.
    pub fn title(self) -> &'static str {
        match self {
            Context::Picking => "Models, `--pick`",
            Context::Models => "Models",
            Context::Tree => "Tree",
            Context::Histogram => "Histogram",
            Context::Details => "Details",
            Context::Panes | Context::Moves | Context::Program => "",
            Context::Query => "Query line",
            Context::Text => "Text",
            Context::Menu => "Menu",
            Context::Picker => "Filter menu",
            Context::Saved => "Saved queries",
            Context::Prompt => "Name",
            Context::Statistics => "Statistics",
            Context::Density => "Density",
            Context::Compare => "Comparison",
            Context::Path => "Lineage path",
            Context::Schema => "Schema",
        }
    }

    /// Returns the action that leads to the context, where it is not a pane.
    pub fn opener(self) -> Option<Action> {
        Some(match self {
            Context::Query | Context::Text => Action::Query,
            Context::Menu => Action::Sort,
            Context::Picker => Action::Filter,
            Context::Saved => Action::SavedQueries,
            Context::Prompt => Action::SaveQuery,
            Context::Statistics => Action::Statistics,
            Context::Density => Action::Density,
            Context::Compare => Action::Compare,
            Context::Path => Action::Path,
            Context::Schema => Action::Schema,
            _ => return None,
        })
    }
}

/// One action in one context.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    #[serde(rename = "do")]
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

/// All bindings by context.
pub struct Keymap(BTreeMap<Context, Vec<Binding>>);

/// The embedded keymap.
pub static KEYMAP: LazyLock<Keymap> = LazyLock::new(|| {
    let text = include_str!("../../assets/keymap.toml");
    Keymap(toml::from_str(text).expect("the embedded keymap is valid"))
});

impl Keymap {
    /// Returns all contexts with their bindings, in order.
    pub fn contexts(&self) -> impl Iterator<Item = (Context, &[Binding])> {
        self.0
            .iter()
            .map(|(context, own)| (*context, own.as_slice()))
    }

    /// Returns the bindings of a context, in order.
    pub fn bindings(&self, context: Context) -> &[Binding] {
        self.0.get(&context).map_or(&[], Vec::as_slice)
    }

    /// Returns the action of a key in the first of these contexts that binds it.
    pub fn action(&self, key: KeyEvent, contexts: &[Context]) -> Option<Action> {
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
        if let Some(action) = self.action(key, &[Context::Text]) {
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
        for (context, bindings) in KEYMAP.contexts() {
            for binding in bindings {
                assert!(!binding.keys.is_empty(), "{binding:?}");
                for name in &binding.keys {
                    let key = key_of(name).unwrap_or_else(|| panic!("{name}"));
                    assert_eq!(name_of(key).as_ref(), Some(name));
                    let found = KEYMAP.action(key, &[context]);
                    assert_eq!(found, Some(binding.action), "{context:?} {name}");
                }
            }
        }
    }

    #[test]
    fn contexts_that_are_typed_into_bind_no_characters() {
        use Context::{Menu, Picker, Prompt, Query, Saved, Text};
        for context in [Query, Text, Menu, Picker, Saved, Prompt] {
            for name in KEYMAP.bindings(context).iter().flat_map(|b| &b.keys) {
                assert!(name.chars().count() > 1, "{context:?} {name}");
            }
        }
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
        for (context, bindings) in KEYMAP.contexts() {
            for binding in bindings {
                let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{k}`")).collect();
                let (keys, title) = (keys.join(" "), context.title());
                let line = format!("| {keys} | {title} | {} |", binding.help);
                assert!(guide.contains(&line), "assets/guide/keys.md lacks\n{line}");
            }
        }
    }
}
