//! Which parameter counts are marked: rows after real ones, each with what must be said of it.

use hubscope::engine::Hub;
use hubscope::engine::lineage::suspect::suspect_reason;
use hubscope::present::figures;
use serde_json::{Value, json};

use crate::common::program::{hubscope, run};
use crate::common::{frame_of, layout, open, write};

/// A model, and why its count cannot be right.
type Row = (
    &'static str,
    Option<i64>,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
);

const LLAMA: &[&str] = &["meta/llama-8B"];

const ROWS: [Row; 28] = [
    ("meta/llama-8B", Some(8_030_261_248), "", &[], None),
    ("meta/Scout", Some(7_000_000_000), "", &[], None),
    ("a/nothing-known-8B", None, "finetune", LLAMA, None),
    // Packed: eight weights of 4 bits in one value, and two.
    (
        "a/llama-8B-GPTQ",
        Some(1_986_000_000),
        "quantized",
        LLAMA,
        Some("its base meta/llama-8B has 8.03B"),
    ),
    (
        "a/scout-AWQ",
        Some(1_200_000_000),
        "quantized",
        &["meta/Scout"],
        Some("its base meta/Scout has 7B"),
    ),
    (
        "a/llama-8B-bnb-4bit",
        Some(4_650_000_000),
        "quantized",
        LLAMA,
        Some("its base meta/llama-8B has 8.03B"),
    ),
    (
        "a/llama-8B-FP8",
        Some(8_030_000_000),
        "quantized",
        LLAMA,
        None,
    ),
    // What was packed does not speak against what was unpacked.
    (
        "b/merged",
        Some(8_030_261_248),
        "finetune",
        &["a/llama-8B-bnb-4bit"],
        None,
    ),
    (
        "b/of-packed",
        Some(1_986_000_000),
        "finetune",
        &["a/llama-8B-GPTQ"],
        None,
    ),
    // A finetune is as large as its base, an adapter is not.
    (
        "b/tuned",
        Some(20_000_000),
        "finetune",
        LLAMA,
        Some("its base meta/llama-8B has 8.03B"),
    ),
    ("b/pruned", Some(5_194_805_248), "finetune", LLAMA, None),
    ("b/adapter-8B", Some(20_000_000), "adapter", LLAMA, None),
    ("b/llama-8B-lora", Some(20_000_000), "finetune", LLAMA, None),
    ("b/whole", Some(8_030_261_248), "adapter", LLAMA, None),
    (
        "b/two-of-them",
        Some(20_000_000),
        "adapter",
        &["meta/llama-8B", "meta/Scout"],
        None,
    ),
    (
        "b/huge",
        Some(70_000_000_000),
        "adapter",
        LLAMA,
        Some("its base meta/llama-8B has 8.03B"),
    ),
    // The size in the name is more than the base's.
    ("c/grown-20B", Some(19_000_000_000), "finetune", LLAMA, None),
    ("c/llama-1M", Some(8_030_261_248), "finetune", LLAMA, None),
    (
        "c/ud-14b",
        Some(32_759_790_592),
        "merge",
        &["meta/llama-8B", "lost/base"],
        Some("the name says 14b"),
    ),
    ("c/Maverick-17B-128E", Some(401_583_781_376), "", &[], None),
    ("c/pythia2-8b", Some(2_775_208_960), "", &[], None),
    ("p/unnamed-packed", Some(1_900_000_000), "", &[], None),
    ("p/named-packed-8B", Some(8_000_000_000), "", &[], None),
    // Eight weights of four bits a value, and neither one nor eight.
    (
        "p/llama-8B-GPTQ",
        Some(1_986_000_000),
        "quantized",
        LLAMA,
        None,
    ),
    (
        "p/llama-8B-half",
        Some(333_312),
        "quantized",
        LLAMA,
        Some("its base meta/llama-8B has 8.03B"),
    ),
    (
        "c/Qwen-2-7b",
        Some(1_900_000_000),
        "",
        &[],
        Some("the name says 7b"),
    ),
    (
        "d/largest",
        Some(19_980_000_000_000_000),
        "",
        &[],
        Some("zero, or more than any model has"),
    ),
    (
        "d/none",
        Some(0),
        "",
        &[],
        Some("zero, or more than any model has"),
    ),
];

fn rows() -> Vec<Value> {
    let row = |(id, params, relation, bases, _): Row| {
        let models = bases.iter().map(|id| json!({"_id": "a", "id": id}));
        let models: Vec<Value> = models.collect();
        let dtype = if id.starts_with("p/") { "I32" } else { "BF16" };
        json!({"id": id, "downloads": 1, "tags": [],
            "safetensors": params.map(|n| json!({"parameters": {dtype: n}, "total": n})),
            "baseModels": (!bases.is_empty()).then(|| json!({"relation": relation, "models": models}))})
    };
    ROWS.map(row).into()
}

fn why(hub: &Hub, id: &str) -> Option<String> {
    let found = suspect_reason(&hub.models, &hub.graph, hub.models.find(id).unwrap());
    found.map(|doubt| figures::doubt(&hub.models, &doubt))
}

#[test]
fn counts_that_cannot_be_right_are_marked_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.parquet");
    write(&mut frame_of(&rows(), &layout()), &path);
    let hub = open(&path);
    for (id, .., reason) in ROWS {
        assert_eq!(why(&hub, id).as_deref(), reason, "{id}");
    }
    let data = ["--json", "--data", path.to_str().unwrap()];
    let json = |arguments: &[&str]| -> Value {
        let ran = run(hubscope(&[arguments, &data].concat()));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    };
    let marked: Vec<&str> = ROWS
        .iter()
        .filter(|row| row.4.is_some())
        .map(|row| row.0)
        .collect();
    let found = json(&["search", "is:suspect", "--limit", "0"]);
    let hits = found["hits"].as_array().unwrap().iter();
    let found: Vec<&str> = hits.map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!(found, marked);
    assert_eq!(json(&["stats"])["params"]["suspect"], marked.len());
    let shown = json(&["show", "c/ud-14b"]);
    assert_eq!(shown["params_suspect"], "the name says 14b");
    assert_eq!(
        shown["memory"],
        json!({"16": 65_519_581_184_i64, "8": 32_759_790_592_i64, "4": 16_379_895_296_i64})
    );
    let shown = json(&["show", "a/nothing-known-8B"]);
    assert_eq!(
        (&shown["params_suspect"], &shown["memory"]),
        (&Value::Null, &Value::Null)
    );
}
