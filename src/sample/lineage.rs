//! Lineage: the bases of every derived model.
//!
//! Most bases are well-known models. Of the others, some are chosen because models chose them
//! before, so that the numbers of children have a heavy tail, and some evenly among the models so
//! far, so that there are long chains and many bases with one child.

use rand::{Rng, RngExt};
use rustc_hash::FxHashMap;

use crate::sample::plan::{BaseRef, Model, Plan};
use crate::sample::random::{self, percent, pick, weighted};
use crate::sample::tables::{Derivation, Tables};
use crate::sample::targets::{MOST_CHILDREN, year};
use crate::sample::timeline::Candidate;

/// The base with the most children, all of them adapters.
const MOST_POPULAR: &str = "black-forest-labs/FLUX.1-dev";
/// Bases of the largest merge.
const LARGEST_MERGE: usize = 47;
/// Models in the longest planted chain.
const CHAIN: usize = 15;
/// Parameters of a quantized diffusion model.
const DIFFUSION_PARAMS: u64 = 11_901_408_320;
/// Rows of the smallest hub with planted shapes.
pub const ROOMY: usize = 1_000;

/// Percent of bases that are not in the hub.
const MISSING: f64 = 5.8;
/// Percent of the other bases that are well-known models by a wrong name.
const MISSPELT: f64 = 1.0;
/// Percent of bases without fame that are chosen because they have children already.
const CHOSEN_AGAIN: f64 = 35.0;

/// Decides the bases, architecture, size and weight format of all ordinary models.
pub fn decide<'t>(plan: &mut Plan<'t>, candidates: &[Candidate<'t>], rng: &mut impl Rng) {
    let tables = plan.tables;
    let mut pool = BasePool::new(plan, candidates, rng);
    crowd(plan, candidates, rng);
    let roomy = plan.models.len() >= ROOMY;
    // The last merge has the most models to choose from.
    let is_merge = |model: &Model| !model.known && model.is(Derivation::Merge);
    let largest = plan.models.iter().rposition(is_merge).filter(|_| roomy);
    for row in plan.rows() {
        if !plan[row].known {
            match plan[row].derivation.map(|facts| facts.derivation) {
                None => found(tables, &mut plan[row], rng),
                Some(_) if !plan[row].bases.is_empty() => {}
                Some(Derivation::Merge) => {
                    let size = match largest == Some(row as usize) {
                        true => LARGEST_MERGE,
                        false => merge_size(rng),
                    };
                    plan[row].bases = pool.merge(plan, row, size, rng);
                }
                Some(how) => {
                    let mut bases = vec![pool.base(plan, row, how, rng)];
                    if percent(rng, 0.3) {
                        bases.push(pool.base(plan, row, how, rng));
                        bases.dedup();
                    }
                    plan[row].bases = bases;
                }
            }
            inherit(plan, row);
            quantize(tables, &mut plan[row], rng);
        }
        pool.add(plan, row, rng);
    }
    if roomy {
        plant_chain(plan);
        plant_cycles(plan);
        plant_self_merge(plan);
    }
}

/// Gives the most popular base its exact number of children.
fn crowd(plan: &mut Plan, candidates: &[Candidate], rng: &mut impl Rng) {
    for base in candidates.iter().filter(|base| base.id == MOST_POPULAR) {
        let can_be_child = |row| row > base.row && plan[row].is(Derivation::Adapter);
        let weights = plan
            .ordinary()
            .map(|row| (row, f64::from(can_be_child(row))));
        for row in random::draw(rng, plan.scaled(MOST_CHILDREN), weights) {
            plan[row].bases = vec![BaseRef::Row(base.row)];
        }
    }
}

/// Draws the number of bases of a merge: mostly two or three, with a long tail.
fn merge_size(rng: &mut impl Rng) -> usize {
    let size = 2.0 / (1.0 - rng.random::<f64>()).powf(0.55);
    match size as usize {
        size if size < LARGEST_MERGE => size,
        beyond => 2 + beyond % 20,
    }
}

/// Makes a model without bases a member of some architecture that existed when it was created.
fn found<'t>(tables: &'t Tables, model: &mut Model<'t>, rng: &mut impl Rng) {
    let at = weighted(rng, &tables.architectures, |architecture| {
        let exists = year(architecture.since) <= model.created;
        if exists { architecture.share } else { 0.0 }
    });
    model.architecture = &tables.architectures[at];
    model.params = pick(rng, &model.architecture.members).1;
}

/// Gives a model the architecture and size of its first base.
fn inherit(plan: &mut Plan, row: u32) {
    if let Some(base) = plan[row].bases.first() {
        let base = plan.base(*base);
        (plan[row].architecture, plan[row].params) = (base.architecture, base.params);
    }
}

