//! The program and its commands, against computations of their own and against what goes wrong
//! around them.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

mod broken;
mod cache;
mod cli;
mod completions;
mod config;
mod damage;
mod diff;
mod doctor;
mod export;
mod fetch;
mod history;
mod hostile;
mod live;
mod sample;
mod search;
mod server;
mod shell;
mod source;
mod stats;
mod trees;
