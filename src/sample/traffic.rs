//! Traffic: downloads, likes and modification dates, with the counts, median, mean and shares of the
//! real Hub; and which models state no task or library.

use std::ops::Range;

use rand::{Rng, RngExt};

use crate::sample::plan::{Model, Plan};
use crate::sample::random::{self, normal};
use crate::sample::targets::{self, END, RECENT_SHARE, START, year};

/// Sizes, in parameters, whose three most downloaded models are well-known ones.
const RANKED: [Range<u64>; 2] = [6_500_000_000..16_000_000_000, 95_000_000_000..u64::MAX];
/// Least all-time downloads that an ordinary model of these sizes never has.
const TOP: u64 = 8_900_000;

/// Decides every number that changes over time, and which models state no task or library.
pub fn decide(plan: &mut Plan, rng: &mut impl Rng) {
    draw_all_time(plan, rng);
    draw_recent(plan, rng);
    draw_likes(plan, rng);
    draw_trending(plan, rng);
    draw_modified(plan, rng);
    hide_labels(plan, rng);
}

/// Distributes the all-time downloads among the ordinary models, the popular ones likely first.
fn draw_all_time(plan: &mut Plan, rng: &mut impl Rng) {
    let count = plan.remaining(plan.scaled(targets::DOWNLOADED), |model| model.all_time > 0);
    let downloaded = plan.draw(rng, count, |model| popularity(model).sqrt());
    let weight = |row| (row, popularity(&plan[row]));
    let ranked = random::shuffle(rng, downloaded.into_iter().map(weight));
    let count = ranked.len();
    let is_top = |rank: &usize| targets::all_time(*rank, count) >= TOP;
    let mut free = (0..count).take_while(is_top).count();
    let (top, others): (Vec<u32>, Vec<u32>) = ranked.into_iter().partition(|row| {
        let is_top = free > 0 && !is_ranked(&plan[*row]);
        free -= usize::from(is_top);
        is_top
    });
    for (rank, row) in top.into_iter().chain(others).enumerate() {
        plan[row].all_time = targets::all_time(rank, count) as i64;
    }
}

/// Reports if a reader of the file finds a size in [`RANKED`].
fn is_ranked(model: &Model) -> bool {
    let size = model.total.or(model.gguf.then_some(model.params));
    size.is_some_and(|size| RANKED.iter().any(|sizes| sizes.contains(&size)))
}

/// Returns a weight that grows with age, and is greater for what many people can run.
fn popularity(model: &Model) -> f64 {
    let age = (END - model.created) as f64 / (END - START) as f64;
    let weight = match model.derivation {
        Some(derivation) => derivation.popularity,
        None => model.architecture.domain.popularity,
    };
    weight * (0.5 + age)
}

/// Draws recent downloads: a part of the all-time ones, larger for young models, scaled so that they
/// add up to [`RECENT_SHARE`] of all.
fn draw_recent(plan: &mut Plan, rng: &mut impl Rng) {
    let all: i64 = plan.models.iter().map(|model| model.all_time).sum();
    let reported: i64 = plan.models.iter().map(|model| model.downloads).sum();
    let wanted = all as f64 * RECENT_SHARE - reported as f64;
    let is_reported = |model: &&Model| model.downloads > 0;
    let reported = plan.models.iter().filter(is_reported).count();
    let count = plan
        .scaled(targets::DOWNLOADED_RECENTLY)
        .saturating_sub(reported);
    // A well-known model always has recent downloads.
    let weight = |row| match plan[row].known {
        true if plan[row].reported => 0.0,
        true => 1e9,
        false => (plan[row].all_time as f64).ln_1p().powf(1.5),
    };
    let weights = plan.rows().map(|row| (row, weight(row)));
    let rows = random::draw(rng, count, weights);
    let part = |row| (row, plan[row].all_time, recent_part(&plan[row], rng));
    let parts: Vec<(u32, i64, f64)> = rows.into_iter().map(part).collect();
    let downloads = |all: i64, part, scale| ((all as f64 * part * scale) as i64).clamp(1, all);
    let scale = solve(wanted, |scale| {
        let counts = parts.iter().map(|part| downloads(part.1, part.2, scale));
        counts.map(|count| count as f64).sum()
    });
    for (row, all, part) in parts {
        plan[row].downloads = downloads(all, part, scale);
    }
}

/// Returns the number up to 64 at which an increasing function is `wanted`.
fn solve(wanted: f64, increasing: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 64.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        match increasing(middle) < wanted {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// Draws the recent part of a model's downloads, up to a common factor.
fn recent_part(model: &Model, rng: &mut impl Rng) -> f64 {
    let years = (END - model.created) as f64 / 31_556_952.0;
    let spread = if model.known { 0.3 } else { 0.9 };
    0.03 * (normal(rng) * spread).exp() / (0.15 + years)
}

/// Draws likes, which grow with about the square root of downloads.
fn draw_likes(plan: &mut Plan, rng: &mut impl Rng) {
    for model in plan.models.iter_mut().filter(|model| !model.known) {
        let log = 0.42 * (model.all_time as f64).ln_1p() + normal(rng) - 2.3;
        model.likes = log.exp().min(9_000.0) as i64;
    }
}

/// Draws trending scores for a few models, most of them young.
fn draw_trending(plan: &mut Plan, rng: &mut impl Rng) {
    let weight = |row| {
        let is_young = plan[row].created > year(2025.5);
        let weight = plan[row].likes as f64 * if is_young { 20.0 } else { 1.0 };
        (row, weight)
    };
    for row in random::draw(rng, plan.models.len() / 200, plan.rows().map(weight)) {
        let score = (plan[row].likes as f64).sqrt() * (normal(rng) - 1.0).exp();
        plan[row].trending = (score * 2.0).round().clamp(1.0, 1_200.0) / 2.0;
    }
}

/// Draws modification dates: mostly the day of creation, sometimes years later.
fn draw_modified(plan: &mut Plan, rng: &mut impl Rng) {
    for model in &mut plan.models {
        let seconds = match rng.random_range(0..10) {
            0..6 => 20_000.0 * rng.random::<f64>().powi(2),
            6..9 => 3_000_000.0 * rng.random::<f64>().powi(2),
            _ => (END - model.created) as f64 * rng.random::<f64>(),
        };
        model.modified = (model.created + seconds as i64).min(END);
    }
}

/// Hides tasks and libraries, first those of repositories without metadata.
fn hide_labels(plan: &mut Plan, rng: &mut impl Rng) {
    let weight = |model: &Model| match model.derivation {
        _ if !model.architecture.domain.metadata => 2_000.0,
        Some(derivation) => derivation.hidden,
        None => 1.0,
    };
    for row in plan.draw(rng, plan.scaled(targets::TASK_MISSING), weight) {
        plan[row].hides_task = true;
    }
    // A model without a task mostly has no library either.
    let weight = |model: &Model| weight(model) * if model.hides_task { 8.0 } else { 1.0 };
    for row in plan.draw(rng, plan.scaled(targets::LIBRARY_MISSING), weight) {
        plan[row].hides_library = true;
    }
}
