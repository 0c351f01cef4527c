//! Architectures and the domains they are used in. A child takes the architecture of its base, so
//! tasks, libraries and sizes agree throughout a family tree.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::sample::tables::csv;

/// A field of use: a row of `domains.csv`. Lists are those of `words.json` and `names.json`.
#[derive(Deserialize)]
pub struct Domain {
    domain: String,
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

static DOMAINS: LazyLock<Vec<Domain>> =
    LazyLock::new(|| csv(include_str!("../../assets/sample/domains.csv")));

/// One architecture: a row of `architectures.csv`.
#[derive(Deserialize)]
pub struct Architecture {
    pub name: String,
    /// The name among the tags, if it differs from the library's.
    pub model_type: Option<String>,
    /// The name inside a GGUF file, empty if there are none.
    pub gguf: String,
    domain: String,
    pub task: String,
    pub library: String,
    pub license: String,
    /// Context length in tokens.
    pub context: u32,
    /// Year, with fraction, of the first model.
    pub since: f64,
    /// Weight among the models without a base.
    pub share: f64,
    /// Index in [`DOMAINS`].
    #[serde(skip)]
    domain_at: usize,
    /// Usual sizes: name and parameters, 0 where a count makes no sense.
    #[serde(skip)]
    pub members: Vec<(String, u64)>,
}

impl Architecture {
    pub fn domain(&self) -> &'static Domain {
        &DOMAINS[self.domain_at]
    }

    /// Returns the name of the member nearest in size.
    pub fn member(&self, params: u64) -> &str {
        let distance = |member: &&(String, u64)| member.1.abs_diff(params);
        let nearest = self.members.iter().min_by_key(distance);
        nearest.map_or("", |(name, _)| name)
    }
}

pub static ARCHITECTURES: LazyLock<Vec<Architecture>> = LazyLock::new(|| {
    let mut all: Vec<Architecture> = csv(include_str!("../../assets/sample/architectures.csv"));
    let members = csv::<(String, String, u64)>(include_str!("../../assets/sample/members.csv"));
    for one in &mut all {
        let at = DOMAINS.iter().position(|row| row.domain == one.domain);
        one.domain_at = at.expect("a domain");
        let own = members.iter().filter(|(name, ..)| *name == one.name);
        one.members = own
            .map(|(_, name, params)| (name.clone(), *params))
            .collect();
    }
    all
});
