//! The made-up models: one of every shape that the real file is known to hold. Written as the
//! Hub's own interface would tell them; a member left out is null.

use serde_json::{Value, json};

/// Microseconds from 1970 to 2024-01-01.
const NEW_YEAR: i64 = 1_704_067_200_000_000;
const DAY: i64 = 86_400_000_000;

/// Every model, in file order.
pub fn rows() -> Vec<Value> {
    let mut rows = roots();
    rows.extend(lineage());
    rows.extend(odd_values());
    rows.extend((0..16).map(many));
    for row in &mut rows {
        tag_bases(row);
    }
    rows
}

fn roots() -> Vec<Value> {
    vec![
        // An id without an owner, the oldest date there is, nothing in safetensors.
        json!({"id": "gpt2", "downloads": 9_000, "downloadsAllTime": 700_000, "likes": 2_000,
            "pipeline_tag": "text-generation", "library_name": "transformers", "trendingScore": 7.5,
            "createdAt": 1_646_263_744_000_000_i64, "lastModified": NEW_YEAR,
            "tags": ["pytorch", "license:mit", "标签", "en"], "cardData": "{\"license\":\"gpl\"}"}),
        json!({"id": "meta/llama", "author": "meta", "downloads": 50_000, "likes": 900,
            "downloadsAllTime": 1_000_000, "pipeline_tag": "text-generation",
            "library_name": "transformers", "trendingScore": 0.0,
            "createdAt": NEW_YEAR + 123_000, "lastModified": NEW_YEAR + 40 * DAY,
            "safetensors": {"parameters": {"BF16": 8_030_000_000_i64, "F32": 64}, "total": 8_030_000_064_i64},
            "tags": ["safetensors", "метка"], "cardData": "{\"license\":[\"llama3\",\"other\"]}"}),
        // Nothing is known of it but its name.
        json!({"id": "nul/l"}),
    ]
}

/// Bases of every kind: chains, merges, circles, ghosts, and entries with holes.
fn lineage() -> Vec<Value> {
    let of = |id: &str, downloads: i64, relation: Value, bases: Value| {
        let author = id.split_once('/').map(|(author, _)| author);
        let models = bases.as_array().map(|ids| {
            let models = ids
                .iter()
                .map(|id| json!({"_id": "0123456789abcdef", "id": id}));
            models.collect::<Vec<_>>()
        });
        json!({"id": id, "author": author, "downloads": downloads, "likes": 1,
            "downloadsAllTime": downloads * 10, "tags": ["x"], "createdAt": NEW_YEAR + downloads * DAY,
            "baseModels": {"relation": relation, "models": models}})
    };
    vec![
        of("ann/llama-ft", 40, json!("finetune"), json!(["meta/llama"])),
        of(
            "ann/llama-ft-lora",
            30,
            json!("adapter"),
            json!(["ann/llama-ft"]),
        ),
        of(
            "bob/llama-ft-awq",
            20,
            json!("quantized"),
            json!(["ann/llama-ft"]),
        ),
        of(
            "mrg/three",
            11,
            json!("merge"),
            json!(["ann/llama-ft", "gpt2", "lost/base"]),
        ),
        of(
            "mrg/of-merge",
            12,
            json!("merge"),
            json!(["mrg/three", "meta/llama"]),
        ),
        of(
            "mrg/selfish",
            13,
            json!("merge"),
            json!(["mrg/selfish", "gpt2", "gpt2"]),
        ),
        of("self/loop", 14, json!("finetune"), json!(["self/loop"])),
        of("cyc/a", 15, json!("finetune"), json!(["cyc/b"])),
        of("cyc/b", 16, json!("finetune"), json!(["cyc/c"])),
        of("cyc/c", 17, json!("finetune"), json!(["cyc/a"])),
        of("tail/of-circle", 18, json!("adapter"), json!(["cyc/b"])),
        of("gho/child", 19, json!("finetune"), json!(["Qwen2-1.5B"])),
        of(
            "gho/grandchild",
            21,
            json!("quantized"),
            json!(["gho/child"]),
        ),
        of("odd/word", 22, json!("distilled"), json!(["gpt2"])),
        of(
            "odd/unstated",
            23,
            Value::Null,
            json!(["gpt2", "- Qwen/yaml"]),
        ),
        of("odd/none", 24, json!("finetune"), json!([])),
        of("odd/null", 25, Value::Null, Value::Null),
        of("odd/hole", 26, json!("merge"), json!([null, "meta/llama"])),
    ]
}

