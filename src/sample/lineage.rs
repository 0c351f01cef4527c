//! Lineage: what every derived model comes from.
//!
//! Most bases are well-known models, by weight; of the rest some are chosen because others chose them
//! (the rich get richer, hence a heavy tail of child counts) and some evenly among the models born so
//! far (hence long chains and a great many bases with one child). A child takes its base's family.

use rand::{Rng, RngExt};

use crate::sample::births::Parent;
use crate::sample::families::{FAMILIES, Kind};
use crate::sample::plan::{Ghost, Plan};
use crate::sample::shape;
use crate::sample::shape::{CROWD, percent, pick, weighted, year};
use crate::sample::{Base, Format, Relation};

/// The base with by far the most children, all of them adapters.
const CROWDED: &str = "black-forest-labs/FLUX.1-dev";
/// Bases of the largest merge.
const LARGEST_MERGE: usize = 47;
/// Models in the longest planted chain.
const CHAIN: usize = 15;
/// Parameters of a packed diffusion model.
const PACKED_PAINTER: u64 = 11_901_408_320;
/// Smallest hub with room for planted shapes.
pub const ROOMY: usize = 1_000;

/// Percent of edges to models that are gone, and to well-known ones by a wrong name.
const GONE: f64 = 5.8;
const MISSPELT: f64 = 1.0;
/// Percent of bases that are well-known models, by relation.
const WELL_KNOWN: [f64; 4] = [58.0, 52.0, 38.0, 30.0];
/// Percent of the other bases that are chosen because they have children already.
const COPIED: f64 = 35.0;
/// Percent of quantized models, and of adapters, that anything is made from.
const FERTILE_QUANTIZED: f64 = 1.5;
const FERTILE_ADAPTERS: f64 = 2.0;

/// Chooses the bases, families and sizes of all ordinary models, in order of birth.
pub fn bind(plan: &mut Plan, parents: &[Parent], rng: &mut impl Rng) {
    let mut loom = Loom::new(plan, parents, rng);
    crowd(plan, parents, rng);
    let largest = largest_merge(plan);
    for row in 0..plan.models.len() as u32 {
        let model = &plan.models[row as usize];
        if model.known {
            loom.grow(plan, row, rng);
            continue;
        }
        match model.relation {
            None => found(plan, row, rng),
            Some(_) if !model.bases.is_empty() => {}
            Some(Relation::Merge) => {
                let size = match largest == Some(row) {
                    true => LARGEST_MERGE,
                    false => merge_size(rng),
                };
                plan.models[row as usize].bases = loom.merge(plan, row, size, rng);
            }
            Some(relation) => {
                let mut bases = vec![loom.base(plan, row, relation, rng)];
                if percent(rng, 0.3) {
                    bases.push(loom.base(plan, row, relation, rng));
                    bases.dedup();
                }
                plan.models[row as usize].bases = bases;
            }
        }
        inherit(plan, row);
        pack(plan, row, rng);
        loom.grow(plan, row, rng);
    }
    if plan.models.len() >= ROOMY {
        chain(plan);
        circles(plan);
        self_merge(plan);
    }
}

/// Gives the crowded base its exact number of children.
fn crowd(plan: &mut Plan, parents: &[Parent], rng: &mut impl Rng) {
    let Some(base) = parents.iter().find(|parent| parent.id == CROWDED) else {
        return;
    };
    let adapter =
        |row: u32| row > base.row && plan.models[row as usize].relation == Some(Relation::Adapter);
    let chance = |row| f64::from(u8::from(adapter(row)));
    let count = shape::scaled(CROWD, plan.models.len());
    for row in shape::draw(rng, count, plan.ordinary(), chance) {
        plan.models[row as usize].bases = vec![Base::Row(base.row)];
    }
}

