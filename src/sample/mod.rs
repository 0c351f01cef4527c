//! The synthetic hub: a file of any size with the layout, the statistics and the oddities of the
//! real `models.parquet`.
//!
//! The program contains a small one; tests and benchmarks write larger ones. A [`plan`] decides every
//! number of every model, in order of creation. The wide columns (tags, cards, GGUF descriptions)
//! are then rendered one row group at a time, each row from a generator of its own, so memory is
//! bounded and the bytes depend on the recipe alone. Names, words, architectures and well-known
//! models are tables in `assets/sample`.
//!
//! ```text
//! timeline ─▶ lineage ─▶ weights ─▶ names ─▶ traffic ─▶ oddities ─▶ columns (card) ─▶ parquet
//! ```

mod card;
mod columns;
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
mod weeks;
mod weights;
mod words;

use std::io::Write;

use polars::prelude::{ParquetCompression, ParquetWriter};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::sample::plan::Plan;
pub use crate::sample::plan::Recipe;
use crate::sample::tables::Tables;
pub use weeks::write_weeks;

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
    let tables = Tables::read();
    let (plan, order) = planned(recipe, &tables);
    let empty = columns::frame(&plan, &[])?;
    let mut writer = ParquetWriter::new(out)
        .with_compression(ParquetCompression::Zstd(None))
        .batched(empty.schema())?;
    for (at, rows) in order.chunks(ROW_GROUP).enumerate() {
        writer.write_batch(&columns::frame(&plan, rows)?)?;
        progress(at * ROW_GROUP + rows.len());
    }
    writer.finish()?;
    Ok(())
}

/// Returns the plan of a hub, and its rows in the order of the file.
fn planned<'t>(recipe: &Recipe, tables: &'t Tables) -> (Plan<'t>, Vec<u32>) {
    let rng = &mut Pcg64::seed_from_u64(recipe.seed);
    // Each step depends on those before it.
    let (mut plan, candidates) = timeline::plan(recipe, tables, rng);
    lineage::decide(&mut plan, &candidates, rng);
    weights::decide(&mut plan, rng);
    names::decide(&mut plan, rng);
    traffic::decide(&mut plan, rng);
    oddities::plant(&mut plan, rng);
    let mut order: Vec<u32> = plan.rows().collect();
    order.shuffle(rng);
    (plan, order)
}
