//! The report's own models: the figures it states, and the family of 23 around Qwen3-VL-8B-Instruct.
//! Where the report rounds (2.5B downloads, 8.03B parameters) the number here rounds to it.

use crate::sample::Relation;

/// Figures of a model that the report names.
pub struct Figures {
    pub id: &'static str,
    /// Downloads of the last 30 days.
    pub downloads: i64,
    pub all_time: i64,
}

/// The models that the report gives figures for. Whatever it does not state is chosen so that recent
/// downloads stay about [`crate::sample::shape::RECENT_SHARE`] of all: these ten outweigh any small sample.
pub const FIGURES: [Figures; 10] = [
    figures("Qwen/Qwen3-VL-8B-Instruct", 178_779, 178_814),
    figures("google-bert/bert-base-uncased", 52_318_406, 2_498_113_507),
    figures(
        "sentence-transformers/all-MiniLM-L6-v2",
        129_917_294,
        1_520_703_899,
    ),
    figures(
        "MIT/ast-finetuned-audioset-10-10-0.4593",
        39_604_212,
        2_203_661_440,
    ),
    figures("meta-llama/Llama-3.1-8B-Instruct", 5_214_903, 91_207_318),
    figures("Qwen/Qwen2.5-7B-Instruct", 6_893_027, 48_129_606),
    figures("1231czx/llama3_it_ultra_list_and_bold500", 1, 71_152_684),
    figures("meta-llama/Llama-3.1-405B", 141_873, 18_064_291),
    figures("deepseek-ai/DeepSeek-R1", 402_615, 11_136_870),
    figures("deepseek-ai/DeepSeek-V3", 318_240, 9_048_233),
];

const fn figures(id: &'static str, downloads: i64, all_time: i64) -> Figures {
    Figures {
        id,
        downloads,
        all_time,
    }
}

/// The root of [`DERIVATIVES`].
pub const QWEN3_VL: &str = "Qwen/Qwen3-VL-8B-Instruct";

/// The 23 models made from [`QWEN3_VL`]: id, relation, downloads of the last 30 days. The report names
/// the first five and their downloads.
pub const DERIVATIVES: [(&str, Relation, i64); 23] = [
    (
        "NexaAI/Qwen3-VL-8B-Instruct-GGUF",
        Relation::Quantized,
        22_391,
    ),
    (
        "unsloth/Qwen3-VL-8B-Instruct-unsloth-bnb-4bit",
        Relation::Quantized,
        8_000,
    ),
    (
        "cpatonn/Qwen3-VL-8B-Instruct-AWQ-4bit",
        Relation::Quantized,
        3_260,
    ),
    (
        "huihui-ai/Huihui-Qwen3-VL-8B-Instruct-abliterated",
        Relation::Finetune,
        587,
    ),
    (
        "prithivMLmods/Qwen3-VL-8B-Instruct-abliterated",
        Relation::Finetune,
        145,
    ),
    (
        "tinyforge/Qwen3-VL-8B-Instruct-AWQ-8bit",
        Relation::Quantized,
        139,
    ),
    (
        "appleorchard/Qwen3-VL-8B-Instruct-4bit",
        Relation::Quantized,
        127,
    ),
    (
        "appleorchard/Qwen3-VL-8B-Instruct-8bit",
        Relation::Quantized,
        96,
    ),
    (
        "quantmill/Qwen3-VL-8B-Instruct-FP8",
        Relation::Quantized,
        88,
    ),
    (
        "quantmill/Qwen3-VL-8B-Instruct-FP8-Dynamic",
        Relation::Quantized,
        61,
    ),
    (
        "lowbit-lab/Qwen3-VL-8B-Instruct-GPTQ-Int4",
        Relation::Quantized,
        57,
    ),
    (
        "halfbyte/Qwen3-VL-8B-Instruct-bnb-4bit",
        Relation::Quantized,
        44,
    ),
    (
        "edgekiln/Qwen3-VL-8B-Instruct-W4A16",
        Relation::Quantized,
        31,
    ),
    (
        "edgekiln/Qwen3-VL-8B-Instruct-NVFP4",
        Relation::Quantized,
        22,
    ),
    ("mirelune/Qwen3-VL-8B-receipts", Relation::Finetune, 38),
    (
        "kestrelworks/Qwen3-VL-8B-charts-sft",
        Relation::Finetune,
        29,
    ),
    (
        "paperlantern/Qwen3-VL-8B-Instruct-ocr",
        Relation::Finetune,
        26,
    ),
    ("dorlen42/qwen3vl-8b-uiclick-grpo", Relation::Finetune, 19),
    (
        "solunaai/Qwen3-VL-8B-medical-captions",
        Relation::Finetune,
        14,
    ),
    ("northpier/Qwen3-VL-8B-latex", Relation::Finetune, 12),
    ("tavikoro/Qwen3-VL-8B-Instruct-thai", Relation::Finetune, 9),
    ("bramblecat/qwen3-vl-8b-comics-v2", Relation::Finetune, 4),
    (
        "ulvarik/Qwen3-VL-8B-Instruct-sft-checkpoint-300",
        Relation::Finetune,
        0,
    ),
];
