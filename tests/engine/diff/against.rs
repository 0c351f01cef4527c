//! A hub that is compared with an older snapshot: what its models know of it, what queries find by
//! that, and the same on the command line.

use hubscope::cli::within::Within;
use hubscope::engine::Hub;
use hubscope::engine::cache::Cache;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::BILLION;
use serde_json::Value;

use crate::common::diff::{Since, since};
use crate::common::program::{self, Ran, hubscope};
use crate::common::snapshots::{Files, new_rows, old_rows, real_rows, without_keys};

impl Since {
    /// Downloads more in those of before, of which there were some.
    fn growth(&self) -> Option<f64> {
        let before = self.before.filter(|before| *before > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "compared with round shares")]
        Some(self.delta? as f64 / before as f64)
    }

    fn rises(&self, by: i64) -> bool {
        self.delta.is_some_and(|delta| delta > by)
    }
}

/// Whether a test finds a row, as it is meant.
type Wanted = fn(&Since) -> bool;

/// Tests of what changed.
const TESTS: [(&str, Wanted); 14] = [
    ("delta:>1000", |row| row.rises(1_000)),
    ("delta:>0", |row| row.rises(0)),
    ("delta:<0", |row| row.delta.is_some_and(|delta| delta < 0)),
    ("delta:>=-2", |row| row.rises(-3)),
    ("delta:-5K..-1", |row| {
        row.delta.is_some_and(|delta| (-5_000..0).contains(&delta))
    }),
    ("delta:-42", |row| row.delta == Some(-42)),
    ("-delta:0", |row| row.delta != Some(0)),
    ("growth:>50%", |row| row.growth().is_some_and(|g| g > 0.5)),
    ("growth:<0", |row| row.growth().is_some_and(|g| g < 0.0)),
    ("growth:-50%..0.25", |row| {
        row.growth().is_some_and(|g| (-0.5..=0.25).contains(&g))
    }),
    ("no:growth", |row| row.growth().is_none()),
    ("has:delta", |row| row.delta.is_some()),
    ("is:new", |row| row.is_new),
    ("-is:new,renamed", |row| !row.is_new && row.was.is_none()),
];

/// Compares every model of the newer snapshot with the naive join.
pub fn check(old: &[Value], new: &[Value]) {
    let files = Files::new(old, new);
    let [before, after] = files.paths_opened();
    let hub = after.compared(&before).unwrap();
    let (rows, gone) = since(old, new);
    let against = hub.comparison.as_ref().unwrap();
    assert_eq!(against.gone, gone);
    for (model, row) in hub.models.all().zip(&rows) {
        let id = hub.models.id(model);
        assert_eq!(hub.models.number(Field::Delta, model), row.delta, "{id}");
        let growth = |delta: i64, before: i64| delta * BILLION / before;
        let growth = row
            .growth()
            .and_then(|_| Some(growth(row.delta?, row.before?)));
        // Rounded down, where a division rounds towards nothing.
        let found = hub.models.number(Field::Growth, model);
        let off = found.zip(growth).map(|(found, wanted)| wanted - found);
        assert!(found.is_some() == growth.is_some(), "{id}");
        assert!(
            off.is_none_or(|off| (0..=1).contains(&off)),
            "{id}: {off:?}"
        );
        assert_eq!(against.is_new(model), row.is_new, "{id}");
        assert_eq!(against.former_name(model), row.was.as_deref(), "{id}");
    }
    for (test, wanted) in TESTS {
        let found = Within::new(Some(test)).unwrap().models(&hub).unwrap();
        let found: Vec<usize> = found
            .iter()
            .map(hubscope::engine::table::model_id::ModelId::row)
            .collect();
        let wanted = (0..rows.len()).filter(|at| wanted(&rows[*at]));
        assert_eq!(found, wanted.collect::<Vec<_>>(), "{test}");
    }
}

#[test]
fn of_the_made_up_rows() {
    let (old, new) = (old_rows(), new_rows());
    let (rows, gone) = since(&old, &new);
    // Every test tells rows apart, or nothing was compared.
    for (test, wanted) in TESTS {
        let found = rows.iter().filter(|row| wanted(row)).count();
        assert!((1..rows.len()).contains(&found), "{test}: {found}");
    }
    assert!(gone > 0 && rows.iter().any(|row| row.was.is_some()));
    check(&old, &new);
    check(&new, &old);
    check(&without_keys(&old), &without_keys(&new));
    check(&old, &without_keys(&new));
}

#[test]
fn of_real_rows_and_a_changed_copy() {
    if let Some([old, new]) = real_rows() {
        check(&old, &new);
        check(&new, &old);
    }
}

/// Nothing is made up where the older file has no downloads.
#[test]
fn an_older_snapshot_of_ids_alone() {
    use crate::common::{frame_of, write};
    use polars::prelude::DataType;
    let files = Files::new(&old_rows(), &new_rows());
    let mut ids = frame_of(&old_rows(), &[("id", DataType::String)]);
    write(&mut ids, &files.paths()[0]);
    let [before, after] = files.paths_opened();
    let hub = after.compared(&before).unwrap();
    let delta = |model| hub.models.number(Field::Delta, model);
    assert!(hub.models.all().all(|model| delta(model).is_none()));
    let new = hub.models.find("new/child").unwrap();
    assert!(hub.comparison.unwrap().is_new(new));
}

