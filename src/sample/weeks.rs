//! Weekly snapshots of a synthetic hub: the counters of its models at the end of each of its last weeks,
//! with the faults that real archives have.

use std::io::Write;

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use polars::prelude::*;

use super::columns::{counts, strings, timestamps};
use super::plan::{Model, Plan};
use super::{ROW_GROUP, Recipe, Tables, planned};

/// The weeks before the last one whose snapshots have a fault, in histories of [`WITH_FAULTS`] weeks or more.
const PARTIAL: u32 = 3;
const FROZEN: u32 = 5;
const ROLLED_BACK: u32 = 7;
const OTHER_LAYOUT: u32 = 9;
const DUPLICATE: u32 = 11;
/// The fewest weeks that have faults.
const WITH_FAULTS: u32 = 16;

/// One in this many models has another name in early weeks; one in this many is gone in late ones.
const RENAMED: u64 = 500;
const GONE: u64 = 300;

/// A week: the one for which a file is written, and the one whose counters it has.
#[derive(Clone, Copy)]
struct Week {
    /// Weeks before the last one.
    of_counters: u32,
    of_dates: u32,
    is_partial: bool,
    has_downloads: bool,
}

/// Writes weekly snapshots, the earliest first, each to the output that `file` returns for its day.
///
/// # Errors
/// When an output cannot be made or written.
pub fn write_weeks(
    recipe: &Recipe,
    weeks: u32,
    mut file: impl FnMut(NaiveDate, &mut dyn FnMut(&mut (dyn Write + Send)) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let tables = Tables::read();
    let (plan, order) = planned(recipe, &tables);
    let last = plan
        .models
        .iter()
        .map(|model| model.modified)
        .max()
        .unwrap_or(0);
    let last = DateTime::from_timestamp(last, 0).map_or(NaiveDate::MIN, |time| time.date_naive());
    let history = WeeklyHistory {
        plan: &plan,
        order: &order,
        last,
    };
    for back in (0..weeks).rev() {
        let week = Week::of(back, weeks);
        file(history.day(back), &mut |out| history.write(week, out))?;
    }
    Ok(())
}

impl Week {
    fn of(back: u32, weeks: u32) -> Week {
        let fault = (weeks >= WITH_FAULTS).then_some(back);
        Week {
            of_counters: match fault {
                Some(FROZEN | DUPLICATE) => back + 1,
                Some(ROLLED_BACK) => back + 4,
                _ => back,
            },
            of_dates: back + u32::from(fault == Some(DUPLICATE)),
            is_partial: fault == Some(PARTIAL),
            has_downloads: fault != Some(OTHER_LAYOUT),
        }
    }
}

struct WeeklyHistory<'p> {
    plan: &'p Plan<'p>,
    /// The rows of the plan in the order of the file.
    order: &'p [u32],
    /// The day of the last week.
    last: NaiveDate,
}

impl WeeklyHistory<'_> {
    fn day(&self, back: u32) -> NaiveDate {
        self.last - Days::new(7 * u64::from(back))
    }

    /// The end of a week, in Unix seconds.
    fn end(&self, back: u32) -> i64 {
        let end = self.day(back).and_time(NaiveTime::MIN).and_utc();
        end.timestamp() + 86_399
    }

    fn write(&self, week: Week, out: &mut (dyn Write + Send)) -> Result<()> {
        let is_there = |row: &&u32| {
            self.is_there(**row, week.of_dates) && (!week.is_partial || row.is_multiple_of(4))
        };
        let rows: Vec<u32> = self.order.iter().filter(is_there).copied().collect();
        let empty = self.frame(week, &[])?;
        let mut writer = ParquetWriter::new(out)
            .with_compression(ParquetCompression::Zstd(None))
            .batched(empty.schema())?;
        for rows in rows.chunks(ROW_GROUP) {
            writer.write_batch(&self.frame(week, rows)?)?;
        }
        writer.finish()?;
        Ok(())
    }

    fn frame(&self, week: Week, rows: &[u32]) -> Result<DataFrame> {
        let back = week.of_counters;
        let end = self.end(week.of_dates);
        let mut columns = vec![
            strings("_id", rows, |row| {
                Ok(Some(format!("{:024x}", self.hash(row, 0))))
            })?,
            strings("id", rows, |row| Ok(Some(self.name(row, week.of_dates))))?,
            // Somebody commits every day.
            timestamps("lastModified", rows, |row| match row {
                _ if Some(&row) == rows.first() => end,
                row => self.plan[row].modified.min(end),
            })?,
            counts("downloads", rows, |row| self.downloads(row, back))?,
            counts("downloadsAllTime", rows, |row| {
                self.grown(row, back, |model| model.all_time)
            })?,
            counts("likes", rows, |row| {
                self.grown(row, back, |model| model.likes)
            })?,
        ];
        columns.retain(|column| week.has_downloads || column.name() != "downloads");
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    fn is_there(&self, row: u32, back: u32) -> bool {
        let hash = self.hash(row, 1);
        let is_gone = hash.is_multiple_of(GONE) && u64::from(back) < hash / GONE % 26;
        self.plan[row].created <= self.end(back) && !is_gone
    }

    fn name(&self, row: u32, back: u32) -> String {
        let (id, hash) = (&self.plan[row].id, self.hash(row, 2));
        let has_old_name = hash.is_multiple_of(RENAMED) && u64::from(back) > hash / RENAMED % 52;
        match has_old_name {
            true => format!("{id}-before"),
            false => id.to_string(),
        }
    }

    /// The downloads of the 30 days before a week ended: a wave around those of the last week.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "synthetic"
    )]
    fn downloads(&self, row: u32, back: u32) -> i64 {
        let last = self.plan[row].downloads;
        if last == 0 || back == 0 {
            return last;
        }
        let hash = self.hash(row, 3);
        let phase = (hash % 628) as f64 / 100.0;
        let wave = ((phase + f64::from(back) / 4.0).sin() - phase.sin()) * 0.3;
        let trend = 1.0 + ((hash >> 32) % 100) as f64 / 100.0 * f64::from(back) / 200.0;
        let noise = (self.hash(row, u64::from(back) + 10) % 3) as i64 - 1;
        ((last as f64 * (1.0 + wave).max(0.1) * trend) as i64 + noise).max(0)
    }

    /// A counter that grew evenly since the model was created.
    fn grown(&self, row: u32, back: u32, counter: impl Fn(&Model) -> i64) -> i64 {
        let model = &self.plan[row];
        let age = i128::from(self.end(0) - model.created).max(1);
        let then = i128::from(self.end(back) - model.created).max(0);
        i64::try_from(i128::from(counter(model)) * then / age).unwrap_or(0)
    }

    /// Returns a number that depends on the seed, the row and a purpose below 1,024 alone: a step of
    /// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
    fn hash(&self, row: u32, purpose: u64) -> u64 {
        let at = u64::from(row) << 10 | purpose;
        let state = at
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(self.plan.recipe.seed);
        let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
