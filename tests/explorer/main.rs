//! The explorer: keys in, screen out, without a terminal, threads or waiting.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod compared;
mod completion;
mod filters;
mod histogram;
mod interaction;
mod jobs;
mod journeys;
mod lineage;
mod loading;
mod properties;
mod reload;
mod resume;
mod sample;
mod screens;
mod settings;
mod statistics;
mod table;
mod views;
