//! The explorer in a real pseudo-terminal. The promise: the terminal is always given back as it
//! was; each frame is one synchronized update, and nothing is written when nothing changes.

mod comparing;
mod drawing;
mod leaving;
mod links;
mod picking;
mod plain;
mod remembering;
mod session;
mod starting;
mod stopping;
