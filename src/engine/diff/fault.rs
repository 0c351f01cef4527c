//! Faults of snapshots that a comparison brings to light: what differs then is not the Hub.

use rayon::prelude::*;

use super::join::{Join, NEW, OLD};
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::field::Field;

/// Returns the faults that two joined snapshots show, the gravest first.
pub fn faults(join: &Join) -> Vec<SnapshotFault> {
    let [old, new] = [OLD, NEW].map(|at| join.sides[at].models().len());
    let is_same = |before: i64, after: i64| before == after;
    let (same, same_of) = count(join, Field::Downloads, is_same);
    let (fallen, fallen_of) = count(join, Field::DownloadsAllTime, |before, after| {
        before > after
    });
    let faults = [
        SnapshotFault::partial(old, new),
        SnapshotFault::frozen(same, same_of),
        SnapshotFault::rolled_back(fallen, fallen_of),
    ];
    faults.into_iter().flatten().collect()
}

/// Counts the shared models whose numbers before and after `hold`, and all of those with a number above
/// zero in either.
fn count(join: &Join, field: Field, hold: impl Fn(i64, i64) -> bool + Sync) -> (usize, usize) {
    let number = |at: usize, node| {
        let side = join.sides[at];
        side.models().number(field, side.model(node)?)
    };
    let counts = join.shared().filter_map(|[old, new]| {
        let (before, after) = (number(OLD, old)?, number(NEW, new)?);
        (before > 0 || after > 0).then(|| (usize::from(hold(before, after)), 1))
    });
    counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}
