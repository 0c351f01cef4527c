//! Cards, tags and GGUF descriptions. Cards and tags state the same facts, so both are rendered from
//! the same random numbers. A GGUF description is mostly a chat template: the real ones are a few
//! that everybody copies, with the tokens of the architecture.

use rand::{Rng, RngExt};
use serde::Serialize;

use crate::sample::hostile;
use crate::sample::plan::{Model, Plan};
use crate::sample::random::{normal, percent, pick, weighted};
use crate::sample::tables::Derivation;
use crate::sample::targets::year;
use crate::sample::words::Words;

/// The purposes of a row's generators.
const FACTS: u64 = 1;
const HOSTILE_TAGS: u64 = 2;
const HOSTILE_CARD: u64 = 3;
const GGUF: u64 = 4;

/// The facts that tags and card state.
struct Facts<'t> {
    /// The repository has no metadata: the other facts are not stated.
    empty: bool,
    license: Option<&'t str>,
    languages: Vec<&'static str>,
    datasets: Vec<String>,
    papers: Vec<String>,
    topics: Vec<&'static str>,
    /// The score in each of the evaluations, or none.
    scores: Vec<f64>,
}

impl<'t> Facts<'t> {
    fn new(plan: &Plan<'t>, row: u32) -> Facts<'t> {
        let words = &plan.tables.words;
        let model = &plan[row];
        let rng = &mut plan.row_rng(row, FACTS);
        let empty = !model.architecture.domain.metadata && model.derivation.is_none();
        let license = match percent(rng, 62.0) {
            true if percent(rng, 70.0) => Some(model.architecture.license.as_str()),
            true => Some(words.pick(rng, "licenses")),
            false => None,
        };
        Facts {
            empty,
            license: license.filter(|_| !empty),
            languages: languages(words, model, rng),
            datasets: few(rng, 28.0, |rng| {
                let owner = &plan.models[rng.random_range(0..plan.models.len())];
                let owner = owner.author().unwrap_or("datasets");
                let name = words.pick(rng, "datasets");
                format!("{owner}/{name}-{}k", rng.random_range(1..300))
            }),
            papers: few(rng, 22.0, |rng| {
                let (year, month) = (rng.random_range(18..25), rng.random_range(1..13));
                format!("{year:02}{month:02}.{:05}", rng.random_range(1..20_000))
            }),
            topics: topics(words, model, rng),
            scores: match percent(rng, 6.0) {
                true => plan.tables.results.iter().map(|_| score(rng)).collect(),
                false => Vec::new(),
            },
        }
    }
}

fn score(rng: &mut impl Rng) -> f64 {
    ((55.0 + 12.0 * normal(rng)) * 100.0).round() / 100.0
}

/// Returns one to three items in `chance` percent of the cases, none in the others.
fn few<R: Rng>(rng: &mut R, chance: f64, item: impl Fn(&mut R) -> String) -> Vec<String> {
    let count = match percent(rng, chance) {
        true => *pick(rng, &[1, 1, 1, 2, 3]),
        false => 0,
    };
    (0..count).map(|_| item(rng)).collect()
}

fn languages(words: &Words, model: &Model, rng: &mut impl Rng) -> Vec<&'static str> {
    let mut languages = Vec::new();
    if percent(rng, model.architecture.domain.languages) {
        for _ in 0..*pick(rng, &[1, 1, 1, 1, 1, 1, 2, 2, 3, 8]) {
            let language = words.pick(rng, "languages");
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
    }
    languages
}

/// Returns the tags that people choose, sorted.
fn topics(words: &Words, model: &Model, rng: &mut impl Rng) -> Vec<&'static str> {
    let domain = &model.architecture.domain;
    let mut topics = Vec::new();
    for _ in 0..rng.random_range(1..5) {
        let list = match domain.special_percent > 0.0 && percent(rng, domain.special_percent) {
            true => &domain.special_tags,
            false => &domain.tags,
        };
        topics.push(words.pick(rng, list));
    }
    if percent(rng, 2.5) {
        topics.push(words.pick(rng, "foreign"));
    }
    if model.is(Derivation::Merge) {
        topics.extend(["mergekit", "merge"]);
    }
    if model.is(Derivation::Adapter) {
        topics.push("lora");
        topics.extend((domain.adapter_library == "diffusers").then_some("template:sd-lora"));
    }
    topics.sort_unstable();
    topics.dedup();
    topics
}

