//! Two snapshots compared, against a join of the rows in the plainest way: maps of names and keys,
//! families walked again for each question.

#[path = "../common/mod.rs"]
mod common;

mod against;
mod explorer;
mod forms;
mod naive;
mod random;
mod snapshots;
