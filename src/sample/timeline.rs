//! The timeline: which models there are, when they were created, and which are derived.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use rand::Rng;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::sample::plan::{BaseRef, Derivation, Model, Plan};
use crate::sample::tables::csv;
use crate::sample::targets::{RELATIONS, year};
use crate::sample::weights::WeightFormat;
use crate::sample::{Recipe, architecture, targets};

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
    adapter: f64,
    finetune: f64,
    quantized: f64,
    merge: f64,
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
    /// Weight as a base of each derivation.
    pub weights: [f64; 4],
}

/// Year from which each derivation exists, rarest first: the first to draw has the widest choice.
const FIRST_YEARS: [(Derivation, f64); 4] = [
    (Derivation::Merge, 2023.9),
    (Derivation::Quantized, 2023.4),
    (Derivation::Adapter, 2023.1),
    (Derivation::Finetune, 2022.5),
];

/// Returns all models in order of creation, and the well-known among them. Of the ordinary models
/// only the creation date and the derivation are decided.
pub fn plan(recipe: &Recipe, rng: &mut impl Rng) -> (Plan, Vec<Candidate>) {
    let reported = WELL_KNOWN
        .iter()
        .filter(|known| known.downloads.is_some())
        .count();
    let count = (reported + recipe.rows / 4)
        .min(recipe.rows)
        .min(WELL_KNOWN.len());
    let known = &WELL_KNOWN[..count];
    let ordinary = recipe.rows - count;
    let created = |n: usize| targets::created(n as f64 / ordinary as f64);
    let ordinary = (1..=ordinary).map(|n| Model::created(created(n)));
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
        let created: NaiveDateTime = self.created.parse().expect("a date and time");
        Model {
            id: self.id.as_str().into(),
            architecture: architecture::position(&self.architecture),
            derivation: self.relation,
            params: self.params,
            format: self.format,
            gguf: self.format == WeightFormat::Gguf,
            downloads: self.downloads.unwrap_or_default(),
            all_time: self.all_time,
            likes: self.likes,
            known: true,
            reported: self.downloads.is_some(),
            ..Model::created(created.and_utc().timestamp())
        }
    }
}

/// Links the well-known models to their bases. One whose base is not in so small a hub has none.
fn link(plan: &mut Plan, known: &'static [WellKnown]) -> Vec<Candidate> {
    let rows = plan.rows().filter(|row| plan[*row].known);
    let rows: FxHashMap<Box<str>, u32> = rows.map(|row| (plan[row].id.clone(), row)).collect();
    let mut candidates = Vec::with_capacity(known.len());
    for known in known {
        let row = rows[&*known.id];
        match known.base.as_deref().and_then(|base| rows.get(base)) {
            Some(base) => plan[row].bases = vec![BaseRef::Row(*base)],
            None => plan[row].derivation = None,
        }
        candidates.push(Candidate {
            id: &known.id,
            row,
            weights: [known.adapter, known.finetune, known.quantized, known.merge],
        });
    }
    candidates.sort_by_key(|candidate| candidate.row);
    candidates
}

/// Makes exactly the target number of ordinary models derived ones.
fn derive(plan: &mut Plan, rng: &mut impl Rng) {
    for (derivation, since) in FIRST_YEARS {
        let count = plan.scaled(RELATIONS[derivation as usize]);
        let count = plan.remaining(count, |model| model.is(derivation));
        let free = |model: &Model| model.derivation.is_none() && model.created >= year(since);
        for row in plan.choose(rng, count, free) {
            plan[row].derivation = Some(derivation);
        }
    }
}
