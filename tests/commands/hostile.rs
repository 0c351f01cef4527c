//! Text of strangers in every place that has text: ids, tags, cards, columns, names of files and
//! shards, queries, options. Nothing that is printed may act on a terminal or hide in it.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataType;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use crate::common::program::{Ran, hubscope, run};
use crate::common::{frame_of, layout, rows, write};

/// Pieces that no output may contain, and some that spreadsheets, Markdown and shells act on.
const PIECES: [&str; 24] = [
    "\x1b]52;c;aGk=\x07",
    "\x1b]0;title\x1b\\",
    "\x1b[31m",
    "\u{9b}2J",
    "\x07",
    "\x08\x7f",
    "\r\n",
    "\t",
    "\u{85}\u{2028}",
    "\u{202e}",
    "\u{2066}\u{2069}",
    "\u{61c}\u{200f}",
    "\u{ad}",
    "\u{180e}",
    "\u{200b}\u{2060}",
    "\u{feff}",
    "\u{fff9}\u{fffb}",
    "\u{115f}\u{3164}\u{ffa0}",
    "\u{e0041}\u{e007f}",
    "a\u{200d}b",
    "\u{fe0f}\u{fe0f}",
    "=1+1",
    "|`<b>",
    "'; $(x)",
];

/// Returns true for what may be printed, by a list apart from the program's.
fn is_harmless(c: char) -> bool {
    let code = u32::from(c);
    let is_control = (code < 0x20 && c != '\n' && c != '\t') || (0x7f..0xa0).contains(&code);
    let hidden = [
        0xad..=0xad,
        0x61c..=0x61c,
        0x115f..=0x1160,
        0x180e..=0x180e,
        0x200b..=0x200f,
        0x2028..=0x202e,
        0x2060..=0x2069,
        0x3164..=0x3164,
        0xfeff..=0xfeff,
        0xffa0..=0xffa0,
        0xfff9..=0xfffb,
        0xe0000..=0xe007f,
    ];
    !is_control && !hidden.iter().any(|range| range.contains(&code))
}

/// Draws hostile texts, the same ones for a seed.
struct Poison(Pcg64);

impl Poison {
    fn text(&mut self, about: &str) -> String {
        let mut text = about.to_owned();
        for _ in 0..self.0.random_range(1..4) {
            text.push_str(PIECES.choose(&mut self.0).unwrap());
            text.push(self.0.random_range('a'..='z'));
        }
        text
    }

    /// A name for a file; "/" would be a folder.
    fn name(&mut self, about: &str) -> String {
        self.text(about).replace('/', "")
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        of.choose(&mut self.0).unwrap()
    }
}

/// A folder of hostile files.
struct Place {
    folder: tempfile::TempDir,
    /// Files, folders and what is none of them.
    sources: Vec<PathBuf>,
    ids: Vec<String>,
}

impl Place {
    fn new(poison: &mut Poison) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let shards = folder.path().join(poison.name("shards"));
        fs::create_dir(&shards).unwrap();
        let good = folder.path().join(poison.name("hub") + ".parquet");
        let mut models = rows();
        for model in &mut models {
            poison_strings(model, poison);
        }
        let ids = models
            .iter()
            .map(|model| model["id"].as_str().unwrap().to_owned());
        let ids = ids.collect();
        let more: Vec<String> = (0..4).map(|_| poison.text("column")).collect();
        let mut columns = layout();
        for name in &more {
            columns.push((name, DataType::String));
            for model in &mut models {
                model[name] = json!(poison.text("value"));
            }
        }
        let mut frame = frame_of(&models, &columns);
        write(&mut frame, &good);
        let half = i64::try_from(models.len() / 2).unwrap();
        for (at, mut part) in [frame.slice(0, 20), frame.slice(half, 20)]
            .into_iter()
            .enumerate()
        {
            write(
                &mut part,
                &shards.join(poison.name(&at.to_string()) + ".parquet"),
            );
        }
        // One without the column that it needs, a damaged one, one that is no parquet, and none.
        let none = folder.path().join(poison.name("no ids") + ".parquet");
        write(&mut frame.drop("id").unwrap(), &none);
        let damaged = folder.path().join(poison.name("damaged") + ".parquet");
        let bytes = fs::read(&good).unwrap();
        fs::write(&damaged, &bytes[bytes.len() / 3..]).unwrap();
        let text = folder.path().join(poison.name("text") + ".parquet");
        fs::write(&text, poison.text("<html>")).unwrap();
        let missing = folder.path().join(poison.name("missing"));
        Place {
            sources: vec![good, shards, none, damaged, text, missing],
            ids,
            folder,
        }
    }
}

/// Adds something to the strings of a model, but for the words that make it one of its kind.
fn poison_strings(value: &mut Value, poison: &mut Poison) {
    match value {
        Value::String(text) if poison.0.random_range(0..3) == 0 => *text = poison.text(text),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| poison_strings(item, poison)),
        Value::Object(members) => {
            members
                .values_mut()
                .for_each(|member| poison_strings(member, poison));
        }
        _ => {}
    }
}

const COMMANDS: [&str; 15] = [
    "search", "show", "show", "tree", "tree", "roots", "hist", "stats", "diff", "schema", "cache",
    "export", "screen", "usage", "fetch",
];

