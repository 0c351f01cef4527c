//! Quantizations, format conversions and mirrors: repositories that hold another model's weights in
//! another form. They can be hidden behind that model, their *original*, and their downloads added to
//! its own, so that models are ranked and not repositories.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::graph::Graph;
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::bitset::{ModelSet, chunks};
use crate::engine::table::edge_list::RelationCode;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::table::sparse::{RankIndex, SparseColumn, UNKNOWN, sum_of_known};

/// Words that only state the format of the weights.
#[rustfmt::skip]
const FORMATS: [&str; 42] = [
    "1bit", "2bit", "3bit", "4bit", "5bit", "6bit", "8bit", "16bit", "awq", "bf16", "bit", "bnb",
    "coreml", "ct2", "dynamic", "exl2", "exl3", "f16", "f32", "fp16", "fp32", "fp4", "fp8", "ggml",
    "gguf", "gptq", "hf", "hqq", "i1", "int4", "int8", "mlx", "mxfp4", "nf4", "nvfp4", "onnx",
    "openvino", "quantized", "safetensors", "w4a16", "w8a16", "w8a8",
];

/// The quantizations and mirrors among the models of a hub; by default, none.
#[derive(Default)]
pub struct Quantizations {
    /// The models that are a quantization or mirror of another.
    pub set: ModelSet,
    /// The downloads of each original, including those of its quantizations; unknown counts as 0, unless
    /// all are.
    pub downloads: SparseColumn,
}

impl Quantizations {
    /// Finds the quantizations and mirrors.
    pub fn new(graph: &Graph, models: &Models) -> Quantizations {
        let find = |rows: Range<usize>| -> Vec<(ModelId, ModelId)> {
            let with_base = graph.models_with_base(rows);
            let mut pairs: Vec<(ModelId, ModelId)> = with_base
                .filter_map(|model| Some((model, graph.only_base(model)?)))
                .collect();
            // The ids of the bases are in random places of memory.
            for some in pairs.chunks(64) {
                let bases = some.iter().map(|(_, base)| base.row());
                models.texts().prefetch(bases);
            }
            pairs.retain(|(model, base)| has_weights_of(graph, models, *model, *base));
            pairs
        };
        let pairs: Vec<_> = chunks(models.len()).into_par_iter().map(find).collect();
        let pairs = originals(models.len(), &pairs.concat());
        let (mut set, mut originals) = (ModelSet::none(models.len()), ModelSet::none(models.len()));
        for (model, original) in &pairs {
            set.add(*model);
            originals.add(*original);
        }
        let rows = Arc::new(RankIndex::new(originals));
        let downloads = |model| models.number(Field::Downloads, model).unwrap_or(UNKNOWN);
        let mut sums: Vec<i64> = rows.iter().map(|row| downloads(ModelId(row))).collect();
        for (model, original) in pairs {
            if let Some(rank) = rows.rank(original.0) {
                sums[rank] = sum_of_known(sums[rank], downloads(model));
            }
        }
        Quantizations {
            set,
            downloads: SparseColumn::new(rows, sums),
        }
    }

    /// Writes them to the archive.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.set.write(to)?;
        self.downloads.rows().set().write(to)?;
        self.downloads.write(to)
    }

    /// Reads them from the archive.
    ///
    /// # Errors
    /// When the archive holds something else at this place.
    pub fn read(from: &mut Reader) -> Result<Quantizations> {
        let set = ModelSet::read(from)?;
        let rows = Arc::new(RankIndex::new(ModelSet::read(from)?));
        let downloads = SparseColumn::read(from, &rows)?;
        Ok(Quantizations { set, downloads })
    }

    /// Returns the models with their downloads including quantizations as a field.
    pub fn add_fields(&self, models: Models) -> Models {
        let (field, own) = (Field::DownloadsWithCopies, Field::Downloads);
        match models.has(own) {
            true => models.with_total(field, self.downloads.clone(), Some(own)),
            false => models,
        }
    }

    /// Returns the original of a quantization or mirror; `None` for any other model.
    pub fn original(&self, graph: &Graph, model: ModelId) -> Option<ModelId> {
        let mut original = model;
        while self.set.has(original) {
            original = graph.only_base(original)?;
        }
        (original != model).then_some(original)
    }

    /// Returns the quantizations and mirrors of a model, and theirs.
    pub fn of(&self, graph: &Graph, model: ModelId) -> Vec<ModelId> {
        let copies_of = |model: ModelId| {
            let children = graph.children(model.into()).iter();
            let models = children.filter_map(|child| graph.model(*child));
            models.filter(|child| self.set.has(*child))
        };
        let mut found: Vec<ModelId> = copies_of(model).collect();
        let mut at = 0;
        // The base of a copy leads to its original, never into a cycle.
        while let Some(copy) = found.get(at).copied() {
            found.extend(copies_of(copy));
            at += 1;
        }
        found
    }
}