/// Returns the task, if the model states it.
pub fn task<'t>(model: &Model<'t>) -> Option<&'t str> {
    (!model.hides_task).then_some(&model.architecture.task)
}

/// Returns the library, if the model states it.
pub fn library<'t>(model: &Model<'t>) -> Option<&'t str> {
    let library = match model.format.library {
        _ if model.is(Derivation::Adapter) => &model.architecture.domain.adapter_library,
        Some(library) => library,
        None => &model.architecture.library,
    };
    (!model.hides_library).then_some(library)
}

/// Returns the tags of a row, in the order of the Hub.
pub fn tags(plan: &Plan, row: u32) -> Vec<String> {
    let model = &plan[row];
    let facts = Facts::new(plan, row);
    let mut tags: Vec<String> = Vec::with_capacity(18);
    let mut add = |tag: &str| tags.push(tag.to_string());
    library(model).into_iter().for_each(&mut add);
    if !facts.empty {
        holding(&files(model)).for_each(&mut add);
        let model_type = model.architecture.model_type.iter();
        model_type.for_each(|name| add(name));
        task(model).into_iter().for_each(&mut add);
        facts.topics.iter().copied().for_each(&mut add);
        if model.architecture.domain.chats && !model.is(Derivation::Adapter) {
            add("conversational");
        }
        facts.languages.iter().copied().for_each(&mut add);
        for dataset in &facts.datasets {
            add(&format!("dataset:{dataset}"));
        }
        for paper in &facts.papers {
            add(&format!("arxiv:{paper}"));
        }
    }
    for base in plan.base_ids(row) {
        add(&format!("base_model:{base}"));
        if let Some(relation) = model.relation() {
            add(&format!("base_model:{relation}:{base}"));
        }
    }
    if let Some(license) = facts.license {
        add(&format!("license:{license}"));
    }
    holding(&uses(model, &facts)).for_each(&mut add);
    model.format.tags.iter().copied().for_each(&mut add);
    add("region:us");
    let rng = &mut plan.row_rng(row, HOSTILE_TAGS);
    hostile::some(plan, &mut tags, hostile::SHARE / 2.0, rng);
    tags
}

fn holding<'a>(tags: &'a [(&str, bool)]) -> impl Iterator<Item = &'a str> {
    tags.iter().filter(|tag| tag.1).map(|tag| tag.0)
}

