//! The command `diff` on made-up and real snapshots, against the naive join.

use hubscope::cli::within::Within;
use hubscope::engine::diff::change::Measure;
use polars::prelude::DataType;
use serde_json::{Value, json};

use crate::common::diff::{self, sorted};
use crate::common::snapshots::{
    Files, KINDS, new_rows, old_rows, real_rows, reported, without_keys,
};
use crate::common::{frame_of, write};

/// How large a change is, by the words of the README.
fn size(measure: Measure, kind: &str, entry: &Value) -> f64 {
    let number = |name: &str| entry[name].as_f64();
    let by_downloads = ["new", "gone", "renamed", "family_new", "family_gone"].contains(&kind);
    let size = match measure {
        Measure::Delta if !by_downloads => number("delta").map(f64::abs),
        Measure::Growth if !by_downloads => number("growth").map(f64::abs),
        _ => number("after").or(number("before")),
    };
    size.unwrap_or(-1.0)
}

/// Compares the command with the naive join, whole lists and short ones, by each measure.
pub fn check(old: &[Value], new: &[Value], query: &str, about: Option<&dyn Fn(&Value) -> bool>) {
    let within = Within::new(Some(query)).unwrap();
    let snapshots = Files::new(old, new).open(&within);
    let wanted = diff::diff(old, new, about);
    for measure in Measure::ALL {
        let whole = reported(&snapshots, &within, usize::MAX, measure);
        assert_eq!(plain(&whole), wanted, "{query}");
        let short = reported(&snapshots, &within, 3, measure);
        for kind in KINDS.into_iter().filter(|kind| !whole[kind].is_null()) {
            let all = whole[kind]["first"].as_array().unwrap();
            let sizes: Vec<f64> = all.iter().map(|e| size(measure, kind, e)).collect();
            assert!(sizes.is_sorted_by(|a, b| a >= b), "{kind}: {sizes:?}");
            assert_eq!(whole[kind]["total"], all.len());
            assert_eq!(short[kind]["total"], all.len());
            let first = short[kind]["first"].as_array().unwrap();
            assert_eq!(first[..], all[..all.len().min(3)], "{kind}");
        }
    }
}

/// An answer as [`diff::diff`] tells it, once each growth is found to be right.
fn plain(reported: &Value) -> Value {
    let repeated = ["old", "new"].map(|side| &reported["snapshots"][side]["repeated"]);
    let downloads = &reported["downloads"];
    let mut plain = json!({
        "joined_by": reported["joined_by"], "both": reported["both"], "repeated": repeated,
        "downloads": downloads["before"].as_i64().map(|before| json!([before, downloads["after"]])),
    });
    for kind in KINDS {
        let list = reported[kind]["first"].as_array().cloned();
        plain[kind] = list
            .map(|list| sorted(list.into_iter().map(without_growth).collect()))
            .into();
    }
    plain
}

fn without_growth(mut entry: Value) -> Value {
    let growth = entry.as_object_mut().unwrap().remove("growth").unwrap();
    match (entry["delta"].as_f64(), entry["before"].as_f64()) {
        (Some(delta), Some(before)) if before > 0.0 => {
            let wanted = delta / before;
            let off = (growth.as_f64().unwrap() - wanted).abs();
            assert!(off <= 1e-12 * wanted.abs(), "{entry}: {growth}");
        }
        _ => assert!(growth.is_null(), "{entry}: {growth}"),
    }
    entry
}

#[test]
fn of_the_made_up_rows() {
    let (old, new) = (old_rows(), new_rows());
    // Each kind of change is among them, or nothing was compared.
    let wanted = diff::diff(&old, &new, None);
    for kind in KINDS {
        assert!(!wanted[kind].as_array().unwrap().is_empty(), "{kind}");
    }
    assert_eq!(wanted["repeated"], json!([0, 2]));
    let bare = [without_keys(&old), without_keys(&new)];
    for (old, new) in [
        (&old, &new),
        (&bare[0], &bare[1]),
        (&old, &bare[1]),
        (&bare[0], &new),
    ] {
        check(old, new, "", None);
        check(new, old, "", None);
        check(
            old,
            new,
            "^many",
            Some(&|row| row["id"].as_str().unwrap().starts_with("many")),
        );
        check(
            old,
            new,
            "downloads:>20",
            Some(&|row| row["downloads"].as_i64() > Some(20)),
        );
    }
    check(&old, &old, "", None);
}

#[test]
fn a_renamed_model_is_followed_by_its_key_only() {
    let (old, new) = (old_rows(), new_rows());
    let within = Within::new(None).unwrap();
    let reported = |old: &[Value], new: &[Value]| {
        reported(
            &Files::new(old, new).open(&within),
            &within,
            usize::MAX,
            Measure::Delta,
        )
    };
    let find = |reported: &Value, kind: &str, id: &str| {
        let list = reported[kind]["first"].as_array().cloned();
        list.into_iter().flatten().find(|entry| entry["id"] == id)
    };
    let followed = reported(&old, &new);
    let entry = find(&followed, "renamed", "ann/llama-tuned").unwrap();
    assert_eq!(entry["was"], "ann/llama-ft");
    assert_eq!(find(&followed, "new", "ann/llama-tuned"), None);
    assert_eq!(find(&followed, "gone", "ann/llama-ft"), None);
    // Another model of the same name is another model.
    assert!(find(&followed, "new", "many/m5").is_some());
    assert!(find(&followed, "gone", "many/m5").is_some());
    let named = reported(&without_keys(&old), &without_keys(&new));
    assert_eq!(
        (&named["joined_by"], &named["renamed"]),
        (&json!("id"), &Value::Null)
    );
    assert!(find(&named, "new", "ann/llama-tuned").is_some());
    assert!(find(&named, "gone", "ann/llama-ft").is_some());
    assert_eq!(find(&named, "new", "many/m5"), None);
}

/// What a file has no column for is not known, and nothing is made up from it.
#[test]
fn of_ids_alone() {
    let files = Files::new(&old_rows(), &new_rows());
    let [old, _] = files.paths();
    write(
        &mut frame_of(&old_rows(), &[("id", DataType::String)]),
        &old,
    );
    let within = Within::new(None).unwrap();
    let reported = reported(&files.open(&within), &within, usize::MAX, Measure::Delta);
    for kind in KINDS {
        let is_known = ["new", "gone"].contains(&kind);
        assert_eq!(reported[kind].is_object(), is_known, "{kind}");
    }
    for member in ["before", "after", "delta", "growth"] {
        assert_eq!(reported["downloads"][member], Value::Null, "{member}");
    }
    for entry in reported["gone"]["first"].as_array().unwrap() {
        assert_eq!(entry["before"], Value::Null, "{entry}");
    }
}

#[test]
fn of_real_rows_and_a_changed_copy() {
    if let Some([old, new]) = real_rows() {
        check(&old, &new, "", None);
        check(&without_keys(&old), &without_keys(&new), "", None);
    }
}
