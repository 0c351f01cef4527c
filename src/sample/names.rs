//! Names that read like what the models are. A child is named after its base, an adapter of an image
//! model after its subject, an agent after its environment. Owners recur, a few of them very often.

use rand::{Rng, RngExt};
use rustc_hash::FxHashSet;

use crate::sample::hostile;
use crate::sample::plan::{BaseRef, Model, Plan};
use crate::sample::random::{hash, percent, pick};
use crate::sample::tables::Derivation;
use crate::sample::words::{Values, Words};

/// Longest name of a model without bases, in characters.
const LONGEST: usize = 80;
/// A base's name of this length or more, in bytes, is not repeated in the names of its children.
const UNWIELDY: usize = 42;
/// Percent of models whose owner has no other model yet.
const NEW_OWNERS: f64 = 32.0;

/// Decides the ids of all ordinary models and missing bases.
pub fn decide(plan: &mut Plan, rng: &mut impl Rng) {
    let words = &plan.tables.words;
    let known = plan.models.iter().filter(|model| model.known);
    let mut ids = IdRegistry {
        words,
        owners: Vec::new(),
        works: Vec::new(),
        taken: known.map(|model| hash(&model.id)).collect(),
    };
    for at in 0..plan.missing.len() {
        let mut id = std::mem::take(&mut plan.missing[at].id);
        if id.is_empty() {
            let name = root_name(words, &plan.missing[at], rng);
            let owner = ids.owner(rng);
            id = ids.register(owner, &name, rng);
        }
        plan.missing[at].id = hostile::id(plan, id, rng);
    }
    for row in plan.ordinary().collect::<Vec<_>>() {
        let name = model_name(plan, &plan[row], rng);
        let owner = match plan[row].is(Derivation::Quantized) && percent(rng, 55.0) {
            true => words.pick(rng, "packers").to_string(),
            false => ids.owner(rng),
        };
        let id = ids.register(owner, &name, rng);
        plan[row].id = hostile::id(plan, id, rng);
    }
}

/// The owners so far, and the ids that are taken.
struct IdRegistry<'t> {
    words: &'t Words,
    owners: Vec<Box<str>>,
    /// The owner of each model so far: prolific owners are drawn more often.
    works: Vec<u32>,
    /// Hashes of ids.
    taken: FxHashSet<u64>,
}

impl IdRegistry<'_> {
    /// Draws an old or a new owner.
    fn owner(&mut self, rng: &mut impl Rng) -> String {
        let owner = match self.works.is_empty() || percent(rng, NEW_OWNERS) {
            true => {
                self.owners.push(owner_name(self.words, rng).into());
                self.owners.len() as u32 - 1
            }
            false => *pick(rng, &self.works),
        };
        self.works.push(owner);
        self.owners[owner as usize].to_string()
    }

    /// Returns an id of `owner` and `name`, with a version if it is taken.
    fn register(&mut self, owner: String, name: &str, rng: &mut impl Rng) -> Box<str> {
        let mut id = format!("{owner}/{name}");
        let mut version = 2;
        while !self.taken.insert(hash(&id)) {
            id = match version {
                2..9 => format!("{owner}/{name}-v{version}"),
                _ => format!("{owner}/{name}-{:05x}", rng.random_range(0..0xf_ffff)),
            };
            version += 1;
        }
        id.into()
    }
}

fn owner_name(words: &Words, rng: &mut impl Rng) -> String {
    let number = rng.random_range(0..1_000);
    let digits = ("digits", (number % 100).to_string());
    let mut values = vec![("number", number.to_string()), digits];
    words.expand(rng, "owner", &mut values)
}

/// Returns the part of an ordinary model's id after the slash.
fn model_name(plan: &Plan, model: &Model, rng: &mut impl Rng) -> String {
    let words = &plan.tables.words;
    let stem = stem(plan, model);
    let patterns = match model.derivation.map(|facts| facts.derivation) {
        Some(Derivation::Adapter) => &model.architecture.domain.adapter,
        Some(Derivation::Merge) => "merge",
        _ => &model.architecture.domain.tuned,
    };
    let name = match model.derivation {
        None => root_name(words, model, rng),
        _ if model.is(Derivation::Quantized) => stem + *pick(rng, &model.format.endings),
        _ => words.expand(rng, patterns, &mut values(stem, model.params)),
    };
    let is_marked = !model.is_packed() || name.contains("GGUF") || name.contains("gguf");
    name + if is_marked { "" } else { "-GGUF" }
}

fn values(stem: String, params: u64) -> Values {
    vec![("stem", stem), ("size", size(params))]
}

/// Makes the name of a model without bases.
fn root_name(words: &Words, model: &Model, rng: &mut impl Rng) -> String {
    let number = rng.random_range(1..1_000).to_string();
    let member = model.member().to_string();
    let domain = &model.architecture.domain;
    let name = match &domain.root {
        Some(root) if domain.root_percent.is_none_or(|share| percent(rng, share)) => {
            words.expand(rng, root, &mut vec![("number", number), ("member", member)])
        }
        _ => {
            let mut values = values(member, 0);
            words
                .expand(rng, &domain.tuned, &mut values)
                .replace("--", "-")
        }
    };
    name.chars().take(LONGEST).collect()
}

/// Returns what a child repeats of its base's name, or the name of its architecture and size.
fn stem(plan: &Plan, model: &Model) -> String {
    let name = model.bases.first().map_or("", |base| match base {
        BaseRef::Row(row) if plan[*row].known => plan[*row].name(),
        _ => without_version(plan.base(*base).name()),
    });
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    match is_plain && (1..UNWIELDY).contains(&name.len()) {
        true => name.to_string(),
        false => model.member().to_string(),
    }
}

/// Cuts the version, the step and the packing off a name.
fn without_version(name: &str) -> &str {
    let name = name.split("-step-").next().unwrap_or(name);
    let name = name.trim_end_matches("-GGUF");
    match name.rsplit_once("-v") {
        Some((rest, version)) if version.len() == 1 => rest,
        _ => name,
    }
}

/// Formats parameters as names have them: `8B`, `1.5B`, `135M`.
fn size(params: u64) -> String {
    match params {
        0 => String::new(),
        1..950_000_000 => format!("{}M", (params + 500_000) / 1_000_000),
        950_000_000..2_900_000_000 => format!("{:.1}B", params as f64 / 1e9),
        _ => format!("{}B", (params + 300_000_000) / 1_000_000_000),
    }
}
