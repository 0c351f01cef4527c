//! One file per command: its arguments, its answer, and how that is printed.

pub mod cache;
pub mod check;
pub mod config;
pub mod diff;
pub mod doctor;
pub mod export;
pub mod fetch;
pub mod help;
pub mod hist;
pub mod history;
pub mod man;
pub mod movers;
pub mod roots;
pub mod sample;
pub mod schema;
pub mod search;
pub mod show;
pub mod stats;
mod suggestions;
pub mod tree;
