//! The timeline: which models there are, when they were created, and which are derived.

use chrono::NaiveDateTime;
use rand::Rng;
use rustc_hash::FxHashMap;

use crate::sample::plan::{BaseRef, Model, Plan, Recipe};
use crate::sample::tables::{Tables, WellKnown};
use crate::sample::targets;

/// A well-known model as a base of others.
pub struct Candidate<'t> {
    pub id: &'t str,
    /// Its row in the plan.
    pub row: u32,
    /// Weight as a base of each common derivation.
    pub weights: [f64; 4],
}

/// Returns all models in order of creation, and the well-known among them. Of the ordinary models
/// only the creation date and the derivation are decided.
pub fn plan<'t>(
    recipe: &Recipe,
    tables: &'t Tables,
    rng: &mut impl Rng,
) -> (Plan<'t>, Vec<Candidate<'t>>) {
    let known = &tables.well_known;
    let reported = known.partition_point(|known| known.downloads.is_some());
    let count = (reported + recipe.rows / 4).min(known.len());
    let known = &known[..count.min(recipe.rows)];
    let count = recipe.rows - known.len();
    let created = |n: usize| targets::created(n as f64 / count as f64);
    let ordinary = (1..=count).map(|n| Model::new(tables, created(n)));
    let mut models = Vec::with_capacity(recipe.rows);
    models.extend(ordinary.chain(known.iter().map(|known| model(tables, known))));
    models.sort_by_key(|model| model.created);
    let mut plan = Plan {
        recipe: *recipe,
        tables,
        models,
        missing: Vec::new(),
    };
    let candidates = link(&mut plan, known);
    derive(&mut plan, rng);
    (plan, candidates)
}

fn model<'t>(tables: &'t Tables, known: &'t WellKnown) -> Model<'t> {
    let mut architectures = tables.architectures.iter();
    let architecture = architectures.find(|row| row.name == known.architecture);
    let format = tables.formats.iter().find(|row| row.name == known.format);
    let created: NaiveDateTime = known.created.parse().expect("a date and time");
    Model {
        id: known.id.as_str().into(),
        architecture: architecture.expect("an architecture"),
        derivation: known.relation.map(|at| &tables.derivations[at as usize]),
        params: known.params,
        format: format.expect("a weight format"),
        gguf: known.format == "gguf",
        downloads: known.downloads.unwrap_or_default(),
        all_time: known.all_time,
        likes: known.likes,
        known: true,
        reported: known.downloads.is_some(),
        ..Model::new(tables, created.and_utc().timestamp())
    }
}

/// Links the well-known models to their bases. One whose base is not in so small a hub has none.
fn link<'t>(plan: &mut Plan, known: &'t [WellKnown]) -> Vec<Candidate<'t>> {
    let rows = plan.rows().filter(|row| plan[*row].known);
    let rows: FxHashMap<Box<str>, u32> = rows.map(|row| (plan[row].id.clone(), row)).collect();
    let candidate = |known: &'t WellKnown| {
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

/// Makes exactly the target number of ordinary models derived ones, beginning with the rarest.
fn derive(plan: &mut Plan, rng: &mut impl Rng) {
    let tables = plan.tables;
    for facts in tables.derivations.iter().filter(|facts| facts.full > 0) {
        let is_one = |model: &Model| model.is(facts.derivation);
        let count = plan.remaining(plan.scaled(facts.full), is_one);
        let is_late = |model: &Model| model.created >= targets::year(facts.since);
        let is_free = |model: &Model| model.derivation.is_none() && is_late(model);
        for row in plan.choose(rng, count, is_free) {
            plan[row].derivation = Some(facts);
        }
    }
}
