//! What came from what: the base-model graph (`graph`, `circles`), what families add up to
//! (`forest`, `totals`, `family`), which models are the same in other files (`copies`), ways between nodes (`way`),
//! whether a parameter count can be right (`doubt`), and the tree as rows (`siblings`, `outline`).

mod circles;
pub mod copies;
pub mod doubt;
pub mod family;
mod forest;
pub mod graph;
pub mod outline;
mod resolve;
pub mod siblings;
pub mod stated_size;
pub mod totals;
pub mod way;
