//! A model as the Hub describes it now. `api.rs` asks, `changes.rs` compares with the snapshot,
//! `files.rs` groups the files of the repository.
//!
//! API: <https://huggingface.co/docs/hub/api>.

mod api;
mod changes;
mod files;

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::engine::parquet::nested;
use crate::engine::table::clean::clean;
pub use api::{ModelApi, Unavailable};
pub use changes::{LiveValue, ValueChange, changes};
pub use files::{FileGroup, RepoFile};

/// A model as the Hub describes it now; `None` where it states nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveModel {
    /// Its id now, another than the one asked for after a rename.
    pub id: String,
    /// In the last 30 days.
    pub downloads: Option<i64>,
    pub downloads_all_time: Option<i64>,
    pub likes: Option<i64>,
    pub trending_score: Option<f64>,
    /// The number of parameters, of its safetensors or else its GGUF files.
    pub params: Option<i64>,
    /// In microseconds since 1970 UTC.
    pub last_modified: Option<i64>,
    pub relation: Option<String>,
    /// The ids of its base models.
    pub bases: Vec<String>,
    /// The number of models that state it as a base.
    pub children: Option<i64>,
    /// `no`, or how access is given: `auto` or `manual`.
    pub gated: Option<String>,
    /// Tokens of context, as the header of its GGUF files states it.
    pub context_length: Option<i64>,
    /// The size of the repository with its history, in bytes.
    pub used_storage: Option<i64>,
    /// The metadata of its model card.
    pub card: Map<String, Value>,
    /// The files of the repository, in its order.
    pub files: Vec<RepoFile>,
    /// The files by quantization or format, ascending by size; those that are no weights are the last.
    pub groups: Vec<FileGroup>,
}

impl LiveModel {
    /// Reads the answer of the API. A member of another type than documented is unknown.
    fn of(answer: &Map<String, Value>) -> Option<LiveModel> {
        let number = |key: &str| nested::count(answer.get(key)?);
        let within = |outer: &str, key: &str| nested::count(answer.get(outer)?.get(key)?);
        let time = |text: &str| Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros());
        let bases = answer.get("baseModels").map(Value::to_string);
        let (relation, bases) = nested::bases(bases.unwrap_or_default().as_bytes());
        let cleaned = |text: String| clean(&text).into_owned();
        let files = files::listed(answer.get("siblings"));
        Some(LiveModel {
            id: clean(answer.get("id")?.as_str()?).into_owned(),
            downloads: number("downloads"),
            downloads_all_time: number("downloadsAllTime"),
            likes: number("likes"),
            trending_score: answer.get("trendingScore").and_then(Value::as_f64),
            params: within("safetensors", "total").or(within("gguf", "total")),
            last_modified: answer.get("lastModified").and_then(|at| time(at.as_str()?)),
            relation: relation.map(cleaned),
            bases: bases.into_iter().map(cleaned).collect(),
            children: answer.get("childrenModelCount").and_then(children),
            gated: answer.get("gated").and_then(gated),
            context_length: within("gguf", "context_length"),
            used_storage: number("usedStorage"),
            card: match answer.get("cardData") {
                Some(Value::Object(card)) => card.clone(),
                _ => Map::new(),
            },
            groups: files::groups(&files),
            files,
        })
    }

    /// Replaces the files by ones with sizes, unless there are none.
    fn with_files(mut self, files: Vec<RepoFile>) -> LiveModel {
        if !files.is_empty() {
            self.groups = files::groups(&files);
            self.files = files;
        }
        self
    }
}

/// Returns a number of children: a count, or one for each relation.
fn children(value: &Value) -> Option<i64> {
    match value {
        Value::Object(relations) => {
            let counts: Option<Vec<i64>> = relations.values().map(nested::count).collect();
            counts.map(|all| all.into_iter().fold(0, i64::saturating_add))
        }
        count => nested::count(count),
    }
}

fn gated(value: &Value) -> Option<String> {
    match value {
        Value::Bool(false) => Some("no".to_owned()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::String(how) => Some(clean(how).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(answer: &Value) -> LiveModel {
        LiveModel::of(answer.as_object().unwrap()).unwrap()
    }

    #[test]
    fn an_answer_is_read() {
        let live = of(&json!({
            "_id": "66", "id": "a/b", "downloads": 7, "downloadsAllTime": 70, "likes": 3,
            "trendingScore": 1.5, "lastModified": "2026-05-01T10:00:00.000Z",
            "safetensors": {"parameters": {"BF16": 8}, "total": 8},
            "gguf": {"total": 9, "context_length": 4096},
            "baseModels": {"relation": "quantized", "models": [{"_id": "1", "id": "c/d"}]},
            "childrenModelCount": 12, "gated": "manual", "usedStorage": 1000,
            "cardData": {"language": ["en"]},
            "siblings": [{"rfilename": "README.md", "size": 5}],
        }));
        let expected = LiveModel {
            id: "a/b".to_owned(),
            downloads: Some(7),
            downloads_all_time: Some(70),
            likes: Some(3),
            trending_score: Some(1.5),
            params: Some(8),
            // 2026-05-01 is day 20,574 since 1970.
            last_modified: Some((20_574 * 86_400 + 36_000) * 1_000_000),
            relation: Some("quantized".to_owned()),
            bases: vec!["c/d".to_owned()],
            children: Some(12),
            gated: Some("manual".to_owned()),
            context_length: Some(4096),
            used_storage: Some(1000),
            card: json!({"language": ["en"]}).as_object().unwrap().clone(),
            files: vec![RepoFile {
                name: "README.md".to_owned(),
                size: Some(5),
            }],
            groups: vec![FileGroup {
                name: "other".to_owned(),
                files: 1,
                size: Some(5),
            }],
        };
        assert_eq!(live, expected);
    }

    #[test]
    fn members_of_other_types_are_unknown() {
        let live = of(&json!({
            "id": "a/b", "downloads": "7", "likes": -1, "lastModified": "yesterday",
            "safetensors": [1], "gguf": {"total": 9}, "baseModels": "c/d", "gated": false,
            "childrenModelCount": {"finetune": 2, "adapter": i64::MAX}, "cardData": "x", "siblings": {},
        }));
        let expected = LiveModel {
            id: "a/b".to_owned(),
            params: Some(9),
            gated: Some("no".to_owned()),
            children: Some(i64::MAX),
            ..LiveModel::default()
        };
        assert_eq!(live, expected);
        assert_eq!(LiveModel::of(&Map::new()), None);
    }
}
