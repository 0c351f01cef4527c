//! How the answer of a command leaves the program.

pub mod file;