/// The row of the merge that gets most bases: the last one, which has most models to choose from.
fn largest_merge(plan: &Plan) -> Option<u32> {
    let last = plan
        .models
        .iter()
        .rposition(|model| !model.known && model.relation == Some(Relation::Merge));
    last.map(|row| row as u32)
        .filter(|_| plan.models.len() >= ROOMY)
}

/// Bases of a merge: mostly two or three, with a long tail.
fn merge_size(rng: &mut impl Rng) -> usize {
    let size = 2.0 / (1.0 - rng.random::<f64>()).powf(0.55);
    match size as usize {
        size if size < LARGEST_MERGE => size,
        beyond => 2 + beyond % 20,
    }
}

/// A model that states no base: some member of some family that existed by then.
fn found(plan: &mut Plan, row: u32, rng: &mut impl Rng) {
    let model = &mut plan.models[row as usize];
    let shares: Vec<f64> = FAMILIES
        .iter()
        .map(|family| match year(family.since) <= model.created {
            true => family.share,
            false => 0.0,
        })
        .collect();
    model.family = weighted(rng, &shares);
    model.params = pick(rng, model.family().members).1;
}

/// A child is of its first base's family and size.
fn inherit(plan: &mut Plan, row: u32) {
    if let Some(base) = plan.models[row as usize].bases.first() {
        let (family, params) = plan.base_kin(*base);
        let model = &mut plan.models[row as usize];
        (model.family, model.params) = (family, params);
    }
}

/// Quantized models are packed in one of the usual ways.
fn pack(plan: &mut Plan, row: u32, rng: &mut impl Rng) {
    const WAYS: [Format; 8] = [
        Format::Gguf,
        Format::Awq,
        Format::Gptq,
        Format::Bnb4,
        Format::Bnb8,
        Format::Fp8,
        Format::Mlx4,
        Format::Mxfp4,
    ];
    let model = &mut plan.models[row as usize];
    if model.relation == Some(Relation::Quantized) {
        let packs = !model.family().gguf.is_empty();
        let gguf = if packs { 74.0 } else { 0.0 };
        model.format = WAYS[weighted(rng, &[gguf, 4.0, 3.5, 6.0, 1.0, 3.0, 8.0, 0.5])];
        model.gguf = model.format == Format::Gguf;
        // A diffusion model is one file of a pipeline; packed, it says how large it is.
        if model.gguf && model.params == 0 {
            model.params = PACKED_PAINTER;
        }
    }
}

/// What can be chosen as a base so far.
struct Loom<'a> {
    parents: &'a [Parent],
    /// Appeal of the parents up to and including each, by relation.
    reach: Vec<[f64; 4]>,
    /// Models that may become bases, in order of birth.
    fertile: Vec<u32>,
    /// The same, text generators only.
    chatty: Vec<u32>,
    /// Models that may be merged, by family.
    kin: Vec<Vec<u32>>,
    /// Bases chosen so far apart from the well-known, by relation.
    chosen: [Vec<Base>; 4],
    /// Ghosts that are gone models; those after them are misspelt ones.
    gone: usize,
}

