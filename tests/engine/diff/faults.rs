//! Snapshots that are not to be trusted are named, and others are not.

use hubscope::engine::Hub;
use hubscope::engine::diff::{Diff, DiffOptions, change::Measure};
use hubscope::engine::table::comparison::SnapshotFault;
use serde_json::{Value, json};

use crate::common::snapshots::Files;

/// Models with these downloads, of the last 30 days and of all time, by the number of the model.
fn rows(count: i64, downloads: fn(i64) -> i64, all_time: fn(i64) -> i64) -> Vec<Value> {
    let row = |n: i64| json!({"id": format!("a/{n}"), "downloads": downloads(n), "downloadsAllTime": all_time(n)});
    (0..count).map(row).collect()
}

fn faults(old: &[Value], new: &[Value]) -> Vec<SnapshotFault> {
    let [old, new] = Files::new(old, new).paths_opened();
    let options = DiffOptions {
        within: None,
        measure: Measure::Delta,
        limit: 1,
    };
    let faults = Diff::new(old.snapshot(None), new.snapshot(None), options).faults;
    let compared: Hub = new.compared(&old).unwrap();
    assert_eq!(compared.comparison.unwrap().faults, faults);
    faults
}

#[test]
fn each_fault_is_named() {
    let before = rows(100, |n| n, |n| 10 * n);
    let later = |count| rows(count, |n| n + n % 3, |n| 11 * n);
    assert_eq!(faults(&before, &later(120)), []);
    // A tenth of a hub may well be deleted.
    assert_eq!(faults(&before, &later(90)), []);
    let partial = SnapshotFault::Partial { old: 100, new: 25 };
    assert_eq!(faults(&before, &later(25)), [partial]);
    // Model 0 has no downloads, which say nothing.
    let frozen = SnapshotFault::Frozen { same: 99, of: 99 };
    assert_eq!(faults(&before, &before), [frozen]);
    let reset = rows(100, |n| n + 1, |n| 5 * n);
    let rolled_back = SnapshotFault::RolledBack { fallen: 99, of: 99 };
    assert_eq!(faults(&before, &reset), [rolled_back]);
    // Too few to say.
    let few = rows(9, |n| n, |n| n);
    assert_eq!(faults(&few, &few), []);
}
