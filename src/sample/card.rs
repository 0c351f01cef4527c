//! Cards and tags. Both state the same facts, so both are rendered from the same random numbers.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use serde::Serialize;

use crate::sample::hostile;
use crate::sample::plan::{Derivation, Model, Plan};
use crate::sample::random::{normal, percent, pick};
use crate::sample::tables::pick_word;
use crate::sample::targets::year;
use crate::sample::weights::WeightFormat;

/// The purposes of a row's generators.
const FACTS: u64 = 1;
const HOSTILE_TAGS: u64 = 2;
const HOSTILE_CARD: u64 = 3;

/// Evaluation results as JSON, with placeholders for the score and the model.
static RESULTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../assets/sample/results.jsonl")
        .lines()
        .collect()
});

/// The facts that tags and card state.
struct Facts {
    /// The repository has no metadata: the other facts are not stated.
    empty: bool,
    license: Option<&'static str>,
    languages: Vec<&'static str>,
    datasets: Vec<String>,
    papers: Vec<String>,
    topics: Vec<&'static str>,
    /// Scores of the model among [`RESULTS`], or none.
    scores: Vec<f64>,
}

impl Facts {
    fn new(plan: &Plan, row: u32) -> Facts {
        let model = &plan[row];
        let rng = &mut plan.row_rng(row, FACTS);
        let empty = !model.domain().metadata && model.derivation.is_none();
        let license = match percent(rng, 62.0) {
            true if percent(rng, 70.0) => Some(model.architecture().license.as_str()),
            true => Some(pick_word(rng, "licenses")),
            false => None,
        };
        Facts {
            empty,
            license: license.filter(|_| !empty),
            languages: languages(model, rng),
            datasets: few(rng, 28.0, |rng| {
                let owner = &plan.models[rng.random_range(0..plan.models.len())];
                let owner = owner.author().unwrap_or("datasets");
                let name = pick_word(rng, "datasets");
                format!("{owner}/{name}-{}k", rng.random_range(1..300))
            }),
            papers: few(rng, 22.0, |rng| {
                let (year, month) = (rng.random_range(18..25), rng.random_range(1..13));
                format!("{year:02}{month:02}.{:05}", rng.random_range(1..20_000))
            }),
            topics: topics(model, rng),
            scores: match percent(rng, 6.0) {
                true => RESULTS.iter().map(|_| score(rng)).collect(),
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
    let some = percent(rng, chance);
    let count = if some {
        *pick(rng, &[1, 1, 1, 2, 3])
    } else {
        0
    };
    (0..count).map(|_| item(rng)).collect()
}

fn languages(model: &Model, rng: &mut impl Rng) -> Vec<&'static str> {
    let mut languages = Vec::new();
    if percent(rng, model.domain().languages) {
        for _ in 0..*pick(rng, &[1, 1, 1, 1, 1, 1, 2, 2, 3, 8]) {
            let language = pick_word(rng, "languages");
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
    }
    languages
}

/// Returns the tags that people choose, sorted.
fn topics(model: &Model, rng: &mut impl Rng) -> Vec<&'static str> {
    let domain = model.domain();
    let special = domain.special_percent;
    let mut topics = Vec::new();
    for _ in 0..rng.random_range(1..5) {
        let is_special = special > 0.0 && percent(rng, special);
        let list = if is_special {
            &domain.special_tags
        } else {
            &domain.tags
        };
        topics.push(pick_word(rng, list));
    }
    if percent(rng, 2.5) {
        topics.push(pick_word(rng, "foreign"));
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
pub fn task(model: &Model) -> Option<&'static str> {
    (!model.hides_task).then_some(&model.architecture().task)
}

/// Returns the library, if the model states it.
pub fn library(model: &Model) -> Option<&'static str> {
    let library = match model.format {
        _ if model.is(Derivation::Adapter) => &model.domain().adapter_library,
        WeightFormat::Mlx4 => "mlx",
        _ => &model.architecture().library,
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
        files(model).for_each(&mut add);
        let model_type = model.architecture().model_type.as_deref();
        model_type.into_iter().for_each(&mut add);
        task(model).into_iter().for_each(&mut add);
        facts.topics.iter().copied().for_each(&mut add);
        if model.domain().chats && !model.is(Derivation::Adapter) {
            add("conversational");
        }
        facts.languages.iter().copied().for_each(&mut add);
        let datasets = facts.datasets.iter();
        datasets.for_each(|dataset| add(&format!("dataset:{dataset}")));
        let papers = facts.papers.iter();
        papers.for_each(|paper| add(&format!("arxiv:{paper}")));
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
    uses(model, &facts).for_each(&mut add);
    add("region:us");
    if plan.recipe.hostile {
        let rng = &mut plan.row_rng(row, HOSTILE_TAGS);
        hostile::some(&mut tags, hostile::SHARE / 2.0, rng);
    }
    tags
}

fn those_true<const N: usize>(tags: [(&str, bool); N]) -> impl Iterator<Item = &str> {
    let holding = tags.into_iter().filter(|(_, holds)| *holds);
    holding.map(|(tag, _)| tag)
}

/// Returns the tags of the kinds of files in the repository.
fn files(model: &Model) -> impl Iterator<Item = &'static str> {
    let old = model.created < year(2023.3);
    let counted = model.total.is_some();
    let trained = model.domain().trained;
    let packed = model.format == WeightFormat::Gguf;
    those_true([
        ("pytorch", trained && old && !counted),
        ("tf", trained && old && model.known),
        ("tensorboard", trained && model.created % 11 == 0),
        ("safetensors", trained && !packed && (!old || counted)),
        ("gguf", model.gguf),
    ])
}

/// Returns the tags of the ways to evaluate and run the model.
fn uses(model: &Model, facts: &Facts) -> impl Iterator<Item = &'static str> {
    use WeightFormat::{Awq, Bnb4, Bnb8, Gptq, Mlx4};
    let runs = library(model) == Some("transformers") && !facts.empty;
    those_true([
        ("model-index", !facts.scores.is_empty() && !facts.empty),
        ("text-generation-inference", runs && model.domain().tgi),
        ("endpoints_compatible", runs),
        ("deploy:azure", runs && model.known),
        ("awq", model.format == Awq),
        ("4-bit", matches!(model.format, Bnb4 | Mlx4 | Gptq)),
        ("bitsandbytes", matches!(model.format, Bnb4 | Bnb8)),
    ])
}

/// The text of a JSON object that leaves out what is not stated.
#[derive(Default)]
pub struct JsonObject(String);

impl JsonObject {
    pub fn field(&mut self, name: &str, value: Option<impl Serialize>) -> anyhow::Result<()> {
        if let Some(value) = value {
            self.raw(name, &serde_json::to_string(&value)?);
        }
        Ok(())
    }

