//! Births: which models there are, when they were made, and which of them come from another model.

use std::collections::HashMap;

use chrono::NaiveDate;
use rand::Rng;

use crate::sample::famous::{DERIVATIVES, FIGURES, QWEN3_VL};
use crate::sample::plan::{Model, Plan};
use crate::sample::roots::{Root, roots};
use crate::sample::shape;
use crate::sample::shape::{END, RELATIONS, START};
use crate::sample::{Base, Format, Recipe, Relation, families};

/// A well-known model in the role of a base.
pub struct Parent {
    /// What everybody calls it.
    pub id: &'static str,
    /// Its place in the plan.
    pub row: u32,
    /// Weight as a base of each relation.
    pub appeal: [f64; 4],
}

/// A well-known model before it has a place.
struct Known {
    model: Model,
    id: &'static str,
    base: Option<&'static str>,
    appeal: [f64; 4],
}

/// A hub of models in order of birth, and the well-known among them. The ordinary ones have a date and
/// perhaps a relation, nothing else yet.
pub fn births(recipe: &Recipe, rng: &mut impl Rng) -> (Plan, Vec<Parent>) {
    let known = known(recipe.rows);
    let ordinary = recipe.rows - known.len();
    let birth = |n: usize| Model::born(shape::born(n as f64 / ordinary as f64));
    let mut models: Vec<Model> = (1..=ordinary).map(birth).collect();
    let mut links = Vec::with_capacity(known.len());
    for known in known {
        models.push(known.model);
        links.push((known.id, known.base, known.appeal));
    }
    models.sort_by_key(|model| model.created);
    let mut plan = Plan::of(recipe, models);
    let parents = link(&mut plan.models, &links);
    relate(&mut plan, rng);
    (plan, parents)
}

/// The well-known models of a hub of `rows`: the report's first, then its family of 23, then others as
/// long as they stay a minority.
fn known(rows: usize) -> Vec<Known> {
    let named = FIGURES.len();
    let mut known: Vec<Known> = roots().take(named).map(well_known).collect();
    let root = known[0].model.created;
    let family = &known[0].model;
    let (kin, params) = (family.family, family.params);
    for (n, (id, relation, downloads)) in DERIVATIVES.into_iter().enumerate() {
        let mut model = Model::born(root + 39_600 * (n as i64 + 1));
        (model.family, model.params) = (kin, params);
        model.id = id.into();
        model.relation = Some(relation);
        model.format = Format::named_in(id);
        model.gguf = model.format == Format::Gguf;
        (model.downloads, model.all_time) = (downloads, downloads + downloads / 40);
        model.likes = downloads / 300;
        model.known = true;
        known.push(Known {
            model,
            id,
            base: Some(QWEN3_VL),
            appeal: [0.0; 4],
        });
    }
    known.extend(roots().skip(named).take(rows / 4).map(well_known));
    known.truncate(rows);
    known
}

fn well_known(root: Root) -> Known {
    let mut model = Model::born(birthday(&root));
    model.id = root.id.into();
    model.family = families::named(root.family);
    model.params = root.params;
    model.likes = root.likes;
    model.known = true;
    model.relation = root.base.map(|_| Relation::Finetune);
    // Not a round number: the table has thousands only.
    let rest = (shape::hash(root.id) >> 7) % 100_000;
    model.all_time = (root.all_time.unwrap_or_default() * 1_000 + rest) as i64;
    if let Some(figures) = FIGURES.iter().find(|figures| figures.id == root.id) {
        (model.downloads, model.all_time) = (figures.downloads, figures.all_time);
    }
    Known {
        model,
        id: root.id,
        base: root.base,
        appeal: root.appeal,
    }
}

/// Some moment of the day; models older than the hub's memory were all born when it began to remember.
fn birthday(root: &Root) -> i64 {
    let day = NaiveDate::parse_from_str(root.day, "%Y-%m-%d").unwrap_or_default();
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    let second = (shape::hash(root.id) >> 20) % 86_400;
    match root.day {
        "2022-03-02" => START,
        _ => (midnight + second as i64).min(END),
    }
}

/// Connects the well-known models with each other, now that they have places. One whose base is not in
/// so small a hub states none.
fn link(models: &mut [Model], links: &[(&'static str, Option<&str>, [f64; 4])]) -> Vec<Parent> {
    let rows = models.iter().enumerate().filter(|(_, model)| model.known);
    let places: HashMap<String, u32> = rows
        .map(|(row, model)| (model.id.to_string(), row as u32))
        .collect();
    let mut parents = Vec::with_capacity(links.len());
    for (id, base, appeal) in links {
        let row = places[*id];
        let model = &mut models[row as usize];
        match base.and_then(|base| places.get(base)) {
            Some(base) => model.bases = vec![Base::Row(*base)],
            None => model.relation = None,
        }
        parents.push(Parent {
            id,
            row,
            appeal: *appeal,
        });
    }
    parents.sort_by_key(|parent| parent.row);
    parents
}

/// Years in which each relation came up, rarest relation first: who is drawn early has the free choice.
const RELATED_SINCE: [(Relation, f64); 4] = [
    (Relation::Merge, 2023.9),
    (Relation::Quantized, 2023.4),
    (Relation::Adapter, 2023.1),
    (Relation::Finetune, 2022.5),
];

/// Deals the relations to ordinary models, exactly as many as the report counts.
fn relate(plan: &mut Plan, rng: &mut impl Rng) {
    for (relation, since) in RELATED_SINCE {
        let quota = shape::scaled(
            RELATIONS[relation.slot().unwrap_or_default()],
            plan.models.len(),
        );
        let count = plan.open(quota, |model| model.relation == Some(relation));
        let free = |row: u32| {
            let model = &plan.models[row as usize];
            model.relation.is_none() && model.created >= shape::year(since)
        };
        let chance = |row| f64::from(u8::from(free(row)));
        for row in shape::draw(rng, count, plan.ordinary(), chance) {
            plan.models[row as usize].relation = Some(relation);
        }
    }
}
