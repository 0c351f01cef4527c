//! Queries, against answers worked out in the plainest way there is: over the rows of small random
//! hubs, and over real rows by Polars and by hand.

#[path = "../common/mod.rs"]
mod common;

mod asked;
mod doubts;
mod forms;
mod hubs;
mod naive;
mod pages;
mod real;
