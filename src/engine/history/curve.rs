//! Curves: the counters of a model, or the sums over many, at each snapshot.

use chrono::NaiveDate;
use rayon::prelude::*;

use super::file::History;
use super::slot::Slot;
use super::snapshot::{Counter, HistorySnapshot};

/// The sums over some models at a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurvePoint {
    pub day: NaiveDate,
    /// The models of them that the snapshot has.
    pub models: usize,
    /// The sum of each counter, over the models that have it; `None` where none has.
    pub sums: [Option<i64>; 3],
}

impl CurvePoint {
    /// Returns the sum of a counter.
    pub fn sum(&self, counter: Counter) -> Option<i64> {
        self.sums[counter as usize]
    }
}

impl History {
    /// Returns the curve of some models over the snapshots without a fault; each is counted once.
    pub fn curve(&self, slots: &[Slot]) -> Vec<CurvePoint> {
        let mut slots = slots.to_vec();
        // In the order of the file, pages are read once.
        slots.sort_unstable();
        slots.dedup();
        let sound: Vec<&HistorySnapshot> = self.sound().collect();
        let point = |snapshot: &&HistorySnapshot| point(snapshot, &slots);
        sound.par_iter().map(point).collect()
    }

    /// Returns the snapshots without a fault, ascending.
    pub fn sound(&self) -> impl DoubleEndedIterator<Item = &HistorySnapshot> {
        self.snapshots()
            .iter()
            .filter(|snapshot| snapshot.is_sound())
    }
}

fn point(snapshot: &HistorySnapshot, slots: &[Slot]) -> CurvePoint {
    let downloads = snapshot.column(Counter::Downloads);
    let sum = |counter: Counter| {
        let column = snapshot.column(counter);
        let numbers = slots.iter().filter_map(|slot| column.get(*slot));
        numbers.fold(None, |sum: Option<i64>, number| {
            Some(sum.unwrap_or(0).saturating_add(number))
        })
    };
    CurvePoint {
        day: snapshot.day,
        models: slots.iter().filter(|slot| downloads.has(**slot)).count(),
        sums: Counter::ALL.map(sum),
    }
}