/// Returns the tags of the kinds of files in the repository.
fn files(model: &Model) -> [(&'static str, bool); 5] {
    let old = model.created < year(2023.3);
    let counted = model.total.is_some();
    let trained = model.architecture.domain.trained;
    let packed = model.is_packed();
    [
        ("pytorch", trained && old && !counted),
        ("tf", trained && old && model.known),
        ("tensorboard", trained && model.created % 11 == 0),
        ("safetensors", trained && !packed && (!old || counted)),
        ("gguf", model.gguf),
    ]
}

/// Returns the tags of the ways to evaluate and run the model.
fn uses(model: &Model, facts: &Facts) -> [(&'static str, bool); 4] {
    let runs = library(model) == Some("transformers") && !facts.empty;
    let tgi = model.architecture.domain.tgi;
    [
        ("model-index", !facts.scores.is_empty() && !facts.empty),
        ("text-generation-inference", runs && tgi),
        ("endpoints_compatible", runs),
        ("deploy:azure", runs && model.known),
    ]
}

/// The text of a JSON object that leaves out what is not stated.
#[derive(Default)]
struct JsonObject(String);

impl JsonObject {
    /// Adds a field, unless it is null or an empty list.
    fn field(&mut self, name: &str, value: impl Serialize) -> anyhow::Result<()> {
        let json = serde_json::to_string(&value)?;
        if !["null", "[]"].contains(&json.as_str()) {
            self.raw(name, &json);
        }
        Ok(())
    }

    fn raw(&mut self, name: &str, json: &str) {
        let separator = if self.0.is_empty() { "{" } else { "," };
        self.0.extend([separator, "\"", name, "\":", json]);
    }

    /// Returns the text of an object with at least one field.
    fn finish(self) -> String {
        self.0 + "}"
    }
}

/// Returns the card of a row as JSON text. Repositories without metadata have none or an empty one.
pub fn card(plan: &Plan, row: u32) -> anyhow::Result<Option<String>> {
    let model = &plan[row];
    let facts = Facts::new(plan, row);
    if facts.empty {
        return Ok((!row.is_multiple_of(7)).then(|| "{}".to_string()));
    }
    let rng = &mut plan.row_rng(row, HOSTILE_CARD);
    let mut tags: Vec<String> = facts.topics.iter().map(ToString::to_string).collect();
    hostile::some(plan, &mut tags, hostile::SHARE, rng);
    let mut card = JsonObject::default();
    card.field("library_name", library(model))?;
    card.field("license", facts.license)?;
    card.field("language", &facts.languages)?;
    card.field("tags", &tags)?;
    card.field("datasets", &facts.datasets)?;
    card.field("base_model", plan.base_ids(row).collect::<Vec<_>>())?;
    card.field("pipeline_tag", task(model))?;
    if !facts.scores.is_empty() {
        let name = serde_json::to_string(model.name())?;
        let results = plan.tables.results.iter().zip(&facts.scores);
        let results = results.map(|(result, score)| {
            let result = result.replace("<VALUE>", &format!("{score:?}"));
            result.replace("<MODEL>", &name)
        });
        let results = results.collect::<Vec<_>>().join(",");
        let index = format!(r#"[{{"name":{name},"results":[{results}]}}]"#);
        card.raw("model-index", &index);
    }
    let text = card.finish();
    // Now and then the text is no JSON any more.
    Ok(Some(match plan.recipe.hostile && percent(rng, 5.0) {
        true => hostile::text(plan, &text, rng),
        false => text,
    }))
}

/// Returns the GGUF description of a row as JSON text, its fields in the order of the real ones.
pub fn gguf(plan: &Plan, row: u32) -> anyhow::Result<Option<String>> {
    let model = &plan[row];
    if !model.gguf {
        return Ok(None);
    }
    let rng = &mut plan.row_rng(row, GGUF);
    let name = &model.architecture.gguf;
    let mut tokens = plan.tables.tokens.iter();
    let tokens = tokens.find(|tokens| tokens[0] == *name || tokens[0].is_empty());
    let tokens = tokens.filter(|_| model.architecture.domain.chats);
    let [short, long] = plan.tables.templates;
    let templates = [(20.0, None), (24.0, Some(short)), (56.0, Some(long))];
    let (_, template) = templates[weighted(rng, &templates, |template| template.0)];
    let template = template
        .zip(tokens)
        .map(|(template, [_, _, open, close, end])| {
            let opened = template.trim_end().replace("<OPEN>", open);
            opened.replace("<CLOSE>", close).replace("<END>", end)
        });
    // Several files, each of about half a byte to two a parameter.
    let files = rng.random_range(1..9) * 9 / 8;
    let size = model.params / 64 * 37 * files + 5_767_168;
    let mut description = JsonObject::default();
    description.field("total", model.params)?;
    description.field("architecture", name)?;
    description.field("context_length", model.architecture.context)?;
    description.field("chat_template", template)?;
    description.field("bos_token", tokens.map(|tokens| &tokens[1]))?;
    description.field("eos_token", tokens.map(|tokens| &tokens[4]))?;
    description.field("totalFileSize", percent(rng, 55.0).then_some(size))?;
    Ok(Some(description.finish()))
}
