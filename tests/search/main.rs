//! Searching held to plain scans: random queries over random hubs, and counts of the real rows
//! worked out by Polars expressions.

#[path = "../common/mod.rs"]
mod common;
mod naive;
mod random;
mod real;
