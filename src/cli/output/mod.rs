//! Output of commands: formats, tables, JSON and files.

pub mod csv;
pub mod file;
pub mod format;
pub mod json;
pub mod markdown;
pub mod nodes;
pub mod plain;
pub mod record;
pub mod section;
pub mod stats;
pub mod table;
