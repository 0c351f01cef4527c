//! The terminal: taken and returned by `guard.rs`, drawn on by ratatui through `backend.rs`, and
//! read by `events.rs`, which has its bytes parsed by `input.rs`. `colors.rs` and `background.rs`
//! find out what it can show, and `clipboard.rs` copies through it.

mod ansi;
pub mod backend;
pub mod background;
pub mod clipboard;
pub mod colors;
pub mod events;
pub mod facts;
pub mod guard;
mod input;
pub mod wide;
