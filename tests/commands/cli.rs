//! The real program: what it prints in every form, against the rows it was printed from, and its
//! exit codes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use hubscope::engine::table::field::Field;
use polars::prelude::*;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::expected;
use crate::common::program::{Ran, ended, hubscope, run};
use crate::common::{file, frame, open, real_file, real_frame, rows, rows_of, write};

/// Runs the program on the made-up hub.
fn on_hub(arguments: &[&str]) -> Ran {
    let path = file();
    run(hubscope(
        &[arguments, &["--data", path.to_str().unwrap()]].concat(),
    ))
}

/// The same for a run that finds something and has nothing to complain of.
fn answer(arguments: &[&str]) -> String {
    good(on_hub(arguments))
}

fn good(ran: Ran) -> String {
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    ran.out
}

#[test]
fn every_model_as_json() {
    let rows = rows();
    let mut found = BTreeMap::new();
    for id in expected::shown(&rows).keys() {
        let mut shown: Value = serde_json::from_str(&answer(&["show", id, "--json"])).unwrap();
        nearest_first(&mut shown, &rows);
        found.insert(id.clone(), shown);
    }
    expected::compare(&found, &expected::shown(&rows));
}

/// Checks that no ancestor is listed before a nearer one, and sorts them by name.
fn nearest_first(shown: &mut Value, rows: &[Value]) {
    let distances = expected::distances(rows, shown["id"].as_str().unwrap());
    let ancestors = shown["ancestors"].as_array_mut().unwrap();
    let found = ancestors.iter().map(|id| distances[id.as_str().unwrap()]);
    assert!(found.is_sorted(), "{ancestors:?}");
    ancestors.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
}

#[test]
fn rows_for_scripts() {
    let shown = &expected::shown(&rows())["meta/llama"];
    let tsv = answer(&["show", "meta/llama"]);
    let lines: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines[0], ["field", "value"]);
    assert_eq!(lines.len(), 1 + shown.as_object().unwrap().len());
    assert!(lines.contains(&vec!["downloads", "50000"]), "{tsv}");
    assert!(
        lines.contains(&vec!["dtypes", "BF16=8030000000 F32=64"]),
        "{tsv}"
    );
    assert!(lines.contains(&vec!["gguf", ""]), "{tsv}");
    let table = answer(&["show", "meta/llama", "--csv"]);
    let mut csv = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(csv.headers().unwrap(), vec!["field", "value"]);
    let cells: Vec<Vec<String>> = csv
        .records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(cells, lines[1..]);
    assert_eq!(answer(&["show", "meta/llama", "--ids"]), "meta/llama\n");
}

/// A tab or an escape in a value cannot make another column or reach a terminal.
#[test]
fn rows_stay_rows() {
    let tsv = answer(&["show", "bad/escape"]);
    assert!(
        tsv.lines().all(|line| line.matches('\t').count() == 1),
        "{tsv}"
    );
    assert!(
        tsv.chars().all(|c| !c.is_control() || "\t\n".contains(c)),
        "{tsv}"
    );
}

