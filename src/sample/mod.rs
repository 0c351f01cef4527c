//! The synthetic hub: a file of any size that looks and weighs like the real `models.parquet`.
//!
//! It stands in for the real data in the binary, in tests and in measurements. A hub is planned first,
//! in order of birth and with every number decided ([`plan`]); the wide columns (tags, cards, GGUF
//! descriptions) are then rendered one row group at a time, each row from dice of its own, so memory
//! stays bounded and the bytes depend on the recipe alone.
//!
//! ```text
//! births ─▶ lineage ─▶ weights ─▶ names ─▶ traffic ─▶ oddities ─▶ columns (card, text) ─▶ parquet
//! ```

mod births;
mod card;
mod columns;
mod families;
mod famous;
mod hostile;
mod lineage;
mod names;
mod oddities;
mod plan;
mod roots;
mod shape;
mod text;
mod traffic;
mod weights;
mod words;

#[cfg(test)]
mod tests;

use std::io::Write;

use polars::prelude::{ParquetCompression, ParquetWriter};

use crate::sample::plan::Plan;

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Models in the hub.
    pub rows: usize,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Puts control characters, escape sequences and other unpleasant text into a third of the rows.
    pub hostile: bool,
}

impl Recipe {
    /// The sample that is built into the binary.
    pub const BUILT_IN: Recipe = Recipe {
        rows: 20_000,
        seed: 20_251_023,
        hostile: false,
    };
}

/// Rows rendered and compressed at a time.
const ROW_GROUP: usize = 131_072;

/// Writes the synthetic hub as parquet, streaming in row groups; `progress` gets rows written so far.
pub fn write(
    recipe: &Recipe,
    out: impl Write + Send,
    mut progress: impl FnMut(usize),
) -> anyhow::Result<()> {
    let plan = Plan::draw(recipe);
    let layout = columns::frame(&plan, &[])?;
    let mut writer = ParquetWriter::new(out)
        .with_compression(ParquetCompression::Zstd(None))
        .batched(layout.schema())?;
    let mut written = 0;
    for rows in plan.order.chunks(ROW_GROUP) {
        writer.write_batch(&columns::frame(&plan, rows)?)?;
        written += rows.len();
        progress(written);
    }
    writer.finish()?;
    Ok(())
}

/// How a model came from its bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Adapter,
    Finetune,
    Quantized,
    Merge,
    /// Bases without a relation, or with a word nobody knows.
    Odd(Option<&'static str>),
}

impl Relation {
    /// The relations that quotas exist for.
    const COMMON: [Relation; 4] = [
        Relation::Adapter,
        Relation::Finetune,
        Relation::Quantized,
        Relation::Merge,
    ];

    /// Position among [`Relation::COMMON`], none for the odd ones.
    fn slot(self) -> Option<usize> {
        Relation::COMMON.iter().position(|common| *common == self)
    }

    /// The word that stands in the file.
    fn word(self) -> Option<&'static str> {
        match self {
            Relation::Adapter => Some("adapter"),
            Relation::Finetune => Some("finetune"),
            Relation::Quantized => Some("quantized"),
            Relation::Merge => Some("merge"),
            Relation::Odd(word) => word,
        }
    }
}

/// What a model names as its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// A model of this hub, by its place in the plan.
    Row(u32),
    /// A model that is not in the hub, by its place among the ghosts.
    Ghost(u32),
}

/// How weights are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Plain,
    Gguf,
    Awq,
    Gptq,
    Bnb4,
    Bnb8,
    Fp8,
    Mlx4,
    Mxfp4,
}

impl Format {
    /// The packing that an id speaks of.
    fn named_in(id: &str) -> Format {
        const WORDS: [(&str, Format); 12] = [
            ("GGUF", Format::Gguf),
            ("AWQ", Format::Awq),
            ("GPTQ", Format::Gptq),
            ("W4A16", Format::Gptq),
            ("bnb-8bit", Format::Bnb8),
            ("bnb-4bit", Format::Bnb4),
            ("FP8", Format::Fp8),
            ("NVFP4", Format::Mxfp4),
            ("MXFP4", Format::Mxfp4),
            ("mlx", Format::Mlx4),
            ("-4bit", Format::Mlx4),
            ("-8bit", Format::Mlx4),
        ];
        let spoken = WORDS.iter().find(|(word, _)| id.contains(word));
        spoken.map_or(Format::Plain, |(_, format)| *format)
    }
}
