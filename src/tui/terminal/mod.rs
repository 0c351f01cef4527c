//! The terminal: taken and returned by `guard.rs`, drawn on by ratatui through `backend.rs`, and
//! read by `events.rs`.

mod ansi;
pub mod backend;
pub mod events;
pub mod guard;
pub mod wide;
