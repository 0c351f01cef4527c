//! Queries over the rows of small random hubs, against answers worked out in the plainest way.

mod asked;
mod hubs;
mod naive;
mod pages;
