//! `hubscope export` and `--parquet`: the real program writes tables, which are read back and compared
//! with what `search`, `show`, `roots` and `tree` print of the same models.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::DateTime;
use hubscope::engine::lineage::graph::Node;
use hubscope::engine::table::field::Field;
use polars::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::common::expected;
use crate::common::program::hubscope;
use crate::common::{file, open, rows, rows_of, write};

const ENDINGS: [&str; 4] = ["parquet", "arrow", "csv", "ndjson"];

/// The members of a model object.
const MODEL: [&str; 16] = [
    "id",
    "author",
    "downloads",
    "downloads_all_time",
    "likes",
    "trending_score",
    "params",
    "params_source",
    "task",
    "library",
    "license",
    "created_at",
    "last_modified",
    "relation",
    "bases",
    "flags",
];

/// The columns after them.
const DERIVED: [&str; 10] = [
    "dtype",
    "recent_share",
    "children",
    "descendants",
    "depth",
    "family_downloads",
    "family_downloads_all_time",
    "downloads_with_copies",
    "memory_4bit",
    "age_days",
];

/// Sources of every kind: the sample, the made-up hub, and what other writers made of it.
fn sources() -> Vec<Option<PathBuf>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    vec![
        None,
        Some(file()),
        Some(data.join("modern.parquet")),
        Some(data.join("old.parquet")),
    ]
}

fn command(arguments: &[&str], data: Option<&Path>) -> Command {
    let mut command = hubscope(arguments);
    command
        .arg("--data")
        .arg(data.unwrap_or(Path::new("sample")));
    command
}

fn output(arguments: &[&str], data: Option<&Path>) -> Output {
    command(arguments, data).output().unwrap()
}

