//! The numbers of models in a history.

/// The number of a model in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    /// Returns the number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Slot {
    /// Returns the slot of an index; `None` beyond what a history can number.
    pub(super) fn at(index: usize) -> Option<Slot> {
        u32::try_from(index).ok().map(Slot)
    }
}
