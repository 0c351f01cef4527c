//! The surroundings of a command: its data and its outputs.

use std::io::Write;

use anyhow::Result;

use super::opener::Opener;
use super::output::format::Format;
use crate::engine::Hub;
use crate::engine::source::{Choice, Source, cache_folder};
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::stage::Stage;
use crate::present::figures;

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
pub struct CommandContext<'a> {
    pub opener: Opener,
    /// The format of the output, chosen or by default.
    pub format: Format,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// The width of the terminal that the output goes to; no bound for any other output.
    pub width: usize,
    /// True if `err` is a terminal, which shows progress.
    pub err_is_terminal: bool,
}

impl CommandContext<'_> {
    /// Opens the source to at least a stage, compared with the older snapshot if one is named.
    ///
    /// # Errors
    /// As [`Hub::open`], of either.
    pub fn open(&mut self, stage: Stage) -> Result<&'static Hub> {
        let hub = self.opener.open(stage)?;
        self.explain_sample(&hub.source)?;
        if let Some(comparison) = &hub.comparison {
            self.explain_faults(&comparison.faults)?;
        }
        Ok(hub)
    }

    /// Prints a line to `err` if the source is the sample and nobody asked for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn explain_sample(&mut self, source: &Source) -> Result<()> {
        if *source != Source::Sample || self.opener.data.is_some() {
            return Ok(());
        }
        let reason = Choice::NothingFound(cache_folder());
        self.explain(&format!(
            "{reason}; answering from the built-in synthetic sample; `hubscope fetch` downloads the real file, `--data sample` asks for the sample"
        ))
    }

    /// Prints a line to `err` for each fault of the snapshots that are compared.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn explain_faults(&mut self, faults: &[SnapshotFault]) -> Result<()> {
        let mut faults = faults.iter();
        faults.try_for_each(|fault| self.explain(&figures::fault(fault)))
    }

    /// Prints a line of explanation to `err`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn explain(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.err, "hubscope: {line}")?)
    }
}
