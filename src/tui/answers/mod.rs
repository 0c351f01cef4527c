//! Questions to the engine that are answered off the UI thread. [`topics`] is the table of
//! questions, [`answerer`] answers one, [`threads`] runs an answerer for each lane.

pub mod answerer;
pub mod threads;
pub mod topics;

pub use topics::{Answer, Finding, Lane, Question, Topic};
