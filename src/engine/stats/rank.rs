//! Where a value stands among those of other models.

use super::walk;
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// How many models of a set have less of something than a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rank {
    pub below: usize,
    /// How many models it is known of.
    pub known: usize,
}

/// The rank of a value of a field over a set.
pub fn rank(models: &Models, field: Field, set: &ModelSet, value: i64) -> Rank {
    let Some(column) = Column::of_field(models, field, set) else {
        return Rank::default();
    };
    let take = |rank: &mut Rank, rows: Rows| {
        let known = column.known(rows);
        rank.known += known.count();
        rank.below += known
            .and(column.having(rows.start, |other| other < value))
            .count();
    };
    let join = |a: Rank, b: Rank| Rank {
        below: a.below + b.below,
        known: a.known + b.known,
    };
    walk(set, Rank::default, take, join)
}
