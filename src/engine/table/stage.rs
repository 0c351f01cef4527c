//! The stages of loading. A hub can be used from the first on.

use super::field::Field;
use super::order::Order;

/// A stage of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Ids and downloads.
    Names,
    /// Also bases, family totals and parameters.
    Lineage,
    /// All but tags and licenses.
    Fields,
    /// Everything.
    Complete,
}

impl Stage {
    /// Returns the next stage; `None` after the last.
    pub fn next(self) -> Option<Stage> {
        match self {
            Stage::Names => Some(Stage::Lineage),
            Stage::Lineage => Some(Stage::Fields),
            Stage::Fields => Some(Stage::Complete),
            Stage::Complete => None,
        }
    }

    /// Returns the stage that loads all fields of an order.
    pub fn of_order(order: Order) -> Stage {
        let stages = order.keys().map(|key| Stage::of(key.field));
        stages.fold(Stage::Names, Stage::max)
    }

    /// Returns the stage that loads a field, or all its sources.
    pub fn of(field: Field) -> Stage {
        let sources = field.sources().iter();
        if let Some(last) = sources.map(|source| Stage::of(*source)).max() {
            return last;
        }
        match field {
            Field::Id | Field::Downloads => Stage::Names,
            Field::DownloadsAllTime | Field::Params | Field::ParamsSource | Field::Relation => {
                Stage::Lineage
            }
            _ if field.is_derived() => Stage::Lineage,
            Field::License => Stage::Complete,
            _ => Stage::Fields,
        }
    }
}
