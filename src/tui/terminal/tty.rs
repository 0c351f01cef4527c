//! The terminal and its keyboard as the system has them: opened, written to, read and waited for.
//! `guard.rs` and `events.rs` decide when.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