/// The output of a run that finds something and has nothing to complain of.
fn good(arguments: &[&str], data: Option<&Path>) -> Vec<u8> {
    let ran = output(arguments, data);
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(
        (ran.status.code(), err.as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    ran.stdout
}

fn printed(arguments: &[&str], data: Option<&Path>) -> Value {
    serde_json::from_slice(&good(arguments, data)).unwrap()
}

/// The models that `search --json` prints, with times as in a table.
fn searched(arguments: &[&str], data: Option<&Path>) -> Vec<Value> {
    let answer = printed(
        &[&["search", "--limit", "0", "--json"], arguments].concat(),
        data,
    );
    answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(timed)
        .collect()
}

/// The same object with microseconds as times.
fn timed(object: &Value) -> Value {
    let mut object = object.clone();
    for name in ["created_at", "last_modified"] {
        if let Some(text) = object[name].as_str() {
            let time = DateTime::parse_from_rfc3339(text).unwrap();
            object[name] = time.timestamp_micros().into();
        }
    }
    object
}

fn frame(path: &Path) -> DataFrame {
    let file = File::open(path).unwrap();
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => ParquetReader::new(file).finish().unwrap(),
        _ => IpcReader::new(file).finish().unwrap(),
    }
}

/// The rows of an exported file, as objects with microseconds as times.
fn read(path: &Path) -> Vec<Value> {
    let text = || fs::read_to_string(path).unwrap();
    let rows = match path.extension().unwrap().to_str().unwrap() {
        "csv" => rows_of_csv(&text()),
        "ndjson" => {
            let line = |line| timed(&serde_json::from_str(line).unwrap());
            text().lines().map(line).collect()
        }
        _ => rows_of(&frame(path)),
    };
    rows.iter().map(through_text).collect()
}

/// The value as read from its text, which may cost a fraction its last bit, as it does in answers.
fn through_text(value: &Value) -> Value {
    serde_json::from_str(&value.to_string()).unwrap()
}

/// Rows of text as objects: which column has which type is no secret.
fn rows_of_csv(text: &str) -> Vec<Value> {
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let names = csv.headers().unwrap().clone();
    let value = |name: &str, cell: &str| match name {
        _ if cell.is_empty() => Value::Null,
        // Lists stay as they are: a name may have a blank in it.
        "bases" | "flags" | "id" | "author" | "params_source" | "dtype" | "task" | "library"
        | "license" | "created_at" | "last_modified" | "relation" => cell.into(),
        "trending_score" | "recent_share" | "growth" => cell.parse::<f64>().unwrap().into(),
        _ => cell.parse::<i64>().unwrap().into(),
    };
    let object = |record: csv::StringRecord| {
        let cells = names.iter().zip(&record);
        let object: Map<_, _> = cells
            .map(|(name, cell)| (name.to_owned(), value(name, cell)))
            .collect();
        timed(&Value::Object(object))
    };
    csv.records()
        .map(|record| object(record.unwrap()))
        .collect()
}

/// A folder to export to.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exports the rows to a file of this ending and reads them back.
    fn exported(&self, ending: &str, arguments: &[&str], data: Option<&Path>) -> Vec<Value> {
        let path = self.at(&format!("out.{ending}"));
        let name = path.to_str().unwrap();
        let out = good(&[&["export", name], arguments].concat(), data);
        assert_eq!(out, b"");
        read(&path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().to_str().unwrap().to_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

/// An object's member names; JSON sorts them, a frame does not.
fn names(row: &Value) -> Vec<&str> {
    row.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn sorted(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

/// A value as CSV has it: a list is one text, and an empty text is unknown.
fn joined(value: &Value) -> Value {
    let texts = value.as_array().into_iter().flatten();
    let texts: Vec<&str> = texts.map(|text| text.as_str().unwrap()).collect();
    match value {
        Value::Array(_) if !texts.is_empty() => texts.join(" ").into(),
        Value::Array(_) => Value::Null,
        value if value == "" => Value::Null,
        value => value.clone(),
    }
}

/// Flags as JSON has them, which says elsewhere what is suspect.
fn without_suspect(flags: &Value) -> Value {
    let joined = joined(flags);
    let flags = joined.as_str().unwrap_or_default().split_whitespace();
    flags.filter(|flag| *flag != "suspect").collect()
}

/// A row with its lists as CSV has them.
fn flat(row: &Value) -> Value {
    let members = row.as_object().unwrap().iter();
    members
        .map(|(name, value)| (name.clone(), joined(value)))
        .collect()
}

/// Takes away the apostrophe before what a spreadsheet would run, which must be there.
fn no_formulas(row: &mut Value) {
    for value in row.as_object_mut().unwrap().values_mut() {
        let text = value.as_str().unwrap_or_default();
        assert!(!text.starts_with(['=', '+', '-', '@']), "{text}");
        let quoted = text.strip_prefix('\'');
        if let Some(formula) = quoted.filter(|text| text.starts_with(['=', '+', '-', '@'])) {
            *value = Value::from(formula);
        }
    }
}

#[test]
fn every_ending_holds_the_models_that_search_prints() {
    for source in sources() {
        let (place, data) = (Place::new(), source.as_deref());
        let wanted = searched(&["--sort", "downloads"], data);
        assert!(wanted.len() > 3, "{data:?}");
        let mut others: Option<Vec<Value>> = None;
        for ending in ENDINGS {
            let mut found = place.exported(ending, &["--sort", "downloads"], data);
            if ending == "csv" {
                found.iter_mut().for_each(no_formulas);
            }
            assert_eq!(found.len(), wanted.len(), "{ending} of {data:?}");
            assert_eq!(names(&found[0]), sorted(&[&MODEL[..], &DERIVED].concat()));
            for (found, wanted) in found.iter().zip(&wanted) {
                let id = &wanted["id"];
                for name in MODEL {
                    let mut wanted = wanted[name].clone();
                    let mut found = found[name].clone();
                    if ending == "csv" {
                        wanted = joined(&wanted);
                    }
                    if name == "flags" {
                        (found, wanted) = (without_suspect(&found), without_suspect(&wanted));
                    }
                    assert_eq!(found, wanted, "{name} of {id} in {ending}");
                }
            }
            let found: Vec<Value> = found.iter().map(flat).collect();
            let others = others.get_or_insert_with(|| found.clone());
            assert!(found == *others, "{ending} of {data:?} differs");
        }
        assert_eq!(
            place.names(),
            ["out.arrow", "out.csv", "out.ndjson", "out.parquet"]
        );
    }
}

#[test]
fn derived_columns_agree_with_the_rows() {
    let (place, path, rows) = (Place::new(), file(), rows());
    let hub = open(&path);
    let found = place.exported("parquet", &[], Some(&path));
    let shown = expected::shown(&rows);
    assert_eq!(found.len(), rows.len());
    for (found, model) in found.iter().zip(hub.models.all()) {
        let id = found["id"].as_str().unwrap();
        assert_eq!(id, hub.models.id(model), "in the order of the source");
        let shown = &shown[id];
        for name in ["descendants", "family_downloads", "recent_share"] {
            assert_eq!(found[name], shown[name], "{name} of {id}");
        }
        let children = shown["children"].as_object().unwrap().values();
        let children: i64 = children.map(|count| count.as_i64().unwrap()).sum();
        assert_eq!(found["children"], json!(children), "{id}");
        let is_suspect = found["flags"]
            .as_array()
            .unwrap()
            .contains(&json!("suspect"));
        assert_eq!(is_suspect, !shown["params_suspect"].is_null(), "{id}");
        for field in [
            Field::Depth,
            Field::FamilyDownloadsAllTime,
            Field::DownloadsWithCopies,
        ] {
            let number = hub.models.number(field, model);
            assert_eq!(found[field.info().key], json!(number), "{id}");
        }
        assert_eq!(
            found["dtype"],
            json!(hub.models.word(Field::Dtype, model)),
            "{id}"
        );
    }
    let flags = found
        .iter()
        .flat_map(|row| row["flags"].as_array().unwrap());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    flags.for_each(|flag| *counts.entry(flag.as_str().unwrap()).or_default() += 1);
    let known = ["circular", "ghost_base", "self_base", "suspect"];
    assert!(counts.keys().eq(&known), "{counts:?}");
}

#[test]
fn circular_models_are_those_that_a_walk_finds() {
    let place = Place::new();
    let (sample, path) = (place.at("sample.parquet"), file());
    fs::copy("assets/sample.parquet", &sample).unwrap();
    for data in [sample, path] {
        let hub = open(&data);
        let found = place.exported("ndjson", &["--columns", "flags"], Some(&data));
        for (row, model) in found.iter().zip(hub.models.all()) {
            let is_flagged = row["flags"]
                .as_array()
                .unwrap()
                .contains(&json!("circular"));
            let ancestors = hub.family(model.into()).ancestors;
            let closes = |above: &Node| hub.graph.bases(*above).contains(&model.into());
            assert_eq!(is_flagged, ancestors.iter().any(closes), "{model:?}");
        }
    }
}

#[test]
fn a_table_has_types_that_others_read() {
    let (place, path) = (Place::new(), file());
    let time = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    for ending in ["parquet", "arrow"] {
        place.exported(ending, &[], Some(&path));
        let frame = frame(&place.at(&format!("out.{ending}")));
        let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
        assert_eq!(names, [&MODEL[..], &DERIVED].concat());
        for column in frame.columns() {
            let wanted = match column.name().as_str() {
                "created_at" | "last_modified" => time.clone(),
                "bases" | "flags" => DataType::List(Box::new(DataType::String)),
                "trending_score" | "recent_share" => DataType::Float64,
                "id" | "author" | "params_source" | "dtype" | "task" | "library" | "license"
                | "relation" => DataType::String,
                _ => DataType::Int64,
            };
            assert_eq!(*column.dtype(), wanted, "{} in {ending}", column.name());
        }
    }
}

#[test]
fn rows_and_columns_are_chosen() {
    let (place, path) = (Place::new(), file());
    let data = Some(path.as_path());
    let chosen = ["--columns", "likes,id,family_downloads"];
    let orders: [&[&str]; 4] = [
        &["--sort", "likes"],
        &["--sort", "likes:asc"],
        &["--sort", "id"],
        &["--sort", "family_downloads"],
    ];
    for order in orders {
        let query = ["--where", "-author:meta downloads:>0"];
        let found = place.exported("parquet", &[order, &query, &chosen].concat(), data);
        let wanted = searched(&[&["-author:meta", "downloads:>0"], order].concat(), data);
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert!(!found.is_empty());
        assert_eq!(ids(&found), ids(&wanted), "{order:?}");
        let frame = frame(&place.at("out.parquet"));
        let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
        assert_eq!(names, ["likes", "id", "family_downloads"]);
    }
    // The query may order, too; --sort counts more.
    let ids = |arguments: &[&str]| {
        place.exported("csv", &[arguments, &["--columns", "id"]].concat(), data)
    };
    let by_likes = ids(&["--sort", "likes"]);
    assert_eq!(ids(&["--where", "sort:likes"]), by_likes);
    assert_eq!(
        ids(&["--where", "sort:downloads", "--sort", "likes"]),
        by_likes
    );
    assert_ne!(ids(&[]), by_likes);
    let line = fs::read_to_string(place.at("out.csv")).unwrap();
    assert!(line.starts_with("id\n"), "{line}");
}

#[test]
fn an_older_snapshot_adds_columns() {
    let (place, path) = (Place::new(), file());
    let data = Some(path.as_path());
    let older = place.at("older.parquet");
    let more = frame(&path).lazy().with_column(col("downloads") + lit(1));
    write(&mut more.collect().unwrap(), &older);
    let against = ["--against", older.to_str().unwrap()];
    let found = place.exported(
        "parquet",
        &[&["--sort", "likes"], &against[..]].concat(),
        data,
    );
    let wanted = searched(&[&["--sort", "likes"], &against[..]].concat(), data);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found["delta"], wanted["delta"]);
        assert_eq!(found["growth"], wanted["growth"]);
    }
    assert!(found.iter().any(|row| row["delta"] == -1));
    let found = place.exported(
        "csv",
        &[&["--columns", "delta"], &against[..]].concat(),
        data,
    );
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn an_empty_table_has_its_columns() {
    let (place, path) = (Place::new(), file());
    for ending in ENDINGS {
        let out = place.at(&format!("none.{ending}"));
        let arguments = [
            "export",
            out.to_str().unwrap(),
            "--where",
            "nothing-has-this",
        ];
        let ran = output(&arguments, Some(&path));
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(
            (ran.status.code(), err.lines().count()),
            (Some(1), 1),
            "{err}"
        );
        assert_eq!(read(&out), Vec::<Value>::new());
        let width = match ending {
            "csv" => fs::read_to_string(&out).unwrap().split(',').count(),
            "ndjson" => continue,
            _ => frame(&out).width(),
        };
        assert_eq!(width, MODEL.len() + DERIVED.len());
    }
}

#[test]
fn mistakes_write_nothing() {
    let (place, path) = (Place::new(), file());
    fs::write(place.at("a.csv"), "old").unwrap();
    let cases: [(&str, &[&str], &str); 13] = [
        ("a.xlsx", &[], ".parquet, .arrow, .csv or .ndjson"),
        ("a", &[], ".parquet, .arrow, .csv or .ndjson"),
        ("no/such/folder.csv", &[], "no such folder"),
        (
            "a.csv",
            &["--columns", "id,downlods"],
            "did you mean `downloads`?",
        ),
        ("a.csv", &["--columns", "zzzzzzzz"], "one of id, author"),
        ("a.csv", &["--columns", ""], "there is no column"),
        ("a.csv", &["--columns", "id,likes,id"], "`id` twice"),
        ("a.csv", &["--columns", "delta"], "--against"),
        ("a.csv", &["--sort", "delta"], "--against"),
        ("a.csv", &["--sort", "colour"], "colour"),
        ("a.csv", &["--where", "params:many"], "params"),
        ("a.csv", &["--where", "delta:>0"], "--against"),
        ("a.csv", &["--parquet"], "standard output"),
    ];
    for (name, arguments, reported) in cases {
        let out = place.at(name);
        let ran = output(
            &[&["export", out.to_str().unwrap()], arguments].concat(),
            Some(&path),
        );
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(
            (ran.status.code(), ran.stdout.len()),
            (Some(2), 0),
            "{name} {arguments:?}"
        );
        assert!(err.contains(reported) && !err.contains("panicked"), "{err}");
    }
    let ran = output(&["export", "-"], Some(&path));
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(place.names(), ["a.csv"]);
    assert_eq!(fs::read(place.at("a.csv")).unwrap(), b"old");
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_that_is_no_source_is_replaced() {
    use std::os::unix::fs::symlink;
    let (place, path) = (Place::new(), file());
    let refused = |name: &Path, data: &Path| {
        let ran = output(&["export", name.to_str().unwrap()], Some(data));
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.contains(name.to_str().unwrap()), "{err}");
    };
    fs::create_dir(place.at("folder.csv")).unwrap();
    symlink("/dev/full", place.at("full.csv")).unwrap();
    symlink("nothing.csv", place.at("broken.csv")).unwrap();
    let made = Command::new("mkfifo").arg(place.at("pipe.csv")).status();
    assert!(made.unwrap().success());
    let before = place.names();
    for name in &before {
        refused(&place.at(name), &path);
    }
    assert_eq!(place.names(), before);

    // Neither the source itself, by whatever name, nor a shard more.
    let shards = Place::new();
    fs::copy(&path, shards.at("hub.parquet")).unwrap();
    symlink(shards.at("hub.parquet"), place.at("link.parquet")).unwrap();
    refused(&place.at("link.parquet"), &shards.at("hub.parquet"));
    refused(&shards.at("hub.parquet"), &place.at("link.parquet"));
    refused(&shards.at("more.parquet"), shards.0.path());
    assert_eq!(
        fs::read(shards.at("hub.parquet")).unwrap(),
        fs::read(&path).unwrap()
    );
    assert_eq!(shards.names(), ["hub.parquet"]);

    // A link stays one, and what it leads to is replaced.
    fs::write(place.at("folder.csv/real.csv"), "old").unwrap();
    symlink("folder.csv/real.csv", place.at("good.csv")).unwrap();
    let link = place.at("good.csv");
    good(
        &["export", link.to_str().unwrap(), "--columns", "id"],
        Some(&path),
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&place.at("folder.csv/real.csv")).len(), rows().len());
}

/// The rows that a command prints as Parquet.
fn parquet(arguments: &[&str], data: Option<&Path>) -> Vec<Value> {
    let bytes = good(&[arguments, &["--parquet"]].concat(), data);
    let frame = ParquetReader::new(Cursor::new(bytes)).finish();
    let rows = rows_of(&frame.unwrap());
    rows.iter().map(through_text).collect()
}

/// Compares rows with printed objects, whose lists of other objects are no columns.
fn same(found: &[Value], printed: &[Value]) {
    assert_eq!(found.len(), printed.len());
    for (found, printed) in found.iter().zip(printed) {
        let mut printed = timed(printed);
        printed.as_object_mut().unwrap().remove("children");
        assert_eq!(*found, printed);
    }
}

#[test]
fn lists_are_printed_as_parquet() {
    let path = file();
    let data = Some(path.as_path());
    let search = ["search", "-relation:quantized", "a", "--limit", "50"];
    let json = printed(&[&search[..], &["--json"]].concat(), data);
    same(&parquet(&search, data), json["hits"].as_array().unwrap());
    let roots = ["roots", "--limit", "0"];
    let json = printed(&[&roots[..], &["--json"]].concat(), data);
    same(&parquet(&roots, data), json["roots"].as_array().unwrap());
    assert_eq!(parquet(&["export", "-"], data).len(), rows().len());
    let found = parquet(&["tree", "gpt2", "--depth", "9"], data);
    let json = printed(&["tree", "gpt2", "--depth", "9", "--json"], data);
    let mut wanted = Vec::new();
    let mut next = vec![(&json["root"], 0, Value::Null)];
    while let Some((node, depth, parent)) = next.pop() {
        let mut row = node.clone();
        row["depth"] = json!(depth);
        row["parent"] = parent;
        row["mark"] = node["mark"].clone();
        wanted.push(row);
        let children = node["children"].as_array().unwrap().iter().rev();
        next.extend(children.map(|child| (child, depth + 1, node["id"].clone())));
    }
    same(&found, &wanted);
    assert!(found.len() > 1);
}

#[test]
fn parquet_is_not_for_a_terminal() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let path = file();
    for arguments in [&["search", "gpt2"][..], &["roots"], &["export", "-"]] {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hubscope"));
        command.args(arguments);
        command.args(["--parquet", "--no-cache", "--data"]);
        command.arg(&path);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reported = Vec::new();
        // The end of a pseudo-terminal may be an error.
        let _ = pair
            .master
            .try_clone_reader()
            .unwrap()
            .read_to_end(&mut reported);
        let reported = String::from_utf8(reported).unwrap();
        assert_eq!(child.wait().unwrap().exit_code(), 2, "{reported}");
        assert!(reported.contains("not for a terminal"), "{reported}");
    }
}

#[test]
fn a_reader_of_parquet_may_leave() {
    for arguments in [&["search", "--limit", "0"][..], &["export", "-"]] {
        let mut child = command(&[arguments, &["--parquet"]].concat(), None)
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = child.wait_with_output().unwrap();
        assert_eq!(
            (ran.status.code(), ran.stderr.as_slice()),
            (Some(0), &b""[..])
        );
    }
}

/// Exported times are zoned; `schema` prints them without a database of time zones.
#[test]
fn an_export_has_a_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.parquet");
    let exported = hubscope(&["export", path.to_str().unwrap(), "--data"])
        .arg(file())
        .output()
        .unwrap();
    assert!(exported.status.success());
    let schema = hubscope(&["schema", "--json", "--data"])
        .arg(&path)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&schema.stderr);
    assert!(schema.status.success(), "{printed}");
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let columns = schema["columns"].as_array().unwrap();
    let created = columns.iter().find(|column| column["name"] == "created_at");
    assert_eq!(created.unwrap()["type"], "datetime[μs, +00:00]");
}
