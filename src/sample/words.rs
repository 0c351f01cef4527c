//! Words that invented names, tags and datasets are made of.

/// Syllables of invented owners and model names.
pub const SYLLABLES: &[&str] = &[
    "ka", "mi", "ro", "len", "dor", "sa", "vi", "tu", "ne", "lor", "ash", "bel", "cor", "dra",
    "eli", "fen", "gal", "hal", "ira", "jun", "kel", "lum", "mar", "nor", "ori", "pel", "quin",
    "ras", "sol", "tav", "ul", "ver", "wen", "xan", "yor", "zel", "ba", "ce", "di", "fo", "gu",
    "hi", "jo", "ku",
];

/// First halves of owners.
pub const ADJECTIVES: &[&str] = &[
    "quiet", "lunar", "brisk", "amber", "paper", "copper", "distant", "gentle", "hollow", "ivory",
    "jolly", "kind", "little", "misty", "noble", "open", "polar", "rapid", "silver", "tidy",
    "upper", "velvet", "windy", "young", "deep", "tiny", "neural", "cosmic", "lazy", "urban",
];

/// Second halves of owners.
pub const NOUNS: &[&str] = &[
    "fox", "harbor", "lantern", "meadow", "otter", "pine", "quarry", "river", "sparrow", "thicket",
    "valley", "willow", "badger", "comet", "delta", "ember", "falcon", "grove", "heron", "island",
    "juniper", "kettle", "ledger", "moth", "nook", "orchard", "pebble", "raven", "summit", "tiger",
];

/// What organisations append to their name.
pub const HOUSES: &[&str] = &[
    "-labs",
    "-ai",
    "AI",
    "-research",
    "-org",
    "-team",
    "-collective",
    "Lab",
];

/// Owners that do little but pack other people's models.
pub const PACKERS: &[&str] = &[
    "quantmill",
    "ggufworks",
    "lowbit-lab",
    "halfbyte",
    "tinyforge",
    "packhorse",
    "edgekiln",
    "bitpress",
    "smallweights",
    "quietquants",
    "kettlequant",
    "nibble-ai",
];

/// What models are tuned for.
pub const TOPICS: &[&str] = &[
    "medical",
    "legal",
    "finance",
    "code",
    "math",
    "roleplay",
    "stories",
    "sql",
    "tools",
    "reasoning",
    "chat",
    "instruct",
    "summaries",
    "news",
    "recipes",
    "emails",
    "support",
    "poetry",
    "history",
    "biology",
    "chemistry",
    "travel",
    "games",
    "lyrics",
    "tweets",
    "reviews",
    "emotions",
    "toxicity",
    "intent",
    "ner",
    "qa",
    "physics",
    "security",
    "agents",
    "json",
    "function-calling",
    "astronomy",
    "tutor",
    "hr",
    "insurance",
    "logic",
    "puzzles",
    "dialogue",
    "translation",
    "ocr",
    "charts",
];

/// Ways of training, as they end names.
pub const METHODS: &[&str] = &[
    "sft",
    "dpo",
    "orpo",
    "kto",
    "grpo",
    "ppo",
    "rlhf",
    "simpo",
    "distill",
    "cpt",
    "full",
    "v2",
    "v3",
    "thinking",
    "abliterated",
    "uncensored",
    "1epoch",
    "3ep",
    "lr2e-5",
    "instruct",
    "chat",
    "RM",
];

/// Data that text encoders are tuned on.
pub const DATASETS: &[&str] = &[
    "reviews",
    "tweets",
    "squad",
    "imdb",
    "emotion",
    "ner",
    "news",
    "clinc",
    "cola",
    "sst2",
    "mrpc",
    "conll",
    "wiki",
    "legal",
    "clinical",
    "hate",
    "sarcasm",
    "spam",
    "topics",
    "tickets",
    "claims",
    "headlines",
    "patents",
    "abstracts",
    "contracts",
    "jokes",
];

/// What picture models tell apart.
pub const SIGHTS: &[&str] = &[
    "food",
    "flowers",
    "xray",
    "birds",
    "plants",
    "digits",
    "fashion",
    "satellite",
    "cars",
    "faces",
    "leaves",
    "mushrooms",
    "scans",
    "defects",
    "traffic-signs",
    "galaxies",
    "minerals",
    "bikes",
];

/// What speech models hear.
pub const SOUNDS: &[&str] = &[
    "commands",
    "birdsong",
    "dialects",
    "meetings",
    "calls",
    "lectures",
    "radio",
    "songs",
    "numbers",
    "dictation",
    "interviews",
    "sermons",
    "drums",
    "engines",
    "whales",
];

