//! The explorer in a pseudo-terminal. The terminal is always restored; each frame is one
//! synchronized update; nothing is written when nothing changes.
#![cfg(unix)]

mod clipboard;
mod comparing;
mod config;
mod doctor;
mod drawing;
mod exits;
mod export;
mod fetching;
mod hostile;
mod input;
mod job_control;
mod links;
mod locale;
mod picking;
mod random;
mod session;
mod starting;
mod state;