#[test]
fn the_schema() {
    let frame = frame();
    let schema: Value = serde_json::from_str(&answer(&["schema", "--json"])).unwrap();
    assert_eq!(schema["rows"], json!(frame.height()));
    assert_eq!(schema["source"], json!(file().to_str().unwrap()));
    let columns = schema["columns"].as_array().unwrap();
    assert_eq!(columns.len(), frame.width());
    for (column, wanted) in columns.iter().zip(frame.columns()) {
        assert_eq!(column["name"], json!(wanted.name().as_str()));
        assert_eq!(
            column["type"],
            json!(wanted.dtype().to_string()),
            "{column}"
        );
        assert_eq!(column["nulls"], json!(wanted.null_count()), "{column}");
    }
    let used = |name: &str| {
        let column = columns.iter().find(|column| column["name"] == name);
        column.unwrap()["used_as"].as_str().map(str::to_owned)
    };
    assert_eq!(used("author"), None);
    for field in [Field::Id, Field::Downloads, Field::Task, Field::CreatedAt] {
        let info = field.info();
        assert_eq!(used(info.columns[0]).as_deref(), Some(info.key));
    }
    assert!(used("baseModels").unwrap().contains("bases"));
    // The first three values that differ, as they are in the file; wide ones are cut.
    let samples = |name: &str| {
        let column = columns.iter().find(|column| column["name"] == name);
        column.unwrap()["samples"].clone()
    };
    assert_eq!(samples("id"), json!(["gpt2", "meta/llama", "nul/l"]));
    assert_eq!(samples("downloads"), json!(["9000", "50000", "40"]));
    assert_eq!(samples("author"), json!(["meta", "ann", "bob"]));
    assert_eq!(samples("tags")[0], "pytorch, license:mit, 标签, en");
    let dtypes = "{parameters: {BF16: 8030000000, F32: 64}, total: 8030000064}";
    assert_eq!(samples("safetensors")[0], dtypes);
    let gguf = samples("gguf");
    let cut = gguf[0].as_str().unwrap();
    assert!(cut.chars().count() == 80 && cut.ends_with('…'), "{cut}");
    assert_eq!(samples("pipeline_tag")[1], "a\u{FFFD}[31m");
    let tsv = answer(&["schema"]);
    assert_eq!(
        tsv.lines().next(),
        Some("name\ttype\tnulls\tused_as\tsamples")
    );
    // The leaves of nested columns have rows of their own.
    let row = |name: &str| {
        tsv.lines()
            .find(|line| line.starts_with(&format!("{name}\t")))
    };
    assert_eq!(
        row("safetensors.total").unwrap().split('\t').nth(1),
        Some("i64")
    );
    assert_eq!(
        row("baseModels.models[].id").unwrap().split('\t').nth(1),
        Some("str")
    );
    let nested = columns
        .iter()
        .flat_map(|c| c["members"].as_array().unwrap());
    assert_eq!(tsv.lines().count(), 1 + frame.width() + nested.count());
    let ids = answer(&["schema", "--ids"]);
    assert!(
        ids.lines()
            .eq(frame.get_column_names().iter().map(|n| n.as_str())),
        "{ids}"
    );
}

#[test]
fn ways_to_name_the_data() {
    let path = file();
    let path = path.to_str().unwrap();
    let wanted = answer(&["show", "gpt2"]);
    assert_eq!(
        good(run(hubscope(&["--data", path, "show", "gpt2"]))),
        wanted
    );
    assert_eq!(
        good(run(hubscope(&["show", "--data", path, "gpt2"]))),
        wanted
    );
    assert_eq!(good(run(hubscope(&[path, "show", "gpt2"]))), wanted);
    let by_environment = |arguments: &[&str], data: &str| {
        let mut command = hubscope(arguments);
        command.env("HUBSCOPE_DATA", data);
        run(command)
    };
    assert_eq!(good(by_environment(&["show", "gpt2"], path)), wanted);
    // What is typed goes before what is set; what is set to nothing is not set.
    assert_eq!(
        good(by_environment(
            &["show", "gpt2", "--data", path],
            "/no/such"
        )),
        wanted
    );
    assert_eq!(by_environment(&["show", "gpt2"], "/no/such").code, Some(2));
    let schema = by_environment(&["schema", "--json"], "");
    assert_eq!(schema.code, Some(0));
    let schema: Value = serde_json::from_str(&schema.out).unwrap();
    assert_eq!(schema["source"], "sample");
}

/// With nothing named, a file in the Hugging Face cache is taken.
#[test]
fn the_cache_stands_in() {
    let home = tempfile::tempdir().unwrap();
    let snapshot = home
        .path()
        .join("hub/datasets--cfahlgren1--hub-stats/snapshots/0123abc");
    std::fs::create_dir_all(&snapshot).unwrap();
    write(&mut frame(), &snapshot.join("models.parquet"));
    let mut command = hubscope(&["show", "gpt2"]);
    command.env("HF_HOME", home.path());
    assert_eq!(good(run(command)), answer(&["show", "gpt2"]));
}

