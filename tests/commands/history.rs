//! `history` and `movers` over synthetic weeks with planted faults, against the files themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::program::{Ran, hubscope, run};

/// Counters by id: downloads, all-time downloads, likes.
type Week = BTreeMap<String, [Option<i64>; 3]>;

/// A history of twenty weeks of 12,000 models.
struct Setting {
    folder: TempDir,
    added: Ran,
}

impl Setting {
    fn new() -> Setting {
        let folder = tempfile::tempdir().unwrap();
        let weeks = folder.path().join("weeks");
        let out = format!("--out={}", weeks.display());
        let sample = run(hubscope(&["sample", "--rows=12000", "--weeks=20", &out]));
        assert_eq!((sample.code, sample.err.as_str()), (Some(0), ""));
        let mut setting = Setting {
            added: sample,
            folder,
        };
        setting.added = setting.run(&["history", "add", weeks.to_str().unwrap()]);
        setting
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = hubscope(arguments);
        command.env("HUBSCOPE_HISTORY", self.folder.path().join("history"));
        run(command)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// The weeks, ascending, with their days.
    fn weeks(&self) -> Vec<(String, PathBuf)> {
        let files = fs::read_dir(self.folder.path().join("weeks")).unwrap();
        let mut files: Vec<(String, PathBuf)> = files
            .map(|file| {
                let path = file.unwrap().path();
                (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)
            })
            .collect();
        files.sort();
        files
    }
}

fn week(path: &Path) -> Week {
    let frame = ParquetReader::new(fs::File::open(path).unwrap())
        .finish()
        .unwrap();
    let ids = frame.column("id").unwrap().str().unwrap().clone();
    let numbers = |name: &str| {
        frame
            .column(name)
            .ok()
            .map(|column| column.i64().unwrap().clone())
    };
    let columns = ["downloads", "downloadsAllTime", "likes"].map(numbers);
    let row = |at: usize| {
        columns
            .clone()
            .map(|column| column.and_then(|column| column.get(at)))
    };
    ids.iter()
        .enumerate()
        .map(|(at, id)| (id.unwrap().to_owned(), row(at)))
        .collect()
}

/// The downloads of authors' rows that a map of ids leaves out, since a later row has the same id.
fn extra(path: &Path) -> i64 {
    let frame = ParquetReader::new(fs::File::open(path).unwrap())
        .finish()
        .unwrap();
    let ids = frame.column("id").unwrap().str().unwrap().clone();
    let downloads = frame.column("downloads").unwrap().i64().unwrap().clone();
    let rows = ids
        .iter()
        .zip(downloads.iter())
        .filter(|(id, _)| id.unwrap().contains('/'));
    let all: i64 = rows.filter_map(|(_, downloads)| downloads).sum();
    let kept = week(path);
    let kept = kept
        .iter()
        .filter(|(id, _)| id.contains('/'))
        .filter_map(|(_, row)| row[0]);
    all - kept.sum::<i64>()
}

/// The ids that more than one row has.
fn repeated(path: &Path) -> BTreeSet<String> {
    let frame = ParquetReader::new(fs::File::open(path).unwrap())
        .finish()
        .unwrap();
    let ids = frame.column("id").unwrap().str().unwrap().clone();
    let mut seen = BTreeSet::new();
    let ids = ids.iter().map(|id| id.unwrap().to_owned());
    ids.filter(|id| !seen.insert(id.clone())).collect()
}

#[test]
fn planted_faults_are_all_named_and_no_others() {
    let setting = Setting::new();
    let weeks = setting.weeks();
    assert_eq!(weeks.len(), 20);
    // One week is a copy of the one before it, and is refused.
    assert_eq!(setting.added.code, Some(2));
    let duplicate = &weeks[20 - 1 - 11].1;
    let expected = format!(
        "{}: the history has a snapshot of {}",
        duplicate.display(),
        weeks[20 - 1 - 12].0
    );
    assert!(
        setting.added.err.contains(&expected),
        "{}",
        setting.added.err
    );
    assert!(
        setting
            .added
            .err
            .contains("1 of 20 snapshots were not added")
    );
    let listed = setting.json(&["history"]);
    let faults: Vec<(&str, &str)> = listed["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|own| Some((own["date"].as_str().unwrap(), own["fault"].as_str()?)))
        .collect();
    let kinds: Vec<(&str, &str)> = faults
        .iter()
        .map(|(day, fault)| (*day, fault.split(':').next().unwrap()))
        .collect();
    let planted = [
        (9, "no downloads"),
        (7, "rolled back"),
        (5, "frozen"),
        (3, "partial"),
    ];
    let expected = planted.map(|(back, kind)| (weeks[20 - 1 - back].0.as_str(), kind));
    assert_eq!(kinds, expected);
}

#[test]
fn curves_are_those_of_the_files() {
    let setting = Setting::new();
    let faulty = [9, 7, 5, 3, 11].map(|back| 20 - 1 - back);
    let sound: Vec<(String, Week)> = setting
        .weeks()
        .into_iter()
        .enumerate()
        .filter(|(at, _)| !faulty.contains(at))
        .map(|(_, (day, path))| (day, week(&path)))
        .collect();
    let last = &sound.last().unwrap().1;
    let first = &sound[0].1;
    let new = last.keys().find(|id| !first.contains_key(*id)).unwrap();
    let gone = first
        .keys()
        .find(|id| !last.contains_key(*id) && !id.ends_with("-before"))
        .unwrap();
    let steady = last.keys().filter(|id| first.contains_key(*id)).take(3);
    for id in steady.chain([new, gone]) {
        let points: Vec<Value> = sound
            .iter()
            .filter_map(|(day, week)| {
                let [downloads, all_time, likes] = week.get(id)?;
                Some(
                    json!({"date": day, "downloads": downloads, "downloads_all_time": all_time,
                    "likes": likes, "models": 1}),
                )
            })
            .collect();
        let answer = setting.json(&["history", "show", id]);
        assert_eq!(answer["points"], json!(points), "{id}");
    }
    // A renamed model has one curve under both names.
    let old = first.keys().find(|id| id.ends_with("-before")).unwrap();
    let id = old.strip_suffix("-before").unwrap();
    let curve = |id: &str| setting.json(&["history", "show", id])["points"].clone();
    assert_eq!(curve(old), curve(id));
    let downloads = |week: &Week| week.get(id).or_else(|| week.get(old)).map(|row| row[0]);
    let expected: Vec<Value> = sound
        .iter()
        .filter_map(|(_, week)| Some(json!(downloads(week)?)))
        .collect();
    let found: Vec<Value> = curve(id)
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["downloads"].clone())
        .collect();
    assert_eq!(found, expected);
    // An author is the sum of models with today's names.
    let author = id.split('/').next().unwrap();
    let prefix = format!("{author}/");
    let sums: Vec<Value> = sound
        .iter()
        .map(|(_, week)| {
            let own = week.iter().filter(|(id, _)| id.starts_with(&prefix));
            json!(own.filter_map(|(_, row)| row[0]).sum::<i64>())
        })
        .collect();
    let answer = setting.json(&["history", "show", &format!("author:{author}")]);
    let found: Vec<Value> = answer["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["downloads"].clone())
        .collect();
    assert_eq!(found, sums);

    let month = setting.json(&["history", "show", id, "--every", "month", "--since", "10w"]);
    let days: Vec<&str> = month["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["date"].as_str().unwrap())
        .collect();
    let months: Vec<&str> = days.iter().map(|day| &day[..7]).collect();
    assert!(months.windows(2).all(|pair| pair[0] < pair[1]), "{days:?}");
    let svg = setting.run(&["history", "show", id, "--svg"]).out;
    assert_eq!(svg.matches("<circle").count(), expected.len());
    let none = setting.run(&["history", "show", "no/such"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""));
}

#[test]
fn the_explorer_draws_curves() {
    let setting = Setting::new();
    let last = setting.weeks().last().unwrap().1.clone();
    let data = format!("--data={}", last.display());
    let best = setting
        .run(&["search", "", "--limit=1", "--ids", &data])
        .out;
    let points = setting.json(&["history", "show", best.trim()])["points"].clone();
    let downloads = |point: &Value| point["downloads"].as_i64().unwrap();
    let points = points.as_array().unwrap();
    let peak = points.iter().map(downloads).max().unwrap();
    let day = points
        .iter()
        .find(|point| downloads(point) == peak)
        .unwrap()["date"]
        .as_str()
        .unwrap();
    let screen = |keys: &str| {
        let keys = format!("--keys={keys}");
        setting.run(&["screen", "--size=100x30", &keys, &data]).out
    };
    let details = screen("4z");
    let first = points[0]["date"].as_str().unwrap().to_owned();
    assert!(details.contains(&format!("since {first}")), "{details}");
    // Of a model that is newer than the history, the curve begins with it.
    let begins = |id: &String| {
        let points = setting.json(&["history", "show", id])["points"].clone();
        let is_curve = points.as_array().unwrap().len() > 1;
        points[0]["date"]
            .as_str()
            .filter(|_| is_curve)
            .map(str::to_owned)
    };
    let earliest = week(&setting.weeks()[0].1);
    let mut new = week(&last)
        .into_keys()
        .filter(|id| !earliest.contains_key(id));
    let (new, begun) = new.find_map(|id| Some((id.clone(), begins(&id)?))).unwrap();
    assert!(begun > first);
    let details = screen(&format!("/^{new}$<enter>4z"));
    assert!(details.contains(&format!("since {begun}")), "{details}");
    let drawn = screen("T");
    assert!(drawn.contains("Downloads in 30 days"), "{drawn}");
    let legend = drawn
        .lines()
        .find(|line| line.contains(best.trim()))
        .unwrap();
    assert!(legend.contains(&format!("on {day}")), "{legend} {day}");
    assert!(drawn.lines().any(|line| line.contains(&first)), "{drawn}");
    let is_braille = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
    assert!(
        drawn.chars().filter(|c| is_braille(*c)).count() > 20,
        "{drawn}"
    );
    assert!(screen("T<tab>a").contains("All-time downloads, from the first snapshot of each"));
    assert!(screen("TL").contains("logarithmic"));
    assert!(screen("Tr").contains("of families"));
    setting.run(&["history", "drop", "--all"]);
    assert!(screen("T").contains("hubscope history add FILE"));
}

#[test]
fn movers_are_those_of_the_files() {
    let setting = Setting::new();
    let answer = setting.json(&["movers", "--since", "4w", "--limit", "0"]);
    let weeks: BTreeMap<String, PathBuf> = setting.weeks().into_iter().collect();
    let [from, to] = ["from", "to"].map(|end| week(&weeks[answer[end].as_str().unwrap()]));
    let number = |week: &Week, id: &str| week.get(id).and_then(|row| row[0]).unwrap_or(0);
    // Models are joined by their last name.
    let all: BTreeSet<String> = weeks
        .values()
        .flat_map(|path| week(path).into_keys())
        .collect();
    let mut expected: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for id in from.keys().chain(to.keys()) {
        let short = id.strip_suffix("-before");
        let today = short.filter(|id| all.contains(*id)).unwrap_or(id);
        let before = number(&from, today).max(number(&from, &format!("{today}-before")));
        let pair = [before, number(&to, today)];
        if pair[0] != pair[1] {
            expected.insert(today.to_owned(), pair);
        }
    }
    let rows = answer["rows"].as_array().unwrap();
    let found: BTreeMap<String, [i64; 2]> = rows
        .iter()
        .map(|row| {
            let number = |key: &str| row[key].as_i64().unwrap();
            (
                row["key"].as_str().unwrap().to_owned(),
                [number("before"), number("after")],
            )
        })
        .collect();
    // Two models of one name are two, which a map of names does not know.
    let repeated = repeated(&weeks[answer["to"].as_str().unwrap()]);
    assert!(repeated.len() < 5, "{repeated:?}");
    let differs = |id: &&String| !repeated.contains(*id) && found.get(*id) != expected.get(*id);
    let different: Vec<&String> = found
        .keys()
        .chain(expected.keys())
        .filter(differs)
        .collect();
    assert!(
        different.is_empty(),
        "{:?}",
        &different[..different.len().min(5)]
    );
    let deltas: Vec<i64> = rows
        .iter()
        .map(|row| row["delta"].as_i64().unwrap())
        .collect();
    let rises = deltas.iter().take_while(|delta| **delta > 0).count();
    assert!(deltas[..rises].is_sorted_by(|a, b| a >= b));
    assert!(deltas[rises..].is_sorted());
    let authors = setting.json(&["movers", "--by", "author", "--limit", "0"]);
    let all: i64 = authors["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["delta"].as_i64().unwrap())
        .sum();
    let total = |week: &Week| {
        week.iter()
            .filter(|(id, _)| id.contains('/'))
            .filter_map(|(_, row)| row[0])
            .sum::<i64>()
    };
    let total_with = |week: &Week, path: &str| total(week) + extra(&weeks[path]);
    let [from_day, to_day] = ["from", "to"].map(|end| answer[end].as_str().unwrap());
    assert_eq!(all, total_with(&to, to_day) - total_with(&from, from_day));
}

#[test]
fn days_are_dropped_and_refused() {
    let setting = Setting::new();
    let day = setting.weeks()[19].0.clone();
    assert_eq!(setting.run(&["history", "drop", &day]).code, Some(0));
    let missing = setting.run(&["history", "drop", &day]);
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.err.contains(&format!("no snapshot of {day}")),
        "{}",
        missing.err
    );
    assert_eq!(setting.run(&["history", "drop", "--all"]).code, Some(0));
    let empty = setting.run(&["history"]);
    assert_eq!(empty.code, Some(1));
    assert!(
        empty.err.contains("hubscope history add FILE"),
        "{}",
        empty.err
    );
    let movers = setting.run(&["movers"]);
    assert_eq!(movers.code, Some(1));
}
