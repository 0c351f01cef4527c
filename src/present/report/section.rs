//! Tables of a report.

use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::keys::FilterKey;
use crate::engine::table::models::ModelId;

/// A table with its title and a note below it.
#[derive(Clone)]
pub struct Section {
    pub title: String,
    pub header: Vec<&'static str>,
    pub rows: Vec<Row>,
    pub note: String,
}

/// A row of a table.
#[derive(Clone)]
pub struct Row {
    pub cells: Vec<String>,
    /// The sort keys of the cells after the first; none for a row that is always the last.
    pub numbers: Vec<f64>,
    /// The filter that selects exactly the models of the row, if there is one.
    pub test: Option<String>,
    /// The model that the row is about, if it is one.
    pub model: Option<ModelId>,
}

impl From<Vec<String>> for Row {
    fn from(cells: Vec<String>) -> Row {
        Row {
            cells,
            numbers: Vec::new(),
            test: None,
            model: None,
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

    /// Sets the model that the row is about.
    pub(super) fn of_model(mut self, model: ModelId) -> Row {
        self.model = Some(model);
        self
    }

    /// Sets the filter that selects the models of the row.
    pub(super) fn found_by(mut self, filter: Option<Filter>) -> Row {
        self.test = filter.map(|filter| filter.to_string());
        self
    }
}

/// Returns a count as a sort key.
pub(super) fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns a filter on one value.
pub(super) fn filter(key: FilterKey, value: FilterValue) -> Option<Filter> {
    Some(Filter {
        negated: false,
        key,
        values: vec![value],
    })
}