#[test]
fn no_such_model() {
    // An address of the Hub, and an id in capitals, are understood.
    for asked in [
        "Odd/WORD",
        "https://huggingface.co/odd/word/tree/main",
        "hf.co/odd/word",
    ] {
        assert_eq!(
            answer(&["show", asked, "--json"]),
            answer(&["show", "odd/word", "--json"])
        );
    }
    // A piece of a name and another owner's are answered with what is meant.
    for (asked, meant) in [
        ("llama-ft-lo", "ann/llama-ft-lora"),
        ("someone/mrg", "mrg/three"),
    ] {
        let ran = on_hub(&["show", asked, "--json"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(
            ran.err
                .starts_with(&format!("hubscope: no model `{asked}`")),
            "{}",
            ran.err
        );
        assert!(ran.err.contains(meant), "{}", ran.err);
    }
    // A ghost is known by name only.
    assert_eq!(on_hub(&["show", "lost/base"]).code, Some(1));
    assert_eq!(on_hub(&["show", ""]).code, Some(1));
}

#[test]
fn wrong_arguments() {
    let cases: [(&[&str], &str); 7] = [
        (&["show"], "<ID>"),
        (&["show", "gpt2", "--no-such-option"], "--no-such-option"),
        (&["show", "gpt2", "--json", "--csv"], "--json"),
        (&["screen", "--size", "80"], "--size"),
        (&["screen", "--size", "0x10"], "--size"),
        (&["screen", "--keys", "<nokey>"], "--keys"),
        (&["screen", "--keys", "<enter"], "--keys"),
    ];
    for (arguments, named) in cases {
        let ran = on_hub(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.err.starts_with("hubscope: "), "{}", ran.err);
        assert!(ran.err.contains(named), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn help_and_version() {
    let version = good(run(hubscope(&["--version"])));
    assert_eq!(version, format!("hubscope {}\n", env!("CARGO_PKG_VERSION")));
    let help = good(run(hubscope(&["--help"])));
    for word in [
        "show",
        "schema",
        "sample",
        "screen",
        "--data",
        "HUBSCOPE_DATA",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for command in ["show", "schema", "sample", "screen"] {
        assert!(good(run(hubscope(&[command, "--help"]))).contains("Usage: hubscope"));
    }
}

#[test]
fn topics_of_the_guide() {
    let print = |arguments: &[&str]| good(run(hubscope(arguments)));
    let list = print(&["help"]);
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide");
    let mut pages = 0;
    for entry in std::fs::read_dir(guide).unwrap() {
        let path = entry.unwrap().path();
        let (topic, page) = (
            path.file_stem().unwrap(),
            std::fs::read_to_string(&path).unwrap(),
        );
        let topic = topic.to_str().unwrap();
        assert!(list.contains(&format!("  {topic} ")), "{topic}: {list}");
        let printed = print(&["help", topic]);
        assert!(printed.starts_with(&page), "{topic}: {printed}");
        pages += 1;
    }
    assert_eq!(pages, 8);
    for command in ["search", "export", "cache"] {
        let help = print(&[command, "--help"]);
        assert!(print(&["help", command]).ends_with(&help), "{command}");
    }
    assert_eq!(
        print(&["help", "cache", "clear"]),
        print(&["cache", "clear", "--help"])
    );
    let unknown = run(hubscope(&["help", "nothing"]));
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(2), ""));
    assert!(unknown.err.contains("queries, keys"), "{}", unknown.err);
}

/// The manual page has every filter that the parser accepts, as it is typed.
#[test]
fn the_manual_page() {
    let man = good(run(hubscope(&["man"])));
    let plain = man
        .replace("\\-", "-")
        .replace("\\&", "")
        .replace("\\*(Aq", "'");
    for info in &hubscope::engine::query::keys::FILTERS {
        assert!(plain.contains(info.example), "{}: {plain}", info.example);
        let query = hubscope::engine::query::parse::parse(info.example);
        assert_eq!(query.unwrap().query.filters.len(), 1);
    }
    assert!(plain.contains("hubscope"), "{plain}");
}

/// A reader that has seen enough, or never looked, is no error.
#[test]
fn a_closed_pipe() {
    let path = file();
    for format in ["--json", "--csv", "--ids"] {
        for command in [&["show", "meta/llama"][..], &["schema"]] {
            let ran = unread(
                hubscope(&[command, &[format, "--data", path.to_str().unwrap()]].concat()),
                0,
            );
            assert_eq!(ran, (Some(0), String::new()), "{command:?} {format}");
        }
    }
    // More than a pipe holds, of which one line is read.
    let command = hubscope(&[
        "screen",
        "--svg",
        "--size",
        "300x300",
        "--data",
        path.to_str().unwrap(),
    ]);
    assert_eq!(unread(command, 1), (Some(0), String::new()));
}

/// Runs a command, reads so many lines and closes the pipe; what is left is its exit code and
/// what it complained of.
fn unread(mut command: Command, lines: usize) -> (Option<i32>, String) {
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..lines {
        assert!(out.read_line(&mut String::new()).unwrap() > 0);
    }
    drop(out);
    let err = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    (ended(child).code(), err)
}

#[test]
fn a_screen_of_text() {
    for (size, lines) in [("80x24", 24), ("50x15", 15), ("1x1", 1)] {
        let screen = answer(&["screen", "--keys", "/llama<enter>", "--size", size]);
        assert_eq!(screen.lines().count(), lines);
        assert!(!screen.contains('\u{1b}'), "{screen}");
    }
    let screen = answer(&["screen", "--keys", "/llama<enter>", "--size", "80x24"]);
    // Four names have it: the root and what was made from it, as the rows tell.
    let count = expected::shown(&rows())
        .keys()
        .filter(|id| id.contains("llama"))
        .count();
    assert!(
        screen.contains("meta/llama") && !screen.contains("cyc/a"),
        "{screen}"
    );
    assert!(
        screen.contains(&format!("{count} of {}", rows().len())),
        "{screen}"
    );
}

#[test]
fn a_screen_as_svg() {
    let svg = answer(&[
        "screen",
        "--keys",
        "/<lt>&><enter>",
        "--svg",
        "--size",
        "90x30",
    ]);
    assert!(svg.starts_with("<svg xmlns="), "{svg}");
    well_formed(&svg);
    assert!(
        svg.contains("&lt;&amp;>"),
        "what was typed is on the screen: {svg}"
    );
}

/// Every tag that is opened is closed, in its order; no stray `<` or `&` stands in the text.
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        plain_text(text);
        let (tag, after) = after.split_once('>').expect("a tag ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap().to_owned();
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(closed), _) => assert_eq!(open.pop().as_deref(), Some(closed)),
            (None, true) => assert!(!open.is_empty()),
            (None, false) => open.push(name(tag)),
        }
        rest = after;
    }
    plain_text(rest);
    assert!(open.is_empty(), "{open:?}");
}

fn plain_text(text: &str) {
    for entity in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        assert!(known.iter().any(|name| entity.starts_with(name)), "{text}");
    }
    assert!(
        text.chars().all(|c| !c.is_control() || c == '\n'),
        "{text:?}"
    );
}

