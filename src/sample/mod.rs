//! The synthetic hub: a file of any size with the layout, the statistics and the oddities of the
//! real `models.parquet`.
//!
//! The program contains a small one; tests and benchmarks write larger ones. [`plan`] decides every
//! number of every model, in order of creation. The wide columns (tags, cards, GGUF descriptions)
//! are then rendered one row group at a time, each row from a generator of its own, so memory is
//! bounded and the bytes depend on the recipe alone. Names, words, architectures and well-known
//! models are tables in `assets/sample`.
//!
//! ```text
//! timeline ─▶ lineage ─▶ weights ─▶ names ─▶ traffic ─▶ oddities ─▶ columns (card, gguf) ─▶ parquet
//! ```

mod architecture;
mod card;
mod columns;
mod gguf;
mod hostile;
mod lineage;
mod names;
mod oddities;
mod plan;
mod random;
mod tables;
mod targets;
mod timeline;
mod traffic;
mod weights;

#[cfg(test)]
mod tests;

use std::io::Write;

use polars::prelude::{ParquetCompression, ParquetWriter};

use crate::sample::plan::Plan;

/// The parameters of a synthetic hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Number of models.
    pub rows: usize,
    /// Seed of the random numbers: the same one makes the same bytes.
    pub seed: u64,
    /// Inserts control characters and escape sequences into a third of the strings.
    pub hostile: bool,
}

impl Recipe {
    /// The sample that the program contains.
    pub const BUILT_IN: Recipe = Recipe {
        rows: 20_000,
        seed: 20_251_023,
        hostile: false,
    };
}

/// Rows that are rendered and compressed at a time.
const ROW_GROUP: usize = 131_072;

/// Writes a synthetic hub as parquet, one row group at a time; `progress` gets the number of rows
/// written so far.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    recipe: &Recipe,
    out: impl Write + Send,
    mut progress: impl FnMut(usize),
) -> anyhow::Result<()> {
    let plan = Plan::new(recipe);
    let empty = columns::frame(&plan, &[])?;
    let mut writer = ParquetWriter::new(out)
        .with_compression(ParquetCompression::Zstd(None))
        .batched(empty.schema())?;
    let mut written = 0;
    for rows in plan.order.chunks(ROW_GROUP) {
        writer.write_batch(&columns::frame(&plan, rows)?)?;
        written += rows.len();
        progress(written);
    }
    writer.finish()?;
    Ok(())
}
