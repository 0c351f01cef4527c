//! The history of every model's counters over any number of snapshots, in one mapped file.
//!
//! The file is a chain of archives, one for each snapshot, in the order in which they were added; to add
//! one touches only the end. Models are numbered by [`Slot`], in the order in which they came up; an
//! archive has the names of its new models, the new names of renamed ones, and the counters of all models
//! up to then, [bit-packed](packed): about five bytes for a model and snapshot.
//!
//! A write that is cut off leaves bytes after the last whole archive, which count as nothing and are
//! overwritten by the next one.

pub mod add;
pub mod curve;
mod drop;
mod file;
pub mod movers;
mod names;
mod packed;
mod slot;
mod snapshot;
pub mod span;
#[cfg(test)]
mod tests;

pub use file::History;
pub use slot::Slot;
pub use snapshot::{Counter, HistorySnapshot};
