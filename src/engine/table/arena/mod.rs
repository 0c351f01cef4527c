//! A string arena: many short texts, such as ids and names, end to end in one buffer with the
//! offset of each, so that all of them can be searched at once.

mod builder;
mod lowercase;
mod strings;

pub use builder::{ArenaBuilder, ArenaPart, FilledPart};
pub use strings::{GAP, StringArena};
