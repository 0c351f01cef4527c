//! Traffic: downloads, likes and dates of change, with the report's counts, median, means and shares.

use rand::{Rng, RngExt};

use crate::sample::Relation;
use crate::sample::families::Kind;
use crate::sample::famous;
use crate::sample::plan::{Model, Plan};
use crate::sample::shape;
use crate::sample::shape::{
    END, EVER, LIBRARYLESS, RECENT, RECENT_SHARE, START, TASKLESS, bell, year,
};

/// All-time downloads from here on are out of reach for models whose size is known to be in a class that
/// the report ranks: its third places have 9 and 48 millions.
const STARDOM: u64 = 8_900_000;
/// The classes, with a margin, in parameters.
const RANKED: [std::ops::Range<u64>; 2] = [6_500_000_000..16_000_000_000, 95_000_000_000..u64::MAX];

/// Decides every number of every model that changes over time, and which models keep silent about
/// their task and library.
pub fn count(plan: &mut Plan, rng: &mut impl Rng) {
    all_time(plan, rng);
    recent(plan, rng);
    liked(plan, rng);
    changed(plan, rng);
    silent(plan, rng);
}

/// Deals the all-time curve to the ordinary models, the popular kinds likely first.
fn all_time(plan: &mut Plan, rng: &mut impl Rng) {
    let quota = plan.open(shape::scaled(EVER, plan.models.len()), |model| {
        model.all_time > 0
    });
    let ever = shape::draw(rng, quota, plan.ordinary(), |row| popular(plan, row).sqrt());
    let ranked = shape::rank(rng, ever, |row| popular(plan, row));
    let count = ranked.len();
    let curve = (0..count).map(|rank| shape::all_time(rank, count));
    let stars = curve.take_while(|downloads| *downloads >= STARDOM).count();
    let mut places = stars;
    let (stars, rest): (Vec<u32>, Vec<u32>) = ranked.iter().partition(|row| {
        let star = places > 0 && !outranked(&plan.models[**row as usize]);
        places -= usize::from(star);
        star
    });
    for (rank, row) in stars.into_iter().chain(rest).enumerate() {
        plan.models[row as usize].all_time = shape::all_time(rank, count) as i64;
    }
}

/// Is a model's size known to be in one of the classes that the report ranks?
fn outranked(model: &Model) -> bool {
    let within = |size: u64| RANKED.iter().any(|class| class.contains(&size));
    model.visible().is_some_and(within)
}

/// How popular models of a kind are: what many can run, and what has been there for long.
fn popular(plan: &Plan, row: u32) -> f64 {
    let model = &plan.models[row as usize];
    let age = (END - model.created) as f64 / (END - START) as f64;
    let kind = match (model.relation, model.family().kind) {
        (Some(Relation::Quantized), _) => 4.0,
        (Some(Relation::Merge), _) => 1.5,
        (Some(Relation::Adapter), _) => 0.5,
        (Some(_), _) => 1.2,
        (None, Kind::Bare | Kind::Player) => 0.3,
        (None, _) => 1.0,
    };
    kind * (0.5 + age)
}

/// Deals recent downloads: a part of the all-time ones, larger for young models, so that all of them
/// together are [`RECENT_SHARE`] of all.
fn recent(plan: &mut Plan, rng: &mut impl Rng) {
    let all: i64 = plan.models.iter().map(|model| model.all_time).sum();
    let reported: i64 = plan.models.iter().map(|model| model.downloads).sum();
    let wanted = all as f64 * RECENT_SHARE - reported as f64;
    let reported = plan
        .models
        .iter()
        .filter(|model| model.downloads > 0)
        .count();
    let quota = shape::scaled(RECENT, plan.models.len()).saturating_sub(reported);
    let rows = 0..plan.models.len() as u32;
    let active = shape::draw(rng, quota, rows, |row| active(&plan.models[row as usize]));
    let parts: Vec<(u32, f64)> = active
        .into_iter()
        .map(|row| (row, lively(&plan.models[row as usize], rng)))
        .collect();
    let downloads = |(row, lively): &(u32, f64), scale: f64| {
        let all = plan.models[*row as usize].all_time;
        ((all as f64 * lively * scale) as i64).clamp(1, all)
    };
    let sum = |scale| {
        parts
            .iter()
            .map(|part| downloads(part, scale) as f64)
            .sum::<f64>()
    };
    let scale = solve(wanted, sum);
    let counts: Vec<i64> = parts.iter().map(|part| downloads(part, scale)).collect();
    for ((row, _), downloads) in parts.iter().zip(counts) {
        plan.models[*row as usize].downloads = downloads;
    }
}

