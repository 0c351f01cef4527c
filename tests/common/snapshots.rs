//! Made-up snapshots with every kind of change, and real rows with a changed copy of themselves.

use std::path::PathBuf;

use hubscope::cli::commands::diff::{DiffArgs, OpenSnapshot, print};
use hubscope::cli::opener::Opener;
use hubscope::cli::output::format::{Format, TableOutput};
use hubscope::cli::within::{Where, Within};
use hubscope::engine::Hub;
use hubscope::engine::diff::change::Measure;
use polars::prelude::DataType;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{frame_of, layout, open, printed, real_frame, rows, rows_of, write};

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

    pub fn open(&self, within: &Within) -> [OpenSnapshot; 2] {
        self.paths()
            .map(|path| OpenSnapshot::open(&path, within.stage(), &Opener::default()).unwrap())
    }
}

/// What the command prints as JSON.
pub fn reported(
    snapshots: &[OpenSnapshot; 2],
    within: &Within,
    limit: usize,
    measure: Measure,
) -> Value {
    serde_json::from_str(&text(snapshots, within, (limit, measure), Format::Json)).unwrap()
}

/// The output of the command.
pub fn text(
    [old, new]: &[OpenSnapshot; 2],
    within: &Within,
    (limit, sort): (usize, Measure),
    format: Format,
) -> String {
    let args = DiffArgs {
        limit,
        sort,
        old: PathBuf::new(),
        new: PathBuf::new(),
        within: Where::default(),
        output: TableOutput::default(),
    };
    printed(format, |context| print(context, [old, new], within, &args))
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

/// The real rows and a changed copy of them, where they are there.
pub fn real_rows() -> Option<[Vec<Value>; 2]> {
    let mut old = rows_of(&real_frame()?);
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
