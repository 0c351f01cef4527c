//! The terminal: taken and returned by `guard.rs`, drawn on by ratatui through `backend.rs`, and
//! read by `events.rs`, which has its bytes parsed by `input.rs`.

mod ansi;
pub mod backend;
pub mod events;
pub mod guard;
mod input;
pub mod wide;
