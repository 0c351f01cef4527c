//! Faults of snapshots that a comparison brings to light: what differs then is not the Hub.

use rayon::prelude::*;

use super::join::{Join, NEW, OLD};
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::field::Field;

/// A new snapshot has at least this share of the old one's rows. The Hub loses far fewer in a year; of
/// the bad weekly snapshots known, the fullest had 0.25.
const MIN_ROWS: f64 = 0.8;
/// At most this share of counts stays the same. In a week more than a third of those above zero change.
const MAX_SAME: f64 = 0.95;
/// Fewer models with downloads say nothing of a whole snapshot.
const FEW: usize = 20;

/// Returns the faults that two joined snapshots show, the gravest first.
pub fn faults(join: &Join) -> Vec<SnapshotFault> {
    let [old, new] = [OLD, NEW].map(|at| join.sides[at].models().len());
    let partial = (share(new, old) < MIN_ROWS).then_some(SnapshotFault::Partial { old, new });
    let is_same = |before: i64, after: i64| before == after;
    let (same, of) = count(join, Field::Downloads, is_same);
    let is_frozen = of >= FEW && share(same, of) > MAX_SAME;
    let frozen = is_frozen.then_some(SnapshotFault::Frozen { same, of });
    let (fallen, of) = count(join, Field::DownloadsAllTime, |before, after| {
        before > after
    });
    let is_back = of >= FEW && share(fallen, of) > 0.5;
    let rolled_back = is_back.then_some(SnapshotFault::RolledBack { fallen, of });
    [partial, frozen, rolled_back]
        .into_iter()
        .flatten()
        .collect()
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

#[expect(clippy::cast_precision_loss, reason = "compared roughly")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