/// What is kept of a hub is the same with an older snapshot and without.
#[test]
fn nothing_of_it_is_kept() {
    let files = Files::new(&old_rows(), &new_rows());
    let [before, after] = files.paths_opened();
    let cache = Cache::at(files.paths()[0].with_extension("kept"));
    after.compared(&before).unwrap().store(&cache).unwrap();
    let kept = Hub::from_cache(&cache, &after.source).unwrap();
    assert!(kept.lacks(Field::Delta) && kept.lacks(Field::Growth));
    assert!(kept.comparison.is_none());
    let columns = |hub: &Hub| hub.models.frame().schema().clone();
    let names = |hub: &Hub| columns(hub).iter_names_cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&after));
    assert_eq!(kept.lacking(), after.lacking());
}

// --- the command line ---

fn ran(files: &Files, command: &[&str], arguments: &[&str]) -> Ran {
    let [old, new] = files.paths();
    let sides = [
        "--against",
        old.to_str().unwrap(),
        "--data",
        new.to_str().unwrap(),
    ];
    program::run(hubscope(&[command, &sides, arguments].concat()))
}

#[test]
fn search_orders_by_what_changed_and_tells_it() {
    let (old, new) = (old_rows(), new_rows());
    let files = Files::new(&old, &new);
    let query = ["sort:delta", "delta:>0"];
    let ran = ran(&files, &["search", "--json", "--limit", "0"], &query);
    let reported: Value = serde_json::from_str(&ran.out).unwrap();
    let hits = reported["hits"].as_array().unwrap();
    let found: Vec<(i64, Option<f64>)> = hits
        .iter()
        .map(|hit| (hit["delta"].as_i64().unwrap(), hit["growth"].as_f64()))
        .collect();
    let (rows, _) = since(&old, &new);
    let risen = rows.iter().filter(|row| row.rises(0));
    let mut wanted: Vec<(i64, Option<f64>)> = risen
        .map(|row| (row.delta.unwrap(), row.growth()))
        .collect();
    wanted.sort_by_key(|(delta, _)| -delta);
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found.0, wanted.0);
        let off = found.1.zip(wanted.1).map(|(a, b)| (a - b).abs());
        assert_eq!(found.1.is_some(), wanted.1.is_some());
        assert!(off.is_none_or(|off| off <= 1e-9), "{found:?} {wanted:?}");
    }
}

#[test]
fn rows_have_the_two_columns_and_only_then() {
    let files = Files::new(&old_rows(), &new_rows());
    let query = ["^meta/llama$"];
    let tsv = ran(&files, &["search"], &query).out;
    let lines: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    let cells = |name: &str| {
        let at = lines[0].iter().position(|head| *head == name).unwrap();
        lines[1][at]
    };
    assert_eq!((cells("delta"), cells("growth")), ("10000", "0.2"));
    let new = files.paths()[1].clone();
    let plain = program::run(hubscope(&[
        "search",
        "--data",
        new.to_str().unwrap(),
        query[0],
    ]));
    let reported: Vec<Vec<&str>> = plain.out.lines().map(|l| l.split('\t').collect()).collect();
    let mut rest = lines.clone();
    for line in &mut rest {
        line.drain(line.len() - 4..line.len() - 2);
    }
    assert_eq!(reported, rest);
}

/// What compares needs something to compare with.
#[test]
fn without_an_older_snapshot_it_is_a_mistake() {
    let files = Files::new(&old_rows(), &new_rows());
    let new = files.paths()[1].clone();
    let data = ["--data", new.to_str().unwrap()];
    for (command, named) in [
        (&["search", "delta:>1000"][..], "`delta:` compares"),
        (&["search", "llama is:new"], "column 7: `is:new` compares"),
        (&["search", "sort:growth"], "`sort:growth` compares"),
        (
            &["search", "--sort", "delta:asc"],
            "`--sort delta:asc` compares",
        ),
        (&["roots", "--sort", "delta"], "`--sort delta` compares"),
        (&["stats", "--where", "-has:delta"], "`-has:delta` compares"),
        (
            &["tree", "meta/llama", "--where", "growth:<0"],
            "`growth:` compares",
        ),
    ] {
        let ran = program::run(hubscope(&[command, &data].concat()));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{command:?}");
        assert!(ran.err.contains(named), "{}", ran.err);
        assert!(ran.err.contains("--against OLD"), "{}", ran.err);
    }
    let missing = ["--against", "/no/such/old"];
    let ran = program::run(hubscope(
        &[&["search", "llama"], &data[..], &missing].concat(),
    ));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("/no/such/old"), "{}", ran.err);
    let ran = program::run(hubscope(&["schema", "--against", "/no/such/old"]));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--against is for"), "{}", ran.err);
}
