//! Any two snapshots: few names and keys, so that all of them meet in every way.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{against, snapshots};

fn snapshot() -> impl Strategy<Value = Vec<Value>> {
    let key = prop::option::weighted(0.7, 0..8_u32);
    let bases = prop::collection::vec(0..12_u32, 0..3);
    let row = (0..9_u32, key, prop::option::of(0..6_i64), bases).prop_map(
        |(name, key, downloads, bases)| {
            let bases: Vec<Value> = bases
                .into_iter()
                .map(|base| json!({"_id": null, "id": base.to_string()}))
                .collect();
            json!({
                "id": name.to_string(), "_id": key.map(|key| format!("{key:024x}")),
                "downloads": downloads, "baseModels": {"relation": "finetune", "models": bases},
            })
        },
    );
    prop::collection::vec(row, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two(old in snapshot(), new in snapshot()) {
        snapshots::check(&old, &new, "", None);
        against::check(&old, &new);
    }
}