    fn list(&mut self, name: &str, values: &[impl Serialize]) -> anyhow::Result<()> {
        self.field(name, (!values.is_empty()).then_some(values))
    }

    fn raw(&mut self, name: &str, json: &str) {
        let separator = if self.0.is_empty() { "{" } else { "," };
        self.0.extend([separator, "\"", name, "\":", json]);
    }

    /// Returns the text of an object with at least one field.
    pub fn finish(self) -> String {
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
    if plan.recipe.hostile {
        hostile::some(&mut tags, hostile::SHARE, rng);
    }
    let mut card = JsonObject::default();
    card.field("library_name", library(model))?;
    card.field("license", facts.license)?;
    card.list("language", &facts.languages)?;
    card.list("tags", &tags)?;
    card.list("datasets", &facts.datasets)?;
    card.list("base_model", &plan.base_ids(row).collect::<Vec<_>>())?;
    card.field("pipeline_tag", task(model))?;
    if !facts.scores.is_empty() {
        let name = serde_json::to_string(model.name())?;
        let results = RESULTS.iter().zip(&facts.scores).map(|(result, score)| {
            let result = result.replace("<VALUE>", &format!("{score:?}"));
            result.replace("<MODEL>", &name)
        });
        let results = results.collect::<Vec<_>>().join(",");
        card.raw(
            "model-index",
            &format!(r#"[{{"name":{name},"results":[{results}]}}]"#),
        );
    }
    let text = card.finish();
    // Now and then the text is no JSON any more.
    Ok(Some(match plan.recipe.hostile && percent(rng, 5.0) {
        true => hostile::text(&text, rng),
        false => text,
    }))
}
