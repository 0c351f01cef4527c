//! How the program prints what it finds in the real rows, in which order, and with which exit code.

use std::process::{Command, Stdio};

use polars::prelude::*;
use serde_json::Value;

use super::real::{Real, id, number};

#[test]
fn hits_are_in_order() {
    let Some(real) = Real::open() else {
        return;
    };
    let tiers = ["id", "name", "prefix", "word", "substring"];
    for (query, member, sort, ascending) in [
        ("mistral", "downloads", None, false),
        ("qwen", "likes", Some("likes"), false),
        ("instruct$ sort:created", "created_at", None, false),
        ("llama", "downloads", Some("downloads:asc"), true),
    ] {
        let mut arguments = vec!["search", query, "--json", "--limit", "0"];
        arguments.extend(sort.into_iter().flat_map(|sort| ["--sort", sort]));
        let ran = real.run(&arguments);
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        let exact = usize::try_from(answer["exact"].as_u64().unwrap()).unwrap();
        assert!(exact > 20, "{query}");
        let key = |hit: &Value| {
            let tier = tiers.iter().position(|tier| hit["tier"] == *tier).unwrap();
            let row = real.rows.iter().position(|row| id(row) == id(hit)).unwrap();
            let value = match member {
                "created_at" => number(&real.rows[row], "createdAt"),
                _ => number(hit, member),
            };
            (tier, if ascending { value } else { -value }, row)
        };
        let keys: Vec<_> = answer["hits"].as_array().unwrap()[..exact]
            .iter()
            .map(key)
            .collect();
        assert!(keys.is_sorted(), "{query}: {keys:?}");
    }
}

#[test]
fn one_answer_in_every_form() {
    let Some(real) = Real::open() else {
        return;
    };
    let query = "gemma task:text-generation";
    let answer = real.json(query);
    let all: Vec<&str> = answer["hits"].as_array().unwrap().iter().map(id).collect();
    assert!(all.len() > 21);
    let lines = |arguments: &[&str]| -> Vec<String> {
        let ran = real.run(&[&["search", query], arguments].concat());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        ran.out.lines().map(str::to_owned).collect()
    };
    assert_eq!(lines(&["--ids", "--limit", "0"]), all);
    assert_eq!(lines(&["--ids"]), all[..20]);
    assert_eq!(lines(&["--ids", "--limit", "3"]), all[..3]);
    let table = lines(&["--csv", "--limit", "0"]).join("\n");
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let header = table.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|cell| cell == name).unwrap();
    let (ids, downloads, tiers) = (place("id"), place("downloads"), place("tier"));
    let records: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), all.len());
    for (record, hit) in records.iter().zip(answer["hits"].as_array().unwrap()) {
        assert_eq!(&record[ids], id(hit));
        assert_eq!(record[downloads], hit["downloads"].to_string());
        assert_eq!(hit["tier"], record[tiers]);
    }
    let tsv = lines(&["--limit", "2"]);
    assert_eq!(tsv.len(), 3);
    assert_eq!(tsv[1].split('\t').nth(ids), Some(all[0]));
}

#[test]
fn nothing_found_and_mistakes_have_their_own_exit_codes() {
    let Some(real) = Real::open() else {
        return;
    };
    let ran = real.run(&["search", "no-such-model-anywhere", "--ids"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    // In JSON too the answer is one, and says that there is nothing.
    let ran = real.run(&["search", "llama task:no-such-task", "--json"]);
    assert_eq!(ran.code, Some(1));
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["total"], 0);
    assert_eq!(answer["hits"], Value::Array(Vec::new()));
    for (query, column) in [
        ("llama tusk:x", "column 7"),
        ("params:>big", "column 8"),
        ("a \"b", "column 3"),
        ("a|", "column 3"),
    ] {
        let ran = real.run(&["search", query, "--json"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{query}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(ran.err.contains(column), "{query}: {}", ran.err);
    }
}

#[test]
fn a_leading_minus_is_a_query() {
    let Some(real) = Real::open() else {
        return;
    };
    let wanted = real.by(col("id").str().starts_with(lit("Qwen/")).not());
    let ran = real.run(&["search", "-author:Qwen", "--ids", "--limit", "0"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(ran.out.lines().count(), real.ids(&wanted).len());
    let with_dashes = real.run(&["search", "--ids", "--limit", "0", "--", "-author:Qwen"]);
    assert_eq!(ran.out, with_dashes.out);
}

/// As `hubscope search … --ids | head -1`: the reader goes away early.
#[test]
#[cfg(unix)]
fn a_reader_that_leaves_is_no_error() {
    let Some(real) = Real::open() else {
        return;
    };
    let mut search = real
        .command(&["search", "", "--ids", "--limit", "0"])
        .spawn()
        .unwrap();
    let head = Command::new("head")
        .arg("-1")
        .stdin(Stdio::from(search.stdout.take().unwrap()))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(head.stdout).unwrap().lines().count(), 1);
    let ended = search.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}
