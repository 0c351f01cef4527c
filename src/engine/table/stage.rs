//! The stages of loading: a hub can be used from the first on.

use super::field::Field;

/// How much of a hub is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Ids and downloads.
    Names,
    /// Also bases, what families add up to, and parameters.
    Lineage,
    /// All but the tags and what is read from them.
    Fields,
    /// Everything.
    Complete,
}

impl Stage {
    /// The one after it; none after the last.
    pub fn next(self) -> Option<Stage> {
        match self {
            Stage::Names => Some(Stage::Lineage),
            Stage::Lineage => Some(Stage::Fields),
            Stage::Fields => Some(Stage::Complete),
            Stage::Complete => None,
        }
    }

    /// When a field becomes known.
    pub fn of(field: Field) -> Stage {
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
