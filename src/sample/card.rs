//! Cards and tags: what a model says about itself. Both tell the same facts, so both are rendered from
//! one roll of the row's dice.

use rand::{Rng, RngExt};
use serde::Serialize;

use crate::sample::families::Kind;
use crate::sample::plan::{Model, Plan};
use crate::sample::shape::{bell, percent, pick};
use crate::sample::words::{
    DATASETS, FOREIGN, LANGUAGES, LICENSES, SIGHTS, SOUNDS, STYLES, SUBJECTS, TOPICS, TUNED,
};
use crate::sample::{Format, Relation, hostile};

/// The purposes that a row's dice are rolled for.
const FACTS: u64 = 1;
const POISON_TAGS: u64 = 2;
const POISON_CARD: u64 = 3;

/// What tags and card have in common.
struct Facts {
    /// Repositories that say nothing have none of the rest, nor a card.
    silent: bool,
    license: Option<&'static str>,
    languages: Vec<&'static str>,
    datasets: Vec<String>,
    papers: Vec<String>,
    topics: Vec<&'static str>,
    scores: Vec<f64>,
}

fn facts(plan: &Plan, row: u32) -> Facts {
    let model = &plan.models[row as usize];
    let rng = &mut plan.dice(row, FACTS);
    let family = model.family();
    let silent = family.kind == Kind::Bare && model.relation.is_none();
    let license = match percent(rng, 62.0) {
        true if percent(rng, 70.0) => Some(family.license),
        true => Some(*pick(rng, LICENSES)),
        false => None,
    };
    Facts {
        silent,
        license: license.filter(|_| !silent),
        languages: languages(family.kind, rng),
        datasets: few(rng, 28.0, |rng| {
            format!(
                "{}/{}-{}k",
                plan_owner(plan, rng),
                pick(rng, DATASETS),
                rng.random_range(1..300)
            )
        }),
        papers: few(rng, 22.0, |rng| {
            format!(
                "{:02}{:02}.{:05}",
                rng.random_range(18..25),
                rng.random_range(1..13),
                rng.random_range(1..20_000)
            )
        }),
        topics: topics(model, rng),
        scores: match percent(rng, 6.0) {
            true => (0..6)
                .map(|_| ((55.0 + 12.0 * bell(rng)) * 100.0).round() / 100.0)
                .collect(),
            false => Vec::new(),
        },
    }
}

/// Some owner of the hub: datasets have the owners that models have.
fn plan_owner<'a>(plan: &'a Plan, rng: &mut impl Rng) -> &'a str {
    let row = rng.random_range(0..plan.models.len());
    plan.models[row].author().unwrap_or("datasets")
}

/// None in most cases; else one, two or three of what `make` makes.
fn few<R: Rng>(rng: &mut R, chance: f64, make: impl Fn(&mut R) -> String) -> Vec<String> {
    match percent(rng, chance) {
        true => (0..*pick(rng, &[1, 1, 1, 2, 3]))
            .map(|_| make(rng))
            .collect(),
        false => Vec::new(),
    }
}

fn languages(kind: Kind, rng: &mut impl Rng) -> Vec<&'static str> {
    let speaks = match kind {
        Kind::Chat | Kind::Sight | Kind::Writer => 66.0,
        Kind::Ear | Kind::Voice | Kind::Encoder | Kind::Embedder | Kind::Painter => 45.0,
        _ => 5.0,
    };
    let mut languages = Vec::new();
    if percent(rng, speaks) {
        for _ in 0..*pick(rng, &[1, 1, 1, 1, 1, 1, 2, 2, 3, 8]) {
            let language = *pick(rng, LANGUAGES);
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
    }
    languages
}

