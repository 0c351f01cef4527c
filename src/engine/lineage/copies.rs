//! Copies: quantizations, conversions and mirrors are the same model in other files. They can be
//! folded into the model that they are copies of, their origin, and lend it their downloads, so
//! that models are ranked and not repositories.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::graph::Graph;
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::bitset::{ModelSet, chunks};
use crate::engine::table::edges::Relation;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::table::sparse::{Rows, Sparse};

/// Words after a base's name that only say in which form its weights are kept.
const FORMS: [&str; 42] = [
    "1bit",
    "2bit",
    "3bit",
    "4bit",
    "5bit",
    "6bit",
    "8bit",
    "16bit",
    "awq",
    "bf16",
    "bit",
    "bnb",
    "coreml",
    "ct2",
    "dynamic",
    "exl2",
    "exl3",
    "f16",
    "f32",
    "fp16",
    "fp32",
    "fp4",
    "fp8",
    "ggml",
    "gguf",
    "gptq",
    "hf",
    "hqq",
    "i1",
    "int4",
    "int8",
    "mlx",
    "mxfp4",
    "nf4",
    "nvfp4",
    "onnx",
    "openvino",
    "quantized",
    "safetensors",
    "w4a16",
    "w8a16",
    "w8a8",
];

/// The copies among the models of a hub; by default, none.
#[derive(Default)]
pub struct Copies {
    /// The models that are copies of another.
    pub set: ModelSet,
    /// Downloads of each model that has copies, with theirs; unknown counts as none.
    pub downloads: Sparse,
}

impl Copies {
    /// Finds the copies.
    pub fn new(graph: &Graph, models: &Models) -> Copies {
        let of_rows = |rows: Range<usize>| -> Vec<(ModelId, ModelId)> {
            let based = |copy| Some((copy, graph.only_base(copy)?));
            let mut pairs: Vec<_> = graph.stating_in(rows).filter_map(based).collect();
            // The ids of the bases lie anywhere.
            for some in pairs.chunks(64) {
                models
                    .texts()
                    .fetch(some.iter().map(|(_, base)| base.row()));
            }
            pairs.retain(|(copy, base)| is_copy(graph, models, *copy, *base));
            pairs
        };
        let pairs: Vec<_> = chunks(models.len()).into_par_iter().map(of_rows).collect();
        let (set, origins) = origins(models, &pairs.concat());
        let downloads = |m| models.number(Field::Downloads, m).unwrap_or(0);
        let mut with_copies = ModelSet::none(models.len());
        origins
            .iter()
            .for_each(|(_, origin)| with_copies.add(*origin));
        let rows = Arc::new(Rows::new(with_copies));
        let mut sums: Vec<i64> = rows.iter().map(|row| downloads(ModelId(row))).collect();
        for (copy, origin) in origins {
            if let Some(place) = rows.place(origin.0) {
                sums[place] = sums[place].saturating_add(downloads(copy));
            }
        }
        Copies {
            set,
            downloads: Sparse::new(rows, sums),
        }
    }

    /// Keeps them in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.set.write(to)?;
        self.downloads.rows().set().write(to)?;
        self.downloads.write(to)
    }

    /// Takes them out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader) -> Result<Copies> {
        let set = ModelSet::read(from)?;
        let rows = Arc::new(Rows::new(ModelSet::read(from)?));
        let downloads = Sparse::read(from, &rows)?;
        Ok(Copies { set, downloads })
    }

    /// What they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.set.bytes() + self.downloads.rows().bytes() + self.downloads.bytes()
    }

    /// The models with their downloads and those of their copies.
    pub fn tell(&self, models: Models) -> Models {
        let (field, own) = (Field::DownloadsWithCopies, Field::Downloads);
        match models.has(own) {
            true => models.with_total(field, self.downloads.clone(), Some(own)),
            false => models,
        }
    }

    /// The model that a copy is one of, itself no copy; `None` for what is none.
    pub fn origin(&self, graph: &Graph, model: ModelId) -> Option<ModelId> {
        let mut at = model;
        while self.set.has(at) {
            at = graph.model(graph.others(at.into()).next()?)?;
        }
        (at != model).then_some(at)
    }
}

