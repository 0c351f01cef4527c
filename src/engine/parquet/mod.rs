//! Parquet files: their columns, and the values of those that hubscope uses.
//!
//! `polars-parquet` decodes. [`files`] opens files and cuts them into batches of rows, `file`
//! decodes the columns of one, [`leaf`] prunes nested columns to the leaves that matter, `footer` and
//! [`pages`] check what headers claim before memory is allocated for it, and [`coerce`] brings the
//! types of all writers to one.

pub mod bases;
pub mod coerce;
pub mod columns;
pub mod dictionary;
pub mod dtypes;
mod file;
pub mod files;
mod footer;
pub mod keys;
pub mod leaf;
pub mod nested;
pub mod pages;
pub mod record;
pub mod samples;
pub mod schema;
mod thrift;
