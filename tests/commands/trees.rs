//! `tree` and `roots`, as JSON against a plain recursion, and in their other forms.

use serde_json::{Value, json};

use crate::common::lineage::{Naive, Wanted};
use crate::common::program::{Ran, hubscope, run};
use crate::common::{file, frame_of, layout, rows, write};

fn on_hub(arguments: &[&str]) -> Ran {
    let path = file();
    // First, since a name may come after `--`.
    let data = ["--data", path.to_str().unwrap()];
    run(hubscope(&[&data, arguments].concat()))
}

fn answer(arguments: &[&str]) -> String {
    let ran = on_hub(arguments);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    ran.out
}

fn read(arguments: &[&str]) -> Value {
    serde_json::from_str(&answer(
        &[&arguments[..1], &["--json"], &arguments[1..]].concat(),
    ))
    .unwrap()
}

/// What the plain recursion tells of each node, and nothing else.
fn pruned(node: &Value) -> Value {
    let reported = [
        "id",
        "children_total",
        "descendants",
        "family_downloads",
        "family_downloads_all_time",
        "hidden",
        "mark",
    ];
    let members = reported.map(|member| (member.to_owned(), node[member].clone()));
    let mut kept: serde_json::Map<String, Value> = members.into_iter().collect();
    let children = node["children"].as_array().unwrap();
    kept.insert("children".to_owned(), children.iter().map(pruned).collect());
    Value::Object(kept)
}

#[test]
fn every_tree_is_that_of_a_plain_recursion() {
    let rows = rows();
    let naive = Naive::new(&rows);
    let all = Wanted {
        depth: 50,
        ..Wanted::default()
    };
    for name in naive
        .names()
        .iter()
        .filter(|name| !naive.descendants(name).is_empty())
    {
        let found = read(&["tree", "--depth", "50", "--limit", "0", "--", name]);
        assert_eq!(pruned(&found["root"]), naive.tree(name, &all), "{name}");
    }
    let up = Wanted { up: true, ..all };
    for name in ["mrg/of-merge", "cyc/a", "mrg/selfish", "lost/base"] {
        let found = read(&["tree", "--up", "--depth", "50", "--limit", "0", "--", name]);
        assert_eq!(pruned(&found["root"]), naive.tree(name, &up), "{name}");
    }
}

