//! Counts, sums, quantiles, histograms and frequencies over any set of models. Each figure is a
//! parallel fold over the rows of the set, and none sorts all values.

pub mod buckets;
pub mod density;
pub mod distribution;
pub mod edges;
pub mod fold;
pub mod frequency;
pub mod histogram;
pub mod percentile;
pub mod summary;

/// Tables for tests.
#[cfg(test)]
mod fixture {
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};

    use crate::engine::table::field::Field;
    use crate::engine::table::models::Models;

    /// Models with these values of some fields.
    pub fn models<const N: usize>(fields: [Field; N], rows: &[[Option<i64>; N]]) -> Models {
        let ids = (0..rows.len()).map(|n| n.to_string());
        let mut models = Models::new(&StringChunked::from_iter_values("id".into(), ids)).unwrap();
        for (at, field) in fields.into_iter().enumerate() {
            let values: Vec<Option<i64>> = rows.iter().map(|row| row[at]).collect();
            let column = Series::new("values".into(), values);
            models = models.with(field, &column).unwrap();
        }
        models
    }
}
