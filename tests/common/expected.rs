//! What `hubscope show --json` is to say of every model, from the rows alone: no graph, no index,
//! only sets of names walked again for each model.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::lineage::Naive;

/// Every model's object by its id; `ancestors` sorted, since only the distances have an order.
pub fn shown(rows: &[Value]) -> BTreeMap<String, Value> {
    let hub = Naive::new(rows);
    // Read back from text, as an answer is: that is where a fraction may lose its last bit.
    let read = |value: Value| serde_json::from_str(&value.to_string()).unwrap();
    let all = rows
        .iter()
        .map(|row| (text(&row["id"]), read(hub.shown(row))));
    all.collect()
}

/// Fails on the first member of any model that is not as wanted. The source is not of a model.
pub fn compare(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>) {
    assert!(found.keys().eq(wanted.keys()), "{:?}", found.keys());
    for (id, wanted) in wanted {
        let mut found = found[id].as_object().unwrap().clone();
        found.retain(|member, _| !["source", "synthetic"].contains(&member.as_str()));
        let wanted = wanted.as_object().unwrap();
        assert!(found.keys().eq(wanted.keys()), "{id}: {:?}", found.keys());
        for (member, value) in wanted {
            assert_eq!(&found[member], value, "{member} of {id}");
        }
    }
}

/// A model's stated bases, in file order, each once.
pub fn bases(row: &Value) -> Vec<String> {
    let models = row["baseModels"]["models"].as_array();
    let ids = models.into_iter().flatten().map(|base| &base["id"]);
    let mut distinct = Vec::new();
    for id in ids.filter(|id| !id.is_null()).map(text) {
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    distinct
}

/// The relation that a model states.
pub fn relation(row: &Value) -> Value {
    row["baseModels"]["relation"].clone()
}

/// How many steps up each ancestor stands; the model itself is at 0.
pub fn distances(rows: &[Value], id: &str) -> HashMap<String, usize> {
    let hub = Naive::new(rows);
    let mut found = HashMap::from([(id.to_owned(), 0)]);
    let mut level = vec![id.to_owned()];
    for distance in 1.. {
        let above = level.iter().flat_map(|id| hub.bases(id));
        level = above.filter(|id| !found.contains_key(id)).collect();
        if level.is_empty() {
            break;
        }
        found.extend(level.iter().map(|id| (id.clone(), distance)));
    }
    found
}

impl Naive<'_> {
    fn shown(&self, row: &Value) -> Value {
        let id = row["id"].as_str().unwrap();
        let family = self.totals(id);
        let tags = texts(&row["tags"]);
        let (params, params_source) = params(row);
        json!({
            "id": id,
            "author": id.split_once('/').map(|(author, _)| author),
            "downloads": row["downloads"], "downloads_all_time": row["downloadsAllTime"],
            "likes": row["likes"], "trending_score": row["trendingScore"],
            "params": params, "params_source": params_source,
            "task": optional_text(&row["pipeline_tag"]), "library": optional_text(&row["library_name"]),
            "license": self.license(row, &tags),
            "created_at": time(&row["createdAt"]), "last_modified": time(&row["lastModified"]),
            "relation": relation(row), "bases": bases(row), "flags": self.flags(id),
            "dtypes": dtypes(row), "tags": tags, "gguf": gguf(row), "card": card(row),
            "ancestors": self.ancestors(id),
            "children": self.children_by_relation(id),
            "descendants": family.descendants, "family_downloads": family.downloads,
            "recent_share": recent_share(row),
            "params_suspect": self.suspect(row), "params_note": packed(row), "memory": memory(row),
        })
    }

    /// What is against the count of parameters: of real models what was found by looking at them, of
    /// the made-up ones all that they give cause for.
    fn suspect(&self, row: &Value) -> Option<String> {
        let count = |row: &Value| params(row).0.as_i64();
        let own = count(row)?;
        if own == 0 || own >= 10_000_000_000_000 {
            return Some("zero, or more than any model has".to_owned());
        }
        let found = SUSPECTS.iter().find(|(id, _)| row["id"] == *id);
        if let Some((_, reason)) = found {
            return Some((*reason).to_owned());
        }
        let stated = bases(row);
        let base = stated.first().filter(|base| *base == "meta/llama")?;
        if relation(row) != "finetune" {
            return None;
        }
        let of_base = count(self.rows[base.as_str()])?;
        let reason = format!(
            "its base {base} has {}",
            hubscope::present::format::short(of_base)
        );
        (own < of_base / 2).then_some(reason)
    }

    /// The license of the first tag that states one; where no row has such a tag, that of the card.
    fn license(&self, row: &Value, tags: &[String]) -> Value {
        let states = |row: &&Value| license_of_tags(&texts(&row["tags"])).is_some();
        if self.rows.values().any(states) {
            return json!(license_of_tags(tags));
        }
        match &json_of(&row["cardData"])["license"] {
            Value::Array(several) => several[0].clone(),
            one => one.clone(),
        }
    }

    fn children_by_relation(&self, id: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for child in self.children(id) {
            let word = relation(self.rows[child]);
            *counts
                .entry(word.as_str().unwrap_or("unstated").to_owned())
                .or_default() += 1;
        }
        counts
    }

    fn flags(&self, id: &str) -> Vec<&'static str> {
        let bases = bases(self.rows[id]);
        let mut above = self.ancestors(id).into_iter();
        let circular = above.any(|other| self.bases(&other).iter().any(|base| base == id));
        let mut flags = Vec::new();
        flags.extend(bases.iter().any(|base| base == id).then_some("self_base"));
        flags.extend(
            bases
                .iter()
                .any(|base| !self.rows.contains_key(base.as_str()))
                .then_some("ghost_base"),
        );
        flags.extend(circular.then_some("circular"));
        flags
    }
}

