//! Counts of the command on the real rows, where they are at hand, against Polars expressions.

use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde_json::Value;

use crate::common::program::{hubscope, run};

fn file() -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/hub_stats_real_2500.parquet");
    path.exists().then_some(path)
}

fn answer(path: &Path, query: &str) -> Value {
    let path = path.to_str().unwrap();
    let ran = run(hubscope(&[
        "--data", path, "search", query, "--limit", "0", "--json",
    ]));
    assert!(matches!(ran.code, Some(0 | 1)), "{query}: {}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// Whether a text of the column is of a kind; unknown is not. (Polars has no patterns here.)
fn is(column: &str, kind: impl Fn(&str) -> bool + Send + Sync + 'static) -> Expr {
    let test = move |column: Column| {
        let texts = column.str()?.iter();
        let found: BooleanChunked = texts.map(|text| Some(text.is_some_and(&kind))).collect();
        Ok(found.with_name(column.name().clone()).into_column())
    };
    col(column).map(test, |_, field| {
        Ok(Field::new(field.name().clone(), DataType::Boolean))
    })
}

fn has(text: &'static str) -> Expr {
    is("id", move |id| id.to_lowercase().contains(text))
}

fn tagged(tag: &'static str) -> Expr {
    is("tags_joined", move |tags| tags.split('|').any(|t| t == tag))
}

fn by(author: &'static str) -> Expr {
    is("id", move |id| {
        id.split_once('/')
            .is_some_and(|(owner, _)| owner.to_lowercase() == author)
    })
}

fn params() -> Expr {
    let total = |column: Column| {
        let of = |text: &str| serde_json::from_str::<Value>(text).ok()?["total"].as_i64();
        let totals: Int64Chunked = column.str()?.iter().map(|text| of(text?)).collect();
        Ok(totals.with_name("gguf".into()).into_column())
    };
    let gguf = col("gguf").map(total, |_, field| {
        Ok(Field::new(field.name().clone(), DataType::Int64))
    });
    let safetensors = col("safetensors").struct_().field_by_name("total");
    when(safetensors.clone().is_not_null())
        .then(safetensors)
        .otherwise(gguf)
}

fn day(year: i32, month: u32, day: u32) -> Expr {
    let date = chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap();
    lit(date
        .and_hms_opt(0, 0, 0)
        .unwrap()
        .and_utc()
        .timestamp_micros())
}

fn micros(column: &str) -> Expr {
    col(column).cast(DataType::Int64)
}

/// Twenty queries, each beside what it means.
fn meanings() -> Vec<(&'static str, Expr)> {
    let created = || micros("createdAt");
    vec![
        ("llama", has("llama")),
        ("Llama", is("id", |id| id.contains("Llama"))),
        ("llama 8b", has("llama").and(has("8b"))),
        (
            "^qwen",
            is("id", |id| id.to_lowercase().starts_with("qwen")),
        ),
        ("gguf$", is("id", |id| id.to_lowercase().ends_with("gguf"))),
        ("!merge llama", has("llama").and(has("merge").not())),
        ("qwen|gemma", has("qwen").or(has("gemma"))),
        (
            "'7b",
            is("id", |id| {
                id.to_lowercase()
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|w| w == "7b")
            }),
        ),
        ("author:qwen,google", by("qwen").or(by("google"))),
        ("-author:qwen", by("qwen").not()),
        (
            "task:text-generation",
            col("pipeline_tag").eq(lit("text-generation")),
        ),
        (
            "library:transformers",
            col("library_name").eq(lit("transformers")),
        ),
        ("license:apache-2.0", tagged("license:apache-2.0")),
        ("tag:mergekit lang:de", tagged("mergekit").and(tagged("de"))),
        (
            "params:7B..15B",
            params()
                .gt_eq(lit(7_000_000_000_i64))
                .and(params().lt_eq(lit(15_000_000_000_i64))),
        ),
        (
            "params:8B",
            params()
                .gt_eq(lit(7_500_000_000_i64))
                .and(params().lt(lit(8_500_000_000_i64))),
        ),
        (
            "downloads:>1K likes:<=100",
            col("downloads")
                .gt(lit(1000))
                .and(col("likes").lt_eq(lit(100))),
        ),
        (
            "ratio:>10%",
            (col("downloads") * lit(10))
                .gt(col("downloadsAllTime"))
                .and(col("downloadsAllTime").gt(lit(0))),
        ),
        (
            "created:2025-01..2025-06",
            created()
                .gt_eq(day(2025, 1, 1))
                .and(created().lt(day(2025, 7, 1))),
        ),
        (
            "modified:>2025",
            micros("lastModified").gt_eq(day(2026, 1, 1)),
        ),
        (
            "has:params no:task",
            params().is_not_null().and(col("pipeline_tag").is_null()),
        ),
        ("relation:merge,quantized", {
            let relation = || col("baseModels").struct_().field_by_name("relation");
            relation()
                .eq(lit("merge"))
                .or(relation().eq(lit("quantized")))
        }),
    ]
}

#[test]
fn counts_are_those_of_polars() {
    let Some(path) = file() else { return };
    let mut frame = ParquetReader::new(std::fs::File::open(&path).unwrap())
        .finish()
        .unwrap();
    let tags = frame.column("tags").unwrap().list().unwrap().clone();
    let joined = tags.amortized_iter().map(|list| {
        let list = list?;
        let tags: Vec<String> = list
            .as_ref()
            .str()
            .unwrap()
            .iter()
            .flatten()
            .map(str::to_owned)
            .collect();
        Some(tags.join("|"))
    });
    let joined: StringChunked = joined.collect();
    frame
        .with_column(joined.with_name("tags_joined".into()).into_column())
        .unwrap();
    for (query, meaning) in meanings() {
        let kept = frame
            .clone()
            .lazy()
            .filter(meaning)
            .select([col("id")])
            .collect()
            .unwrap();
        let answer = answer(&path, query);
        assert_eq!(
            answer["exact"].as_u64().unwrap(),
            kept.height() as u64,
            "{query}"
        );
        let mut wanted: Vec<&str> = kept
            .column("id")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .flatten()
            .collect();
        let hits = answer["hits"].as_array().unwrap();
        let exact = hits.iter().filter(|hit| hit["tier"] != "fuzzy");
        let mut found: Vec<&str> = exact.map(|hit| hit["id"].as_str().unwrap()).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{query}");
    }
    // The letters in order, but not together.
    let fuzzy = is("id", |id| {
        let id = id.to_lowercase();
        let mut letters = id.chars();
        let in_order = "qwn3".chars().all(|wanted| letters.any(|c| c == wanted));
        in_order && !id.contains("qwn3")
    });
    let kept = frame.lazy().filter(fuzzy).collect().unwrap();
    assert_eq!(
        answer(&path, "qwn3")["fuzzy"].as_u64().unwrap(),
        kept.height() as u64
    );
}
