//! Parquet files: which columns they have, and the values of those that hubscope uses.

pub mod coerce;
pub mod files;
pub mod keys;
pub mod leaf;
pub mod levels;
pub mod nested;
pub mod pages;
pub mod record;
pub mod samples;
pub mod scalars;
pub mod schema;
pub mod wide;
