//! The commands that answer once and quit. `args.rs` declares them, `run.rs` runs them; each has a
//! file in `commands/`, which takes a [`context::CommandContext`] and prints through `output/`.

pub mod args;
pub mod commands;
pub mod complete;
pub mod context;
mod isolate;
pub mod opener;
pub mod output;
pub mod run;
pub mod usage;
pub mod within;