/// Returns the arguments of a command, with hostile ones here and there.
fn arguments(command: &str, poison: &mut Poison, place: &Place) -> Vec<String> {
    let format = *poison.one(&["", "--json", "--csv"]);
    let listed = *poison.one(&["", "--json", "--csv", "--ids"]);
    let key = *poison.one(&["llama", "author:", "tag:", "~", "sort:", "params:", "\""]);
    let query = match poison.0.random_range(0..3) {
        0 => String::new(),
        _ => poison.text(key),
    };
    let where_query = format!("--where={query}");
    let sort = format!("--sort={}", poison.text("likes"));
    let id = match poison.0.random() {
        true => poison.one(&place.ids).clone(),
        false => poison.text("meta/llama"),
    };
    let file = |name: String| place.folder.path().join(name).display().to_string();
    let keys = *poison.one(&[
        "C",
        "%",
        "D",
        "/a<enter>4",
        "2l",
        "3",
        "?",
        "$",
        ":",
        "C<tab>z",
    ]);
    let all: Vec<String> = match command {
        "search" => vec![listed.into(), "--".into(), query],
        "show" => vec![listed.into(), "--".into(), id],
        "tree" => vec![listed.into(), where_query, "--".into(), id],
        "roots" => vec![listed.into(), poison.one(&[sort, String::new()]).clone()],
        "hist" => vec![
            format.into(),
            where_query,
            "--".into(),
            poison.one(&["likes", "params", &id]).to_string(),
        ],
        "stats" => vec![poison.one(&[format, "--markdown"]).to_string(), where_query],
        "diff" => {
            let [old, new] = [(); 2].map(|()| poison.one(&place.sources).display().to_string());
            vec![format.into(), where_query, "--".into(), old, new]
        }
        "schema" => vec![listed.into()],
        "cache" => vec![format.into()],
        "export" => {
            let ending = *poison.one(&[".csv", ".ndjson", ".parquet", ".what", "/x.csv"]);
            vec![where_query, file(poison.name("out") + ending)]
        }
        "screen" => vec![format!("--keys={keys}")],
        "fetch" => vec![format!("--from={}", poison.text("a/b"))],
        _ => vec![poison.text("--option"), poison.text("search")],
    };
    all.into_iter()
        .filter(|argument| !argument.is_empty())
        .collect()
}

fn check(arguments: &[String], ran: &Ran) {
    for (name, text) in [("out", &ran.out), ("err", &ran.err)] {
        let harmful = text.chars().find(|c| !is_harmless(*c));
        assert_eq!(harmful, None, "{name} of {arguments:?}:\n{text:?}");
    }
    assert!(
        matches!(ran.code, Some(0..=2)),
        "{arguments:?}: {:?}",
        ran.code
    );
    if ran.code == Some(2) {
        assert_eq!(ran.err.lines().count(), 1, "{arguments:?}:\n{}", ran.err);
    }
    if arguments.iter().any(|argument| argument == "--json") && !ran.out.is_empty() {
        assert!(
            serde_json::from_str::<Value>(&ran.out).is_ok(),
            "{arguments:?}"
        );
    }
}

/// Runs commands with hostile arguments over hostile files.
fn campaign(runs: usize, seed: u64) {
    let mut poison = Poison(Pcg64::seed_from_u64(seed));
    let place = Place::new(&mut poison);
    let cache = place.folder.path().join(poison.name("cache"));
    for at in 0..runs {
        let command = COMMANDS[at % COMMANDS.len()];
        // Most from the good file and folder: others end before they print.
        let source = match poison.0.random_range(0..4) {
            0 => poison.one(&place.sources),
            _ => poison.one(&place.sources[..2]),
        };
        let mut all = arguments(command, &mut poison, &place);
        if command != "usage" {
            all.insert(0, format!("--data={}", source.display()));
            all.insert(0, command.to_owned());
        }
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut program = hubscope(&words);
        program.env("XDG_CACHE_HOME", &cache);
        // Nothing answers there.
        program.env("HF_ENDPOINT", "http://127.0.0.1:9");
        if command == "cache" || at % 5 == 0 {
            program.env_remove("HUBSCOPE_NO_CACHE");
        }
        check(&all, &run(program));
    }
}

#[test]
fn nothing_harmful_is_printed() {
    campaign(60, 1);
}

#[test]
#[ignore = "500 runs of the program"]
fn nothing_harmful_is_printed_by_500_commands() {
    campaign(500, 2);
}

/// What is cleaned for people is exact for programs.
#[test]
fn json_has_the_names_of_columns_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.parquet");
    let name = "e\x1b]0;x\x07v\u{202e}il\u{e0041}\n";
    let columns = [("id", DataType::String), (name, DataType::String)];
    let mut frame = frame_of(&[json!({"id": "a/b", name: "v"})], &columns);
    write(&mut frame, &path);
    let of = |path: &Path, format| {
        run(hubscope(&[
            "schema",
            "--data",
            path.to_str().unwrap(),
            format,
        ]))
        .out
    };
    let schema: Value = serde_json::from_str(&of(&path, "--json")).unwrap();
    assert_eq!(schema["columns"][1]["name"], json!(name));
    let rows = of(&path, "--csv");
    let mut names = rows.lines().map(|line| line.split(',').next().unwrap());
    assert_eq!(
        names.nth(2),
        Some("e\u{fffd}]0;x\u{fffd}v\u{fffd}il\u{fffd}\u{fffd}")
    );
}