#[test]
fn real_rows() {
    let Some(path) = real_file() else {
        return;
    };
    let hub = open(&path);
    let frame = real_frame().unwrap();
    let rows = rows_of(&frame);
    assert_eq!((hub.models.len(), rows.len()), (2_439, 2_439));
    let edges = edges(&frame);
    assert_eq!(hub.graph.edge_count(), edges.height());
    let stated: usize = rows.iter().map(|row| expected::bases(row).len()).sum();
    assert_eq!(edges.height(), stated);
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for (model, row) in hub.models.all().zip(&rows) {
        let bases = hub
            .graph
            .bases(model.into())
            .iter()
            .map(|base| hub.name(*base));
        assert!(bases.eq(expected::bases(row)), "{row}");
        let word = hub.models.word(Field::Relation, model);
        *words.entry(word.unwrap_or("none").to_owned()).or_default() += 1;
    }
    assert_eq!(words, relations(&frame));
    let total = frame
        .column("safetensors")
        .unwrap()
        .struct_()
        .unwrap()
        .field_by_name("total")
        .unwrap();
    let known = hub
        .models
        .all()
        .filter(|m| hub.models.number(Field::Params, *m).is_some());
    let gguf_only = rows
        .iter()
        .filter(|row| row["safetensors"].is_null() && !row["gguf"].is_null());
    assert_eq!(
        known.count(),
        total.len() - total.null_count() + gguf_only.count()
    );
    real_models(&path, &rows);
}

