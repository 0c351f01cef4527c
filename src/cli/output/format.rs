//! Output formats, and the options that choose one.

use clap::Args;

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned tables for people.
    Text,
    /// Tab-separated values with a header line.
    Tsv,
    Csv,
    Json,
    /// One id per line.
    Ids,
    Parquet,
    Markdown,
    Svg,
}

impl Format {
    /// Returns the format of a command for which none was chosen.
    pub fn default_for(to_terminal: bool) -> Format {
        match to_terminal {
            true => Format::Text,
            false => Format::Tsv,
        }
    }

    /// Returns true if it prints whole models, with licenses: these are read from the tags.
    pub fn has_licenses(self) -> bool {
        !matches!(self, Format::Text | Format::Ids)
    }
}

/// The formats of figures.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(multiple = false)]
pub struct TableOutput {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print comma-separated values with a header line
    #[arg(long)]
    csv: bool,
    /// Print a table in Markdown
    #[arg(long)]
    markdown: bool,
}

/// The formats of models: those of figures, and ids.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Output {
    #[command(flatten)]
    table: TableOutput,
    /// Print ids only, one per line
    #[arg(long, conflicts_with_all = ["json", "csv", "markdown"])]
    ids: bool,
}

/// The formats of lists of models: those of models, and Parquet.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ListOutput {
    #[command(flatten)]
    output: Output,
    /// Write Parquet, to a file or a pipe
    #[arg(long, conflicts_with_all = ["json", "csv", "markdown", "ids"])]
    parquet: bool,
}

impl TableOutput {
    /// Returns the chosen format.
    pub fn chosen(self) -> Option<Format> {
        match self {
            TableOutput { json: true, .. } => Some(Format::Json),
            TableOutput { csv: true, .. } => Some(Format::Csv),
            TableOutput { markdown: true, .. } => Some(Format::Markdown),
            _ => None,
        }
    }
}

impl Output {
    /// Returns the chosen format.
    pub fn chosen(self) -> Option<Format> {
        self.table.chosen().or(self.ids.then_some(Format::Ids))
    }
}

impl ListOutput {
    /// Returns the chosen format.
    pub fn chosen(self) -> Option<Format> {
        let parquet = self.parquet.then_some(Format::Parquet);
        self.output.chosen().or(parquet)
    }
}

/// Reads a maximum number of rows; 0 is no maximum.
///
/// # Errors
/// When the text is no number.
pub fn parse_limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Ok(usize::MAX),
        Ok(limit) => Ok(limit),
        Err(_) => Err("not a whole number; 0 for no maximum".to_owned()),
    }
}
