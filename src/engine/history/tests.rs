//! A history against maps of what each snapshot has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Days, NaiveDate};
use polars::prelude::*;

use super::add::NewSnapshot;
use super::{Counter, History, Slot};
use crate::engine::parquet::keys::Keys;
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// Downloads, all-time downloads and likes of models by name.
type Rows = BTreeMap<String, [Option<i64>; 3]>;

fn day(number: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    first + Days::new(7 * number)
}

fn models(rows: &Rows) -> Models {
    let ids = StringChunked::from_iter_values("id".into(), rows.keys().map(String::as_str));
    let mut models = Models::new(&ids).unwrap();
    for counter in Counter::ALL {
        let numbers: Vec<Option<i64>> = rows.values().map(|row| row[counter as usize]).collect();
        let column = Series::new(counter.field().info().key.into(), numbers);
        models = models.with(counter.field(), &column).unwrap();
    }
    models
}

fn add(path: &Path, number: u64, rows: &Rows) -> History {
    let models = models(rows);
    let snapshot = NewSnapshot {
        day: day(number),
        source: format!("week {number}"),
        models: &models,
        keys: None,
    };
    History::add(path, &snapshot).unwrap()
}

/// Weeks of models that come, go and grow by a rule of their own.
fn weeks(count: u64) -> Vec<Rows> {
    let row = |model: u64, week: u64| {
        let downloads = (model * 37 + week * (model % 5)) % 1_000;
        let unknown = (model + week).is_multiple_of(11);
        [
            (!unknown).then_some(i64::try_from(downloads).unwrap()),
            Some(i64::try_from(model * 1_000 + week * 50).unwrap()),
            Some(i64::try_from(model / 3 + week).unwrap()),
        ]
    };
    let is_there =
        |model: u64, week: u64| model < 300 + 10 * week && !(model % 17 == 3 && week > 2);
    let week = |week| {
        let own = (0..400).filter(|model| is_there(*model, week));
        own.map(|model| {
            (
                format!("author{}/model-{model}", model % 7),
                row(model, week),
            )
        })
        .collect()
    };
    (0..count).map(week).collect()
}

#[test]
fn every_counter_of_every_week_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let weeks = weeks(6);
    for (number, rows) in weeks.iter().enumerate() {
        add(&path, number as u64, rows);
    }
    let history = History::open(&path).unwrap();
    history.check().unwrap();
    assert_eq!(history.snapshots().len(), 6);
    let names: BTreeSet<&String> = weeks.iter().flat_map(BTreeMap::keys).collect();
    assert_eq!(history.len(), names.len());
    for name in names {
        let slot = history.find(name).unwrap();
        assert_eq!(history.name(slot), name);
        for (snapshot, rows) in history.snapshots().iter().zip(&weeks) {
            for counter in Counter::ALL {
                let column = snapshot.column(counter);
                let row = rows.get(name);
                assert_eq!(column.has(slot), row.is_some(), "{name}");
                assert_eq!(column.get(slot), row.and_then(|row| row[counter as usize]));
            }
        }
    }
    // Many names at once, some of which are not there, are those found one by one.
    let names: Vec<String> = (0..500)
        .map(|model| format!("author{}/model-{model}", model % 7))
        .collect();
    let one_by_one: BTreeSet<Slot> = names.iter().filter_map(|name| history.find(name)).collect();
    let at_once: BTreeSet<Slot> = history
        .find_all(names.iter().map(String::as_str))
        .into_iter()
        .collect();
    assert_eq!(at_once, one_by_one);
    assert_eq!(history.find("author0/model-1000"), None);
    assert_eq!(history.name(Slot(100_000)), "");

    // A family is the sum over what each week has of it.
    let family: Vec<String> = (0..400)
        .step_by(3)
        .map(|model| format!("author{}/model-{model}", model % 7))
        .collect();
    let slots: Vec<Slot> = family
        .iter()
        .filter_map(|name| history.find(name))
        .collect();
    // One that is named twice is counted once.
    let curve = history.curve(&[&slots[..], &slots[..5]].concat());
    for (point, rows) in curve.iter().zip(&weeks) {
        let own: Vec<_> = family.iter().filter_map(|name| rows.get(name)).collect();
        assert_eq!(point.models, own.len());
        for counter in Counter::ALL {
            let sum: i64 = own.iter().filter_map(|row| row[counter as usize]).sum();
            assert_eq!(point.sum(counter), Some(sum));
        }
    }
}

#[test]
fn a_write_that_was_cut_off_counts_as_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let weeks = weeks(3);
    add(&path, 0, &weeks[0]);
    let whole = std::fs::read(&path).unwrap();
    add(&path, 1, &weeks[1]);
    let longer = std::fs::read(&path).unwrap();
    // The first archive is not touched.
    assert_eq!(&longer[..whole.len()], &whole[..]);
    for cut in (whole.len()..longer.len()).step_by(997) {
        std::fs::write(&path, &longer[..cut]).unwrap();
        let history = History::open(&path).unwrap();
        assert_eq!(history.snapshots().len(), 1, "{cut}");
        let history = add(&path, 2, &weeks[2]);
        let days: Vec<NaiveDate> = history.snapshots().iter().map(|own| own.day).collect();
        assert_eq!(days, [day(0), day(2)], "{cut}");
        history.check().unwrap();
    }
    std::fs::write(&path, b"something else").unwrap();
    assert!(History::open(&path).unwrap().is_empty());
}

