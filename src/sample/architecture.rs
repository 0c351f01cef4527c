//! Architectures: the defaults of models that share one. Every model belongs to one; a child takes
//! that of its base, so tasks, libraries and sizes agree throughout a family tree.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::sample::tables::csv;

/// The field that models of an architecture are used in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Text generation.
    Chat,
    /// Text generation from images and text.
    VisionChat,
    /// Text encoders, tuned into classifiers.
    Classifier,
    /// Sentence embeddings.
    Embedder,
    /// Encoder-decoders: translation, summarization.
    Seq2seq,
    /// Speech recognition and audio classification.
    Speech,
    /// Text to speech.
    Tts,
    /// Image classification, detection and segmentation.
    Vision,
    /// Text to image and text to video.
    Diffusion,
    /// Reinforcement learning.
    Agent,
    /// Models of a library that has no architectures.
    Library,
    /// Repositories without metadata.
    Empty,
}

impl Domain {
    /// Reports if models of this domain hold a conversation.
    pub fn chats(self) -> bool {
        matches!(self, Domain::Chat | Domain::VisionChat)
    }
}

/// One architecture: a row of `architectures.csv`.
#[derive(Deserialize)]
pub struct Architecture {
    pub name: String,
    /// The name among the tags, if it differs from the library's.
    pub model_type: Option<String>,
    /// The name inside a GGUF file, empty if there are none.
    pub gguf: String,
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

impl Architecture {
    /// Returns the name of the member nearest in size.
    pub fn member(&self, params: u64) -> &str {
        let nearest = self
            .members
            .iter()
            .min_by_key(|(_, size)| size.abs_diff(params));
        nearest.map_or("", |(name, _)| name)
    }
}

/// All architectures of the sample.
pub static ARCHITECTURES: LazyLock<Vec<Architecture>> = LazyLock::new(|| {
    let mut all: Vec<Architecture> = csv(include_str!("../../assets/sample/architectures.csv"));
    let members = csv::<(String, String, u64)>(include_str!("../../assets/sample/members.csv"));
    for (name, member, params) in members {
        let owner = all
            .iter_mut()
            .find(|architecture| architecture.name == name);
        owner
            .expect("an architecture")
            .members
            .push((member, params));
    }
    all
});

/// Returns the index in [`ARCHITECTURES`] of the one called `name`.
pub fn position(name: &str) -> usize {
    let found = ARCHITECTURES
        .iter()
        .position(|architecture| architecture.name == name);
    found.expect("an architecture")
}
