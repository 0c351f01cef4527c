//! Families, against walks over the rows' names: what they add up to, how the commands print them,
//! and what a person does with them.

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod families;
mod keys;
mod naive;
