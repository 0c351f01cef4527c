//! Tables, independent of the figures in them.

use crate::engine::query::ast::Filter;

/// A table with its heading and what is to be said below it.
#[derive(Clone)]
pub struct Section {
    pub title: String,
    pub header: Vec<&'static str>,
    pub rows: Vec<Row>,
    pub note: String,
}

/// A line of a table.
#[derive(Clone)]
pub struct Row {
    pub cells: Vec<String>,
    /// The numbers of the cells after the first, to sort lines by; none where the line stands at the
    /// end of its table in any order.
    pub numbers: Vec<f64>,
    /// A test of a query that just the models of the line pass, if there is one.
    pub test: Option<String>,
}

impl From<Vec<String>> for Row {
    fn from(cells: Vec<String>) -> Row {
        Row {
            cells,
            numbers: Vec::new(),
            test: None,
        }
    }
}

impl Row {
    /// Adds sort keys.
    pub(super) fn sorted_by(mut self, numbers: &[i64]) -> Row {
        #[expect(clippy::cast_precision_loss, reason = "only to be compared")]
        let numbers = numbers.iter().map(|number| *number as f64);
        self.numbers.extend(numbers);
        self
    }

    /// Sets the test that selects the models of the line.
    pub(super) fn found_by(mut self, test: Option<Filter>) -> Row {
        self.test = test.map(|test| test.to_string());
        self
    }
}

/// Returns a count as a sort key.
pub(super) fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
