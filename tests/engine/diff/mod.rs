//! Two snapshots compared, against a join of the rows in the plainest way: maps of names and keys,
//! families walked again for each question.

mod against;
mod faults;
mod random;
mod snapshots;
