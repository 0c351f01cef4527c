//! The tables under `assets/sample`, which are compiled into the program.
//!
//! A table that does not fit its type is a panic. Every sample reads every table, so any test of
//! the sample finds a damaged one.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sample::words::Words;

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../assets/sample/", $name))
    };
}

pub struct Tables {
    pub words: Words,
    /// Text that a terminal must not be given unescaped.
    pub hostile: Vec<String>,
    pub derivations: Vec<DerivationFacts>,
    pub architectures: Vec<Architecture>,
    /// Weight formats; the first one is that of weights that are not packed.
    pub formats: Vec<WeightFormat>,
    /// The combinations of dtypes that models are stored in, by the name of their list.
    pub mixes: FxHashMap<&'static str, Vec<Mix>>,
    /// Models with real figures first, then the most important ones.
    pub well_known: Vec<WellKnown>,
    /// Evaluation results as JSON, with placeholders for the score and the model.
    pub results: Vec<&'static str>,
    /// A short and a long chat template.
    pub templates: [&'static str; 2],
    /// Architectures in GGUF files with their special tokens: those at the beginning of a text, at
    /// both ends of a role, and at the end of a message. The last row is for all others.
    pub tokens: Vec<[String; 5]>,
}

impl Tables {
    pub fn read() -> Tables {
        let mut words: FxHashMap<_, _> = json(asset!("words.json"));
        words.extend(json::<FxHashMap<_, _>>(asset!("names.json")));
        let mut architectures: Vec<Architecture> = csv(asset!("architectures.csv"));
        let domains: Vec<Domain> = csv(asset!("domains.csv"));
        let members: Vec<(String, (String, u64))> = csv(asset!("members.csv"));
        for one in &mut architectures {
            let domain = domains.iter().find(|row| row.name == one.domain_name);
            one.domain = domain.expect("a domain").clone();
            let own = members.iter().filter(|row| row.0 == one.name);
            one.members = own.map(|row| row.1.clone()).collect();
        }
        Tables {
            words: Words(words),
            hostile: json(asset!("hostile.json")),
            derivations: csv(asset!("derivations.csv")),
            architectures,
            formats: json(asset!("formats.json")),
            mixes: json(asset!("mixes.json")),
            well_known: csv(asset!("models.csv")),
            results: asset!("results.jsonl").lines().collect(),
            templates: [asset!("short.jinja"), asset!("long.jinja")],
            tokens: csv(asset!("tokens.csv")),
        }
    }
}

/// Parses a CSV table with a header line.
fn csv<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().expect("a CSV table")
}

/// Parses a JSON table, whose strings may be borrowed.
fn json<T: Deserialize<'static>>(text: &'static str) -> T {
    serde_json::from_str(text).expect("a JSON table")
}

/// The relation of a model to its bases. The first four are common and index arrays of four.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Derivation {
    Merge,
    Quantized,
    Adapter,
    Finetune,
    Unstated,
    Distill,
    Lora,
    Upscale,
}

/// The statistics of a derivation. The table has the order of [`Derivation`].
#[derive(Deserialize)]
pub struct DerivationFacts {
    pub derivation: Derivation,
    /// The relation in the file, if it is stated.
    pub relation: Option<String>,
    /// Models of the full hub, 0 if the derivation is not common.
    pub full: usize,
    /// Year, with fraction, of the first model.
    pub since: f64,
    /// Percent of bases that are well-known models.
    pub known_percent: f64,
    /// Percent of models that are a base.
    pub base_percent: f64,
    /// Weights: in downloads, to state no task or library, to have a parameter count or GGUF files.
    pub popularity: f64,
    pub hidden: f64,
    pub counted: f64,
    pub gguf: f64,
}

/// The field that models of an architecture are used in. Its lists are those of [`Words`].
#[derive(Clone, Default, Deserialize)]
pub struct Domain {
    name: String,
    /// Its models hold conversations.
    pub chats: bool,
    /// Its models run on text-generation-inference.
    pub tgi: bool,
    /// Parameter counts make sense.
    pub counted: bool,
    /// Weights are those of a neural network.
    pub trained: bool,
    /// Repositories state more than their name.
    pub metadata: bool,
    /// Percent of models that state languages.
    pub languages: f64,
    /// The list of tags, and one that is taken in `special_percent` of the cases.
    pub tags: String,
    pub special_tags: String,
    pub special_percent: f64,
    /// The name patterns of adapters, of other derived models and of models without a base. The last
    /// are used in `root_percent` of the cases, or always.
    pub adapter: String,
    pub tuned: String,
    pub root: Option<String>,
    pub root_percent: Option<f64>,
    pub adapter_library: String,
    /// Percent of models without a base that are a base, and their weight in downloads.
    pub base_percent: f64,
    pub popularity: f64,
}

/// The defaults of models of one architecture. A child takes that of its base, so tasks, libraries
/// and sizes agree throughout a family tree.
#[derive(Deserialize)]
pub struct Architecture {
    pub name: String,
    /// The name among the tags, if it differs from the library's.
    pub model_type: Option<String>,
    /// The name inside a GGUF file, empty if there are none.
    pub gguf: String,
    #[serde(rename = "domain")]
    domain_name: String,
    #[serde(skip)]
    pub domain: Domain,
    pub task: String,
    pub library: String,
    pub license: String,
    /// Context length in tokens.
    pub context: u32,
    /// Year, with fraction, of the first model.
    pub since: f64,
    /// Weight among the models without a base.
    pub share: f64,
    /// Usual sizes: name and parameters, 0 where a count makes no sense.
    #[serde(skip)]
    pub members: Vec<(String, u64)>,
}

/// The format of weights.
#[derive(Deserialize)]
pub struct WeightFormat {
    pub name: &'static str,
    /// Weight among quantized models.
    pub share: f64,
    /// `safetensors.total` in percent of the parameters: packed weights count as fewer.
    pub stored: u64,
    /// The list of dtypes, none if it depends on the model.
    pub mixes: Option<&'static str>,
    /// The library, if it is not the architecture's.
    pub library: Option<&'static str>,
    #[serde(borrow)]
    pub tags: Vec<&'static str>,
    /// Ends of the names of quantized models.
    #[serde(borrow)]
    pub endings: Vec<&'static str>,
}

/// A weight in its list, then dtypes with their shares; the first gets what rounding leaves.
pub type Mix = (f64, Vec<(&'static str, f64)>);

/// A well-known model. Ids, sizes and dates are close to the real ones; the figures of the first 33
/// are real or round to the real ones, the others are invented.
#[derive(Deserialize)]
pub struct WellKnown {
    pub id: String,
    pub architecture: String,
    pub params: u64,
    /// UTC.
    pub created: String,
    pub format: String,
    /// Downloads of the last 30 days, none if they are to be drawn.
    pub downloads: Option<i64>,
    pub all_time: i64,
    pub likes: i64,
    /// Weights as a base of each derivation, about thousands of children.
    pub merge: f64,
    pub quantized: f64,
    pub adapter: f64,
    pub finetune: f64,
    pub relation: Option<Derivation>,
    pub base: Option<String>,
}