impl<'a> Loom<'a> {
    fn new(plan: &mut Plan, parents: &'a [Parent], rng: &mut impl Rng) -> Loom<'a> {
        let reach = parents.iter().scan([0.0; 4], |sum, parent| {
            sum.iter_mut()
                .zip(parent.appeal)
                .for_each(|(sum, more)| *sum += more);
            Some(*sum)
        });
        let gone = plan.models.len() / 70 + 3;
        plan.ghosts = (0..gone).map(|_| ghost(rng)).collect();
        Loom {
            reach: reach.collect(),
            parents,
            fertile: Vec::new(),
            chatty: Vec::new(),
            kin: vec![Vec::new(); FAMILIES.len()],
            chosen: Default::default(),
            gone,
        }
    }

    /// Lets a model that was just born become a base.
    fn grow(&mut self, plan: &Plan, row: u32, rng: &mut impl Rng) {
        let model = &plan.models[row as usize];
        let kind = model.family().kind;
        let fertile = match model.relation {
            // The appeal of well-known models is in the table; merges find them through their family.
            _ if model.known => 0.0,
            Some(Relation::Quantized) => FERTILE_QUANTIZED,
            Some(Relation::Adapter) => FERTILE_ADAPTERS,
            Some(_) => 100.0,
            None if kind == Kind::Chat => 25.0,
            None if matches!(kind, Kind::Player | Kind::Craft | Kind::Bare) => 0.0,
            None => 3.0,
        };
        let talks = matches!(kind, Kind::Chat | Kind::Sight);
        if percent(rng, fertile) {
            self.fertile.push(row);
            if talks {
                self.chatty.push(row);
            }
        }
        let merged = match model.known {
            true => self.appeals_to_merges(row),
            false => fertile == 100.0,
        };
        if talks && merged {
            self.kin[model.family].push(row);
        }
    }

    fn appeals_to_merges(&self, row: u32) -> bool {
        let at = self.parents.binary_search_by_key(&row, |parent| parent.row);
        at.is_ok_and(|at| self.parents[at].appeal[3] > 0.0)
    }

    /// One base for `row`.
    fn base(&mut self, plan: &mut Plan, row: u32, relation: Relation, rng: &mut impl Rng) -> Base {
        let slot = relation.slot().unwrap_or_default();
        if percent(rng, GONE) {
            return self.gone(plan, row, rng);
        }
        let misspelt = percent(rng, MISSPELT);
        let well_known = misspelt || percent(rng, WELL_KNOWN[slot]);
        if let Some(parent) = self.parent(row, slot, rng).filter(|_| well_known) {
            return match misspelt {
                true => self.misspelt(plan, parent, rng),
                false => Base::Row(parent.row),
            };
        }
        let copied = percent(rng, COPIED) && !self.chosen[slot].is_empty();
        let base = match copied {
            true => *pick(rng, &self.chosen[slot]),
            false => self.fresh(plan, row, slot, rng),
        };
        self.chosen[slot].push(base);
        base
    }

    /// A well-known model that was there before `row`, likelier the more it appeals.
    fn parent(&self, row: u32, slot: usize, rng: &mut impl Rng) -> Option<&'a Parent> {
        let born = self.parents.partition_point(|parent| parent.row < row);
        let all = self.reach[..born].last()?[slot];
        let mark = rng.random::<f64>() * all;
        let at = self.reach[..born].partition_point(|sum| sum[slot] <= mark);
        self.parents[..born].get(at)
    }

    /// A model nobody may have chosen yet, likelier a young one.
    fn fresh(&mut self, plan: &mut Plan, row: u32, slot: usize, rng: &mut impl Rng) -> Base {
        let pool = match slot {
            2 | 3 => &self.chatty,
            _ => &self.fertile,
        };
        if pool.is_empty() {
            return self.gone(plan, row, rng);
        }
        let age = rng.random::<f64>().powi(2) * pool.len() as f64;
        Base::Row(pool[pool.len() - 1 - age as usize])
    }

    /// A model that has disappeared since.
    fn gone(&self, plan: &Plan, row: u32, rng: &mut impl Rng) -> Base {
        // Ghosts have no date; taking them in turn with the rows keeps children of one close in time.
        let about = self.gone as f64 * f64::from(row) / plan.models.len() as f64;
        let near = about - rng.random::<f64>().powi(3) * about;
        Base::Ghost(near as u32)
    }