#[test]
fn a_part_of_a_tree() {
    let rows = rows();
    let naive = Naive::new(&rows);
    let two = Wanted {
        depth: 2,
        limit: Some(20),
        ..Wanted::default()
    };
    let found = read(&["tree", "meta/llama"]);
    assert_eq!(pruned(&found["root"]), naive.tree("meta/llama", &two));
    let one = Wanted {
        limit: Some(1),
        ..two.clone()
    };
    let found = read(&["tree", "meta/llama", "--limit", "1"]);
    assert_eq!(pruned(&found["root"]), naive.tree("meta/llama", &one));
    let merges = Wanted {
        relation: Some("merge"),
        ..two
    };
    let found = read(&["tree", "meta/llama", "--relation", "merge"]);
    assert_eq!(pruned(&found["root"]), naive.tree("meta/llama", &merges));
    // What the query asks for, and what leads to it.
    let found = read(&["tree", "meta/llama", "--where", "relation:quantized"]);
    let ids = |node: &Value| -> Vec<String> {
        let children = node["children"].as_array().unwrap().iter();
        children
            .map(|child| child["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&found["root"]), ["ann/llama-ft", "bob/llama-GGUF"]);
    assert_eq!(ids(&found["root"]["children"][0]), ["bob/llama-ft-awq"]);
    let children = naive.children("meta/llama").len();
    assert_eq!(found["root"]["hidden"], children - 2);
    let found = read(&["tree", "meta/llama", "--depth", "1", "--sort", "id"]);
    let mut sorted = ids(&found["root"]);
    sorted.sort();
    assert_eq!(ids(&found["root"]), sorted);
    assert_eq!(sorted.len(), naive.children("meta/llama").len());
}

#[test]
fn trees_for_scripts() {
    let ids = answer(&["tree", "cyc/a", "--ids", "--depth", "9"]);
    assert_eq!(ids, "cyc/a\ncyc/c\ncyc/b\ntail/of-circle\n");
    let rows = answer(&["tree", "cyc/a", "--depth", "9"]);
    let lines: Vec<Vec<&str>> = rows
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let column = |name: &str| lines[0].iter().position(|head| *head == name).unwrap();
    let reported: Vec<[&str; 4]> = lines[1..]
        .iter()
        .map(|line| ["id", "depth", "parent", "mark"].map(|name| line[column(name)]))
        .collect();
    assert_eq!(
        reported,
        [
            ["cyc/a", "0", "", ""],
            ["cyc/c", "1", "cyc/a", ""],
            ["cyc/b", "2", "cyc/c", ""],
            ["cyc/a", "3", "cyc/b", "cycle"],
            ["tail/of-circle", "3", "cyc/b", ""],
        ]
    );
    let csv = answer(&["tree", "Qwen2-1.5B", "--csv"]);
    assert_eq!(csv.lines().count(), 1 + 3);
}

#[test]
fn the_largest_families() {
    let rows = rows();
    let naive = Naive::new(&rows);
    let found = read(&["roots", "--limit", "0"]);
    let roots = naive.roots();
    assert_eq!(found["total"], roots.len());
    let reported: Vec<&Value> = found["roots"].as_array().unwrap().iter().collect();
    assert_eq!(reported.len(), roots.len());
    let sums = |member: &'static str| {
        reported
            .iter()
            .map(move |root| root[member].as_i64().unwrap())
    };
    assert!(sums("family_downloads").is_sorted_by(|a, b| a >= b));
    for root in &reported {
        let id = root["id"].as_str().unwrap();
        assert!(roots.iter().any(|circle| circle.contains(id)), "{id}");
        let totals = naive.totals(id);
        assert_eq!(root["descendants"], totals.descendants);
        assert_eq!(root["family_downloads"], json!(totals.downloads));
        assert_eq!(root["family_downloads_all_time"], json!(totals.all_time));
        let is_ghost = root["flags"].as_array().unwrap().contains(&"ghost".into());
        assert_eq!(is_ghost, !naive.rows.contains_key(id));
        assert_eq!(root["downloads"].is_null(), is_ghost);
    }
    let found = read(&["roots", "--limit", "2", "--sort", "children:asc"]);
    assert_eq!(found["roots"].as_array().unwrap().len(), 2);
    assert_eq!(found["total"], roots.len());
}

#[test]
fn a_tree_as_deep_as_is_allowed() {
    let id = |n: u32| format!("deep/{n}");
    let row = |n: u32| {
        let bases: Vec<Value> = (0..n).rev().take(1).map(|n| json!({"id": id(n)})).collect();
        json!({"id": id(n), "baseModels": {"relation": "finetune", "models": bases}})
    };
    let rows: Vec<Value> = (0..1_100).map(row).collect();
    let file = tempfile::NamedTempFile::with_suffix(".parquet").unwrap();
    write(&mut frame_of(&rows, &layout()), file.path());
    let data = file.path().to_str().unwrap();
    for form in ["--json", "--csv"] {
        let arguments = ["tree", "--data", data, "deep/0", "--depth", "1000", form];
        let ran = run(hubscope(&arguments));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{form}");
        assert!(ran.out.contains("deep/1000") && !ran.out.contains("deep/1001\""));
    }
}

#[test]
fn what_cannot_be_printed_is_reported() {
    let ran = on_hub(&["tree", "meta/lama"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("no model `meta/lama`"), "{}", ran.err);
    let ran = on_hub(&["tree", "meta/llama", "--where", "params:big"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("column 8"), "{}", ran.err);
    let ran = on_hub(&["tree", "meta/llama", "--depth", "1001"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("0 to 1000"), "{}", ran.err);
}