/// Returns each quantization with its original, given each with its base. One whose bases lead into a
/// cycle has no original and counts as a model of its own.
fn originals(models: usize, pairs: &[(ModelId, ModelId)]) -> Vec<(ModelId, ModelId)> {
    const ON_PATH: u32 = u32::MAX;
    const NONE: u32 = u32::MAX - 1;
    // The base of each model, then its original. Any other model is its own.
    let mut above: Vec<u32> = (0..).take(models).collect();
    for (model, base) in pairs {
        above[model.row()] = base.0;
    }
    let mut path = Vec::new();
    for (model, _) in pairs {
        let mut at = model.0;
        let original = loop {
            match above[at as usize] {
                ON_PATH | NONE => break NONE,
                next if next == at => break at,
                next => {
                    above[at as usize] = ON_PATH;
                    path.push(at);
                    at = next;
                }
            }
        };
        for model in path.drain(..) {
            above[model as usize] = original;
        }
    }
    let found = pairs.iter().map(|(model, _)| (*model, above[model.row()]));
    let found = found.filter(|(_, original)| *original != NONE);
    found
        .map(|(model, original)| (model, ModelId(original)))
        .collect()
}

/// Returns whether a model has the weights of its only base: it is stated to be quantized, or has the
/// same name but for words of [`FORMATS`].
fn has_weights_of(graph: &Graph, models: &Models, model: ModelId, base: ModelId) -> bool {
    match graph.relation_code(model.into(), base.into()) {
        Some(RelationCode::QUANTIZED) => true,
        Some(RelationCode::FINETUNE | RelationCode::UNSTATED) => {
            let id = |model: ModelId| models.texts().get_bytes(model.row()).unwrap_or_default();
            has_same_name(id(model), id(base))
        }
        _ => false,
    }
}

/// Returns whether the name of an id is the base's, ignoring case and words of [`FORMATS`] at its end.
fn has_same_name(id: &[u8], base: &[u8]) -> bool {
    let name = |id: &[u8]| memchr::memrchr(b'/', id).map_or(0, |slash| slash + 1);
    let (own, base) = (&id[name(id)..], &base[name(base)..]);
    let Some((head, rest)) = own.split_at_checked(base.len()) else {
        return false;
    };
    let is_separator = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let is_format = |word: &[u8]| {
        let mut formats = FORMATS.iter();
        formats.any(|format| format.as_bytes().eq_ignore_ascii_case(word))
    };
    head.eq_ignore_ascii_case(base)
        && (rest.is_empty()
            || is_separator(&rest[0]) && rest[1..].split(is_separator).all(is_format))
}

#[cfg(test)]
mod tests {
    use super::super::graph::Node;
    use super::super::graph::tests::{graph_of, models};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn format_words_do_not_make_another_model() {
        for (id, base, same) in [
            ("a/Qwen-7B-GGUF", "Qwen/Qwen-7B", true),
            ("a/qwen-7b-4bit-mlx", "Qwen/Qwen-7B", true),
            ("a/Qwen-7B", "Qwen/Qwen-7B", true),
            ("a/Qwen-7B-chat", "Qwen/Qwen-7B", false),
            ("a/Qwen-7Bq", "Qwen/Qwen-7B", false),
            ("a/Qwen-7B-", "Qwen/Qwen-7B", false),
            ("a/Qwen", "Qwen/Qwen-7B", false),
            ("gpt2-onnx", "gpt2", true),
            ("a/模型-gguf", "b/模型", true),
            ("a/模a型", "b/模型", false),
        ] {
            assert_eq!(
                has_same_name(id.as_bytes(), base.as_bytes()),
                same,
                "{id} of {base}"
            );
        }
    }

    proptest! {
        /// The relations decide here, as the names are numbers.
        #[test]
        fn downloads_of_quantizations_are_added_to_the_original(
            pairs in prop::collection::vec((0..10_u32, 0..11_u32), 0..14),
        ) {
            let models = models(10);
            let relations = ["quantized", "finetune", "quantized"];
            let graph = graph_of(&models, &pairs, &relations);
            let quantizations = Quantizations::new(&graph, &models);
            let quantized: BTreeMap<u32, u32> = models.all().filter_map(|m| {
                let others: Vec<Node> = graph.distinct_bases(m.into()).collect();
                let [base] = others[..] else { return None };
                let is_quantized = graph.relation(m.into(), base) == Some("quantized");
                (is_quantized && base.0 < 10).then_some((m.0, base.0))
            }).collect();
            // Ten steps up are more than any path without a cycle has.
            let original = |model: u32| {
                let end = (0..10).try_fold(model, |at, _| match quantized.get(&at) {
                    Some(base) => Ok(*base),
                    None => Err(at),
                });
                end.err().filter(|at| *at != model)
            };
            for model in models.all() {
                prop_assert_eq!(quantizations.set.has(model), original(model.0).is_some());
                prop_assert_eq!(quantizations.original(&graph, model).map(|m| m.0), original(model.0));
                let own: Vec<u32> = (0..10).filter(|n| original(*n) == Some(model.0)).collect();
                if original(model.0).is_none() {
                    let mut of: Vec<u32> = quantizations.of(&graph, model).iter().map(|m| m.0).collect();
                    of.sort_unstable();
                    prop_assert_eq!(&of, &own);
                }
                let sum = own.iter().chain([&model.0]).filter(|n| **n % 5 != 4).map(|n| i64::from(*n) * 2).reduce(|a, b| a + b);
                prop_assert_eq!(quantizations.downloads.get(model.0), (!own.is_empty()).then_some(sum));
            }
        }
    }
}
