//! How many and how much, over any set of models.

pub mod histogram;
