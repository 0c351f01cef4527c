//! The synthetic hub at the size of the report that this project starts from (October 2025): it has
//! the report's numbers, and every figure of `stats` over it is what Polars expressions work out.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use hubscope::sample::{Recipe, write};
use polars::prelude::*;
use serde_json::Value;

use super::figures::compared;
use super::hub::Rows;

const MODELS: usize = 2_161_698;

/// Figures that the report prints, in percent of what they are a part of.
const SHARES: [(&str, &str, f64); 8] = [
    ("downloads.positive", "models", 35.5),
    ("downloads_all_time.positive", "models", 59.7),
    ("lineage.with_base", "models", 28.09),
    ("lineage.relations.adapter", "lineage.with_base", 42.57),
    ("lineage.relations.finetune", "lineage.with_base", 35.91),
    ("lineage.relations.quantized", "lineage.with_base", 19.22),
    ("lineage.relations.merge", "lineage.with_base", 2.30),
    ("params.known_safetensors", "models", 23.38),
];
/// Figures that it prints as they are.
const FIGURES: [(&str, f64); 7] = [
    ("downloads.median", 0.0),
    ("downloads.mean", 812.0),
    ("downloads_all_time.median", 19.0),
    ("downloads_all_time.mean", 21_641.0),
    ("params.safetensors.p25", 0.1244e9),
    ("params.safetensors.p50", 0.7645e9),
    ("params.safetensors.p75", 6.7384e9),
];

/// Takes half a minute, and minutes where the program is built for debugging:
/// `cargo test --release --test commands -- --ignored`.
#[test]
#[ignore = "writes and reads a file of 230 MB"]
fn the_full_hub_has_the_numbers_of_the_report_and_stats_those_of_polars() {
    let rows = full();
    let found = rows.json(&["stats"]);
    let figure = |path: &str| -> f64 {
        let figure = path.split('.').fold(&found, |value, name| &value[name]);
        figure
            .as_f64()
            .unwrap_or_else(|| panic!("{path}: {figure}"))
    };
    assert_eq!(found["models"], MODELS);
    let recent = 100.0 * figure("recent_share");
    assert!((recent - 3.75).abs() <= 0.5, "{recent}");
    for (part, whole, wanted) in SHARES {
        let share = 100.0 * figure(part) / figure(whole);
        assert!(
            (share - wanted).abs() <= 0.5,
            "{part}: {share} for {wanted}"
        );
    }
    for (path, wanted) in FIGURES {
        let figure = figure(path);
        // Half a percent of what is printed.
        assert!(
            (figure - wanted).abs() <= wanted * 0.005,
            "{path}: {figure} for {wanted}"
        );
    }
    // Real files have counts beyond the report's largest; they are marked.
    let sound = rows.json(&["stats", "--where", "-is:suspect"]);
    let largest = sound["params"]["safetensors"]["max"].as_f64().unwrap();
    assert!((largest - 684.53e9).abs() <= 0.01e9, "{largest}");
    assert!(compared(&rows, &found, &rows.only(None)) > 30);
}

/// The hub as a file, and as a frame with the columns that [`Rows`] promises, made by hand: whole rows
/// of it as JSON would not fit in memory.
fn full() -> Rows {
    let path = file();
    let names = [
        "id",
        "downloads",
        "downloadsAllTime",
        "safetensors",
        "gguf",
        "baseModels",
    ];
    let read = ParquetReader::new(File::open(&path).unwrap());
    let columns = names.map(str::to_owned).to_vec();
    let mut frame = read.with_columns(Some(columns)).finish().unwrap();
    let of = |expr: Expr| {
        let found = frame.clone().lazy().select([expr.alias("x")]).collect();
        found.unwrap().column("x").unwrap().clone()
    };
    let member = |column: &str, name: &str| col(column).struct_().field_by_name(name);
    let stated = of(member("safetensors", "total"));
    let gguf = frame.column("gguf").unwrap().str().unwrap().clone();
    let total = |(stated, gguf): (Option<i64>, Option<&str>)| {
        let header = || serde_json::from_str::<Value>(gguf?).ok();
        stated.or_else(|| header()?["total"].as_i64())
    };
    let totals = stated.i64().unwrap().iter().zip(gguf.iter()).map(total);
    let totals: Vec<Option<i64>> = totals.collect();
    let counts = bases(&frame);
    let relation = of(when(member("baseModels", "models").list().len().gt(lit(0)))
        .then(member("baseModels", "relation"))
        .otherwise(lit(NULL)));
    for (name, counts) in ["bases", "ghosts", "selves"].into_iter().zip(counts) {
        frame.with_column(Column::new(name.into(), counts)).unwrap();
    }
    let added = [
        ("safetensors_total", stated),
        ("total", Column::new("total".into(), totals)),
        ("relation", relation),
    ];
    for (name, column) in added {
        frame.with_column(column.with_name(name.into())).unwrap();
    }
    Rows::of_file("full", frame, path)
}

/// How many bases each model states, how many of them are not in the table, and how many it is itself.
fn bases(frame: &DataFrame) -> [Vec<i64>; 3] {
    let ids = frame.column("id").unwrap().str().unwrap();
    let known: HashSet<&str> = ids.iter().flatten().collect();
    let models = col("baseModels").struct_().field_by_name("models");
    let named = models.list().eval(element().struct_().field_by_name("id"));
    let lists = frame
        .clone()
        .lazy()
        .select([named.alias("bases")])
        .collect();
    let lists = lists.unwrap();
    let lists = lists.column("bases").unwrap().list().unwrap().clone();
    let mut counts = [(); 3].map(|()| vec![0; frame.height()]);
    for (row, id) in ids.iter().enumerate() {
        let Some(bases) = lists.get_as_series(row) else {
            continue;
        };
        for base in bases.str().unwrap().iter().flatten() {
            counts[0][row] += 1;
            counts[1][row] += i64::from(!known.contains(base));
            counts[2][row] += i64::from(id == Some(base));
        }
    }
    counts
}

/// Written once.
fn file() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("full-{MODELS}.parquet"));
    if !path.exists() {
        let partial = path.with_extension("partial");
        let out = BufWriter::new(File::create(&partial).unwrap());
        let recipe = Recipe {
            rows: MODELS,
            ..Recipe::BUILT_IN
        };
        write(&recipe, out, |_| {}).unwrap();
        std::fs::rename(partial, &path).unwrap();
    }
    path
}
