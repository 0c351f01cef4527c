//! Commands and code that load a model, by its library.

use crate::present::format::{python_string, shell_word};

/// The facts about a model that decide how it is loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loadable<'m> {
    pub id: &'m str,
    pub library: Option<&'m str>,
    pub task: Option<&'m str>,
    /// Its first base other than itself.
    pub base: Option<&'m str>,
}

/// The class of the `transformers` library for each task, as its `Auto` classes are named; any other
/// task has `AutoModel`.
const AUTO_CLASSES: [(&str, &str); 20] = [
    ("any-to-any", "AutoModelForImageTextToText"),
    ("audio-classification", "AutoModelForAudioClassification"),
    ("audio-text-to-text", "AutoModelForSeq2SeqLM"),
    ("automatic-speech-recognition", "AutoModelForSpeechSeq2Seq"),
    ("depth-estimation", "AutoModelForDepthEstimation"),
    (
        "document-question-answering",
        "AutoModelForDocumentQuestionAnswering",
    ),
    ("fill-mask", "AutoModelForMaskedLM"),
    ("image-classification", "AutoModelForImageClassification"),
    ("image-segmentation", "AutoModelForImageSegmentation"),
    ("image-text-to-text", "AutoModelForImageTextToText"),
    ("object-detection", "AutoModelForObjectDetection"),
    ("question-answering", "AutoModelForQuestionAnswering"),
    ("summarization", "AutoModelForSeq2SeqLM"),
    ("text-classification", "AutoModelForSequenceClassification"),
    ("text-generation", "AutoModelForCausalLM"),
    ("text2text-generation", "AutoModelForSeq2SeqLM"),
    ("token-classification", "AutoModelForTokenClassification"),
    ("translation", "AutoModelForSeq2SeqLM"),
    ("video-classification", "AutoModelForVideoClassification"),
    (
        "zero-shot-image-classification",
        "AutoModelForZeroShotImageClassification",
    ),
];

/// Returns the ways to load a model, each with the name of the program or library; the download last.
pub fn snippets(model: Loadable) -> Vec<(&'static str, String)> {
    let (word, text) = (shell_word(model.id), python_string(model.id));
    let mut all = match model.library.unwrap_or_default() {
        "transformers" => transformers(model),
        "diffusers" => vec![(
            "diffusers code",
            format!(
                "from diffusers import DiffusionPipeline\npipe = DiffusionPipeline.from_pretrained({text})"
            ),
        )],
        "sentence-transformers" => vec![(
            "sentence-transformers code",
            format!(
                "from sentence_transformers import SentenceTransformer\nmodel = SentenceTransformer({text})"
            ),
        )],
        "peft" => vec![("peft code", peft(model))],
        "timm" => vec![(
            "timm code",
            format!(
                "import timm\nmodel = timm.create_model({}, pretrained=True)",
                python_string(&format!("hf_hub:{}", model.id))
            ),
        )],
        "gguf" | "llama.cpp" => vec![
            ("llama.cpp command", format!("llama-server -hf {word}")),
            (
                "ollama command",
                format!("ollama run {}", shell_word(&format!("hf.co/{}", model.id))),
            ),
        ],
        "mlx" | "mlx-lm" => vec![
            ("mlx command", format!("mlx_lm.chat --model {word}")),
            (
                "mlx code",
                format!("from mlx_lm import load\nmodel, tokenizer = load({text})"),
            ),
        ],
        _ => Vec::new(),
    };
    all.push(("download command", format!("hf download {word}")));
    all
}

fn transformers(model: Loadable) -> Vec<(&'static str, String)> {
    let class = auto_class(model.task);
    let text = python_string(model.id);
    let code = format!("from transformers import {class}\nmodel = {class}.from_pretrained({text})");
    let mut all = vec![("transformers code", code)];
    if model.task == Some("text-generation") {
        all.push((
            "vllm command",
            format!("vllm serve {}", shell_word(model.id)),
        ));
    }
    all
}

/// Returns the code that loads an adapter on its base; where none is stated, the class that looks it up.
fn peft(model: Loadable) -> String {
    let text = python_string(model.id);
    let Some(base) = model.base else {
        return format!(
            "from peft import AutoPeftModel\nmodel = AutoPeftModel.from_pretrained({text})"
        );
    };
    let class = match model.task {
        None => "AutoModelForCausalLM",
        task => auto_class(task),
    };
    let base = python_string(base);
    format!(
        "from peft import PeftModel\nfrom transformers import {class}\nbase = {class}.from_pretrained({base})\nmodel = PeftModel.from_pretrained(base, {text})"
    )
}

fn auto_class(task: Option<&str>) -> &'static str {
    let own = AUTO_CLASSES.iter().find(|(of, _)| Some(*of) == task);
    own.map_or("AutoModel", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_is_loaded_in_its_own_way() {
        let table = [
            (
                "transformers",
                Some("text-generation"),
                "from transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained('a/b')",
            ),
            (
                "transformers",
                None,
                "from transformers import AutoModel\nmodel = AutoModel.from_pretrained('a/b')",
            ),
            (
                "diffusers",
                Some("text-to-image"),
                "from diffusers import DiffusionPipeline\npipe = DiffusionPipeline.from_pretrained('a/b')",
            ),
            (
                "sentence-transformers",
                None,
                "from sentence_transformers import SentenceTransformer\nmodel = SentenceTransformer('a/b')",
            ),
            (
                "timm",
                None,
                "import timm\nmodel = timm.create_model('hf_hub:a/b', pretrained=True)",
            ),
            ("gguf", None, "llama-server -hf a/b"),
            ("mlx", None, "mlx_lm.chat --model a/b"),
            (
                "peft",
                None,
                "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM\nbase = AutoModelForCausalLM.from_pretrained('c/base')\nmodel = PeftModel.from_pretrained(base, 'a/b')",
            ),
            ("unheard-of", None, "hf download a/b"),
        ];
        for (library, task, wanted) in table {
            let model = Loadable {
                id: "a/b",
                library: Some(library),
                task,
                base: Some("c/base"),
            };
            let found = snippets(model);
            assert_eq!(found[0].1.replace('"', "'"), wanted, "{library}");
            assert_eq!(found.last().unwrap().1, "hf download a/b");
        }
        let bare = Loadable {
            id: "a/b",
            library: Some("peft"),
            ..Loadable::default()
        };
        assert!(
            snippets(bare)[0]
                .1
                .contains("AutoPeftModel.from_pretrained")
        );
        assert!(AUTO_CLASSES.is_sorted());
    }
}
