//! Names that read like what the models are. A child is named after its base, an adapter of an image
//! model after its subject, an agent after its environment. Owners recur, a few of them very often.

use std::fmt::Write;
use std::ops::Range;
use std::sync::LazyLock;

use rand::{Rng, RngExt};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::sample::architecture::{ARCHITECTURES, Domain};
use crate::sample::hostile;
use crate::sample::plan::{BaseRef, Derivation, Model, Plan};
use crate::sample::random::{hash, percent, pick};
use crate::sample::tables::{Named, json, pick_word, words};
use crate::sample::weights::WeightFormat;

/// Longest name of a model without bases, in characters.
const LONGEST: usize = 80;
/// A base's name of this length or more, in bytes, is not repeated in the names of its children.
const UNWIELDY: usize = 42;
/// Percent of models whose owner has no other model yet.
const NEW_OWNERS: f64 = 32.0;

/// Decides the ids of all ordinary models and missing bases.
pub fn decide(plan: &mut Plan, rng: &mut impl Rng) {
    let mut ids = IdRegistry::default();
    let known = plan.models.iter().filter(|model| model.known);
    ids.taken.extend(known.map(|model| hash(&model.id)));
    for at in 0..plan.missing.len() {
        if plan.missing[at].id.is_empty() {
            let architecture = &ARCHITECTURES[plan.missing[at].architecture];
            let member = architecture.member(plan.missing[at].params);
            let name = root_name(architecture.domain, member, rng);
            let owner = ids.owner(rng);
            plan.missing[at].id = ids.register(owner, &name, rng);
        }
        if plan.recipe.hostile && percent(rng, hostile::SHARE) {
            plan.missing[at].id = hostile::id(&plan.missing[at].id, rng).into();
        }
    }
    for row in plan.rows() {
        if plan[row].known {
            continue;
        }
        let name = model_name(plan, &plan[row], rng);
        let owner = match plan[row].derivation {
            Some(Derivation::Quantized) if percent(rng, 55.0) => {
                pick_word(rng, "packers").to_string()
            }
            _ => ids.owner(rng),
        };
        let mut id = ids.register(owner, &name, rng);
        if plan.recipe.hostile && percent(rng, hostile::SHARE) {
            id = hostile::id(&id, rng).into();
        }
        plan[row].id = id;
    }
}

/// The owners so far, and the ids that are taken.
#[derive(Default)]
struct IdRegistry {
    owners: Vec<Box<str>>,
    /// The owner of each model so far: prolific owners are drawn more often.
    works: Vec<u32>,
    /// Hashes of ids.
    taken: FxHashSet<u64>,
}

