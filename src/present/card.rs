//! The metadata of a model card as facts in short.

use serde_json::{Map, Value};

use crate::engine::table::clean::clean;

/// Members that other fields of a model state, and those that are no facts.
const STATED: [&str; 8] = [
    "base_model",
    "base_model_relation",
    "library_name",
    "license",
    "model-index",
    "pipeline_tag",
    "tags",
    "widget",
];

/// The longest value; longer ones are texts of their own.
const LONGEST: usize = 200;

/// Returns the members that no field states, as names and values; those with members of their own are
/// left out.
pub fn facts(card: &Map<String, Value>) -> Vec<(String, String)> {
    let is_stated = |name: &str| STATED.contains(&name) || name.starts_with("extra_gated");
    let members = card.iter().filter(|(name, _)| !is_stated(name));
    let fact = |(name, value): (&String, &Value)| {
        let value = short(value)?;
        let is_short = !value.is_empty() && value.chars().count() <= LONGEST;
        is_short.then(|| (clean(name).into_owned(), clean(&value).into_owned()))
    };
    members.filter_map(fact).collect()
}

fn short(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_true) => Some(if *is_true { "yes" } else { "no" }.to_owned()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(short).collect();
            items.map(|items| items.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_that_no_field_states() {
        let card = json!({
            "license": "mit", "language": ["en", "de"], "datasets": "squad",
            "quantized_by": " me ", "inference": false, "new_version": null,
            "model-index": [{"name": "x"}], "co2": {"emissions": 3}, "prompt": "x".repeat(300),
            "extra_gated_prompt": "Agree?", "metrics": [],
        });
        let facts = facts(card.as_object().unwrap());
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut expected = [
            fact("datasets", "squad"),
            fact("inference", "no"),
            fact("language", "en, de"),
            fact("quantized_by", "me"),
        ];
        expected.sort();
        let mut facts = facts;
        facts.sort();
        assert_eq!(facts, expected);
    }
}
