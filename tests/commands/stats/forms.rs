//! The other forms of `hist` and `stats`: rows, pictures, the report, and how mistakes are reported.

use serde_json::Value;

use super::hub::{Rows, hubs};
use crate::common::program::{Ran, hubscope, run};

fn ran(rows: &Rows, arguments: &[&str]) -> Ran {
    let path = rows.path();
    run(hubscope(
        &[arguments, &["--data", path.to_str().unwrap()]].concat(),
    ))
}

fn printed(rows: &Rows, arguments: &[&str]) -> String {
    let ran = ran(rows, arguments);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    ran.out
}

fn made_up() -> Rows {
    hubs().swap_remove(0)
}

#[test]
fn bins_as_rows() {
    let rows = made_up();
    for arguments in [
        &["hist", "downloads"][..],
        &["hist", "created_at", "--where", "many"],
    ] {
        let json = rows.json(arguments);
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let row = |kind: &str, count: &Value| {
            vec![kind.to_owned(), String::new(), String::new(), text(count)]
        };
        let mut wanted = vec![row("unknown", &json["unknown"]), row("zero", &json["zero"])];
        wanted.extend(json["bins"].as_array().unwrap().iter().map(|bin| {
            vec![
                "bin".to_owned(),
                text(&bin["from"]),
                text(&bin["to"]),
                text(&bin["count"]),
            ]
        }));
        let tsv = printed(&rows, arguments);
        let mut lines = tsv
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(lines.next().unwrap(), ["kind", "from", "to", "count"]);
        assert!(lines.eq(wanted.clone()), "{tsv}");
        let csv = printed(&rows, &[arguments, &["--csv"]].concat());
        let mut csv = csv::Reader::from_reader(csv.as_bytes());
        let found = csv
            .records()
            .map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        assert!(found.eq(wanted));
    }
}

#[test]
fn figures_as_rows() {
    let rows = made_up();
    let json = rows.json(&["stats"]);
    let tsv = printed(&rows, &["stats"]);
    let mut lines = tsv.lines();
    assert_eq!(lines.next(), Some("figure\tvalue"));
    let mut seen = 0;
    for line in lines {
        let (path, value) = line.split_once('\t').unwrap();
        let wanted = match at(&json, path) {
            Value::Null => String::new(),
            Value::Array(models) => {
                let ids: Vec<&str> = models.iter().map(|m| m["id"].as_str().unwrap()).collect();
                ids.join(" ")
            }
            other => other.to_string(),
        };
        assert_eq!(value, wanted, "{path}");
        seen += 1;
    }
    // Rows have neither the source nor whether it is made up.
    assert_eq!(seen, leaves(&json) - 2);
    assert!(seen > 80, "{seen}");
}

/// The value at a path of names; in a list of words, the name is the word.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    if let Value::Array(items) = value {
        let below = |item: &'v Value| {
            let rest = path.strip_prefix(item["word"].as_str()?)?;
            Some(at(item, rest.strip_prefix('.')?))
        };
        return items.iter().find_map(below).expect(path);
    }
    match path.split_once('.') {
        Some((name, rest)) => at(&value[name], rest),
        None => &value[path],
    }
}

/// The number of values that rows have.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(leaves).sum(),
        Value::Array(items) if items.iter().any(|item| !item["word"].is_null()) => {
            items.iter().map(|item| leaves(item) - 1).sum()
        }
        _ => 1,
    }
}

#[test]
fn a_picture() {
    let rows = made_up();
    let arguments = ["hist", "downloads", "--where", "downloads:<600"];
    let json = rows.json(&arguments);
    let svg = printed(&rows, &[&arguments[..], &["--svg"]].concat());
    assert!(
        svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    assert!(svg.contains("that match `downloads:&lt;600`"), "{svg}");
    let bins = json["bins"].as_array().unwrap();
    for bin in bins {
        let count = bin["count"].as_u64().unwrap();
        assert!(svg.contains(&format!(": {count} (")), "{bin}: {svg}");
    }
    assert!(
        svg.contains(&format!("<title>zero: {}</title>", json["zero"])),
        "{svg}"
    );
    assert_eq!(svg.matches("<title>").count(), bins.len() + 1);
    // Whatever is known or not, a picture has no number that is none.
    for rows in hubs() {
        for field in ["downloads", "params", "created_at"] {
            let svg = ran(&rows, &["hist", field, "--svg"]).out;
            assert!(
                svg.contains("</svg>") && !svg.contains("NaN") && !svg.contains("inf"),
                "{svg}"
            );
        }
    }
}

#[test]
fn a_report_to_paste() {
    for rows in hubs() {
        let report = printed(&rows, &["stats", "--markdown"]);
        let mut cells = 0;
        for line in report.lines() {
            let inside = line.replace("\\|", "");
            match inside.strip_prefix('|') {
                None => cells = 0,
                Some(_) if cells == 0 => cells = inside.matches('|').count(),
                Some(_) => assert_eq!(inside.matches('|').count(), cells, "{line}"),
            }
        }
        assert!(
            report.chars().all(|c| !c.is_control() || c == '\n'),
            "{report}"
        );
        let models = rows.frame.height();
        assert!(report.contains(&format!(
            "| model | {} | 100% |",
            hubscope::present::format::count(models)
        )));
    }
    let rows = made_up();
    let json = rows.json(&["stats"]);
    let report = printed(&rows, &["stats", "--markdown"]);
    let sum = |name: &str| hubscope::present::format::grouped(json[name]["sum"].as_i64().unwrap());
    let line = format!(
        "| sum | {} | {} |",
        sum("downloads"),
        sum("downloads_all_time")
    );
    assert!(report.contains(&line), "{line}: {report}");
    // What strangers wrote stays within its cell.
    assert!(report.contains("| a\u{FFFD}\\[31m | 1 |"), "{report}");
}

#[test]
fn nothing_found_and_mistakes() {
    let rows = made_up();
    for command in [&["hist", "likes"][..], &["stats"]] {
        let none = ran(
            &rows,
            &[command, &["--where", "no-such-model", "--json"]].concat(),
        );
        assert_eq!(none.code, Some(1));
        assert_eq!(none.err.lines().count(), 1, "{}", none.err);
        let json: Value = serde_json::from_str(&none.out).unwrap();
        assert_eq!(json["models"], 0);
    }
    let mistakes: [(&[&str], &str); 7] = [
        (&["hist", "task"], "downloads_all_time"),
        (&["hist", "created_at", "--scale", "log"], "created_at"),
        (&["hist", "likes", "--scale", "calendar"], "likes"),
        (&["hist", "likes", "--scale", "cubic"], "linear"),
        (&["hist", "likes", "--bins", "0"], "--bins"),
        (&["hist", "likes", "--where", "llama tusk:x"], "column 7"),
        (&["stats", "--where", "params:>big"], "column 8"),
    ];
    for (arguments, named) in mistakes {
        let ran = ran(&rows, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.err.contains(named), "{}", ran.err);
    }
    // A query may begin with a dash.
    let others = rows.json(&["stats", "--where", "-author:many"]);
    assert_eq!(others["models"], rows.frame.height() - 16);
    // A field that the file has no column for is not known of any model, and that is said.
    let ids_only = &hubs()[3];
    let ran = ran(ids_only, &["hist", "likes", "--json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["unknown"]), (Some(0), &json["models"]));
    assert!(ran.err.contains("likes"), "{}", ran.err);
}
