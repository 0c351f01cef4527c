//! The engine: loads a hub and answers questions about it. It knows no terminal, prints nothing,
//! reads no clock, and can be used as a library: [`Hub::open`] is the entry point.

mod beginnings;
pub mod cache;
pub mod diff;
pub mod export;
pub mod flags;
pub mod guard;
pub mod history;
mod hub;
pub mod lineage;
pub mod load;
pub mod parquet;
pub mod persist;
pub mod query;
pub mod search;
pub mod source;
pub mod stats;
pub mod table;
pub mod tags;

pub use hub::Hub;
pub use load::LoadEvent;