/// One row for each stated base, as Polars counts them.
fn edges(frame: &DataFrame) -> DataFrame {
    let base = || col("baseModels").struct_();
    let models = base().field_by_name("models").alias("base");
    let edges = frame.clone().lazy().select([col("id"), models]);
    let edges = edges.filter(col("base").is_not_null());
    let options = ExplodeOptions {
        empty_as_null: false,
        keep_nulls: false,
    };
    edges.explode(cols(["base"]), options).collect().unwrap()
}

/// How many models have each relation, as Polars counts them.
fn relations(frame: &DataFrame) -> BTreeMap<String, usize> {
    let word = col("baseModels")
        .struct_()
        .field_by_name("relation")
        .alias("word");
    let words = frame.clone().lazy().select([word.fill_null(lit("none"))]);
    let counts = words
        .group_by([col("word")])
        .agg([len().alias("count")])
        .collect()
        .unwrap();
    let count = counts
        .column("count")
        .unwrap()
        .cast(&DataType::UInt64)
        .unwrap();
    let pairs = counts
        .column("word")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .zip(count.u64().unwrap().iter());
    pairs
        .map(|(word, n)| (word.unwrap().to_owned(), n.unwrap() as usize))
        .collect()
}

/// A few whole objects: every hundredth model, and those with the largest families.
fn real_models(path: &Path, rows: &[Value]) {
    let wanted = expected::shown(rows);
    let mut largest: Vec<&String> = wanted.keys().collect();
    largest.sort_by_key(|id| std::cmp::Reverse(wanted[*id]["descendants"].as_u64()));
    let some = wanted
        .keys()
        .step_by(100)
        .chain(largest.into_iter().take(10));
    let some: BTreeMap<String, Value> = some.map(|id| (id.clone(), wanted[id].clone())).collect();
    let show = |id: &String| {
        let data = path.to_str().unwrap();
        let shown = good(run(hubscope(&["show", id, "--json", "--data", data])));
        let mut shown: Value = serde_json::from_str(&shown).unwrap();
        nearest_first(&mut shown, rows);
        (id.clone(), shown)
    };
    expected::compare(&some.keys().map(show).collect(), &some);
}

/// SIGBUS is what reading a mapped file beyond its new end raises.
#[test]
fn a_fault_ends_a_command_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("hub.parquet");
    let arguments = [
        "sample",
        "--rows",
        "5000000",
        "--out",
        out.to_str().unwrap(),
    ];
    let mut child = hubscope(&arguments).spawn().unwrap();
    while fs::read_dir(folder.path()).unwrap().count() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::BUS).unwrap();
    let mut printed = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    assert_eq!(ended(child).signal(), Some(Signal::BUS.as_raw()));
    assert_eq!(
        printed,
        "hubscope: a file that it was reading became shorter; start it again\n"
    );
}
