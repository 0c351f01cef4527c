//! The query language.

pub mod fit;
pub mod keys;
pub mod memory;
pub mod parse;
pub mod query;
pub mod range;
