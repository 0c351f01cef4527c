//! The explorer: keys in, screen out, without a terminal, threads or waiting.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod bytes;
mod colors;
mod compared;
mod completion;
mod filters;
mod histogram;
mod interaction;
mod jobs;
mod journeys;
mod lineage;
mod loading;
mod mouse;
mod properties;
mod reload;
mod resume;
mod sample;
mod screens;
mod settings;
mod statistics;
mod table;
mod views;
