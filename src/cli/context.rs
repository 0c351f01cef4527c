//! The surroundings of a command: its data and its outputs.

use std::io::Write;

use anyhow::Result;

use super::opener::Opener;
use super::output::format::Format;
use crate::engine::Hub;
use crate::engine::table::stage::Stage;

/// The outcome of a command, apart from errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Something,
    Nothing,
}

impl From<bool> for Found {
    fn from(found: bool) -> Found {
        match found {
            true => Found::Something,
            false => Found::Nothing,
        }
    }
}

/// Everything a command needs beside its own arguments.
pub struct Context<'a> {
    pub opener: Opener,
    /// The format of the output, chosen or by default.
    pub format: Format,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// True if `err` is a terminal, which shows progress.
    pub err_is_terminal: bool,
}

impl Context<'_> {
    /// Opens the source to at least a stage, compared with the older snapshot if one is named.
    ///
    /// # Errors
    /// As [`Hub::open`], of either.
    pub fn open(&self, stage: Stage) -> Result<&'static Hub> {
        self.opener.open(stage)
    }

    /// Prints a line of explanation to `err`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn explain(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.err, "hubscope: {line}")?)
    }
}
