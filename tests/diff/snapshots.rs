//! Made-up snapshots with every kind of change, and real rows with a changed copy of themselves.

use std::fs::File;
use std::path::{Path, PathBuf};

use hubscope::cli::args::Format;
use hubscope::cli::diff::{Snapshot, run};
use hubscope::cli::opener::Opener;
use hubscope::cli::within::Within;
use hubscope::engine::Hub;
use hubscope::engine::diff::change::Measure;
use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{frame_of, layout, open, rows, rows_of, write};
use crate::naive::{self, sorted};

pub const KINDS: [&str; 9] = [
    "risen",
    "fallen",
    "new",
    "gone",
    "renamed",
    "family_downloads",
    "family_descendants",
    "family_new",
    "family_gone",
];

/// Two snapshots as files.
pub struct Files {
    folder: TempDir,
}

impl Files {
    /// Rows in the layout of May 2026, with the column `_id` where any row has one.
    pub fn new(old: &[Value], new: &[Value]) -> Files {
        let files = Files {
            folder: tempfile::tempdir().unwrap(),
        };
        for (rows, path) in [old, new].into_iter().zip(files.paths()) {
            let mut columns = layout();
            if rows.iter().any(|row| !row["_id"].is_null()) {
                columns.push(("_id", DataType::String));
            }
            write(&mut frame_of(rows, &columns), &path);
        }
        files
    }

    pub fn paths(&self) -> [PathBuf; 2] {
        ["old.parquet", "new.parquet"].map(|name| self.folder.path().join(name))
    }

    pub fn paths_opened(&self) -> [Hub; 2] {
        self.paths().map(|path| open(&path))
    }

    pub fn open(&self, within: &Within) -> [Snapshot; 2] {
        self.paths()
            .map(|path| Snapshot::open(path, within.stage(), &Opener::new(None)).unwrap())
    }
}

