//! The program on real rows, of which a part lies beside the project. What it finds is compared
//! with Polars expressions and, where those cannot say it, with a look at every row. Without the
//! file there is nothing to compare.

use std::path::PathBuf;
use std::process::Command;

use polars::prelude::*;
use serde_json::Value;

use crate::common::program::{Ran, hubscope, run};
use crate::common::{expected, real_file, real_frame, rows_of};

/// The real rows, and for every one whether it is wanted.
pub struct Real {
    path: PathBuf,
    frame: DataFrame,
    pub rows: Vec<Value>,
}

impl Real {
    pub fn open() -> Option<Real> {
        let (path, frame) = (real_file()?, real_frame()?);
        let rows = rows_of(&frame);
        Some(Real { path, frame, rows })
    }

    pub fn by(&self, wanted: Expr) -> Vec<bool> {
        let mask = self.frame.clone().lazy().select([wanted.alias("wanted")]);
        let mask = mask.collect().unwrap();
        let mask = mask.column("wanted").unwrap().bool().unwrap().clone();
        mask.iter().map(|wanted| wanted == Some(true)).collect()
    }

    fn by_hand(&self, wanted: impl Fn(&Value) -> bool) -> Vec<bool> {
        self.rows.iter().map(wanted).collect()
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        hubscope(&[&["--data", self.path.to_str().unwrap()], arguments].concat())
    }

    pub fn json(&self, query: &str) -> Value {
        let ran = self.run(&["search", query, "--json", "--limit", "0"]);
        assert_eq!(ran.err, "", "{query}");
        assert_eq!(ran.code, Some(0), "{query}");
        serde_json::from_str(&ran.out).unwrap()
    }

    pub fn ids(&self, wanted: &[bool]) -> Vec<&str> {
        let wanted = self.rows.iter().zip(wanted).filter(|(_, wanted)| **wanted);
        wanted.map(|(row, _)| id(row)).collect()
    }
}

pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

fn lower(row: &Value) -> String {
    id(row).to_lowercase()
}

fn tags(row: &Value) -> impl Iterator<Item = &str> {
    let tags = row["tags"].as_array().into_iter().flatten();
    tags.filter_map(Value::as_str)
}

pub fn number(row: &Value, member: &str) -> i64 {
    row[member].as_i64().unwrap()
}

/// Whether the letters stand in the id in order.
fn has_letters(id: &str, letters: &str) -> bool {
    let mut rest = id.chars();
    letters.chars().all(|c| rest.any(|other| other == c))
}

/// A text between characters that are no letters or digits.
fn has_word(id: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    (0..id.len()).any(|at| {
        id[at..].starts_with(word)
            && !part(id[..at].chars().next_back())
            && !part(id[at + word.len()..].chars().next())
    })
}

fn both(a: &[bool], b: &[bool]) -> Vec<bool> {
    a.iter().zip(b).map(|(a, b)| *a && *b).collect()
}

fn params() -> Expr {
    col("safetensors").struct_().field_by_name("total")
}

