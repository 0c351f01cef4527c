//! GGUF descriptions: JSON text, most of it a chat template. The real ones are a few templates that
//! everybody copies, with the tokens of the architecture.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use serde::Deserialize;

use crate::sample::card::JsonObject;
use crate::sample::plan::Model;
use crate::sample::random::{percent, weighted};
use crate::sample::tables::csv;

/// Templates, each with its weight.
const TEMPLATES: [(f64, Option<&str>); 3] = [
    (20.0, None),
    (24.0, Some(include_str!("../../assets/sample/short.jinja"))),
    (56.0, Some(include_str!("../../assets/sample/long.jinja"))),
];

/// The special tokens of an architecture: a row of `tokens.csv`, the last one for all others.
#[derive(Deserialize)]
struct SpecialTokens {
    gguf: String,
    begin: String,
    open: String,
    close: String,
    end: String,
}

static SPECIAL_TOKENS: LazyLock<Vec<SpecialTokens>> =
    LazyLock::new(|| csv(include_str!("../../assets/sample/tokens.csv")));

/// Returns the GGUF description of a model as JSON text, its fields in the order of the real ones.
pub fn description(model: &Model, rng: &mut impl Rng) -> anyhow::Result<String> {
    let gguf = &model.architecture().gguf;
    let chats = model.domain().chats;
    let mut tokens = SPECIAL_TOKENS.iter();
    let tokens = tokens.find(|tokens| tokens.gguf == *gguf || tokens.gguf.is_empty());
    let tokens = tokens.filter(|_| chats);
    let (_, template) = TEMPLATES[weighted(rng, &TEMPLATES, |template| template.0)];
    let template = template.zip(tokens).map(|(template, tokens)| {
        let opened = template.trim_end().replace("<OPEN>", &tokens.open);
        let closed = opened.replace("<CLOSE>", &tokens.close);
        closed.replace("<END>", &tokens.end)
    });
    // Several files, each of about half a byte to two a parameter.
    let files = rng.random_range(1..9) * 9 / 8;
    let size = model.params / 64 * 37 * files + 5_767_168;
    let mut description = JsonObject::default();
    description.field("total", Some(model.params))?;
    description.field("architecture", Some(gguf))?;
    description.field("context_length", Some(model.architecture().context))?;
    description.field("chat_template", template)?;
    description.field("bos_token", tokens.map(|tokens| &tokens.begin))?;
    description.field("eos_token", tokens.map(|tokens| &tokens.end))?;
    description.field("totalFileSize", percent(rng, 55.0).then_some(size))?;
    Ok(description.finish())
}
