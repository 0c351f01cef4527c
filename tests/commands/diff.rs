//! The other forms of the command, its exit codes and how mistakes are reported.

use hubscope::cli::output::format::Format;
use hubscope::cli::within::Within;
use hubscope::engine::diff::change::Measure;
use serde_json::Value;

use crate::common::program::{self, Ran, hubscope};
use crate::common::snapshots::{Files, KINDS, new_rows, old_rows, reported, text, without_keys};

fn ran(files: &Files, arguments: &[&str]) -> Ran {
    let paths = files.paths();
    let paths = [0, 1].map(|side| paths[side].to_str().unwrap());
    program::run(hubscope(&[&["diff"], &paths[..], arguments].concat()))
}

fn for_people(files: &Files) -> String {
    let within = Within::new(None).unwrap();
    let how = (3, Measure::Delta);
    text(&files.open(&within), &within, how, Format::Text)
}

#[test]
fn changes_as_rows() {
    let files = Files::new(&old_rows(), &new_rows());
    let json = ran(&files, &["--json", "--limit", "2", "--sort", "growth"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let header = ["kind", "id", "was", "before", "after", "delta", "growth"];
    let mut wanted = vec![header.map(str::to_owned).to_vec()];
    for kind in KINDS {
        for entry in json[kind]["first"].as_array().unwrap() {
            let cells = header[1..].iter().map(|name| match &entry[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => match other.as_i64() {
                    Some(whole) => whole.to_string(),
                    None => other.as_f64().unwrap().to_string(),
                },
            });
            wanted.push([kind.to_owned()].into_iter().chain(cells).collect());
        }
    }
    let tsv = ran(&files, &["--limit", "2", "--sort", "growth"]).out;
    let lines = tsv.lines();
    let found: Vec<Vec<String>> = lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    assert_eq!(found, wanted);
    let csv = ran(&files, &["--limit", "2", "--sort", "growth", "--csv"]).out;
    let csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes())
        .into_records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect::<Vec<Vec<String>>>();
    assert_eq!(csv, wanted);
}

#[test]
fn tables_for_people() {
    let (old, new) = (old_rows(), new_rows());
    let text = for_people(&Files::new(&old, &new));
    for line in [
        "both: 42 models",
        "MORE DOWNLOADS",
        "RENAMED MODELS",
        "GONE FAMILIES",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let risen = text.lines().find(|line| line.starts_with("meta/llama "));
    let cells: Vec<&str> = risen.unwrap().split_whitespace().collect();
    assert_eq!(
        cells,
        ["meta/llama", "50,000", "60,000", "+10,000", "+20.0%"]
    );
    assert!(!text.contains("Joined by id"), "{text}");
    let bare = for_people(&Files::new(&without_keys(&old), &without_keys(&new)));
    assert!(bare.contains("Joined by id"), "{bare}");
    assert!(!bare.contains("RENAMED"), "{bare}");
}

#[test]
fn nothing_found_and_mistakes() {
    let same = Files::new(&old_rows(), &old_rows());
    let ran_same = ran(&same, &["--json"]);
    assert_eq!(ran_same.code, Some(1));
    let json: Value = serde_json::from_str(&ran_same.out).unwrap();
    assert!(KINDS.iter().all(|kind| json[kind]["total"] == 0), "{json}");
    let files = Files::new(&old_rows(), &new_rows());
    let none = ran(&files, &["--where", "no-such-model"]);
    assert_eq!((none.code, none.err.lines().count()), (Some(1), 1));
    for (arguments, named) in [
        (&["--where", "params:>big"][..], "column 8"),
        (&["--sort", "likes"], "delta, growth, now"),
    ] {
        let ran = ran(&files, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(named), "{}", ran.err);
    }
    let missing = program::run(hubscope(&["diff", "/no/such/old", "/no/such/new"]));
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("/no/such/old"), "{}", missing.err);
}

#[test]
fn a_query_is_asked_of_the_new_snapshot() {
    let files = Files::new(&old_rows(), &new_rows());
    let within = Within::new(Some("^ann/llama-tuned$")).unwrap();
    let reported = reported(&files.open(&within), &within, usize::MAX, Measure::Delta);
    assert_eq!(
        (&reported["both"], &reported["gone"]),
        (&Value::from(1), &Value::Null)
    );
    assert_eq!(reported["renamed"]["first"][0]["was"], "ann/llama-ft");
}
