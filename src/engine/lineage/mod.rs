//! What came from what: the base-model graph (`graph`, `circles`), what families add up to
//! (`totals`, `family`), which models are the same in other files (`copies`), and the tree as rows
//! (`outline`).

mod circles;
pub mod copies;
pub mod family;
pub mod graph;
pub mod outline;
pub mod totals;
