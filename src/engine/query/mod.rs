//! The query language. [`parse`] reads a text into the syntax tree of [`ast`]; [`keys`] is the table
//! of filters, [`edit`] changes a text, [`partial`] finds the word to complete,
//! [`range`] and [`memory`] are the values that filters compare with.

pub mod ast;
pub mod edit;
pub mod keys;
pub mod language;
pub mod memory;
pub mod parse;
pub mod partial;
pub mod range;
pub mod reference;
