//! GGUF descriptions: JSON text, most of it a chat template. The real ones are a few templates that
//! everybody copies, with the tokens of the architecture.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::sample::plan::Model;
use crate::sample::random::{percent, weighted};
use crate::sample::tables::csv;

const SHORT_TEMPLATE: &str = include_str!("../../assets/sample/short.jinja");
const LONG_TEMPLATE: &str = include_str!("../../assets/sample/long.jinja");

/// A GGUF description, its fields in the order of the real ones.
#[derive(Serialize)]
struct Description<'a> {
    total: u64,
    architecture: &'a str,
    context_length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bos_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eos_token: Option<&'a str>,
    #[serde(rename = "totalFileSize", skip_serializing_if = "Option::is_none")]
    total_file_size: Option<u64>,
}

/// The special tokens of an architecture: a row of `marks.csv`, the last one for all others.
#[derive(Deserialize)]
struct SpecialTokens {
    gguf: String,
    begin: String,
    open: String,
    close: String,
    end: String,
}

static SPECIAL_TOKENS: LazyLock<Vec<SpecialTokens>> =
    LazyLock::new(|| csv(include_str!("../../assets/sample/marks.csv")));

impl SpecialTokens {
    fn of(gguf: &str) -> &'static SpecialTokens {
        let found = SPECIAL_TOKENS.iter().find(|tokens| tokens.gguf == gguf);
        found.unwrap_or(&SPECIAL_TOKENS[SPECIAL_TOKENS.len() - 1])
    }

    /// Replaces the placeholders of a template.
    fn fill(&self, template: &str) -> String {
        let opened = template.trim_end().replace("<OPEN>", &self.open);
        opened
            .replace("<CLOSE>", &self.close)
            .replace("<END>", &self.end)
    }
}

/// Returns the GGUF description of a model as JSON text.
pub fn description(model: &Model, rng: &mut impl Rng) -> anyhow::Result<String> {
    let architecture = model.architecture();
    let tokens = SpecialTokens::of(&architecture.gguf);
    let chats = architecture.domain.chats();
    let templates = [
        (20.0, None),
        (24.0, Some(SHORT_TEMPLATE)),
        (56.0, Some(LONG_TEMPLATE)),
    ];
    let (_, template) = templates[weighted(rng, &templates, |template| template.0)];
    // Several files, each of about half a byte to two a parameter.
    let files = rng.random_range(1..9) * 9 / 8;
    let size = model.params / 64 * 37 * files + 5_767_168;
    let description = Description {
        total: model.params,
        architecture: &architecture.gguf,
        context_length: architecture.context,
        chat_template: template
            .filter(|_| chats)
            .map(|template| tokens.fill(template)),
        bos_token: chats.then_some(&tokens.begin),
        eos_token: chats.then_some(&tokens.end),
        total_file_size: percent(rng, 55.0).then_some(size),
    };
    Ok(serde_json::to_string(&description)?)
}