/// What pictures show.
pub const SUBJECTS: &[&str] = &[
    "lighthouse",
    "robot",
    "castle",
    "fox",
    "samurai",
    "forest",
    "portrait",
    "dragon",
    "city",
    "kitchen",
    "poster",
    "sneaker",
    "teapot",
    "spaceship",
    "garden",
    "mermaid",
    "owl",
    "train",
    "knight",
    "logo",
    "wizard",
    "cat",
    "dog",
    "car",
    "dress",
    "mushroom",
    "mountain",
    "island",
    "clown",
    "violin",
];

/// How pictures look.
pub const STYLES: &[&str] = &[
    "watercolor",
    "pixel",
    "ink",
    "clay",
    "retro",
    "anime",
    "sketch",
    "noir",
    "neon",
    "papercut",
    "oil",
    "comic",
    "lowpoly",
    "film",
    "polaroid",
    "ukiyo",
    "gouache",
    "vapor",
    "gothic",
    "crayon",
];

/// Places where agents learn.
pub const WORLDS: &[&str] = &[
    "LunarLander-v2",
    "CartPole-v1",
    "FrozenLake-v1-4x4",
    "Taxi-v3",
    "MountainCar-v0",
    "Acrobot-v1",
    "PandaReachDense-v3",
    "Huggy",
    "Pyramids",
    "SnowballTarget",
    "SpaceInvadersNoFrameskip-v4",
    "doom_health_gathering_supreme",
    "Pixelcopter-PLE-v0",
    "Walker2d-v4",
    "AntBullet-v0",
];

/// How agents learn.
pub const LEARNERS: &[&str] = &["ppo", "dqn", "a2c", "q", "reinforce", "sac", "td3"];

/// Names of repositories that say nothing.
pub const BLANKS: &[&str] = &[
    "my-model",
    "test",
    "checkpoint",
    "model",
    "dummy-model",
    "output",
    "results",
    "final",
    "run",
    "exp",
    "trained",
    "demo",
    "my_awesome_model",
    "backup",
    "temp",
    "new",
    "weights",
    "best",
    "task",
];

/// Ways of merging, as they end names.
pub const MERGES: &[&str] = &[
    "slerp",
    "TIES",
    "dare-ties",
    "linear",
    "della",
    "ModelStock",
    "breadcrumbs",
    "merge",
    "v1",
    "v2",
    "passthrough",
    "Blend",
];

/// Language codes, the commonest first and often.
pub const LANGUAGES: &[&str] = &[
    "en",
    "en",
    "en",
    "en",
    "en",
    "en",
    "en",
    "en",
    "zh",
    "fr",
    "de",
    "es",
    "it",
    "pt",
    "ja",
    "ko",
    "ru",
    "ar",
    "hi",
    "vi",
    "th",
    "id",
    "tr",
    "pl",
    "nl",
    "uk",
    "fa",
    "sv",
    "cs",
    "ro",
    "multilingual",
    "sw",
];

/// Endings of speech models.
pub const TONGUES: &[&str] = &[
    "hi", "sv", "tr", "uk", "yue", "sw", "ta", "mn", "eu", "gl", "cy", "is", "ne", "bn", "te",
    "ml", "ka", "hy", "az", "kk", "lv", "et", "sl", "mt",
];

/// Tags as people write them in their own languages.
pub const FOREIGN: &[&str] = &[
    "医療",
    "法律",
    "数学",
    "小説",
    "対話",
    "日本語",
    "中文",
    "古文",
    "问答",
    "翻译",
    "한국어",
    "대화",
    "번역",
    "русский",
    "диалог",
    "поэзия",
    "українська",
    "български",
    "ไทย",
    "हिन्दी",
    "العربية",
    "ελληνικά",
];

/// Licences besides the family's own.
pub const LICENSES: &[&str] = &[
    "apache-2.0",
    "mit",
    "other",
    "cc-by-nc-4.0",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "openrail",
    "gpl-3.0",
    "afl-3.0",
    "unknown",
];

/// Tags of tuned text generators.
pub const TUNED: &[&str] = &[
    "trl",
    "sft",
    "unsloth",
    "generated_from_trainer",
    "axolotl",
    "llama-factory",
    "dpo",
    "alignment-handbook",
    "chat",
    "code",
    "reasoning",
    "not-for-all-audiences",
    "roleplay",
    "custom_code",
    "lora",
];