    /// Distinct bases for a merge, of one family as far as it goes.
    fn merge(&mut self, plan: &mut Plan, row: u32, size: usize, rng: &mut impl Rng) -> Vec<Base> {
        let mut bases = vec![self.base(plan, row, Relation::Merge, rng)];
        let (family, _) = plan.base_kin(bases[0]);
        for attempt in 0..size * 4 {
            if bases.len() == size {
                break;
            }
            let kin = &self.kin[family];
            let base = match attempt < size * 2 && !kin.is_empty() && !percent(rng, GONE) {
                true => Base::Row(*pick(rng, kin)),
                false => self.gone(plan, row, rng),
            };
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
        bases
    }

    /// A well-known model by a name that is not quite its own, as people write it into their cards.
    fn misspelt(&self, plan: &mut Plan, parent: &Parent, rng: &mut impl Rng) -> Base {
        let right = |id: &str| self.parents.iter().any(|parent| parent.id == id);
        let lower = parent.id.to_lowercase();
        let name = parent.id.rsplit('/').next().unwrap_or(parent.id);
        let id = match rng.random_range(0..3) {
            0 if !right(&lower) => lower,
            // Some of the oldest models do go by their bare name.
            1 if !right(name) => name.to_string(),
            _ => format!("- {}", parent.id),
        };
        let (family, params) = plan.base_kin(Base::Row(parent.row));
        plan.ghosts.push(Ghost {
            id: id.into(),
            family,
            params,
        });
        Base::Ghost(plan.ghosts.len() as u32 - 1)
    }
}

/// A text generator that is not in the hub any more.
fn ghost(rng: &mut impl Rng) -> Ghost {
    let families: Vec<f64> = FAMILIES
        .iter()
        .map(|family| match family.kind {
            Kind::Chat | Kind::Sight => family.share,
            _ => family.share / 8.0,
        })
        .collect();
    let family = weighted(rng, &families);
    Ghost {
        id: Box::default(),
        family,
        params: pick(rng, FAMILIES[family].members).1,
    }
}

/// Ordinary finetunes with one base, oldest first: planted shapes are made of these.
fn finetunes(plan: &Plan) -> Vec<u32> {
    let single = |row: &u32| {
        let model = &plan.models[*row as usize];
        model.relation == Some(Relation::Finetune)
            && model.bases.len() == 1
            && model.family().kind == Kind::Chat
    };
    plan.ordinary().filter(single).collect()
}

/// Makes one long chain: each model trained on from the one before.
fn chain(plan: &mut Plan) {
    let rows = finetunes(plan);
    // From the older half; circles take the youngest.
    let step = rows.len() / 2 / CHAIN;
    let links: Vec<u32> = rows.into_iter().step_by(step.max(1)).take(CHAIN).collect();
    for pair in links.windows(2) {
        plan.models[pair[1] as usize].bases = vec![Base::Row(pair[0])];
        inherit(plan, pair[1]);
    }
}

/// Closes a few circles of two to five models that name each other as bases, and lets a few models name
/// themselves.
fn circles(plan: &mut Plan) {
    let rows = finetunes(plan);
    let mut free = rows.iter().rev().copied();
    for length in 2..=5 {
        let ring: Vec<u32> = free.by_ref().take(length).collect();
        for (at, row) in ring.iter().enumerate() {
            plan.models[*row as usize].bases = vec![Base::Row(ring[(at + 1) % ring.len()])];
            inherit(plan, *row);
        }
    }
    for row in free.take(4 + plan.models.len() / 100_000) {
        plan.models[row as usize].bases = vec![Base::Row(row)];
    }
}

/// Lets one merge name itself among its ten bases.
fn self_merge(plan: &mut Plan) {
    let merge = |row: &u32| plan.models[*row as usize].relation == Some(Relation::Merge);
    let merges: Vec<u32> = plan.ordinary().filter(merge).collect();
    // Never the last, which is the largest.
    let Some(row) = merges.iter().rev().nth(1).copied() else {
        return;
    };
    let mut bases = std::mem::take(&mut plan.models[row as usize].bases);
    bases.extend((0..9).map(Base::Ghost));
    let mut seen = Vec::new();
    bases.retain(|base| {
        !seen.contains(base) && {
            seen.push(*base);
            true
        }
    });
    bases.truncate(9);
    bases.push(Base::Row(row));
    plan.models[row as usize].bases = bases;
}
