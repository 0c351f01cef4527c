//! What came from what: the base-model graph, what a family adds up to, and the tree as rows.

pub mod family;
pub mod graph;
pub mod outline;