#[test]
fn dropped_days_are_gone_and_their_models_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let weeks = weeks(4);
    for (number, rows) in weeks.iter().enumerate() {
        add(&path, number as u64, rows);
    }
    let curve = |history: &History, name: &str| {
        let slot = history.find(name).unwrap();
        let points = history.curve(&[slot]).into_iter();
        points
            .map(|point| (point.day, point.sums))
            .collect::<Vec<_>>()
    };
    // It came up in the week that is dropped.
    let new = "author0/model-315";
    let mut expected = curve(&History::open(&path).unwrap(), new);
    History::drop_days(&path, &[day(2)]).unwrap();
    let history = History::open(&path).unwrap();
    expected.retain(|(own, _)| *own != day(2));
    assert_eq!(curve(&history, new), expected);
    let history = add(&path, 2, &weeks[2]);
    assert_eq!(history.snapshots().len(), 4);
    History::drop_days(&path, &[day(0), day(1), day(2), day(3)]).unwrap();
    assert!(!path.exists());
}

#[test]
fn faults_are_named_and_never_part_of_a_curve() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let base = weeks(1).remove(0);
    let week = |week: i64| -> Rows {
        let grown = |row: &[Option<i64>; 3]| {
            [
                row[0].map(|n| n + 13 * week),
                row[1].map(|n| n + 500 * week),
                row[2],
            ]
        };
        base.iter()
            .map(|(name, row)| (name.clone(), grown(row)))
            .collect()
    };
    add(&path, 0, &week(0));
    let partial: Rows = week(1).into_iter().take(60).collect();
    let history = add(&path, 1, &partial);
    let all = base.len();
    let partial = SnapshotFault::Partial { old: all, new: 60 };
    assert_eq!(history.snapshots()[1].faults(), [partial]);
    // Compared with the last sound one, this is frozen.
    let history = add(&path, 2, &week(0));
    assert!(matches!(
        history.snapshots()[2].faults(),
        [SnapshotFault::Frozen { .. }]
    ));
    add(&path, 3, &week(3));
    let history = add(&path, 4, &week(2));
    assert!(matches!(
        history.snapshots()[4].faults(),
        [SnapshotFault::RolledBack { .. }]
    ));
    let empty: Rows = week(5)
        .into_iter()
        .map(|(name, row)| (name, [None, row[1], row[2]]))
        .collect();
    let history = add(&path, 5, &empty);
    assert_eq!(
        history.snapshots()[5].faults(),
        [SnapshotFault::NoDownloads]
    );
    let history = add(&path, 6, &week(6));
    let slot = history.find("author0/model-0").unwrap();
    let days: Vec<NaiveDate> = history
        .curve(&[slot])
        .iter()
        .map(|point| point.day)
        .collect();
    assert_eq!(days, [day(0), day(3), day(6)]);
    // The same day again is refused.
    let models = models(&week(6));
    let again = NewSnapshot {
        day: day(6),
        source: "x".to_owned(),
        models: &models,
        keys: None,
    };
    let error = History::add(&path, &again).err().unwrap().to_string();
    assert!(error.contains("has a snapshot of 2026-02-16"), "{error}");
}

#[test]
fn renamed_models_are_followed_by_their_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let week = |number: u64, rows: &[(&str, u8, i64)]| {
        let all: Rows = rows
            .iter()
            .map(|(name, _, n)| ((*name).to_owned(), [Some(*n); 3]))
            .collect();
        let models = models(&all);
        let key = |name: &str| {
            let (_, key, _) = rows.iter().find(|(own, ..)| *own == name).unwrap();
            (*key > 0).then_some([*key; 12])
        };
        let keys = Keys::of(all.keys().map(|name| key(name)).collect());
        let snapshot = NewSnapshot {
            day: day(number),
            source: String::new(),
            models: &models,
            keys: Some(&keys),
        };
        History::add(&path, &snapshot).unwrap()
    };
    week(0, &[("a/old", 1, 10), ("b/x", 2, 20), ("c/y", 0, 30)]);
    // One is renamed, another takes over a name of one that is gone, one without a key stays.
    let history = week(1, &[("a/new", 1, 11), ("b/x", 3, 21), ("c/y", 0, 31)]);
    let curve = |name: &str| {
        let points = history.curve(&[history.find(name).unwrap()]);
        points
            .iter()
            .map(|point| point.sum(Counter::Downloads))
            .collect::<Vec<_>>()
    };
    assert_eq!(curve("a/new"), [Some(10), Some(11)]);
    assert_eq!(curve("a/old"), [Some(10), Some(11)]);
    assert_eq!(curve("c/y"), [Some(30), Some(31)]);
    assert_eq!(history.name(history.find("a/old").unwrap()), "a/new");
    assert_eq!(curve("b/x"), [None, Some(21)]);
    assert_eq!(history.snapshots()[1].changes(), [1, 1, 1]);
    assert_eq!(Field::Likes, Counter::Likes.field());
}
