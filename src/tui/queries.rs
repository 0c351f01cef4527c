//! Queries from before: those that were typed and those that were given a name, as lists.

/// A query that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuery {
    pub name: String,
    /// As it is typed; an order other than the usual one is its last word, `sort:likes:asc`.
    pub query: String,
}

/// Something to be kept for the next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A query was typed.
    Typed(String),
    /// A query was given a name, which may have been another's.
    Saved(SavedQuery),
    /// The query of this name is not wanted any more.
    Dropped(String),
}

/// The queries that were typed, the newest last, each once.
#[derive(Default)]
pub struct QueryHistory {
    queries: Vec<String>,
    /// Which of them is in the line; none while the person's own text is.
    at: Option<usize>,
    /// What was being typed before an older one was called.
    draft: String,
}

impl QueryHistory {
    /// Those of the times before, the newest last.
    pub fn of(queries: impl IntoIterator<Item = String>) -> QueryHistory {
        let mut typed = QueryHistory::default();
        queries.into_iter().for_each(|query| typed.push(query));
        typed
    }

    /// Takes one in as the newest; one that was typed before moves to the end.
    pub fn push(&mut self, query: String) {
        self.queries.retain(|other| *other != query);
        self.queries.push(query);
        self.at = None;
    }

    /// The one before what is in the line now.
    pub fn older(&mut self, line: &str) -> Option<&str> {
        let at = match self.at {
            // What stands there already would be called in vain.
            None => self.queries.iter().rposition(|query| query != line)?,
            Some(at) => at.checked_sub(1)?,
        };
        if self.at.is_none() {
            line.clone_into(&mut self.draft);
        }
        self.at = Some(at);
        Some(&self.queries[at])
    }

    /// The one after it, at last what was being typed; nothing where that is in the line.
    pub fn newer(&mut self) -> Option<&str> {
        let after = self.at? + 1;
        self.at = Some(after).filter(|at| *at < self.queries.len());
        Some(self.at.map_or(&self.draft, |at| &self.queries[at]))
    }

    /// What is in the line is the person's own from now on.
    pub fn edited(&mut self) {
        self.at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_and_newer_and_back_to_what_was_being_typed() {
        let mut typed = QueryHistory::of(["a", "b", "a", "c"].map(str::to_owned));
        assert_eq!(typed.older("dra"), Some("c"));
        assert_eq!(typed.older("c"), Some("a"));
        assert_eq!(typed.older("a"), Some("b"));
        assert_eq!(typed.older("b"), None);
        assert_eq!(typed.newer(), Some("a"));
        assert_eq!(typed.newer(), Some("c"));
        assert_eq!(typed.newer(), Some("dra"));
        assert_eq!(typed.newer(), None);
        // What stands in the line already is passed over.
        assert_eq!(typed.older("c"), Some("a"));
        typed.edited();
        assert_eq!(typed.newer(), None);
    }
}
