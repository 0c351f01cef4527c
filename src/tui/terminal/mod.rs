//! The terminal: taken and returned by `guard.rs`, drawn on by ratatui through `backend.rs`, and
//! read by `events.rs`. What differs between systems is in `tty/`; `input.rs` parses the bytes that
//! it reads. `colors.rs` and `background.rs` find out what it can show, and `clipboard.rs` copies
//! through it.

mod ansi;
pub mod backend;
pub mod background;
pub mod clipboard;
pub mod colors;
pub mod events;
pub mod facts;
pub mod guard;
#[cfg(unix)]
mod input;
pub mod tty;
pub mod wide;
