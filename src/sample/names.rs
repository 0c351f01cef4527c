//! Names: ids that read like what the models are. A child is named after its base, a picture adapter
//! after what it paints, an agent after its world; owners recur, a few of them very often.

use std::collections::HashSet;

use rand::{Rng, RngExt};

use crate::sample::families::{FAMILIES, Kind};
use crate::sample::hostile;
use crate::sample::plan::{Model, Plan};
use crate::sample::shape::{hash, percent, pick};
use crate::sample::words::*;
use crate::sample::{Base, Format, Relation};

/// Longest ordinary name after the slash, in bytes.
const LONGEST: usize = 80;
/// A base's name beyond this length is not repeated in its children's.
const UNWIELDY: usize = 42;
/// Percent of models whose owner has made no model before.
const NEW_OWNERS: f64 = 32.0;

/// Names every ordinary model and every ghost that has no name, in order of birth.
pub fn name(plan: &mut Plan, rng: &mut impl Rng) {
    let mut register = Register::default();
    for model in plan.models.iter().filter(|model| model.known) {
        register.taken.insert(hash(&model.id));
    }
    for at in 0..plan.ghosts.len() {
        if plan.ghosts[at].id.is_empty() {
            let (family, params) = (plan.ghosts[at].family, plan.ghosts[at].params);
            let name = free_name(FAMILIES[family].kind, &member(family, params), rng);
            let owner = register.owner(rng);
            plan.ghosts[at].id = register.enter(owner, &name, rng);
        }
        if plan.recipe.hostile && percent(rng, hostile::SHARE) {
            plan.ghosts[at].id = hostile::id(&plan.ghosts[at].id, rng).into();
        }
    }
    for row in plan.ordinary().collect::<Vec<u32>>() {
        let model = &plan.models[row as usize];
        let name = title(plan, model, rng);
        let owner = match model.relation {
            Some(Relation::Quantized) if percent(rng, 55.0) => pick(rng, PACKERS).to_string(),
            _ => register.owner(rng),
        };
        let mut id = register.enter(owner, &name, rng);
        if plan.recipe.hostile && percent(rng, hostile::SHARE) {
            id = hostile::id(&id, rng).into();
        }
        plan.models[row as usize].id = id;
    }
}

/// Owners so far, and ids that are taken.
#[derive(Default)]
struct Register {
    owners: Vec<Box<str>>,
    /// The owner of each model so far: picking from these makes prolific owners more so.
    works: Vec<u32>,
    /// Hashes of ids.
    taken: HashSet<u64>,
}

impl Register {
    fn owner(&mut self, rng: &mut impl Rng) -> String {
        let owner = match self.works.is_empty() || percent(rng, NEW_OWNERS) {
            true => {
                self.owners.push(handle(rng).into());
                self.owners.len() as u32 - 1
            }
            false => *pick(rng, &self.works),
        };
        self.works.push(owner);
        self.owners[owner as usize].to_string()
    }