fn topics(model: &Model, rng: &mut impl Rng) -> Vec<&'static str> {
    let mut topics = Vec::new();
    let kind = model.family().kind;
    if model.relation == Some(Relation::Merge) {
        topics.extend(["mergekit", "merge"]);
    }
    for _ in 0..rng.random_range(1..5) {
        topics.push(match kind {
            Kind::Painter if percent(rng, 50.0) => *pick(rng, STYLES),
            Kind::Painter => *pick(rng, SUBJECTS),
            Kind::Chat | Kind::Sight if percent(rng, 65.0) => *pick(rng, TUNED),
            Kind::Player => *pick(
                rng,
                &["deep-reinforcement-learning", "custom-implementation"],
            ),
            Kind::Ear | Kind::Voice => *pick(rng, SOUNDS),
            Kind::Eye => *pick(rng, SIGHTS),
            _ => *pick(rng, TOPICS),
        });
    }
    if percent(rng, 2.5) {
        topics.push(*pick(rng, FOREIGN));
    }
    match (kind, model.relation) {
        (Kind::Painter, Some(Relation::Adapter)) => topics.extend(["lora", "template:sd-lora"]),
        (_, Some(Relation::Adapter)) => topics.push("lora"),
        _ => {}
    }
    topics.sort_unstable();
    topics.dedup();
    topics
}

/// The task, if the model states it.
pub fn task(model: &Model) -> Option<&'static str> {
    model.task.then_some(model.family().task)
}

/// The library, if the model states it.
pub fn library(model: &Model) -> Option<&'static str> {
    let library = match (model.relation, model.family().kind, model.format) {
        (Some(Relation::Adapter), Kind::Painter, _) => "diffusers",
        (Some(Relation::Adapter), _, _) => "peft",
        (_, _, Format::Mlx4) => "mlx",
        _ => model.family().library,
    };
    model.library.then_some(library)
}

/// The tags of a row, in the hub's order.
pub fn tags(plan: &Plan, row: u32) -> Vec<String> {
    let model = &plan.models[row as usize];
    let facts = facts(plan, row);
    let mut tags: Vec<String> = Vec::with_capacity(18);
    let mut add = |tag: &str| tags.push(tag.to_string());
    library(model).into_iter().for_each(&mut add);
    for (holds, tag) in files(model) {
        if holds && !facts.silent {
            add(tag);
        }
    }
    if !facts.silent {
        model.family().model_type().into_iter().for_each(&mut add);
        task(model).into_iter().for_each(&mut add);
        facts.topics.iter().copied().for_each(&mut add);
        let talks = matches!(model.family().kind, Kind::Chat | Kind::Sight);
        if talks && model.relation != Some(Relation::Adapter) {
            add("conversational");
        }
        facts.languages.iter().copied().for_each(&mut add);
        facts
            .datasets
            .iter()
            .for_each(|dataset| add(&format!("dataset:{dataset}")));
        facts
            .papers
            .iter()
            .for_each(|paper| add(&format!("arxiv:{paper}")));
    }
    let word = model.relation.and_then(Relation::word);
    for base in &model.bases {
        let base = plan.base_id(*base);
        add(&format!("base_model:{base}"));
        if let Some(word) = word {
            add(&format!("base_model:{word}:{base}"));
        }
    }
    if let Some(license) = facts.license {
        add(&format!("license:{license}"));
    }
    for (holds, tag) in serving(model, &facts) {
        if holds {
            add(tag);
        }
    }
    add("region:us");
    if plan.recipe.hostile {
        poison_tags(plan, row, &mut tags);
    }
    tags
}

/// Tags that tell what files there are.
fn files(model: &Model) -> [(bool, &'static str); 5] {
    let old = model.created < crate::sample::shape::year(2023.3);
    let trained = !matches!(model.family().kind, Kind::Player | Kind::Craft);
    let packed = model.format == Format::Gguf;
    [
        (trained && old && model.total.is_none(), "pytorch"),
        (trained && old && model.known, "tf"),
        (model.created % 11 == 0 && trained, "tensorboard"),
        (
            trained && !packed && (!old || model.total.is_some()),
            "safetensors",
        ),
        (model.gguf, "gguf"),
    ]
}

/// Tags that tell how a model can be served.
fn serving(model: &Model, facts: &Facts) -> [(bool, &'static str); 7] {
    let kind = model.family().kind;
    let runs = library(model) == Some("transformers") && !facts.silent;
    [
        (!facts.scores.is_empty() && !facts.silent, "model-index"),
        (runs && kind == Kind::Chat, "text-generation-inference"),
        (runs, "endpoints_compatible"),
        (runs && model.known, "deploy:azure"),
        (matches!(model.format, Format::Awq), "awq"),
        (
            matches!(model.format, Format::Bnb4 | Format::Mlx4 | Format::Gptq),
            "4-bit",
        ),
        (
            matches!(model.format, Format::Bnb4 | Format::Bnb8),
            "bitsandbytes",
        ),
    ]
}

/// A card's metadata, in an order that cards often have.
#[derive(Serialize)]
struct Card<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    library_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    language: &'a [&'a str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    datasets: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    base_model: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_tag: Option<&'a str>,
    #[serde(rename = "model-index", skip_serializing_if = "Vec::is_empty")]
    model_index: Vec<Index<'a>>,
}

/// Results of exams, in the nesting that leaderboards read.
#[derive(Serialize)]
struct Index<'a> {
    name: &'a str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    task: Named,
    dataset: Named,
    metrics: [Metric; 1],
    source: Source<'a>,
}