/// Chooses the weight format of a quantized model.
fn quantize<'t>(tables: &'t Tables, model: &mut Model<'t>, rng: &mut impl Rng) {
    if !model.is(Derivation::Quantized) {
        return;
    }
    let gguf = !model.architecture.gguf.is_empty();
    let at = weighted(rng, &tables.formats, |format| match format.name {
        "gguf" if !gguf => 0.0,
        _ => format.share,
    });
    model.format = &tables.formats[at];
    model.gguf = model.is_packed();
    // The parts of a diffusion model have no count; one GGUF file has.
    if model.gguf && model.params == 0 {
        model.params = DIFFUSION_PARAMS;
    }
}

/// The models that can become a base, up to the current row.
struct BasePool<'c, 't> {
    candidates: &'c [Candidate<'t>],
    /// Prefix sums of the weights of the candidates.
    weights: Vec<[f64; 4]>,
    /// Ordinary models, in order of creation.
    ordinary: Vec<u32>,
    /// Those of them that chat.
    chat: Vec<u32>,
    /// Models that can be merged, by architecture.
    mergeable: FxHashMap<&'t str, Vec<u32>>,
    /// Ordinary bases chosen so far, by derivation.
    chosen: [Vec<BaseRef>; 4],
    /// Number of missing bases before the misspelt ones.
    missing: usize,
}

impl<'c, 't> BasePool<'c, 't> {
    fn new(
        plan: &mut Plan,
        candidates: &'c [Candidate<'t>],
        rng: &mut impl Rng,
    ) -> BasePool<'c, 't> {
        let mut sum = [0.0; 4];
        let add = |candidate: &Candidate| {
            (0..4).for_each(|at| sum[at] += candidate.weights[at]);
            sum
        };
        let missing = plan.models.len() / 70 + 3;
        let tables = plan.tables;
        plan.missing = (0..missing).map(|_| missing_base(tables, rng)).collect();
        BasePool {
            candidates,
            weights: candidates.iter().map(add).collect(),
            ordinary: Vec::new(),
            chat: Vec::new(),
            mergeable: FxHashMap::default(),
            chosen: Default::default(),
            missing,
        }
    }

    /// Lets later models choose `row` as a base.
    fn add(&mut self, plan: &Plan<'t>, row: u32, rng: &mut impl Rng) {
        let model = &plan[row];
        let domain = &model.architecture.domain;
        let chance = match model.derivation {
            // Their weights are in the table; merges find them by architecture.
            _ if model.known => 0.0,
            Some(derivation) => derivation.base_percent,
            None => domain.base_percent,
        };
        if percent(rng, chance) {
            self.ordinary.push(row);
            if domain.chats {
                self.chat.push(row);
            }
        }
        let known = self.candidates.binary_search_by_key(&row, |base| base.row);
        let is_merged = |at: usize| self.candidates[at].weights[Derivation::Merge as usize] > 0.0;
        if domain.chats && known.map_or(chance == 100.0, is_merged) {
            let architecture = model.architecture.name.as_str();
            self.mergeable.entry(architecture).or_default().push(row);
        }
    }

    /// Chooses a base for `row`, which is made by `how`.
    fn base(&mut self, plan: &mut Plan, row: u32, how: Derivation, rng: &mut impl Rng) -> BaseRef {
        if percent(rng, MISSING) {
            return self.missing(plan, row, rng);
        }
        let slot = how as usize;
        let misspelt = percent(rng, MISSPELT);
        let known = misspelt || percent(rng, plan.tables.derivations[slot].known_percent);
        match self.candidate(row, slot, rng).filter(|_| known) {
            Some(candidate) if misspelt => return self.misspelt(plan, candidate, rng),
            Some(candidate) => return BaseRef::Row(candidate.row),
            None => {}
        }
        let again = percent(rng, CHOSEN_AGAIN) && !self.chosen[slot].is_empty();
        let base = match again {
            true => *pick(rng, &self.chosen[slot]),
            false => self.fresh(plan, row, how, rng),
        };
        self.chosen[slot].push(base);
        base
    }

    /// Chooses a well-known model older than `row`, by weight.
    fn candidate(&self, row: u32, slot: usize, rng: &mut impl Rng) -> Option<&'c Candidate<'t>> {
        let older = self.candidates.partition_point(|base| base.row < row);
        let sums = &self.weights[..older];
        let mark = rng.random::<f64>() * sums.last()?[slot];
        let at = sums.partition_point(|sum| sum[slot] <= mark);
        self.candidates[..older].get(at)
    }

    /// Chooses an ordinary model, likelier a young one.
    fn fresh(&self, plan: &Plan, row: u32, how: Derivation, rng: &mut impl Rng) -> BaseRef {
        let pool = match how {
            Derivation::Quantized | Derivation::Merge => &self.chat,
            _ => &self.ordinary,
        };
        if pool.is_empty() {
            return self.missing(plan, row, rng);
        }
        let age = rng.random::<f64>().powi(2) * pool.len() as f64;
        BaseRef::Row(pool[pool.len() - 1 - age as usize])
    }

    /// Chooses a missing base. Their order follows that of the rows, so that the children of one are
    /// of about the same age.
    fn missing(&self, plan: &Plan, row: u32, rng: &mut impl Rng) -> BaseRef {
        let newest = self.missing as f64 * f64::from(row) / plan.models.len() as f64;
        BaseRef::Missing((newest - rng.random::<f64>().powi(3) * newest) as u32)
    }

    /// Chooses `n` distinct bases for a merge, of one architecture as long as there are any.
    fn merge(&mut self, plan: &mut Plan, row: u32, n: usize, rng: &mut impl Rng) -> Vec<BaseRef> {
        let mut bases = vec![self.base(plan, row, Derivation::Merge, rng)];
        let architecture = plan.base(bases[0]).architecture.name.as_str();
        let pool = self
            .mergeable
            .get(architecture)
            .map_or(&[][..], Vec::as_slice);
        for attempt in 0..n * 4 {
            if bases.len() == n {
                break;
            }
            let base = match attempt < n * 2 && !pool.is_empty() && !percent(rng, MISSING) {
                true => BaseRef::Row(*pick(rng, pool)),
                false => self.missing(plan, row, rng),
            };
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
        bases
    }

    /// Adds a missing base that is a well-known model by a wrong name.
    fn misspelt(&self, plan: &mut Plan, candidate: &Candidate, rng: &mut impl Rng) -> BaseRef {
        let is_right = |id: &str| self.candidates.iter().any(|candidate| candidate.id == id);
        let model = &plan[candidate.row];
        let lower = candidate.id.to_lowercase();
        let id = match rng.random_range(0..3) {
            0 if !is_right(&lower) => lower,
            // Some of the oldest models have no owner.
            1 if !is_right(model.name()) => model.name().to_string(),
            _ => format!("- {}", candidate.id),
        };
        let (architecture, params) = (model.architecture, model.params);
        plan.missing.push(Model {
            id: id.into(),
            architecture,
            params,
            ..Model::new(plan.tables, 0)
        });
        BaseRef::Missing(plan.missing.len() as u32 - 1)
    }
}

