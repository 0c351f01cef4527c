//! Parquet files: their columns, and the values of those that hubscope uses.
//!
//! `polars-parquet` decodes. [`files`] opens files and cuts them into batches of rows, `file`
//! decodes the columns of one, [`leaf`] prunes nested columns to the leaves that matter, [`pages`]
//! checks page headers before memory is allocated for what they claim, and [`coerce`] brings the
//! types of all writers to one.

pub mod bases;
pub mod coerce;
pub mod columns;
pub mod dictionary;
pub mod dtypes;
mod file;
pub mod files;
pub mod keys;
pub mod leaf;
pub mod nested;
pub mod pages;
pub mod record;
pub mod samples;
pub mod schema;
