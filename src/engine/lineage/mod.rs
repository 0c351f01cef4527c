//! Model lineage: the graph of models and their base models, and all that is derived from it.
//!
//! ```text
//! edge list ─▶ resolve ─▶ graph (CSR) ─▶ components ─▶ condensation ─▶ rollup ─▶ view ─▶ tree/
//!                           ├─▶ family, path        one node: relatives, sums, lineage paths
//!                           ├─▶ quantizations       which models are the same in another format
//!                           └─▶ suspect             which parameter counts cannot be right
//! ```
//!
//! An edge is a stated (model, base) pair. A *ghost* is a missing base: a name that some model states
//! but no model of the table has, as it was deleted, renamed or made private.

mod components;
mod condensation;
mod csr;
pub mod family;
pub mod graph;
pub mod path;
pub mod quantizations;
mod resolve;
pub mod rollup;
pub mod stated_size;
pub mod suspect;
pub mod tree;
pub mod view;
