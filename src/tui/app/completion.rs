//! Completion in the query line: what is suggested for the word before the cursor, and taking it.

use tui_input::Input;

use super::{App, Reselect};
use crate::engine::query::parse::parse;
use crate::engine::query::partial::{Partial, Subject};
use crate::engine::search::completions::Completion;
use crate::tui::answers::Topic;
use crate::tui::keymap::Action;
use crate::tui::suggestions::Suggestions;

impl App {
    /// Looks for completions of the word before the cursor, after the text was edited.
    pub(super) fn suggest(&mut self) {
        let query = &mut self.session.query;
        let text = query.input.value();
        let mut places = text.char_indices().map(|(at, _)| at);
        let cursor = places.nth(query.input.cursor()).unwrap_or(text.len());
        let before = query.suggestions.take();
        let Some(partial) = Partial::before(text, cursor) else {
            return;
        };
        let rest = parse(&partial.others(text)).unwrap_or_default().query;
        query.suggestions = Some(Suggestions::new(partial.clone(), before));
        if partial.subject != Subject::Key {
            self.ask(Topic::Completions(partial, rest));
        }
    }

    /// Takes the completions of a partial word. One that is typed as a whole is searched for.
    pub(super) fn suggested(&mut self, partial: &Partial, words: Vec<Completion>) {
        let query = &mut self.session.query;
        let Some(suggestions) = &mut query.suggestions else {
            return;
        };
        if suggestions.partial != *partial {
            return;
        }
        suggestions.answer(words);
        if suggestions.is_wanted {
            return self.run_completion(Action::Complete);
        }
        if suggestions.is_whole() {
            self.search();
        }
    }

    /// Returns true if an action of the suggestions has something to work on.
    pub(super) fn can_complete(&self, action: Action) -> bool {
        let Some(suggestions) = &self.session.query.suggestions else {
            return false;
        };
        match action {
            Action::Complete => {
                let rest = suggestions.partial.rest_of_key(self.session.compares());
                suggestions.first().is_some() || rest.is_some() || suggestions.is_waiting()
            }
            Action::Accept => suggestions.selected.is_some(),
            _ => !suggestions.words.is_empty(),
        }
    }

    /// Runs an action of the suggestions.
    pub(super) fn run_completion(&mut self, action: Action) {
        let compares = self.session.compares();
        let query = &mut self.session.query;
        let Some(suggestions) = &mut query.suggestions else {
            return;
        };
        if matches!(action, Action::Down | Action::Up) {
            return suggestions.step(action == Action::Down);
        }
        let text = query.input.value();
        let partial = &suggestions.partial;
        let is_value = partial.subject != Subject::Key;
        let (text, cursor) = match (partial.rest_of_key(compares), suggestions.first()) {
            (Some(rest), _) => {
                let before = format!("{}{rest}", &text[..partial.at.end]);
                (format!("{before}{}", &text[partial.at.end..]), before.len())
            }
            (None, Some(word)) => partial.completed(text, word),
            (None, None) => {
                // Whoever types fast does not mean the next pane.
                suggestions.is_wanted = suggestions.is_waiting();
                return;
            }
        };
        let cursor = text[..cursor].chars().count();
        query.completed = is_value;
        query.input = Input::new(text).with_cursor(cursor);
        self.suggest();
        self.search();
    }

    /// Ends completion. A word that was not typed as a whole is searched for from now on, as it is.
    pub(super) fn end_completion(&mut self) {
        let suggestions = self.session.query.suggestions.take();
        if suggestions.is_some_and(|suggestions| suggestions.is_pending()) {
            self.ask_list(Reselect::First);
        }
    }
}