impl IdRegistry {
    /// Draws an old or a new owner.
    fn owner(&mut self, rng: &mut impl Rng) -> String {
        let owner = match self.works.is_empty() || percent(rng, NEW_OWNERS) {
            true => {
                self.owners.push(owner_name(rng).into());
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

/// A part of a name pattern.
enum NamePart {
    Text(&'static str),
    /// `{topics}`: a word of this list.
    Words(&'static [&'static str]),
    /// `{coined2}`, `{Coined2}`: an invented word of two syllables.
    Coined {
        syllables: usize,
        capital: bool,
    },
    /// `{1..9}`: a number.
    Number(Range<u32>),
    /// `{stem}`: a value that the caller gives.
    Given(&'static str),
}

/// Patterns of names, by what they name: lists of texts with placeholders.
static PATTERNS: LazyLock<Named<Vec<NamePart>>> = LazyLock::new(|| {
    let texts: Named<&str> = json(include_str!("../../assets/sample/patterns.json"));
    let parse = |text: &'static str| {
        let parts = text.split(['{', '}']).enumerate();
        parts.map(|(at, part)| {
            if at % 2 == 0 {
                NamePart::Text(part)
            } else {
                placeholder(part)
            }
        })
    };
    let parsed = texts.into_iter().map(|(name, texts)| {
        let patterns = texts.into_iter().map(|text| parse(text).collect());
        (name, patterns.collect())
    });
    parsed.collect::<FxHashMap<_, _>>()
});

fn placeholder(text: &'static str) -> NamePart {
    if let Some((from, to)) = text.split_once("..") {
        let number = |text: &str| text.parse().expect("a number");
        return NamePart::Number(number(from)..number(to));
    }
    let coined = text.strip_prefix("coined").or(text.strip_prefix("Coined"));
    match coined.and_then(|syllables| syllables.parse().ok()) {
        Some(syllables) => NamePart::Coined {
            syllables,
            capital: text.starts_with('C'),
        },
        None => words(text).map_or(NamePart::Given(text), NamePart::Words),
    }
}

/// Makes a name by one of the patterns called `name`, with the values of its placeholders.
fn compose(rng: &mut impl Rng, name: &str, given: &[(&str, &str)]) -> String {
    let pattern = match PATTERNS[name].as_slice() {
        [only] => only,
        several => pick(rng, several),
    };
    let mut name = String::new();
    for part in pattern {
        match part {
            NamePart::Text(text) => name.push_str(text),
            NamePart::Words(words) => name.push_str(*pick(rng, words)),
            NamePart::Coined { syllables, capital } => {
                let start = name.len();
                (0..*syllables).for_each(|_| name.push_str(pick_word(rng, "syllables")));
                if *capital {
                    name[start..=start].make_ascii_uppercase();
                }
            }
            NamePart::Number(range) => {
                let _ = write!(name, "{}", rng.random_range(range.clone()));
            }
            NamePart::Given(key) => {
                let value = given.iter().find(|(name, _)| name == key);
                name.push_str(value.expect("a value for the placeholder").1);
            }
        }
    }
    name
}

fn owner_name(rng: &mut impl Rng) -> String {
    let number = rng.random_range(0..1_000);
    let (number, digits) = (number.to_string(), (number % 100).to_string());
    compose(rng, "owner", &[("number", &number), ("digits", &digits)])
}

/// Returns the part of an ordinary model's id after the slash.
fn model_name(plan: &Plan, model: &Model, rng: &mut impl Rng) -> String {
    let domain = model.architecture().domain;
    let member = model.architecture().member(model.params);
    let stem = stem(plan, model).unwrap_or(member);
    let name = match model.derivation {
        Some(Derivation::Adapter) => adapter_name(domain, stem, rng),
        Some(Derivation::Quantized) => {
            format!("{stem}{}", pick(rng, &model.format.facts().endings))
        }
        Some(Derivation::Merge) => {
            let (method, size) = (pick_word(rng, "merges"), size(model.params));
            compose(
                rng,
                "merge",
                &[("stem", stem), ("method", method), ("size", &size)],
            )
        }
        Some(_) => tuned_name(domain, stem, model.params, rng),
        None => root_name(domain, member, rng),
    };
    match model.format {
        WeightFormat::Gguf if !name.contains("GGUF") && !name.contains("gguf") => name + "-GGUF",
        _ => name,
    }
}

/// Returns what a child repeats of its base's name, if the name is fit for that.
fn stem<'a>(plan: &'a Plan, model: &Model) -> Option<&'a str> {
    let base = *model.bases.first()?;
    let name = plan.base_id(base).rsplit('/').next().unwrap_or_default();
    let name = match base {
        BaseRef::Row(row) if plan[row].known => name,
        _ => without_version(name),
    };
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && (1..UNWIELDY).contains(&name.len())).then_some(name)
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

fn topic(domain: Domain, rng: &mut impl Rng) -> &'static str {
    let list = match domain {
        Domain::Speech | Domain::Tts => "sounds",
        Domain::Vision => "sights",
        _ => "topics",
    };
    pick_word(rng, list)
}

fn adapter_name(domain: Domain, stem: &str, rng: &mut impl Rng) -> String {
    let topic = topic(domain, rng);
    match domain {
        Domain::Diffusion => picture_name(rng),
        _ => compose(rng, "adapter", &[("stem", stem), ("topic", topic)]),
    }
}

fn picture_name(rng: &mut impl Rng) -> String {
    let (subject, style) = (pick_word(rng, "subjects"), pick_word(rng, "styles"));
    compose(rng, "picture", &[("subject", subject), ("style", style)])
}

fn tuned_name(domain: Domain, stem: &str, params: u64, rng: &mut impl Rng) -> String {
    let (topic, method) = (topic(domain, rng), pick_word(rng, "methods"));
    let patterns = match domain {
        Domain::Diffusion => "tuned diffusion",
        Domain::Agent | Domain::Library | Domain::Empty => "tuned other",
        Domain::Speech | Domain::Tts => "tuned speech",
        Domain::Chat | Domain::VisionChat => "tuned chat",
        Domain::Vision => "tuned vision",
        Domain::Classifier | Domain::Embedder | Domain::Seq2seq => "tuned text",
    };
    let size = size(params);
    let given = [
        ("stem", stem),
        ("topic", topic),
        ("method", method),
        ("size", &size),
    ];
    compose(rng, patterns, &given)
}

/// Makes the name of a model without bases.
fn root_name(domain: Domain, member: &str, rng: &mut impl Rng) -> String {
    let number = rng.random_range(1..1_000).to_string();
    let given = [("number", number.as_str()), ("member", member)];
    let name = match domain {
        Domain::Empty => compose(rng, "empty", &given),
        Domain::Agent => compose(rng, "agent", &given),
        Domain::Diffusion if percent(rng, 60.0) => picture_name(rng),
        Domain::Library => compose(rng, "library", &given),
        Domain::Chat | Domain::VisionChat if percent(rng, 20.0) => compose(rng, "chat", &given),
        _ => tuned_name(domain, member, 0, rng).replace("--", "-"),
    };
    name.chars().take(LONGEST).collect()
}
