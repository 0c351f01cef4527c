//! The completions of the word that is being typed into the query line.

use crate::engine::query::partial::{Partial, Subject};
use crate::engine::search::completions::Completion;

/// The completions of a partial word.
pub struct Suggestions {
    pub partial: Partial,
    /// The words to choose from, those of the letters before until the answer arrives.
    pub words: Vec<Completion>,
    pub is_answered: bool,
    /// True if the first word is taken once the answer arrives.
    pub is_wanted: bool,
    /// The index of the word that was chosen with the arrows.
    pub selected: Option<usize>,
}

impl Suggestions {
    /// Returns the suggestions of a partial word before they are known.
    pub fn new(partial: Partial, before: Option<Suggestions>) -> Suggestions {
        let before = before.filter(|before| before.partial.subject == partial.subject);
        Suggestions {
            partial,
            words: before.map_or_else(Vec::new, |before| before.words),
            is_answered: false,
            is_wanted: false,
            selected: None,
        }
    }

    /// Returns true if the word is typed as a whole: it is one of the completions.
    pub fn is_whole(&self) -> bool {
        let typed = &self.partial.typed;
        let is_typed = |found: &Completion| found.word.eq_ignore_ascii_case(typed);
        let is_found = self.is_answered && self.words.iter().any(is_typed);
        is_found || self.partial.is_valid()
    }

    /// Returns true if a value is being typed that is no value yet: it is not searched for.
    pub fn is_pending(&self) -> bool {
        self.partial.subject != Subject::Key && !self.is_whole()
    }

    /// Returns the word that is taken: the selected one, else the first; words of the letters before are
    /// only taken if one is selected.
    pub fn first(&self) -> Option<&str> {
        let found = match self.selected {
            Some(at) => self.words.get(at),
            None => self.words.first().filter(|_| self.is_answered),
        };
        found.map(|found| found.word.as_str())
    }

    /// Returns true while a value is typed of which the completions are not known yet.
    pub fn is_waiting(&self) -> bool {
        self.partial.subject != Subject::Key && !self.is_answered
    }

    /// Takes the words that complete the partial one; the selected word stays selected.
    pub fn answer(&mut self, words: Vec<Completion>) {
        let selected = self.selected.and_then(|at| self.words.get(at));
        let again = |old: &Completion| words.iter().position(|new| new.word == old.word);
        self.selected = selected.and_then(again);
        self.words = words;
        self.is_answered = true;
    }

    /// Selects the next word, or the one before; before the first, none is selected.
    pub fn step(&mut self, down: bool) {
        let last = self.words.len().checked_sub(1);
        self.selected = match (self.selected, down) {
            (None, true) => last.map(|_| 0),
            (Some(at), true) => last.map(|last| last.min(at + 1)),
            (at, false) => at.and_then(|at| at.checked_sub(1)),
        };
    }
}