/// What the command prints as JSON.
pub fn told(snapshots: &[Snapshot; 2], within: &Within, limit: usize, measure: Measure) -> Value {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let [old, new] = snapshots;
    run(
        [old, new],
        within,
        (limit, measure),
        Format::Json,
        &mut out,
        &mut err,
    )
    .unwrap();
    serde_json::from_slice(&out).unwrap()
}

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
    let wanted = naive::diff(old, new, about);
    for measure in Measure::ALL {
        let whole = told(&snapshots, &within, 0, measure);
        assert_eq!(plain(&whole), wanted, "{query}");
        let short = told(&snapshots, &within, 3, measure);
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

/// An answer as [`naive::diff`] tells it, once each growth is found to be right.
fn plain(told: &Value) -> Value {
    let repeated = ["old", "new"].map(|side| &told["snapshots"][side]["repeated"]);
    let downloads = &told["downloads"];
    let mut plain = json!({
        "joined_by": told["joined_by"], "both": told["both"], "repeated": repeated,
        "downloads": downloads["before"].as_i64().map(|before| json!([before, downloads["after"]])),
    });
    for kind in KINDS {
        let list = told[kind]["first"].as_array().cloned();
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

/// The made-up rows, each with a key.
pub fn old_rows() -> Vec<Value> {
    let mut rows = rows();
    for (at, row) in rows.iter_mut().enumerate() {
        row["_id"] = json!(format!("{at:024x}"));
    }
    rows
}

/// The same some weeks later: one change of every kind.
pub fn new_rows() -> Vec<Value> {
    let mut rows = old_rows();
    let at = |rows: &[Value], id: &str| rows.iter().position(|row| row["id"] == id).unwrap();
    for (id, downloads) in [
        ("meta/llama", json!(60_000)),
        ("many/m7", json!(7)),
        ("many/m0", json!(70)),
        ("many/m9", Value::Null),
        ("dl/unknown", json!(5)),
        ("many/m1", json!(i64::from(i32::MAX))),
    ] {
        let row = at(&rows, id);
        rows[row]["downloads"] = downloads;
    }
    // Renamed: what was made from it states the old name, so that is a base that is only named.
    let row = at(&rows, "ann/llama-ft");
    rows[row]["id"] = json!("ann/llama-tuned");
    // Two change their names.
    let swapped = [at(&rows, "many/m10"), at(&rows, "many/m11")];
    rows[swapped[0]]["id"] = json!("many/m11");
    rows[swapped[1]]["id"] = json!("many/m10");
    // A rename settles: both names stand there. The older one has more downloads still.
    let row = at(&rows, "many/m12");
    let mut settling = rows[row].clone();
    settling["id"] = json!("many/m12-new");
    settling["downloads"] = json!(1);
    rows.push(settling);
    // One name with two keys, one key unknown, one row twice without a key.
    let row = at(&rows, "many/m5");
    rows[row]["_id"] = json!("f00000000000000000000005");
    let row = at(&rows, "many/m6");
    rows[row]["_id"] = Value::Null;
    let row = at(&rows, "many/m13");
    rows[row]["_id"] = Value::Null;
    let mut again = rows[row].clone();
    again["downloads"] = Value::Null;
    rows.push(again);
    // Gone: one with a family, which goes on under its name; the only one of a family; one alone.
    rows.retain(|row| !["gpt2", "gho/child", "many/m3"].contains(&row["id"].as_str().unwrap()));
    // Came: a base that was only named; the first one made from a model.
    let finetune =
        |base: &str| json!({"relation": "finetune", "models": [{"_id": null, "id": base}]});
    rows.extend([
        json!({"id": "lost/base", "_id": "e00000000000000000000001", "downloads": 3}),
        json!({"id": "new/child", "_id": "e00000000000000000000002", "downloads": 4, "baseModels": finetune("nul/l")}),
        json!({"id": "new/tuned", "_id": "e00000000000000000000003", "baseModels": finetune("ann/llama-tuned")}),
        json!({"id": "new/of-circle", "_id": "e00000000000000000000005", "baseModels": finetune("cyc/a")}),
        json!({"id": "new/llama", "_id": "e00000000000000000000004", "baseModels": finetune("meta/llama")}),
    ]);
    rows
}

/// The rows without keys, in another order.
pub fn without_keys(rows: &[Value]) -> Vec<Value> {
    let mut rows = rows.to_vec();
    rows.reverse();
    for row in &mut rows {
        row["_id"] = Value::Null;
    }
    rows
}

#[test]
fn of_the_made_up_rows() {
    let (old, new) = (old_rows(), new_rows());
    // Each kind of change is among them, or nothing was compared.
    let wanted = naive::diff(&old, &new, None);
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
    let told = |old: &[Value], new: &[Value]| {
        told(
            &Files::new(old, new).open(&within),
            &within,
            0,
            Measure::Delta,
        )
    };
    let find = |told: &Value, kind: &str, id: &str| {
        let list = told[kind]["first"].as_array().cloned();
        list.into_iter().flatten().find(|entry| entry["id"] == id)
    };
    let followed = told(&old, &new);
    let entry = find(&followed, "renamed", "ann/llama-tuned").unwrap();
    assert_eq!(entry["was"], "ann/llama-ft");
    assert_eq!(find(&followed, "new", "ann/llama-tuned"), None);
    assert_eq!(find(&followed, "gone", "ann/llama-ft"), None);
    // Another model of the same name is another model.
    assert!(find(&followed, "new", "many/m5").is_some());
    assert!(find(&followed, "gone", "many/m5").is_some());
    let named = told(&without_keys(&old), &without_keys(&new));
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
    let told = told(&files.open(&within), &within, 0, Measure::Delta);
    for kind in KINDS {
        let is_known = ["new", "gone"].contains(&kind);
        assert_eq!(told[kind].is_object(), is_known, "{kind}");
    }
    for member in ["before", "after", "delta", "growth"] {
        assert_eq!(told["downloads"][member], Value::Null, "{member}");
    }
    for entry in told["gone"]["first"].as_array().unwrap() {
        assert_eq!(entry["before"], Value::Null, "{entry}");
    }
}

/// The real rows and a changed copy of them, where they are there.
pub fn real_rows() -> Option<[Vec<Value>; 2]> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/hub_stats_real_2500.parquet");
    let file = File::open(path).ok()?;
    let mut old = rows_of(&ParquetReader::new(file).finish().unwrap());
    for (at, row) in old.iter_mut().enumerate() {
        row["_id"] = json!(format!("{at:024x}"));
    }
    let mut new = old.clone();
    for (at, row) in new.iter_mut().enumerate() {
        let downloads = row["downloads"].as_i64().unwrap_or(0);
        match at % 7 {
            0 => row["downloads"] = json!(downloads * 3 + 1),
            1 => row["downloads"] = json!(downloads / 2),
            2 => row["baseModels"] = Value::Null,
            3 if at % 2 == 0 => row["id"] = json!(format!("renamed/{at}")),
            3 => row["downloads"] = Value::Null,
            _ => {}
        }
    }
    let mut at = 0;
    new.retain(|_| {
        at += 1;
        at % 11 != 0
    });
    for at in 0..50 {
        let base = old[at * 9]["id"].clone();
        new.push(
            json!({"id": format!("came/{at}"), "_id": format!("c{at:023x}"), "downloads": at,
            "baseModels": {"relation": "finetune", "models": [{"_id": null, "id": base}]}}),
        );
    }
    Some([old, new])
}

#[test]
fn of_real_rows_and_a_changed_copy() {
    if let Some([old, new]) = real_rows() {
        check(&old, &new, "", None);
        check(&without_keys(&old), &without_keys(&new), "", None);
    }
}
