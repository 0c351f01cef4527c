//! Families: what models of one architecture have in common. Every row belongs to one; a child takes
//! its base's, so tasks, libraries and sizes stay consistent all the way down a family tree.

/// How models of a family are named, used and described.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text in, text out.
    Chat,
    /// Pictures and text in, text out.
    Sight,
    /// Text encoders that are tuned into classifiers.
    Encoder,
    /// Sentence embeddings.
    Embedder,
    /// Encoder-decoders: translation, summaries.
    Writer,
    /// Speech recognition and sound classification.
    Ear,
    /// Speech synthesis.
    Voice,
    /// Picture classification and its relatives.
    Eye,
    /// Diffusion models.
    Painter,
    /// Reinforcement learning agents.
    Player,
    /// Everything that trains with a small library of its own.
    Craft,
    /// Repositories that say nothing about themselves.
    Bare,
}

/// One architecture and the defaults of its models.
pub struct Family {
    /// What the family is found by; empty if it has no architecture of its own.
    pub arch: &'static str,
    /// Architecture inside a GGUF file; empty if the family is never packed that way.
    pub gguf: &'static str,
    pub kind: Kind,
    pub task: &'static str,
    pub library: &'static str,
    pub license: &'static str,
    /// Context length in tokens.
    pub context: u32,
    /// Year (with fraction) of the first model.
    pub since: f64,
    /// Weight among the models that state no base.
    pub share: f64,
    /// Usual members: name and parameters (0 where a count makes no sense).
    pub members: &'static [(&'static str, u64)],
}

impl Family {
    /// The architecture as it stands among the tags.
    pub fn model_type(&self) -> Option<&'static str> {
        let named = !self.arch.is_empty() && self.arch != self.library;
        // Sentence embedders are encoders with another purpose.
        named.then(|| self.arch.trim_end_matches("-embedder"))
    }
}

const CHAT: Family = Family {
    arch: "llama",
    gguf: "llama",
    kind: Kind::Chat,
    task: "text-generation",
    library: "transformers",
    license: "apache-2.0",
    context: 8_192,
    since: 2023.2,
    share: 0.0,
    members: &[("small-lm", 1_100_048_384)],
};
const SIGHT: Family = Family {
    kind: Kind::Sight,
    task: "image-text-to-text",
    since: 2024.6,
    ..CHAT
};
const ENCODER: Family = Family {
    arch: "bert",
    gguf: "",
    kind: Kind::Encoder,
    task: "text-classification",
    context: 512,
    since: 2022.0,
    ..CHAT
};
const EYE: Family = Family {
    kind: Kind::Eye,
    task: "image-classification",
    ..ENCODER
};
const PAINTER: Family = Family {
    arch: "",
    gguf: "",
    kind: Kind::Painter,
    task: "text-to-image",
    library: "diffusers",
    license: "creativeml-openrail-m",
    since: 2022.7,
    ..ENCODER
};
const CRAFT: Family = Family {
    arch: "",
    kind: Kind::Craft,
    members: &[("", 0)],
    ..ENCODER
};

/// The family whose [`Family::arch`], or if it has none whose first member, is called `name`.
pub fn named(name: &str) -> usize {
    let is_it = |f: &Family| f.arch == name || f.arch.is_empty() && f.members[0].0 == name;
    FAMILIES.iter().position(is_it).unwrap_or(0)
}

