//! The percentile rank of a value among those of other models.

use super::fold::fold;
use crate::engine::table::bitset::{ModelSet, RowMask};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// The number of models with a smaller value, and of all models with a known one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentileRank {
    pub below: usize,
    pub known: usize,
}

/// Ranks a value among those of a field over a set.
pub fn percentile_rank(
    models: &Models,
    field: Field,
    set: &ModelSet,
    value: i64,
) -> PercentileRank {
    let Some(column) = Column::of_field(models, field, set) else {
        return PercentileRank::default();
    };
    let count = |(below, known): &mut (usize, usize), rows: RowMask| {
        let rows = column.known(rows);
        *known += rows.count();
        let smaller = column.having(rows.start, |other| other < value);
        *below += rows.and(smaller).count();
    };
    let (below, known) = fold(set, Default::default, count);
    PercentileRank { below, known }
}