/// Numbers and texts that a reader can trip over.
fn odd_values() -> Vec<Value> {
    let counts = |total: Value, bf16: Value| json!({"parameters": {"BF16": bf16}, "total": total});
    vec![
        json!({"id": "bob/llama-GGUF", "author": "bob", "downloads": 0, "downloadsAllTime": 0, "likes": 0,
            "baseModels": {"relation": "quantized", "models": [{"_id": null, "id": "meta/llama"}]},
            "gguf": "{\"total\":8030261312,\"architecture\":\"llama\",\"context_length\":8192,\"chat_template\":\"{{x}}\",\"totalFileSize\":4920734272}",
            "tags": ["gguf", "license:apache-2.0", "license:second"]}),
        json!({"id": "par/both", "safetensors": counts(json!(333_312), json!(7)), "gguf": "{\"total\":7600000000}"}),
        json!({"id": "par/no-total", "safetensors": counts(Value::Null, json!(5)), "gguf": "{\"total\":5}"}),
        json!({"id": "par/unknown", "safetensors": counts(Value::Null, Value::Null), "gguf": "not JSON"}),
        json!({"id": "par/largest", "safetensors": counts(json!(19_980_000_000_000_000_i64), json!(1)), "gguf": "{}"}),
        json!({"id": "dl/above-all-time", "downloads": 500, "downloadsAllTime": 100, "trendingScore": -1.25}),
        json!({"id": "dl/unknown", "downloads": null, "downloadsAllTime": 100, "likes": 3}),
        json!({"id": "bad/escape", "downloads": 1, "pipeline_tag": "a\u{1b}[31m", "library_name": "",
            "tags": ["tab\there", "", "license:\u{7}bell"], "cardData": "[\"no object\"]"}),
        json!({"id": "bad/no-tags", "tags": [], "cardData": "{\"license\":null}", "lastModified": 0}),
    ]
}

/// One of a row of plain siblings.
fn many(at: i64) -> Value {
    let task = (at % 3 > 0).then_some("text-classification");
    json!({"id": format!("many/m{at}"), "author": "many", "downloads": at * at, "likes": at,
        "downloadsAllTime": at * at * 3, "pipeline_tag": task, "trendingScore": 0.5,
        "createdAt": NEW_YEAR + at * DAY, "lastModified": NEW_YEAR + 2 * at * DAY,
        "safetensors": {"parameters": {"F32": 1_000 * at, "miku": (at % 4 == 0).then_some(at)}, "total": 1_001 * at},
        "baseModels": {"relation": "finetune", "models": [{"_id": "a", "id": "meta/llama"}]},
        "tags": ["safetensors", format!("n:{at}")]})
}

/// Adds the tags that the Hub derives from stated bases.
fn tag_bases(row: &mut Value) {
    let relation = row["baseModels"]["relation"].as_str().map(str::to_owned);
    let models = row["baseModels"]["models"].as_array().cloned();
    let ids: Vec<Value> = models
        .into_iter()
        .flatten()
        .map(|m| m["id"].clone())
        .collect();
    let Some(tags) = row["tags"].as_array_mut() else {
        return;
    };
    let ids: Vec<&str> = ids.iter().filter_map(Value::as_str).collect();
    tags.extend(ids.iter().map(|id| json!(format!("base_model:{id}"))));
    if let Some(relation) = relation {
        tags.extend(
            ids.iter()
                .map(|id| json!(format!("base_model:{relation}:{id}"))),
        );
    }
}
