//! Queries of this and earlier sessions: the history of the query line, and those saved by name.

/// A query with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuery {
    pub name: String,
    /// The text, as it is typed. An order other than the default is its last word, as in
    /// `sort:likes:asc`.
    pub query: String,
}

/// A change to the stored queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryChange {
    /// A query was entered; it is appended to the history.
    Entered(String),
    /// A query was saved. It replaces one of the same name.
    Saved(SavedQuery),
    /// The saved query of this name was removed.
    Removed(String),
}

/// The queries that were entered, the newest last, each once.
#[derive(Default)]
pub struct QueryHistory {
    queries: Vec<String>,
    /// The index of the recalled query; `None` while the user's own text is in the line.
    at: Option<usize>,
    /// The user's own text while a query is recalled.
    draft: String,
}

impl QueryHistory {
    /// Creates a history from the queries of earlier sessions, the newest last.
    pub fn of(queries: impl IntoIterator<Item = String>) -> QueryHistory {
        let mut history = QueryHistory::default();
        queries.into_iter().for_each(|query| history.push(query));
        history
    }

    /// Adds a query as the newest. One that was entered before moves to the end.
    pub fn push(&mut self, query: String) {
        self.queries.retain(|other| *other != query);
        self.queries.push(query);
        self.at = None;
    }

    /// Recalls the query before the one in the line; `None` at the start of the history.
    pub fn older(&mut self, line: &str) -> Option<&str> {
        let at = match self.at {
            // Recalling the text of the line would change nothing.
            None => self.queries.iter().rposition(|query| query != line)?,
            Some(at) => at.checked_sub(1)?,
        };
        if self.at.is_none() {
            line.clone_into(&mut self.draft);
        }
        self.at = Some(at);
        Some(&self.queries[at])
    }

    /// Recalls the query after the one in the line, at the end the user's own text; `None` if that
    /// is in the line.
    pub fn newer(&mut self) -> Option<&str> {
        let after = self.at? + 1;
        self.at = Some(after).filter(|at| *at < self.queries.len());
        Some(self.at.map_or(&self.draft, |at| &self.queries[at]))
    }

    /// Makes the text of the line the user's own, after it was edited.
    pub fn edited(&mut self) {
        self.at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_and_newer_and_back_to_the_draft() {
        let mut history = QueryHistory::of(["a", "b", "a", "c"].map(str::to_owned));
        assert_eq!(history.older("dra"), Some("c"));
        assert_eq!(history.older("c"), Some("a"));
        assert_eq!(history.older("a"), Some("b"));
        assert_eq!(history.older("b"), None);
        assert_eq!(history.newer(), Some("a"));
        assert_eq!(history.newer(), Some("c"));
        assert_eq!(history.newer(), Some("dra"));
        assert_eq!(history.newer(), None);
        // A query that is in the line already is skipped.
        assert_eq!(history.older("c"), Some("a"));
        history.edited();
        assert_eq!(history.newer(), None);
    }
}
