//! GGUF descriptions: JSON text, most of it a chat template. The real ones are a few templates that
//! everybody copies, with the tokens of the architecture.

use rand::RngExt;

use crate::sample::card::JsonObject;
use crate::sample::plan::Plan;
use crate::sample::random::{percent, weighted};

/// The purpose of the row generators.
const GGUF: u64 = 4;

/// Returns the GGUF description of a row as JSON text, its fields in the order of the real ones.
pub fn gguf(plan: &Plan, row: u32) -> anyhow::Result<Option<String>> {
    let model = &plan[row];
    if !model.gguf {
        return Ok(None);
    }
    let rng = &mut plan.row_rng(row, GGUF);
    let name = &model.architecture.gguf;
    let mut tokens = plan.tables.tokens.iter();
    let tokens = tokens.find(|tokens| tokens.gguf == *name || tokens.gguf.is_empty());
    let tokens = tokens.filter(|_| model.architecture.domain.chats);
    let templates = &plan.tables.templates;
    let (_, template) = templates[weighted(rng, templates, |template| template.0)];
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
    description.field("architecture", Some(name))?;
    description.field("context_length", Some(model.architecture.context))?;
    description.field("chat_template", template)?;
    description.field("bos_token", tokens.map(|tokens| &tokens.begin))?;
    description.field("eos_token", tokens.map(|tokens| &tokens.end))?;
    description.field("totalFileSize", percent(rng, 55.0).then_some(size))?;
    Ok(Some(description.finish()))
}