/// The copies, and each with its origin, told what each is a copy of. What leads only into a circle
/// is no copy.
fn origins(models: &Models, pairs: &[(ModelId, ModelId)]) -> (ModelSet, Vec<(ModelId, ModelId)>) {
    const ON_THE_WAY: u32 = u32::MAX;
    const NONE: u32 = u32::MAX - 1;
    // What is no copy leads to itself.
    let mut above: Vec<u32> = models.all().map(|model| model.0).collect();
    for (copy, base) in pairs {
        above[copy.row()] = base.0;
    }
    let mut way = Vec::new();
    for (copy, _) in pairs {
        let mut at = copy.0;
        let origin = loop {
            match above[at as usize] {
                ON_THE_WAY | NONE => break NONE,
                next if next == at => break at,
                next => {
                    above[at as usize] = ON_THE_WAY;
                    way.push(at);
                    at = next;
                }
            }
        };
        for model in way.drain(..) {
            above[model as usize] = origin;
        }
    }
    let mut set = ModelSet::none(models.len());
    let origin = |copy: &ModelId| ModelId(above[copy.row()]);
    let copies = pairs.iter().map(|(copy, _)| (*copy, origin(copy)));
    let found: Vec<_> = copies.filter(|(_, origin)| origin.0 != NONE).collect();
    found.iter().for_each(|(copy, _)| set.add(*copy));
    (set, found)
}

/// Whether a model is a copy of its only base: is said to be quantized of it, or has its name but for words
/// that tell the form of its weights.
fn is_copy(graph: &Graph, models: &Models, model: ModelId, base: ModelId) -> bool {
    match graph.how(model.into(), base.into()) {
        Some(Relation::QUANTIZED) => true,
        Some(Relation::FINETUNE | Relation::UNSTATED) => {
            let id = |model: ModelId| models.texts().get_bytes(model.row()).unwrap_or_default();
            is_same_name(id(model), id(base))
        }
        _ => false,
    }
}

/// Whether an id's name is the base's, but for its case and for words of [`FORMS`] at its end.
fn is_same_name(id: &[u8], base: &[u8]) -> bool {
    let name = |id: &[u8]| memchr::memrchr(b'/', id).map_or(0, |slash| slash + 1);
    let (own, base) = (&id[name(id)..], &base[name(base)..]);
    let Some((head, rest)) = own.split_at_checked(base.len()) else {
        return false;
    };
    let is_joint = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let form = |word: &[u8]| {
        let mut forms = FORMS.iter();
        forms.any(|form| form.as_bytes().eq_ignore_ascii_case(word))
    };
    head.eq_ignore_ascii_case(base)
        && (rest.is_empty() || is_joint(&rest[0]) && rest[1..].split(is_joint).all(form))
}

#[cfg(test)]
mod tests {
    use super::super::graph::Node;
    use super::super::graph::tests::{graph_by, models};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_form_of_the_weights_makes_no_other_model() {
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
                is_same_name(id.as_bytes(), base.as_bytes()),
                same,
                "{id} of {base}"
            );
        }
    }

    proptest! {
        /// The words decide here: the models' names are numbers.
        #[test]
        fn copies_lend_their_downloads_to_the_first_that_is_none(
            pairs in prop::collection::vec((0..10_u32, 0..11_u32), 0..14),
        ) {
            let models = models(10);
            let words = ["quantized", "finetune", "quantized"];
            let graph = graph_by(&models, &pairs, &words);
            let copies = Copies::new(&graph, &models);
            let copied: BTreeMap<u32, u32> = models.all().filter_map(|m| {
                let others: Vec<Node> = graph.others(m.into()).collect();
                let [base] = others[..] else { return None };
                let quantized = graph.relation(m.into(), base) == Some("quantized");
                (quantized && base.0 < 10).then_some((m.0, base.0))
            }).collect();
            // Ten steps up are more than any way without a circle has.
            let origin = |copy: u32| {
                let end = (0..10).try_fold(copy, |at, _| match copied.get(&at) {
                    Some(base) => Ok(*base),
                    None => Err(at),
                });
                end.err().filter(|at| *at != copy)
            };
            for model in models.all() {
                prop_assert_eq!(copies.set.has(model), origin(model.0).is_some());
                prop_assert_eq!(copies.origin(&graph, model).map(|m| m.0), origin(model.0));
                let own: Vec<u32> = (0..10).filter(|c| origin(*c) == Some(model.0)).collect();
                let sum = own.iter().chain([&model.0]).filter(|n| **n % 5 != 4).map(|n| i64::from(*n) * 2).sum();
                prop_assert_eq!(copies.downloads.get(model.0), (!own.is_empty()).then_some(Some(sum)));
            }
        }
    }
}
