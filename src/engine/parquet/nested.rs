//! Values of nested columns that a writer stored as JSON text, and lineage that is stated by tags.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Parses an object. Without the check, serde would take the members from an array in their order.
fn object<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(json).ok())?
}

/// Returns the `total` of a `safetensors` or `gguf` object in JSON text.
pub fn total(json: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Totals {
        total: Option<Value>,
    }
    let json: Totals = object(json)?;
    json.total.as_ref().and_then(count)
}

/// Returns the parameter counts by tensor type of a `safetensors` object in JSON text.
pub fn dtypes(json: &[u8]) -> Vec<(String, i64)> {
    #[derive(Deserialize)]
    struct Safetensors {
        parameters: Option<Map<String, Value>>,
    }
    let json: Option<Safetensors> = object(json);
    let parameters = json.and_then(|json| json.parameters).into_iter().flatten();
    parameters
        .filter_map(|(name, value)| Some((name, count(&value)?)))
        .collect()
}

/// Returns a JSON number as a count; exports write some counts as `7.0`.
pub fn count(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
    let whole = value.as_i64().or_else(|| value.as_f64().map(|f| f as i64));
    whole.filter(|count| *count >= 0)
}

/// Returns the relation and the base ids of a `baseModels` object in JSON text.
pub fn bases(json: &[u8]) -> (Option<String>, Vec<String>) {
    #[derive(Deserialize)]
    struct BaseModels {
        relation: Option<String>,
        models: Option<Vec<Option<Base>>>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Base {
        Record { id: Option<String> },
        Id(String),
    }
    let Some(stated) = object::<BaseModels>(json) else {
        return (None, Vec::new());
    };
    let bases = stated.models.into_iter().flatten().flatten();
    let ids = bases.filter_map(|base| match base {
        Base::Record { id } => id,
        Base::Id(id) => Some(id),
    });
    (stated.relation, ids.collect())
}

/// Returns the license of a model card in JSON text, the first of several.
pub fn license(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Card {
        license: Option<Value>,
    }
    let card: Card = object(json)?;
    match card.license? {
        Value::Array(several) => several.first()?.as_str().map(str::to_owned),
        one => one.as_str().map(str::to_owned),
    }
}

/// Returns the elements of an array of tags in JSON text.
pub fn tags(json: &[u8]) -> Vec<String> {
    let tags: Option<Vec<Option<String>>> = serde_json::from_slice(json).ok();
    tags.into_iter().flatten().flatten().collect()
}

/// Returns the bases that the tags `base_model:<id>` and `base_model:<relation>:<id>` of one model
/// state, the only place where files of 2024 state lineage. The bare tag counts where no other
/// names its base.
pub fn bases_of_tags<'t>(tags: impl Iterator<Item = &'t str>) -> Vec<(Option<&'t str>, &'t str)> {
    let mut stated: Vec<(Option<&str>, &str)> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    for tag in tags.filter_map(|tag| tag.strip_prefix("base_model:")) {
        let (relation, id) = match tag.split_once(':') {
            Some((relation, id)) if !relation.contains('/') => (Some(relation), id),
            _ => (None, tag),
        };
        let place = *places.entry(id).or_insert(stated.len());
        match stated.get_mut(place) {
            Some((known, _)) => *known = known.or(relation),
            None => stated.push((relation, id)),
        }
    }
    stated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_in_json_lose_nothing_else() {
        let text = br#"{"relation": null, "models": [null, {"id": "a"}, {"id": null}, "b", {"_id": "x"}]}"#;
        assert_eq!(bases(text), (None, vec!["a".to_owned(), "b".to_owned()]));
        for none in [&br#"{"models": null}"#[..], b"[]", b"no JSON"] {
            assert_eq!(bases(none), (None, Vec::new()));
        }
        assert_eq!(tags(br#"["x", null, "y"]"#), ["x", "y"]);
        assert!(tags(b"{}").is_empty());
        assert_eq!(total(br#"{"total": 7.0}"#), Some(7));
        assert_eq!(total(br#"{"total": -7}"#), None);
        assert_eq!((total(b"[7]"), license(b"[\"mit\"]")), (None, None));
        assert_eq!(
            license(br#" {"license": ["mit", "gpl"]}"#).as_deref(),
            Some("mit")
        );
        let counts = dtypes(br#"{"parameters": {"F16": 3, "BF16": "x", "U8": 4}}"#);
        assert_eq!(counts, [("F16".to_owned(), 3), ("U8".to_owned(), 4)]);
    }

    #[test]
    fn tags_state_bases() {
        let tags = [
            "x",
            "base_model:a/b",
            "base_model:merge:a/b",
            "base_model:c",
            "base_model:a:b/c",
        ];
        let stated = bases_of_tags(tags.into_iter());
        assert_eq!(
            stated,
            [(Some("merge"), "a/b"), (None, "c"), (Some("a"), "b/c")]
        );
    }
}