/// Every family of the synthetic hub.
pub static FAMILIES: &[Family] = &[
    Family {
        license: "llama3.1",
        context: 131_072,
        share: 11.0,
        members: &[
            ("Llama-2-7b", 6_738_415_616),
            ("Llama-2-13b", 13_015_864_320),
            ("Meta-Llama-3-8B", 8_030_261_248),
            ("Llama-3.1-8B", 8_030_261_248),
            ("Llama-3.2-1B", 1_235_814_400),
            ("Llama-3.2-3B", 3_212_749_824),
            ("TinyLlama-1.1B", 1_100_048_384),
            ("SmolLM2-135M", 134_515_008),
            ("SmolLM2-360M", 361_821_120),
            ("SmolLM2-1.7B", 1_711_376_384),
        ],
        ..CHAT
    },
    Family {
        arch: "qwen2",
        gguf: "qwen2",
        context: 32_768,
        since: 2024.1,
        share: 8.0,
        members: &[
            ("Qwen2.5-0.5B", 494_032_768),
            ("Qwen2.5-1.5B", 1_543_714_304),
            ("Qwen2.5-3B", 3_085_938_688),
            ("Qwen2.5-7B", 7_615_616_512),
            ("Qwen2.5-14B", 14_770_033_664),
            ("Qwen2.5-Coder-7B", 7_615_616_512),
        ],
        ..CHAT
    },
    Family {
        arch: "qwen3",
        gguf: "qwen3",
        context: 40_960,
        since: 2025.32,
        share: 5.0,
        members: &[
            ("Qwen3-0.6B", 751_632_384),
            ("Qwen3-1.7B", 2_031_739_904),
            ("Qwen3-4B", 4_022_468_096),
            ("Qwen3-8B", 8_190_735_360),
            ("Qwen3-14B", 14_768_307_200),
        ],
        ..CHAT
    },
    Family {
        arch: "qwen3_moe",
        gguf: "qwen3moe",
        context: 262_144,
        since: 2025.32,
        share: 0.3,
        members: &[("Qwen3-30B-A3B", 30_532_122_624)],
        ..CHAT
    },
    Family {
        arch: "mistral",
        context: 32_768,
        since: 2023.75,
        share: 4.5,
        members: &[
            ("Mistral-7B-v0.1", 7_241_732_096),
            ("Mistral-7B-Instruct-v0.2", 7_241_732_096),
            ("Mistral-7B-v0.3", 7_248_023_552),
            ("Mistral-Nemo-12B", 12_247_782_400),
            ("Mistral-Small-24B", 23_572_403_200),
        ],
        ..CHAT
    },
    Family {
        arch: "mixtral",
        context: 32_768,
        since: 2023.95,
        share: 0.4,
        members: &[("Mixtral-8x7B", 46_702_792_704)],
        ..CHAT
    },
    Family {
        arch: "gemma",
        gguf: "gemma",
        license: "gemma",
        since: 2024.15,
        share: 1.4,
        members: &[("gemma-2b", 2_506_172_416), ("gemma-7b", 8_537_680_896)],
        ..CHAT
    },
    Family {
        arch: "gemma2",
        gguf: "gemma2",
        license: "gemma",
        since: 2024.5,
        share: 1.4,
        members: &[("gemma-2-2b", 2_614_341_888), ("gemma-2-9b", 9_241_705_984)],
        ..CHAT
    },
    Family {
        arch: "gemma3_text",
        gguf: "gemma3",
        license: "gemma",
        context: 32_768,
        since: 2025.2,
        share: 1.2,
        members: &[("gemma-3-270m", 268_098_176), ("gemma-3-1b", 999_885_952)],
        ..CHAT
    },
    Family {
        arch: "phi3",
        gguf: "phi3",
        license: "mit",
        context: 4_096,
        since: 2024.31,
        share: 1.2,
        members: &[("Phi-3-mini-4k", 3_821_079_552), ("phi-4", 14_659_507_200)],
        ..CHAT
    },
    Family {
        arch: "phi",
        gguf: "phi2",
        license: "mit",
        context: 2_048,
        since: 2023.95,
        share: 0.8,
        members: &[("phi-2", 2_779_683_840)],
        ..CHAT
    },
    Family {
        arch: "gpt2",
        gguf: "gpt2",
        license: "mit",
        context: 1_024,
        since: 2022.0,
        share: 4.0,
        members: &[
            ("gpt2", 124_439_808),
            ("distilgpt2", 81_912_576),
            ("gpt2-medium", 354_823_168),
            ("gpt2-large", 774_030_080),
        ],
        ..CHAT
    },
    Family {
        arch: "gpt_neox",
        gguf: "gptneox",
        context: 2_048,
        since: 2023.0,
        share: 1.0,
        members: &[
            ("pythia-70m", 70_426_624),
            ("pythia-160m", 162_322_944),
            ("pythia-1.4b", 1_414_647_808),
            ("pythia-2.8b", 2_775_208_960),
        ],
        ..CHAT
    },
    Family {
        arch: "deepseek_v3",
        gguf: "deepseek2",
        license: "mit",
        context: 163_840,
        since: 2024.97,
        share: 0.02,
        members: &[("DeepSeek-V3", 684_531_386_000)],
        ..CHAT
    },
    Family {
        arch: "gpt_oss",
        gguf: "gpt-oss",
        context: 131_072,
        since: 2025.59,
        share: 0.2,
        members: &[("gpt-oss-20b", 20_914_757_184)],
        ..CHAT
    },
    Family {
        arch: "qwen3_vl",
        gguf: "qwen3vl",
        context: 262_144,
        since: 2025.73,
        share: 0.05,
        members: &[("Qwen3-VL-8B", 8_767_123_696)],
        ..SIGHT
    },
    Family {
        arch: "qwen2_5_vl",
        gguf: "qwen2vl",
        context: 128_000,
        since: 2025.07,
        share: 0.9,
        members: &[
            ("Qwen2.5-VL-3B", 3_754_622_976),
            ("Qwen2.5-VL-7B", 8_292_166_656),
        ],
        ..SIGHT
    },
    Family {
        arch: "mllama",
        gguf: "mllama",
        license: "llama3.2",
        context: 131_072,
        since: 2024.73,
        share: 0.3,
        members: &[("Llama-3.2-11B-Vision", 10_670_220_835)],
        ..SIGHT
    },
    Family {
        arch: "gemma3",
        gguf: "gemma3",
        license: "gemma",
        context: 131_072,
        since: 2025.2,
        share: 0.6,
        members: &[
            ("gemma-3-4b", 4_300_079_472),
            ("gemma-3-12b", 12_187_325_040),
        ],
        ..SIGHT
    },
    Family {
        share: 6.5,
        members: &[
            ("bert-base-uncased", 109_483_778),
            ("bert-base-cased", 108_311_810),
            ("bert-large-uncased", 335_143_938),
            ("bert-base-multilingual-cased", 177_854_978),
        ],
        ..ENCODER
    },
    Family {
        arch: "distilbert",
        share: 5.5,
        members: &[
            ("distilbert-base-uncased", 66_955_010),
            ("distilbert-base-multilingual-cased", 135_326_210),
        ],
        ..ENCODER
    },
    Family {
        arch: "roberta",
        license: "mit",
        share: 3.5,
        members: &[
            ("roberta-base", 124_647_170),
            ("roberta-large", 355_361_794),
        ],
        ..ENCODER
    },
    Family {
        arch: "xlm-roberta",
        license: "mit",
        task: "token-classification",
        share: 2.5,
        members: &[
            ("xlm-roberta-base", 277_458_439),
            ("xlm-roberta-large", 558_843_904),
        ],
        ..ENCODER
    },
    Family {
        arch: "deberta-v2",
        license: "mit",
        share: 1.5,
        members: &[
            ("deberta-v3-base", 184_423_682),
            ("deberta-v3-small", 141_896_450),
        ],
        ..ENCODER
    },
    Family {
        arch: "electra",
        task: "question-answering",
        share: 0.8,
        members: &[("electra-small", 13_549_314)],
        ..ENCODER
    },
    Family {
        arch: "bert-embedder",
        kind: Kind::Embedder,
        task: "sentence-similarity",
        library: "sentence-transformers",
        share: 2.5,
        members: &[
            ("all-MiniLM-L6-v2", 22_713_216),
            ("all-mpnet-base-v2", 109_486_464),
            ("bge-small-en", 33_360_000),
            ("bge-m3", 567_754_752),
        ],
        ..ENCODER
    },
    Family {
        arch: "t5",
        kind: Kind::Writer,
        task: "text2text-generation",
        share: 3.5,
        members: &[
            ("t5-small", 60_506_624),
            ("t5-base", 222_903_552),
            ("flan-t5-base", 247_577_856),
            ("flan-t5-large", 783_150_080),
        ],
        ..ENCODER
    },
    Family {
        arch: "bart",
        kind: Kind::Writer,
        task: "summarization",
        share: 1.5,
        members: &[("bart-base", 139_420_416), ("bart-large-cnn", 406_290_432)],
        ..ENCODER
    },
    Family {
        arch: "marian",
        kind: Kind::Writer,
        task: "translation",
        share: 1.6,
        members: &[("opus-mt", 74_410_496)],
        ..ENCODER
    },
    Family {
        arch: "whisper",
        gguf: "whisper",
        kind: Kind::Ear,
        task: "automatic-speech-recognition",
        context: 448,
        since: 2022.73,
        share: 4.0,
        members: &[
            ("whisper-tiny", 37_760_640),
            ("whisper-base", 72_593_920),
            ("whisper-small", 241_734_912),
            ("whisper-medium", 763_857_920),
            ("whisper-large-v3", 1_543_490_560),
        ],
        ..ENCODER
    },
    Family {
        arch: "wav2vec2",
        kind: Kind::Ear,
        task: "automatic-speech-recognition",
        share: 2.4,
        members: &[
            ("wav2vec2-base", 94_396_320),
            ("wav2vec2-large-xlsr-53", 315_439_776),
            ("wav2vec2-xls-r-300m", 315_479_424),
        ],
        ..ENCODER
    },
    Family {
        arch: "audio-spectrogram-transformer",
        kind: Kind::Ear,
        task: "audio-classification",
        license: "bsd-3-clause",
        since: 2022.8,
        share: 0.4,
        members: &[("ast-finetuned-audioset", 86_618_639)],
        ..ENCODER
    },
    Family {
        arch: "vits",
        kind: Kind::Voice,
        task: "text-to-speech",
        since: 2022.8,
        share: 1.0,
        members: &[("mms-tts", 36_330_656), ("speecht5_tts", 144_433_376)],
        ..ENCODER
    },
    Family {
        arch: "vit",
        share: 3.0,
        members: &[("vit-base-patch16-224", 86_567_656)],
        ..EYE
    },
    Family {
        arch: "swin",
        share: 0.8,
        members: &[("swin-tiny-patch4-window7-224", 28_288_354)],
        ..EYE
    },
    Family {
        arch: "detr",
        task: "object-detection",
        share: 0.8,
        members: &[("detr-resnet-50", 41_631_008)],
        ..EYE
    },
    Family {
        arch: "segformer",
        task: "image-segmentation",
        license: "other",
        share: 0.7,
        members: &[("segformer-b0", 3_752_694)],
        ..EYE
    },
    Family {
        arch: "clip",
        task: "zero-shot-image-classification",
        license: "mit",
        share: 0.6,
        members: &[("clip-vit-base-patch32", 151_277_313)],
        ..EYE
    },
    Family {
        arch: "timm",
        library: "timm",
        share: 0.5,
        members: &[("resnet50", 25_557_032), ("convnext_tiny", 28_589_128)],
        ..EYE
    },
    Family {
        share: 3.5,
        members: &[("sd-v1-5", 0)],
        ..PAINTER
    },
    Family {
        since: 2023.55,
        license: "openrail++",
        share: 2.5,
        members: &[("sdxl", 0)],
        ..PAINTER
    },
    Family {
        since: 2024.58,
        license: "other",
        gguf: "flux",
        share: 3.0,
        members: &[("flux", 0)],
        ..PAINTER
    },
    Family {
        task: "text-to-video",
        license: "apache-2.0",
        gguf: "wan",
        since: 2025.15,
        share: 0.3,
        members: &[("wan", 0)],
        ..PAINTER
    },
    Family {
        kind: Kind::Player,
        task: "reinforcement-learning",
        library: "stable-baselines3",
        share: 3.0,
        members: &[("sb3", 0)],
        ..CRAFT
    },
    Family {
        kind: Kind::Player,
        task: "reinforcement-learning",
        library: "ml-agents",
        share: 1.2,
        members: &[("ml-agents", 0)],
        ..CRAFT
    },
    Family {
        kind: Kind::Player,
        task: "reinforcement-learning",
        library: "sample-factory",
        share: 0.5,
        members: &[("sample-factory", 0)],
        ..CRAFT
    },
    Family {
        task: "tabular-classification",
        library: "sklearn",
        share: 0.4,
        members: &[("sklearn", 0)],
        ..CRAFT
    },
    Family {
        task: "token-classification",
        library: "spacy",
        license: "mit",
        share: 0.5,
        members: &[("spacy", 0)],
        ..CRAFT
    },
    Family {
        task: "image-classification",
        library: "keras",
        share: 0.6,
        members: &[("keras", 0)],
        ..CRAFT
    },
    Family {
        task: "audio-to-audio",
        library: "speechbrain",
        share: 0.2,
        members: &[("speechbrain", 0)],
        ..CRAFT
    },
    Family {
        task: "robotics",
        library: "lerobot",
        since: 2025.0,
        share: 1.6,
        members: &[("lerobot", 0)],
        ..CRAFT
    },
    Family {
        kind: Kind::Bare,
        task: "text-generation",
        share: 13.0,
        members: &[("bare", 0)],
        ..CRAFT
    },
];