/// The number up to 64 at which a growing function is `wanted`.
fn solve(wanted: f64, grows: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 64.0);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        match grows(middle) < wanted {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// How likely a model has been downloaded of late; the report's have, or have not, already.
fn active(model: &Model) -> f64 {
    let reported = famous::DERIVATIVES.iter().any(|(id, ..)| *id == &*model.id);
    match model.known {
        true if reported || model.downloads > 0 => 0.0,
        true => 1e9,
        false => (model.all_time as f64).ln_1p().powf(1.5),
    }
}

/// The part of its downloads that a model has had of late, up to a common factor.
fn lively(model: &Model, rng: &mut impl Rng) -> f64 {
    let years = (END - model.created) as f64 / 31_556_952.0;
    let spread = if model.known { 0.3 } else { 0.9 };
    0.03 * (bell(rng) * spread).exp() / (0.15 + years)
}

/// Likes grow with about the square root of downloads; a few young models are talked about right now.
fn liked(plan: &mut Plan, rng: &mut impl Rng) {
    for row in plan.ordinary().collect::<Vec<u32>>() {
        let model = &mut plan.models[row as usize];
        let fame = 0.42 * (model.all_time as f64).ln_1p() + bell(rng) - 2.3;
        model.likes = fame.exp().min(9_000.0) as i64;
    }
    let talked = plan.models.len() / 200;
    let rows = 0..plan.models.len() as u32;
    let trending = shape::draw(rng, talked, rows, |row| {
        let model = &plan.models[row as usize];
        let young = if model.created > year(2025.5) {
            20.0
        } else {
            1.0
        };
        young * model.likes as f64
    });
    for row in trending {
        let model = &mut plan.models[row as usize];
        let talk = (model.likes as f64).sqrt() * (bell(rng) - 1.0).exp();
        model.trending = (talk * 2.0).round().clamp(1.0, 1_200.0) / 2.0;
    }
}

/// Most models are finished on the day they are made; some are mended for years.
fn changed(plan: &mut Plan, rng: &mut impl Rng) {
    for model in &mut plan.models {
        let left = (END - model.created) as f64;
        let wait = match rng.random_range(0..10) {
            0..6 => 20_000.0 * rng.random::<f64>().powi(2),
            6..9 => 3_000_000.0 * rng.random::<f64>().powi(2),
            _ => left * rng.random::<f64>(),
        };
        model.modified = (model.created + wait as i64).min(END);
    }
}

/// Hides tasks and libraries, first of all those of repositories that say nothing anyway.
fn silent(plan: &mut Plan, rng: &mut impl Rng) {
    let quota = shape::scaled(TASKLESS, plan.models.len());
    let chance = |row: u32| quiet(&plan.models[row as usize]);
    for row in shape::draw(rng, quota, plan.ordinary(), chance) {
        plan.models[row as usize].task = false;
    }
    let quota = shape::scaled(LIBRARYLESS, plan.models.len());
    let chance = |row: u32| {
        let model = &plan.models[row as usize];
        // Who is silent about one is mostly silent about the other.
        quiet(model) * if model.task { 1.0 } else { 8.0 }
    };
    for row in shape::draw(rng, quota, plan.ordinary(), chance) {
        plan.models[row as usize].library = false;
    }
}

/// How likely a model says nothing about itself.
fn quiet(model: &Model) -> f64 {
    match (model.family().kind, model.relation) {
        (Kind::Bare, _) => 2_000.0,
        (_, Some(Relation::Quantized)) => 3.0,
        (_, Some(Relation::Adapter)) => 0.3,
        _ => 1.0,
    }
}