    /// The id of `owner`'s model `name`, with a version if there is one of this name already.
    fn enter(&mut self, owner: String, name: &str, rng: &mut impl Rng) -> Box<str> {
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

/// An owner nobody has heard of.
fn handle(rng: &mut impl Rng) -> String {
    let number = rng.random_range(0..1_000);
    match rng.random_range(0..8) {
        0 => format!("{}{}", pick(rng, ADJECTIVES), pick(rng, NOUNS)),
        1 => format!("{}-{}", pick(rng, ADJECTIVES), pick(rng, NOUNS)),
        2 => format!("{}{}{number}", pick(rng, ADJECTIVES), pick(rng, NOUNS)),
        3 => format!("{}{}", coined(rng, 2), pick(rng, HOUSES)),
        4 => coined(rng, 3),
        5 => format!("{}{}", coined(rng, 2).to_lowercase(), number % 100),
        6 => format!(
            "{}_{}",
            coined(rng, 2).to_lowercase(),
            coined(rng, 2).to_lowercase()
        ),
        _ => format!("{}{}", coined(rng, 2), coined(rng, 2)),
    }
}

/// A word that means nothing, capitalised.
fn coined(rng: &mut impl Rng, syllables: usize) -> String {
    let mut word: String = (0..syllables).map(|_| *pick(rng, SYLLABLES)).collect();
    word[..1].make_ascii_uppercase();
    word
}

/// The part of the id after the slash.
fn title(plan: &Plan, model: &Model, rng: &mut impl Rng) -> String {
    let kind = model.family().kind;
    let stem = stem(plan, model);
    let title = match model.relation {
        Some(Relation::Adapter) => adapter(kind, &stem, rng),
        Some(Relation::Quantized) => format!("{stem}{}", ending(model.format, rng)),
        Some(Relation::Merge) => merged(&stem, model.params, rng),
        Some(_) => tuned(kind, &stem, model.params, rng),
        None => free_name(kind, &member(model.family, model.params), rng),
    };
    match model.format {
        Format::Gguf if !title.contains("GGUF") && !title.contains("gguf") => {
            format!("{title}-GGUF")
        }
        _ => title,
    }
}

/// What a child repeats of its base's name.
fn stem(plan: &Plan, model: &Model) -> String {
    let Some(base) = model.bases.first() else {
        return member(model.family, model.params);
    };
    let id = plan.base_id(*base);
    let name = id.rsplit('/').next().unwrap_or_default();
    let known = matches!(base, Base::Row(row) if plan.models[*row as usize].known);
    let name = if known { name } else { lasting(name) };
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    match plain && (1..UNWIELDY).contains(&name.len()) {
        true => name.to_string(),
        false => member(model.family, model.params),
    }
}

/// A name without its version, step and packing: these are of the base alone.
fn lasting(name: &str) -> &str {
    let name = name.split("-step-").next().unwrap_or(name);
    let name = name.trim_end_matches("-GGUF");
    match name.rsplit_once("-v") {
        Some((rest, version)) if version.len() == 1 => rest,
        _ => name,
    }
}

/// What models of a kind are about.
fn topics(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ear | Kind::Voice => SOUNDS,
        Kind::Eye => SIGHTS,
        _ => TOPICS,
    }
}

/// The usual member of a family that is nearest in size.
fn member(family: usize, params: u64) -> String {
    let members = FAMILIES[family].members.iter();
    let nearest = members.min_by_key(|(_, size)| size.abs_diff(params));
    nearest.map_or("", |(name, _)| name).to_string()
}

/// Parameters as names give them: `8B`, `1.5B`, `135M`.
fn size(params: u64) -> String {
    match params {
        0 => String::new(),
        1..950_000_000 => format!("{}M", (params + 500_000) / 1_000_000),
        950_000_000..2_900_000_000 => format!("{:.1}B", params as f64 / 1e9),
        _ => format!("{}B", (params + 300_000_000) / 1_000_000_000),
    }
}

fn adapter(kind: Kind, stem: &str, rng: &mut impl Rng) -> String {
    let topic = pick(rng, topics(kind));
    match kind {
        Kind::Painter => painted(rng),
        _ => match rng.random_range(0..8) {
            0 => format!("{stem}-{topic}-lora"),
            1 => format!("{topic}-{stem}-qlora"),
            2 => format!("{stem}-lora-{topic}-r{}", 8 << rng.random_range(0..4)),
            3 => format!("{stem}_{topic}_peft"),
            4 => format!("{topic}-adapter-v{}", rng.random_range(1..9)),
            5 => format!("lora-{stem}-{topic}"),
            6 => format!("{}-{stem}-lora", coined(rng, 2)),
            _ => format!("{stem}-{topic}-{}-lora", pick(rng, METHODS)),
        },
    }
}

fn painted(rng: &mut impl Rng) -> String {
    let (subject, style) = (pick(rng, SUBJECTS), pick(rng, STYLES));
    match rng.random_range(0..7) {
        0 => format!("{style}-{subject}-lora"),
        1 => format!("{subject}-{style}"),
        2 => format!("{}_{style}_LoRA", coined(rng, 2)),
        3 => format!("TOK-{subject}"),
        4 => format!(
            "{style}-{}-v{}",
            coined(rng, 2).to_lowercase(),
            rng.random_range(1..6)
        ),
        5 => format!("{subject}-style-{}", rng.random_range(1..2_000)),
        _ => format!("{}-{subject}", coined(rng, 2).to_lowercase()),
    }
}

fn tuned(kind: Kind, stem: &str, params: u64, rng: &mut impl Rng) -> String {
    let (topic, method) = (pick(rng, topics(kind)), pick(rng, METHODS));
    match kind {
        Kind::Painter => format!("{stem}-{}-{}", pick(rng, STYLES), pick(rng, SUBJECTS)),
        Kind::Player | Kind::Craft | Kind::Bare => format!("{stem}-{}", coined(rng, 2)),
        Kind::Ear | Kind::Voice => match rng.random_range(0..4) {
            0 => format!("{stem}-{}-{}", pick(rng, TONGUES), pick(rng, SOUNDS)),
            1 => format!(
                "{stem}-{}-cv{}",
                pick(rng, TONGUES),
                rng.random_range(9..18)
            ),
            _ => format!("{stem}-{}", pick(rng, TONGUES)),
        },
        Kind::Chat | Kind::Sight => match rng.random_range(0..9) {
            0 | 1 => format!("{stem}-{topic}-{method}"),
            2 => format!("{}-{}-{method}", coined(rng, 3), size(params)),
            3 => format!("{}-{stem}", coined(rng, 2)),
            4 => format!("{stem}-{topic}-v{}", rng.random_range(1..5)),
            5 => format!("{stem}-{method}"),
            6 => format!("{}-{topic}-{}", coined(rng, 2), size(params)),
            7 => format!("{stem}-{topic}-step-{}00", rng.random_range(1..90)),
            _ => format!("{stem}-{topic}"),
        },
        _ => match rng.random_range(0..4) {
            0 => format!("{topic}-{stem}"),
            1 => format!("{stem}-{topic}-{}ep", rng.random_range(1..11)),
            _ if kind == Kind::Eye => format!("{stem}-{topic}"),
            _ => format!("{stem}-finetuned-{}", pick(rng, DATASETS)),
        },
    }
}

fn merged(stem: &str, params: u64, rng: &mut impl Rng) -> String {
    let way = pick(rng, MERGES);
    match rng.random_range(0..5) {
        0 => format!("{stem}-{way}"),
        1 => format!("{}-{}-{way}", coined(rng, 3), size(params)),
        2 => format!("{}-{}-{}", coined(rng, 2), coined(rng, 2), size(params)),
        3 => format!("{}-{}-{way}", coined(rng, 2), coined(rng, 2)),
        _ => format!(
            "{}-{}-v{}.{}",
            coined(rng, 3),
            size(params),
            rng.random_range(0..4),
            rng.random_range(0..9)
        ),
    }
}

/// How packed models end.
fn ending(format: Format, rng: &mut impl Rng) -> String {
    let endings: &[&str] = match format {
        Format::Plain => &["-quantized"],
        Format::Gguf => &[
            "-GGUF",
            "-GGUF",
            "-GGUF",
            "-i1-GGUF",
            "-gguf",
            "-Q4_K_M-GGUF",
            "-Q8_0-GGUF",
        ],
        Format::Awq => &["-AWQ", "-AWQ-4bit", "-awq"],
        Format::Gptq => &["-GPTQ", "-GPTQ-Int4", "-GPTQ-Int8", "-W4A16"],
        Format::Bnb4 => &["-bnb-4bit", "-unsloth-bnb-4bit", "-nf4"],
        Format::Bnb8 => &["-bnb-8bit", "-int8"],
        Format::Fp8 => &["-FP8", "-FP8-Dynamic"],
        Format::Mlx4 => &["-4bit", "-8bit", "-mlx-4bit", "-6bit"],
        Format::Mxfp4 => &["-NVFP4", "-MXFP4"],
    };
    pick(rng, endings).to_string()
}

/// A name for a model that states no base.
fn free_name(kind: Kind, member: &str, rng: &mut impl Rng) -> String {
    let number = rng.random_range(1..1_000);
    let name = match kind {
        Kind::Bare => format!("{}-{number}", pick(rng, BLANKS)),
        Kind::Player => format!("{}-{}", pick(rng, LEARNERS), pick(rng, WORLDS)),
        Kind::Painter if percent(rng, 60.0) => painted(rng),
        Kind::Craft => format!("{}-{member}-{number}", pick(rng, DATASETS)),
        Kind::Chat | Kind::Sight if percent(rng, 20.0) => {
            format!(
                "{}-{}-{}",
                coined(rng, 3),
                pick(rng, TOPICS),
                pick(rng, METHODS)
            )
        }
        _ => tuned(kind, member, 0, rng).replace("--", "-"),
    };
    name.chars().take(LONGEST).collect()
}
