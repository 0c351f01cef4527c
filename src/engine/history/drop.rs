//! Removes snapshots from a history: the file is written anew without their counters.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;

use super::file::History;
use super::snapshot::Header;
use crate::engine::cache::archive::{Chain, Writer};

impl History {
    /// Removes the snapshots of some days. Models that came up in one stay known.
    ///
    /// # Errors
    /// When the history is damaged or cannot be written; then it is as before.
    pub fn drop_days(path: &Path, days: &[NaiveDate]) -> Result<()> {
        let history = History::open(path)?;
        let is_dropped = |day: &NaiveDate| days.contains(day);
        if history.snapshots().iter().all(|own| is_dropped(&own.day)) {
            return History::remove(path);
        }
        let new = path.with_added_extension("new");
        let refused = || format!("{}: cannot be written", new.display());
        rewritten(path, &new, &is_dropped).with_context(refused)?;
        fs::rename(&new, path).with_context(|| format!("{}: cannot be written", path.display()))
    }

    /// Removes a history with all its snapshots.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(path: &Path) -> Result<()> {
        fs::remove_file(path).with_context(|| format!("{}: cannot be removed", path.display()))
    }
}

/// Writes the archives to a new file, those of dropped days without counters.
fn rewritten(path: &Path, new: &Path, is_dropped: &dyn Fn(&NaiveDate) -> bool) -> Result<()> {
    let chain = Chain::open(path, |header: &Header| header.before)?;
    File::create(new)?;
    let mut end = 0;
    for (mut reader, mut header) in chain.archives {
        let file = File::options().read(true).write(true).open(new)?;
        let mut writer = Writer::after(file, end)?;
        header.before = end;
        header.is_dropped |= header.day.parse().is_ok_and(|day| is_dropped(&day));
        let counters = if header.is_dropped {
            header.arrays - 3
        } else {
            header.arrays
        };
        for at in 0..header.arrays {
            let array = reader.take::<u8>()?;
            writer.put(if at < counters { &array[..] } else { &[] })?;
        }
        writer.close(header)?;
        end = fs::metadata(new)?.len();
    }
    Ok(())
}