/// Every case: a query, and the rows that it finds exactly.
fn cases(real: &Real) -> Vec<(&'static str, Vec<bool>)> {
    let time = |y, m| {
        let day = chrono::NaiveDate::from_ymd_opt(y, m, 1).unwrap();
        lit(day.and_hms_opt(0, 0, 0).unwrap())
    };
    let is = |column: &str, word: &str| col(column).eq(lit(word));
    let id_low = || col("id").str().to_lowercase();
    let known: Vec<&str> = real.rows.iter().map(id).collect();
    let others = |row: &Value| {
        let mut bases = expected::bases(row);
        bases.retain(|base| base != id(row));
        bases.sort();
        bases.dedup();
        bases
    };
    let from = "meta-llama/Llama-3.1-8B-Instruct";
    let base_tag = format!("base_model:{from}");
    vec![
        ("llama", real.by_hand(|r| lower(r).contains("llama"))),
        ("Llama", real.by_hand(|r| id(r).contains("Llama"))),
        (
            "Instruct !llama",
            real.by_hand(|r| id(r).contains("Instruct") && !lower(r).contains("llama")),
        ),
        ("^qwen/", real.by(id_low().str().starts_with(lit("qwen/")))),
        (
            "instruct$",
            real.by(id_low().str().ends_with(lit("instruct"))),
        ),
        (
            "^qwen/ -Instruct$",
            real.by(col("id")
                .str()
                .ends_with(lit("-Instruct"))
                .and(id_low().str().starts_with(lit("qwen/")))),
        ),
        ("'7b", real.by_hand(|r| has_word(&lower(r), "7b"))),
        (
            "^google/gemma|^meta-llama 2b|8b",
            real.by(id_low()
                .str()
                .starts_with(lit("google/gemma"))
                .or(id_low().str().starts_with(lit("meta-llama"))))
                .iter()
                .zip(&real.rows)
                .map(|(begins, r)| *begins && (lower(r).contains("2b") || lower(r).contains("8b")))
                .collect(),
        ),
        (
            "author:qwen,Google",
            real.by(id_low()
                .str()
                .starts_with(lit("qwen/"))
                .or(id_low().str().starts_with(lit("google/")))),
        ),
        (
            "-author:Qwen",
            real.by(id_low().str().starts_with(lit("qwen/")).not()),
        ),
        (
            "task:text-generation library:transformers",
            real.by(is("pipeline_tag", "text-generation").and(is("library_name", "transformers"))),
        ),
        (
            "-task:text-generation",
            real.by(col("pipeline_tag")
                .is_null()
                .or(is("pipeline_tag", "text-generation").not())),
        ),
        (
            "has:task no:library",
            real.by(col("pipeline_tag")
                .is_not_null()
                .and(col("library_name").is_null())),
        ),
        (
            "license:apache-2.0|MIT",
            real.by_hand(|r| {
                matches!(
                    tags(r).find_map(|t| t.strip_prefix("license:")),
                    Some("apache-2.0" | "mit")
                )
            }),
        ),
        (
            "tag:GGUF -tag:conversational",
            real.by_hand(|r| {
                tags(r).any(|t| t.to_lowercase() == "gguf")
                    && !tags(r).any(|t| t == "conversational")
            }),
        ),
        (
            "lang:de,zh",
            real.by_hand(|r| tags(r).any(|t| t == "de" || t == "zh")),
        ),
        (
            "relation:quantized,merge",
            real.by(col("baseModels")
                .struct_()
                .field_by_name("relation")
                .eq(lit("quantized"))
                .or(col("baseModels")
                    .struct_()
                    .field_by_name("relation")
                    .eq(lit("merge")))),
        ),
        (
            "base:meta-llama/Llama-3.1-8B-Instruct",
            real.by_hand(|r| expected::bases(r).iter().any(|base| base == from)),
        ),
        // The tags are not what the lineage is read from, but say the same.
        (
            "tag:base_model:meta-llama/Llama-3.1-8B-Instruct",
            real.by_hand(|r| tags(r).any(|t| t == base_tag)),
        ),
        ("family:meta-llama/Llama-3.1-8B", {
            let mut family = vec!["meta-llama/Llama-3.1-8B".to_owned()];
            loop {
                let new = real
                    .rows
                    .iter()
                    .filter(|r| !family.iter().any(|f| f == id(r)));
                let new: Vec<String> = new
                    .filter(|r| expected::bases(r).iter().any(|base| family.contains(base)))
                    .map(|r| id(r).to_owned())
                    .collect();
                if new.is_empty() {
                    break;
                }
                family.extend(new);
            }
            real.by_hand(|r| family[1..].iter().any(|f| f == id(r)))
        }),
        ("params:>70B has:params", {
            let gguf = |r: &Value| -> Option<i64> {
                let total = r["safetensors"]["total"].as_i64();
                total.or_else(|| {
                    serde_json::from_str::<Value>(r["gguf"].as_str()?).ok()?["total"].as_i64()
                })
            };
            real.by_hand(|r| gguf(r).is_some_and(|n| n > 70_000_000_000))
        }),
        (
            "no:params",
            both(
                &real.by(params().is_null()),
                &real.by_hand(|r| {
                    !r["gguf"].as_str().is_some_and(|g| {
                        serde_json::from_str::<Value>(g).unwrap()["total"].is_i64()
                    })
                }),
            ),
        ),
        (
            "fits:24GB@4 -fits:10GiB",
            real.by_hand(|r| {
                let gguf = || serde_json::from_str::<Value>(r["gguf"].as_str()?).ok();
                let stated = r["safetensors"]["total"].as_i64();
                let params = stated.or_else(|| gguf()?["total"].as_i64());
                params.is_some_and(|n| n * 4 <= 24_000_000_000 * 8 && n * 16 > 10 * (1 << 30) * 8)
            }),
        ),
        (
            "downloads:1K..1M likes:>=100",
            real.by(col("downloads")
                .gt_eq(lit(1_000))
                .and(col("downloads").lt_eq(lit(1_000_000)))
                .and(col("likes").gt_eq(lit(100)))),
        ),
        ("all:<10K", real.by(col("downloadsAllTime").lt(lit(10_000)))),
        (
            "all:12M",
            real.by(col("downloadsAllTime")
                .gt_eq(lit(11_500_000))
                .and(col("downloadsAllTime").lt(lit(12_500_000)))),
        ),
        (
            "ratio:>=50%",
            real.by(col("downloadsAllTime")
                .gt(lit(0))
                .and((col("downloads") * lit(2)).gt_eq(col("downloadsAllTime")))),
        ),
        (
            "created:2025-01..2025-06",
            real.by(col("createdAt")
                .gt_eq(time(2025, 1))
                .and(col("createdAt").lt(time(2025, 7)))),
        ),
        (
            "modified:>2025",
            real.by(col("lastModified").dt().year().gt(lit(2025))),
        ),
        (
            "created:2024 -created:2024-02",
            real.by(col("createdAt")
                .dt()
                .year()
                .eq(lit(2024))
                .and(col("createdAt").dt().month().neq(lit(2)))),
        ),
        (
            "is:ghost",
            real.by_hand(|r| others(r).iter().any(|base| !known.contains(&base.as_str()))),
        ),
        // Each was looked at.
        (
            "is:suspect",
            real.by_hand(|r| {
                [
                    "dphn/dolphin-2.9.2-Phi-3-Medium-abliterated",
                    "TheDrummer/Cydonia-24B-v4.3",
                    "Intel/Qwen3-Coder-480B-A35B-Instruct-int4-mixed-AutoRound",
                    "Sakalti/SakaMoe-3x1.6B-Instruct",
                    "ehristoforu/ud-14b",
                    "Supichi/BBAI_78B_Calme_3_1_Ties",
                ]
                .contains(&id(r))
            }),
        ),
        ("is:merge", real.by_hand(|r| others(r).len() > 1)),
        ("is:root no:base", {
            let named: Vec<String> = real.rows.iter().flat_map(others).collect();
            real.by_hand(|r| {
                expected::bases(r).is_empty() && named.iter().any(|base| base == id(r))
            })
        }),
        ("has:base", real.by_hand(|r| !expected::bases(r).is_empty())),
    ]
}