/// What a count would be, if each value of a type that packs held as many weights of four bits as it can.
fn packed(row: &Value) -> Option<String> {
    let counts = row["safetensors"]["parameters"].as_object()?;
    let count = |value: &Value| value.as_i64().unwrap_or(0);
    let (most, packed) = counts.iter().max_by_key(|(_, n)| count(n))?;
    let weights = [("I32", 8), ("U32", 8), ("U8", 2)];
    let (_, weights) = weights.into_iter().find(|(name, _)| name == most)?;
    let others: i64 = counts.values().map(count).sum::<i64>() - count(packed);
    let all = hubscope::present::format::short(count(packed) * weights + others);
    Some(format!(
        "stored packed; {weights} per {most} would give {all}"
    ))
}

/// The real rows whose counts cannot be right, and why.
const SUSPECTS: [(&str, &str); 6] = [
    (
        "dphn/dolphin-2.9.2-Phi-3-Medium-abliterated",
        "its base unsloth/Phi-3-mini-4k-instruct has 3.82B",
    ),
    ("TheDrummer/Cydonia-24B-v4.3", "the name says 24B"),
    (
        "Intel/Qwen3-Coder-480B-A35B-Instruct-int4-mixed-AutoRound",
        "its base Qwen/Qwen3-Coder-480B-A35B-Instruct has 480B",
    ),
    ("Sakalti/SakaMoe-3x1.6B-Instruct", "the name says 3x1.6B"),
    ("ehristoforu/ud-14b", "the name says 14b"),
    ("Supichi/BBAI_78B_Calme_3_1_Ties", "the name says 78B"),
];

fn params(row: &Value) -> (Value, Value) {
    let safetensors = &row["safetensors"]["total"];
    let gguf = &json_of(&row["gguf"])["total"];
    match (safetensors.is_null(), gguf.is_null()) {
        (false, _) => (safetensors.clone(), json!("safetensors")),
        (true, false) => (gguf.clone(), json!("gguf")),
        (true, true) => (Value::Null, Value::Null),
    }
}

/// Bytes at 16, 8 and 4 bits a parameter.
fn memory(row: &Value) -> Value {
    match params(row).0.as_i64() {
        Some(params) => {
            let bytes = |bits: i64| (i128::from(params) * i128::from(bits) + 7) / 8;
            let bytes = |bits| i64::try_from(bytes(bits)).unwrap();
            json!({"16": bytes(16), "8": bytes(8), "4": bytes(4)})
        }
        None => Value::Null,
    }
}

fn dtypes(row: &Value) -> Value {
    let counts = row["safetensors"]["parameters"].as_object();
    let known = counts
        .into_iter()
        .flatten()
        .filter(|(_, count)| !count.is_null());
    Value::Object(
        known
            .map(|(name, count)| (name.clone(), count.clone()))
            .collect(),
    )
}

fn gguf(row: &Value) -> Value {
    let gguf = json_of(&row["gguf"]);
    if !gguf.is_object() {
        return Value::Null;
    }
    json!({"total": gguf["total"], "architecture": gguf["architecture"],
        "context_length": gguf["context_length"], "total_file_size": gguf["totalFileSize"]})
}

/// The metadata of the model card.
fn card(row: &Value) -> Value {
    let card = json_of(&row["cardData"]);
    match card.as_object() {
        Some(members) if !members.is_empty() => card,
        _ => Value::Null,
    }
}

fn license_of_tags(tags: &[String]) -> Option<&str> {
    tags.iter().find_map(|tag| tag.strip_prefix("license:"))
}

fn recent_share(row: &Value) -> Option<f64> {
    let (recent, ever) = (
        row["downloads"].as_f64()?,
        row["downloadsAllTime"].as_f64()?,
    );
    (ever > 0.0).then(|| recent / ever)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}

fn json_of(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default()
}

fn time(micros: &Value) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros.as_i64()?).unwrap();
    Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn optional_text(value: &Value) -> Option<String> {
    let text = (!value.is_null()).then(|| text(value));
    text.filter(|text| !text.trim().is_empty())
}

/// Text as it may be shown: every control character is marked.
fn text(value: &Value) -> String {
    let shown = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    value.as_str().unwrap().chars().map(shown).collect()
}
