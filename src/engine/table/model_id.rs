//! Models by their rows.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

/// A model: its row in the source, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct ModelId(pub u32);

impl ModelId {
    /// The row as an index.
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

/// Returns the models of a range of rows.
pub fn models_of(
    rows: Range<usize>,
) -> impl DoubleEndedIterator<Item = ModelId> + ExactSizeIterator {
    rows.map(numbered)
}

/// Returns the model of a row.
pub(super) fn numbered(row: usize) -> ModelId {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the loader refuses more rows"
    )]
    ModelId(row as u32)
}
