//! A snapshot of a history: its day, its faults, and the counters of every model.

use std::io;

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::packed::{Packed, pack};
use super::slot::Slot;
use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::comparison::SnapshotFault;

/// A counter of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Downloads in the last 30 days.
    Downloads,
    DownloadsAllTime,
    Likes,
}

impl Counter {
    pub const ALL: [Counter; 3] = [
        Counter::Downloads,
        Counter::DownloadsAllTime,
        Counter::Likes,
    ];

    /// Returns its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Counter::Downloads => "Downloads in 30 days",
            Counter::DownloadsAllTime => "All-time downloads",
            Counter::Likes => "Likes",
        }
    }
}

/// The header of a snapshot's archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// The version of the layout.
    pub version: u32,
    /// The end of the archive before this one; 0 for the first.
    pub before: u64,
    /// The day of the data, as RFC 3339 has it.
    pub day: String,
    /// The file that it was read from.
    pub source: String,
    /// The number of models in it.
    pub models: u64,
    /// The number of models in the history up to it.
    pub slots: u64,
    /// The number of models that came up in it, that were renamed since the snapshot before, and that are
    /// gone since.
    pub new: u64,
    pub renamed: u64,
    pub gone: u64,
    /// True if models were matched by the Hub's keys, so that renamed ones were followed.
    pub by_key: bool,
    /// The counters of a snapshot with any are kept, and never part of a sum or a rate.
    pub faults: Vec<SnapshotFault>,
    /// The number of arrays in the archive, of which the counters are the last three.
    pub arrays: usize,
    /// True if the counters were removed.
    pub is_dropped: bool,
}

/// The version of the layout.
pub(super) const VERSION: u32 = 1;

/// How a counter is written: 0 where the snapshot does not have the model, 1 where the counter is unknown,
/// and 2 more than the number.
const ABSENT: u64 = 0;
const UNKNOWN: u64 = 1;
const ZERO: u64 = 2;

/// A snapshot of a history.
pub struct HistorySnapshot {
    /// The day of its data.
    pub day: NaiveDate,
    pub(super) header: Header,
    columns: [Buffer<u8>; 3],
}

/// The counters of one kind in a snapshot.
#[derive(Clone, Copy)]
pub struct CounterColumn<'a>(Packed<'a>);

impl HistorySnapshot {
    /// Writes the counters of all models to an archive, by their slots; `None` where the snapshot does not
    /// have the model.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(
        to: &mut Writer,
        counters: &[Vec<Option<Option<i64>>>; 3],
    ) -> io::Result<()> {
        for counter in counters {
            let code = |value: &Option<Option<i64>>| match value {
                None => ABSENT,
                Some(None) => UNKNOWN,
                Some(Some(number)) => u64::try_from(*number).map_or(UNKNOWN, |n| n + ZERO),
            };
            let codes: Vec<u64> = counter.iter().map(code).collect();
            to.put(&pack(&codes))?;
        }
        Ok(())
    }

    /// Reads a snapshot of an archive.
    ///
    /// # Errors
    /// When it has other arrays.
    pub(super) fn read(from: &mut Reader, header: Header) -> Result<HistorySnapshot> {
        ensure!(
            header.version == VERSION,
            "the history is of another version"
        );
        let day = header.day.parse().context("a snapshot without a day")?;
        let snapshot = HistorySnapshot {
            day,
            columns: [from.take()?, from.take()?, from.take()?],
            header,
        };
        Counter::ALL
            .iter()
            .try_for_each(|counter| snapshot.packed(*counter).map(drop))?;
        Ok(snapshot)
    }

    fn packed(&self, counter: Counter) -> Result<Packed<'_>> {
        let len = usize::try_from(self.header.slots)?;
        Packed::of(&self.columns[counter as usize], len)
    }

    /// Returns the counters of one kind.
    pub fn column(&self, counter: Counter) -> CounterColumn<'_> {
        // Checked when it was opened.
        CounterColumn(self.packed(counter).unwrap_or_default())
    }

    /// Returns the reasons not to trust it.
    pub fn faults(&self) -> &[SnapshotFault] {
        &self.header.faults
    }

    /// Returns true if its counters count.
    pub fn is_sound(&self) -> bool {
        self.header.faults.is_empty()
    }

    /// Returns the number of its models.
    pub fn models(&self) -> u64 {
        self.header.models
    }

    /// Returns the name of the file that it was read from.
    pub fn source(&self) -> &str {
        &self.header.source
    }

    /// Returns the numbers of models that are new, renamed and gone since the snapshot before.
    pub fn changes(&self) -> [u64; 3] {
        [self.header.new, self.header.renamed, self.header.gone]
    }

    /// Returns true if models were matched by the Hub's keys, so that renamed ones were followed.
    pub fn by_key(&self) -> bool {
        self.header.by_key
    }
}

impl CounterColumn<'_> {
    /// Returns true if the snapshot has the model.
    pub fn has(&self, slot: Slot) -> bool {
        self.0.get(slot.index()) != ABSENT
    }

    /// Returns the counter of a model; `None` where it is unknown or the snapshot does not have it.
    pub fn get(&self, slot: Slot) -> Option<i64> {
        let number = self.0.get(slot.index()).checked_sub(ZERO)?;
        i64::try_from(number).ok()
    }
}
