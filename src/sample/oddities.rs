//! Oddities: every surprise that real rows hold, planted once or a few times, so that whoever reads the
//! sample meets them all. (Circles, self-bases and the largest merge are planted in `lineage`.)

use rand::Rng;

use crate::sample::families::Kind;
use crate::sample::lineage::ROOMY;
use crate::sample::plan::{Model, Plan};
use crate::sample::shape::{QUARTERS, draw};
use crate::sample::weights::{MIXES, RARE};
use crate::sample::{Base, Relation};

/// The length of the longest id, in bytes.
pub const LONGEST_ID: usize = 116;
/// The largest parameter count, and some of the smallest: none of them true.
const LARGEST: u64 = 19_980_000_000_000_000;
const SMALLEST: [u64; 5] = [612, 257, 32, 414_720, 999];
/// What the packed weights of a model of 7.6 billion parameters once added up to.
const PACKED: u64 = 333_312;
/// Relations beyond the usual.
const WORDS: [Option<&str>; 5] = [None, None, Some("distill"), Some("lora"), Some("upscale")];

/// Plants the oddities into ordinary rows of a hub that has room for them.
pub fn plant(plan: &mut Plan, rng: &mut impl Rng) {
    if plan.models.len() < ROOMY {
        return;
    }
    counts(plan, rng);
    dtypes(plan, rng);
    relations(plan, rng);
    ids(plan, rng);
    downloads(plan, rng);
}

/// `count` ordinary rows that satisfy `test`.
fn some(plan: &Plan, rng: &mut impl Rng, count: usize, test: impl Fn(&Model) -> bool) -> Vec<u32> {
    let chance = |row: u32| f64::from(u8::from(test(&plan.models[row as usize])));
    draw(rng, count, plan.ordinary(), chance)
}

/// Absurd totals, on models that hardly anybody has downloaded and whose quarter of all counts stays the
/// same; and packed ones that are far too small.
fn counts(plan: &mut Plan, rng: &mut impl Rng) {
    let unknown = |model: &Model| model.relation.is_none() && model.all_time < 1_000;
    let large = |model: &Model| unknown(model) && model.total >= Some(QUARTERS[3]);
    for row in some(plan, rng, 1, large) {
        plan.models[row as usize].total = Some(LARGEST);
    }
    let small =
        |model: &Model| unknown(model) && model.total.is_some_and(|total| total < QUARTERS[1]);
    for (row, total) in some(plan, rng, SMALLEST.len(), small)
        .into_iter()
        .zip(SMALLEST)
    {
        plan.models[row as usize].total = Some(total);
    }
    let quantized = |model: &Model| {
        model.total.is_some()
            && model.relation == Some(Relation::Quantized)
            && model.params == 7_615_616_512
    };
    for row in some(plan, rng, 1 + plan.models.len() / 500_000, quantized) {
        plan.models[row as usize].total = Some(PACKED);
    }
    let even = |model: &Model| model.total.is_some_and(|total| total > 1_000_000);
    for row in some(plan, rng, 2, even) {
        plan.models[row as usize].uneven = true;
    }
}

/// Every dtype is used somewhere.
fn dtypes(plan: &mut Plan, rng: &mut impl Rng) {
    let each = 1 + plan.models.len() / 200_000;
    let stated =
        |model: &Model| model.total.is_some_and(|total| total > 1_000_000) && !model.uneven;
    let rows = some(plan, rng, each * (MIXES.len() - RARE), stated);
    for (at, row) in rows.into_iter().enumerate() {
        plan.models[row as usize].mix = RARE + at % (MIXES.len() - RARE);
    }
}

/// Bases without a relation, or with a word nobody knows; on models that had no base, so that the
/// report's counts stay as they are.
fn relations(plan: &mut Plan, rng: &mut impl Rng) {
    let baseless = |model: &Model| model.relation.is_none() && model.family().kind == Kind::Chat;
    let bases = some(plan, rng, 1, |model| {
        model.relation == Some(Relation::Finetune)
    });
    for (row, word) in some(plan, rng, WORDS.len(), baseless)
        .into_iter()
        .zip(WORDS)
    {
        let model = &mut plan.models[row as usize];
        model.relation = Some(Relation::Odd(word));
        model.bases = bases.iter().copied().map(Base::Row).collect();
    }
}

/// One id of the greatest length, and three that two rows share, as while a rename settles.
fn ids(plan: &mut Plan, rng: &mut impl Rng) {
    let leaf =
        |model: &Model| model.relation == Some(Relation::Adapter) && !model.id.contains('\x1b');
    if let [long, rows @ ..] = some(plan, rng, 7, leaf).as_slice() {
        let model = &mut plan.models[*long as usize];
        let mut id = format!("{}-", model.id);
        while id.len() < LONGEST_ID {
            id.push_str("trained-further-and-further-");
        }
        id.truncate(LONGEST_ID - 1);
        id.push('1');
        model.id = id.into();
        for pair in rows.chunks_exact(2) {
            plan.models[pair[1] as usize].id = plan.models[pair[0] as usize].id.clone();
        }
    }
}

/// Some models have had more downloads lately than ever: all-time counts are mended now and then.
fn downloads(plan: &mut Plan, rng: &mut impl Rng) {
    let count = 3 + plan.models.len() / 50_000;
    let active = |model: &Model| (1..500).contains(&model.downloads);
    for row in some(plan, rng, count, active) {
        let model = &mut plan.models[row as usize];
        std::mem::swap(&mut model.downloads, &mut model.all_time);
        model.downloads += i64::from(model.downloads == model.all_time);
    }
}
