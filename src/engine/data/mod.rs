//! Where models come from and what is known of one. Polars is known here and nowhere above.

pub mod bases;
pub mod bundle;
mod canon;
pub mod clean;
mod column;
pub mod dtype;
pub mod field;
pub mod identity;
pub mod keys;
pub mod load;
pub mod memory;
pub mod models;
mod nested;
pub mod order;
mod pages;
pub mod parquet;
pub mod record;
pub mod sample;
pub mod samples;
pub mod schema;
pub mod set;
pub mod size;
pub mod sort;
pub mod source;
pub mod sparse;
pub mod tags;
pub mod texts;