#[derive(Serialize)]
struct Named {
    r#type: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct Metric {
    r#type: &'static str,
    value: f64,
    name: &'static str,
    verified: bool,
}

#[derive(Serialize)]
struct Source<'a> {
    url: &'static str,
    name: &'a str,
}

/// The exams that models state results of: what their data is called, and by what name they go.
const EXAMS: [(&str, &str); 6] = [
    ("instructions/followed", "Instruction Following (0-Shot)"),
    ("hard/mixed", "Hard Questions (3-Shot)"),
    ("math/competition", "Competition Mathematics (4-Shot)"),
    ("science/graduate", "Graduate Science (0-Shot)"),
    ("stories/solved", "Soft Reasoning (0-Shot)"),
    ("knowledge/wide", "Wide Knowledge (5-Shot)"),
];

fn outcome<'a>(value: f64, exam: (&'static str, &'static str), name: &'a str) -> Outcome<'a> {
    Outcome {
        task: Named {
            r#type: "text-generation",
            name: "Text Generation",
        },
        dataset: Named {
            r#type: exam.0,
            name: exam.1,
        },
        metrics: [Metric {
            r#type: "acc_norm",
            value,
            name: "normalized accuracy",
            verified: false,
        }],
        source: Source {
            url: "https://leaderboard.example/open",
            name,
        },
    }
}

/// The card of a row as JSON text. Repositories that say nothing have none, or an empty one.
pub fn card(plan: &Plan, row: u32) -> anyhow::Result<Option<String>> {
    let model = &plan.models[row as usize];
    let facts = facts(plan, row);
    if facts.silent {
        return Ok((!row.is_multiple_of(7)).then(|| "{}".to_string()));
    }
    let name = model.id.rsplit('/').next().unwrap_or_default();
    let scores = facts.scores.iter().zip(EXAMS);
    let results: Vec<Outcome> = scores
        .map(|(value, exam)| outcome(*value, exam, name))
        .collect();
    let mut card = Card {
        library_name: library(model),
        license: facts.license,
        language: &facts.languages,
        tags: facts.topics.iter().map(|topic| topic.to_string()).collect(),
        datasets: &facts.datasets,
        base_model: model.bases.iter().map(|base| plan.base_id(*base)).collect(),
        pipeline_tag: task(model),
        model_index: Vec::new(),
    };
    if !results.is_empty() {
        card.model_index.push(Index { name, results });
    }
    if !plan.recipe.hostile {
        return Ok(Some(serde_json::to_string(&card)?));
    }
    poison_card(plan, row, card).map(Some)
}

fn poison_tags(plan: &Plan, row: u32, tags: &mut [String]) {
    let rng = &mut plan.dice(row, POISON_TAGS);
    for tag in tags {
        if percent(rng, hostile::SHARE / 2.0) {
            *tag = hostile::text(tag, rng);
        }
    }
}

/// Poison inside the values, which JSON escapes; and now and then raw, which is no JSON any more.
fn poison_card(plan: &Plan, row: u32, mut card: Card) -> anyhow::Result<String> {
    let rng = &mut plan.dice(row, POISON_CARD);
    for tag in &mut card.tags {
        if percent(rng, hostile::SHARE) {
            *tag = hostile::text(tag, rng);
        }
    }
    let text = serde_json::to_string(&card)?;
    Ok(match percent(rng, 5.0) {
        true => hostile::text(&text, rng),
        false => text,
    })
}