#[test]
fn every_test_and_operator_on_real_rows() {
    let Some(real) = Real::open() else {
        return;
    };
    for (query, wanted) in cases(&real) {
        let answer = real.json(query);
        let hits = answer["hits"].as_array().unwrap();
        let exact = hits.iter().filter(|hit| hit["tier"] != "fuzzy");
        let mut found: Vec<&str> = exact.map(id).collect();
        found.sort_unstable();
        let mut ids = real.ids(&wanted);
        ids.sort_unstable();
        assert!(!ids.is_empty(), "no row is wanted: {query}");
        assert_eq!(found, ids, "{query}");
        assert_eq!(answer["exact"], found.len(), "{query}");
        assert_eq!(answer["total"], hits.len(), "{query}");
        let fuzzy = answer["fuzzy"].as_u64().unwrap();
        assert_eq!(hits.len() as u64, found.len() as u64 + fuzzy, "{query}");
    }
}

#[test]
fn what_only_has_the_letters_comes_last() {
    let Some(real) = Real::open() else {
        return;
    };
    for (query, words, test) in [
        ("qwen3", vec!["qwen3"], None),
        ("qwen instruct", vec!["qwen", "instruct"], None),
        (
            "Lma task:text-generation",
            vec!["lma"],
            Some("text-generation"),
        ),
        ("~lm3", vec!["lm3"], None),
    ] {
        let answer = real.json(query);
        let passes = |r: &Value| test.is_none_or(|task| r["pipeline_tag"] == task);
        let strict = query.starts_with('L');
        let stands = |r: &Value, w: &&str| match strict {
            true => id(r).contains("Lma"),
            false => lower(r).contains(*w),
        };
        let scattered = |r: &Value| words.iter().all(|w| has_letters(&lower(r), w));
        let rows = || real.rows.iter().filter(|r| passes(r) && scattered(r));
        let exact = rows()
            .filter(|r| words.iter().all(|w| stands(r, w)))
            .count();
        assert_eq!(answer["exact"], exact, "{query}");
        assert_eq!(answer["fuzzy"], rows().count() - exact, "{query}");
        let hits = answer["hits"].as_array().unwrap();
        let mut found: Vec<&str> = hits.iter().map(id).collect();
        let fuzzy = hits.iter().skip(exact).all(|hit| hit["tier"] == "fuzzy");
        assert!(fuzzy && hits[..exact].iter().all(|hit| hit["tier"] != "fuzzy"));
        found.sort_unstable();
        let mut wanted: Vec<&str> = rows().map(id).collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{query}");
    }
}
