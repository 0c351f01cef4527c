//! The files of a model's repository, by format and quantization.

use serde::Serialize;
use serde_json::Value;

use crate::engine::parquet::nested;
use crate::engine::table::clean::clean;

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RepoFile {
    pub name: String,
    /// In bytes; `None` where the Hub states none.
    pub size: Option<i64>,
}

/// Files of a repository that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileGroup {
    /// The quantization of GGUF files, the format of other weights, or `other`.
    pub name: String,
    pub files: usize,
    /// In bytes; `None` where the size of a file is unknown.
    pub size: Option<i64>,
}

/// The formats of weights, by their extension, with the name of each.
const WEIGHTS: [(&str, &str); 8] = [
    ("safetensors", "safetensors"),
    ("gguf", "GGUF"),
    ("bin", "PyTorch"),
    ("pt", "PyTorch"),
    ("pth", "PyTorch"),
    ("onnx", "ONNX"),
    ("h5", "TensorFlow"),
    ("msgpack", "Flax"),
];

/// The most groups: more quantizations than there are would be names of something else.
const MOST: usize = 60;

/// The name of files that are no weights.
const OTHER: &str = "other";

/// Tensor types that GGUF files are named by, besides quantizations.
const PLAIN: [&str; 6] = ["F16", "BF16", "F32", "FP16", "FP32", "MXFP4"];

/// Reads the `siblings` of an answer.
pub(super) fn listed(siblings: Option<&Value>) -> Vec<RepoFile> {
    let siblings = siblings.and_then(Value::as_array).into_iter().flatten();
    let file = |sibling: &Value| {
        Some(RepoFile {
            name: clean(sibling.get("rfilename")?.as_str()?).into_owned(),
            size: sibling.get("size").and_then(nested::count),
        })
    };
    siblings.filter_map(file).collect()
}

/// Returns the groups of files, ascending by size; files that are no weights are the last group.
pub(super) fn groups(files: &[RepoFile]) -> Vec<FileGroup> {
    let mut groups: Vec<FileGroup> = Vec::new();
    for file in files {
        let mut name = group(&file.name);
        if groups.len() >= MOST && groups.iter().all(|group| group.name != name) {
            OTHER.clone_into(&mut name);
        }
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => {
                group.files += 1;
                group.size = group.size.zip(file.size).map(|(a, b)| a.saturating_add(b));
            }
            None => groups.push(FileGroup {
                name,
                files: 1,
                size: file.size,
            }),
        }
    }
    groups.sort_by_key(|group| (group.name == OTHER, group.size));
    groups
}

fn group(file: &str) -> String {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut weights = WEIGHTS.iter();
    match weights.find(|(name, _)| name.eq_ignore_ascii_case(extension)) {
        Some((_, "GGUF")) => quantization(file).unwrap_or_else(|| "GGUF".to_owned()),
        Some((_, format)) => (*format).to_owned(),
        None => OTHER.to_owned(),
    }
}

/// Returns the quantization that the name of a GGUF file states: `Q4_K_M` of `a-Q4_K_M.gguf`, of
/// `a.q4_k_m.gguf` and of `Q4_K_M/a-00001-of-00002.gguf`.
///
/// Names: <https://huggingface.co/docs/hub/gguf#quantization-types>.
pub fn quantization(file: &str) -> Option<String> {
    let words = file.rsplit(['/', '-', '.', ' ']);
    let is_type = |word: &str| {
        let digits = ["IQ", "TQ", "Q"]
            .iter()
            .find_map(|prefix| word.strip_prefix(prefix));
        let is_quantized = digits.is_some_and(|rest| {
            let rest = rest.strip_prefix(|bits: char| bits.is_ascii_digit());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        is_quantized || PLAIN.contains(&word)
    };
    words
        .map(str::to_ascii_uppercase)
        .find(|word| is_type(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantizations_by_name() {
        for (file, expected) in [
            ("gemma-7b-Q4_K_M.gguf", Some("Q4_K_M")),
            ("llama-2-7b.q4_0.gguf", Some("Q4_0")),
            ("x.i1-IQ2_XXS.gguf", Some("IQ2_XXS")),
            ("Q8_0/x-00001-of-00002.gguf", Some("Q8_0")),
            (
                "UD-Q6_K_XL/x-UD-Q6_K_XL-00001-of-00003.gguf",
                Some("Q6_K_XL"),
            ),
            ("x-bf16.gguf", Some("BF16")),
            ("x-MXFP4.gguf", Some("MXFP4")),
            ("Qwen3-8B.gguf", None),
            ("Q.gguf", None),
            ("model-Qé.gguf", None),
            ("model-Q4é.gguf", None),
        ] {
            assert_eq!(quantization(file).as_deref(), expected, "{file}");
        }
    }

    #[test]
    fn files_are_grouped() {
        let file = |name: &str, size: i64| RepoFile {
            name: name.to_owned(),
            size: (size >= 0).then_some(size),
        };
        let files = [
            file("README.md", 10),
            file("a-Q8_0-00001-of-00002.gguf", 500),
            file("a-Q8_0-00002-of-00002.gguf", 300),
            file("a-Q4_0.gguf", 400),
            file("model.safetensors", -1),
            file("config.json", 5),
        ];
        let group = |name: &str, files, size| FileGroup {
            name: name.to_owned(),
            files,
            size,
        };
        let expected = [
            group("safetensors", 1, None),
            group("Q4_0", 1, Some(400)),
            group("Q8_0", 2, Some(800)),
            group("other", 2, Some(15)),
        ];
        assert_eq!(groups(&files), expected);
    }
}
