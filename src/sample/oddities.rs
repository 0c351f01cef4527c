//! Oddities of real rows, each planted once or a few times, so that readers of the sample meet them
//! all. Cycles, self-bases and the largest merge are planted by `lineage`.

use rand::Rng;

use crate::sample::lineage::ROOMY;
use crate::sample::plan::{BaseRef, Model, Plan};
use crate::sample::tables::Derivation;
use crate::sample::targets::QUARTERS;

/// The length of the longest id, in bytes.
const LONGEST_ID: usize = 116;
/// Parameter counts that are false: the largest one, and some of the smallest.
const LARGEST: u64 = 19_980_000_000_000_000;
const SMALLEST: [u64; 5] = [612, 257, 32, 414_720, 999];
/// A total of packed weights that is far too small for [`PACKED_PARAMS`].
const PACKED: u64 = 333_312;
const PACKED_PARAMS: u64 = 7_615_616_512;

/// Plants the oddities in ordinary rows of a hub that is large enough.
pub fn plant(plan: &mut Plan, rng: &mut impl Rng) {
    if plan.models.len() >= ROOMY {
        plant_totals(plan, rng);
        plant_dtypes(plan, rng);
        plant_relations(plan, rng);
        plant_ids(plan, rng);
        plant_downloads(plan, rng);
    }
}

fn is_counted(model: &Model) -> bool {
    model.total > Some(1_000_000)
}

/// Plants false totals: absurd ones on models with few downloads, in the same quarter of all counts
/// as before; packed ones; and some that are not the sum of their dtypes.
fn plant_totals(plan: &mut Plan, rng: &mut impl Rng) {
    let is_obscure = |model: &Model| model.derivation.is_none() && model.all_time < 1_000;
    let is_large = |model: &Model| is_obscure(model) && model.total >= Some(QUARTERS[3]);
    for row in plan.choose(rng, 1, is_large) {
        plan[row].total = Some(LARGEST);
    }
    let is_small =
        |model: &Model| is_obscure(model) && model.total.is_some_and(|total| total < QUARTERS[1]);
    let rows = plan.choose(rng, SMALLEST.len(), is_small);
    for (row, total) in rows.into_iter().zip(SMALLEST) {
        plan[row].total = Some(total);
    }
    let is_packed = |model: &Model| {
        let is_counted = model.total.is_some() && model.params == PACKED_PARAMS;
        is_counted && model.is(Derivation::Quantized)
    };
    for row in plan.choose(rng, 1 + plan.models.len() / 500_000, is_packed) {
        plan[row].total = Some(PACKED);
    }
    for row in plan.choose(rng, 2, is_counted) {
        plan[row].uneven = true;
    }
}

/// Plants every rare dtype.
fn plant_dtypes(plan: &mut Plan, rng: &mut impl Rng) {
    let rare = &plan.tables.mixes["rare"];
    let count = (1 + plan.models.len() / 200_000) * rare.len();
    let rows = plan.choose(rng, count, |model| is_counted(model) && !model.uneven);
    for (row, mix) in rows.into_iter().zip(rare.iter().cycle()) {
        plan[row].mix = Some(mix);
    }
}

/// Plants rare relations on models without a base, so that the counts of the usual ones stay.
fn plant_relations(plan: &mut Plan, rng: &mut impl Rng) {
    let base = plan.choose(rng, 1, |model| model.is(Derivation::Finetune));
    let is_root = |model: &Model| model.derivation.is_none() && model.architecture.domain.tgi;
    // Two of them state no relation.
    let rare = &plan.tables.derivations[Derivation::Unstated as usize..];
    let rare = rare[..1].iter().chain(rare);
    let rows = plan.choose(rng, rare.clone().count(), is_root);
    for (row, derivation) in rows.into_iter().zip(rare) {
        plan[row].derivation = Some(derivation);
        plan[row].bases = base.iter().copied().map(BaseRef::Row).collect();
    }
}

/// Plants one id of the greatest length, and three that two rows share, as while a rename settles.
fn plant_ids(plan: &mut Plan, rng: &mut impl Rng) {
    let is_leaf = |model: &Model| model.is(Derivation::Adapter) && !model.id.contains('\x1b');
    if let [long, rows @ ..] = plan.choose(rng, 7, is_leaf).as_slice() {
        let filler = "trained-further-and-further-".repeat(LONGEST_ID / 28 + 1);
        let mut id = format!("{}-{filler}", plan[*long].id);
        id.truncate(LONGEST_ID - 1);
        plan[*long].id = (id + "1").into();
        for pair in rows.chunks_exact(2) {
            plan[pair[1]].id = plan[pair[0]].id.clone();
        }
    }
}

/// Plants models with more recent than all-time downloads, which the Hub corrects now and then.
fn plant_downloads(plan: &mut Plan, rng: &mut impl Rng) {
    let count = 3 + plan.models.len() / 50_000;
    for row in plan.choose(rng, count, |model| (1..500).contains(&model.downloads)) {
        let model = &mut plan[row];
        std::mem::swap(&mut model.downloads, &mut model.all_time);
        model.downloads += i64::from(model.downloads == model.all_time);
    }
}