/// Returns a missing base without an id, most likely one that chats.
fn missing_base<'t>(tables: &'t Tables, rng: &mut impl Rng) -> Model<'t> {
    let at = weighted(rng, &tables.architectures, |architecture| {
        let chats = architecture.domain.chats;
        architecture.share / if chats { 1.0 } else { 8.0 }
    });
    let architecture = &tables.architectures[at];
    Model {
        architecture,
        params: pick(rng, &architecture.members).1,
        ..Model::new(tables, 0)
    }
}

/// Returns the ordinary finetunes of text generators with one base, oldest first.
fn finetunes(plan: &Plan) -> Vec<u32> {
    let is_one = |row: &u32| {
        let model = &plan[*row];
        model.is(Derivation::Finetune) && model.bases.len() == 1 && model.architecture.domain.tgi
    };
    plan.ordinary().filter(is_one).collect()
}

/// Makes a long chain, each model a finetune of the one before.
fn plant_chain(plan: &mut Plan) {
    let rows = finetunes(plan);
    // From the older half, since cycles are made of the youngest.
    let step = (rows.len() / 2 / CHAIN).max(1);
    let chain: Vec<u32> = rows.into_iter().step_by(step).take(CHAIN).collect();
    for pair in chain.windows(2) {
        plan[pair[1]].bases = vec![BaseRef::Row(pair[0])];
        inherit(plan, pair[1]);
    }
}

/// Makes cycles of two to five models, and a few models that are their own base.
fn plant_cycles(plan: &mut Plan) {
    let mut youngest = finetunes(plan).into_iter().rev();
    for length in 2..=5 {
        let cycle: Vec<u32> = youngest.by_ref().take(length).collect();
        for (row, base) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
            plan[*row].bases = vec![BaseRef::Row(*base)];
            inherit(plan, *row);
        }
    }
    for row in youngest.take(4 + plan.models.len() / 100_000) {
        plan[row].bases = vec![BaseRef::Row(row)];
    }
}

/// Adds the second last merge to its own bases, which are ten with it.
fn plant_self_merge(plan: &mut Plan) {
    let is_merge = |row: &u32| plan[*row].is(Derivation::Merge);
    let merges: Vec<u32> = plan.ordinary().filter(is_merge).collect();
    if let [.., row, _] = merges[..] {
        let mut bases = std::mem::take(&mut plan[row].bases);
        for base in (0..9).map(BaseRef::Missing) {
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
        bases.truncate(9);
        bases.push(BaseRef::Row(row));
        plan[row].bases = bases;
    }
}
