//! The timeline: which models there are, when they were created, and which are derived.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use rand::Rng;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::sample::architecture::ARCHITECTURES;
use crate::sample::plan::{BaseRef, DERIVATIONS, Derivation, Model, Plan};
use crate::sample::tables::csv;
use crate::sample::weights::WeightFormat;
use crate::sample::{Recipe, targets};

/// A well-known model: a row of `models.csv`. Ids, sizes and dates are close to the real ones; the
/// figures of the first 33 are real or round to the real ones, the others are invented.
#[derive(Deserialize)]
pub struct WellKnown {
    pub id: String,
    architecture: String,
    params: u64,
    /// UTC.
    created: String,
    format: WeightFormat,
    /// Downloads of the last 30 days, none if they are to be drawn.
    pub downloads: Option<i64>,
    pub all_time: i64,
    likes: i64,
    /// Weights as a base of each derivation, about thousands of children.
    merge: f64,
    quantized: f64,
    adapter: f64,
    finetune: f64,
    relation: Option<Derivation>,
    pub base: Option<String>,
}

/// The well-known models: those with real figures first, then the most important ones.
pub static WELL_KNOWN: LazyLock<Vec<WellKnown>> =
    LazyLock::new(|| csv(include_str!("../../assets/sample/models.csv")));

/// A well-known model as a base of others.
pub struct Candidate {
    pub id: &'static str,
    /// Its row in the plan.
    pub row: u32,
    /// Weight as a base of each common derivation.
    pub weights: [f64; 4],
}

/// Returns all models in order of creation, and the well-known among them. Of the ordinary models
/// only the creation date and the derivation are decided.
pub fn plan(recipe: &Recipe, rng: &mut impl Rng) -> (Plan, Vec<Candidate>) {
    let reported = WELL_KNOWN.partition_point(|known| known.downloads.is_some());
    let count = (reported + recipe.rows / 4).min(WELL_KNOWN.len());
    let known = &WELL_KNOWN[..count.min(recipe.rows)];
    let ordinary = recipe.rows - known.len();
    let ordinary = (1..=ordinary).map(|n| Model {
        created: targets::created(n as f64 / ordinary as f64),
        ..Model::default()
    });
    let mut models = Vec::with_capacity(recipe.rows);
    models.extend(ordinary.chain(known.iter().map(WellKnown::model)));
    models.sort_by_key(|model| model.created);
    let mut plan = Plan {
        recipe: *recipe,
        order: (0..models.len() as u32).collect(),
        models,
        missing: Vec::new(),
    };
    let candidates = link(&mut plan, known);
    derive(&mut plan, rng);
    (plan, candidates)
}

impl WellKnown {
    fn model(&self) -> Model {
        let mut architectures = ARCHITECTURES.iter();
        let architecture = architectures.position(|row| row.name == self.architecture);
        let created: NaiveDateTime = self.created.parse().expect("a date and time");
        Model {
            id: self.id.as_str().into(),
            architecture: architecture.expect("an architecture"),
            derivation: self.relation,
            params: self.params,
            format: self.format,
            gguf: self.format == WeightFormat::Gguf,
            created: created.and_utc().timestamp(),
            downloads: self.downloads.unwrap_or_default(),
            all_time: self.all_time,
            likes: self.likes,
            known: true,
            reported: self.downloads.is_some(),
            ..Model::default()
        }
    }
}

/// Links the well-known models to their bases. One whose base is not in so small a hub has none.
fn link(plan: &mut Plan, known: &'static [WellKnown]) -> Vec<Candidate> {
    let rows = plan.rows().filter(|row| plan[*row].known);
    let rows: FxHashMap<Box<str>, u32> = rows.map(|row| (plan[row].id.clone(), row)).collect();
    let candidate = |known: &'static WellKnown| {
        let row = rows[&*known.id];
        match known.base.as_deref().and_then(|base| rows.get(base)) {
            Some(base) => plan[row].bases = vec![BaseRef::Row(*base)],
            None => plan[row].derivation = None,
        }
        Candidate {
            id: &known.id,
            row,
            weights: [known.merge, known.quantized, known.adapter, known.finetune],
        }
    };
    let mut candidates: Vec<Candidate> = known.iter().map(candidate).collect();
    candidates.sort_by_key(|candidate| candidate.row);
    candidates
}

/// Makes exactly the target number of ordinary models derived ones.
fn derive(plan: &mut Plan, rng: &mut impl Rng) {
    for facts in DERIVATIONS.iter().filter(|facts| facts.full > 0) {
        let is_one = |model: &Model| model.is(facts.derivation);
        let count = plan.remaining(plan.scaled(facts.full), is_one);
        let since = targets::year(facts.since);
        let is_free = |model: &Model| model.derivation.is_none() && model.created >= since;
        for row in plan.choose(rng, count, is_free) {
            plan[row].derivation = Some(facts.derivation);
        }
    }
}
