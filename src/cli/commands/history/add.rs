//! `hubscope history add`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, NaiveDate};

use super::snapshots::{fault, history_path};
use crate::allocator;
use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::engine::Hub;
use crate::engine::history::History;
use crate::engine::history::add::NewSnapshot;
use crate::engine::parquet::keys::Keys;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::present::format::{count, grouped};

/// Some of this many models are changed every day, which dates their file; of fewer, its name does.
const FEW: usize = 10_000;

/// Adds files, or all of folders, in the order of their names.
///
/// # Errors
/// When one of them cannot be added; the others are.
pub fn run(
    context: &mut CommandContext,
    files: &[PathBuf],
    date: Option<NaiveDate>,
) -> Result<Found> {
    let mut all = Vec::new();
    for file in files {
        all.extend(snapshots(file)?);
    }
    all.sort_by_key(|file| day_in_name(file));
    if date.is_some() && all.len() != 1 {
        bail!("--date is for one file; {} were named", all.len());
    }
    let mut failed = 0;
    for file in &all {
        match add(file, date) {
            Ok(line) => writeln!(context.out, "{line}")?,
            Err(error) => {
                failed += 1;
                context.explain(&format!("{error:#}"))?;
            }
        }
        context.out.flush()?;
    }
    match failed {
        0 => Ok(Found::Something),
        failed => bail!(
            "{} of {} snapshots were not added",
            count(failed),
            count(all.len())
        ),
    }
}

/// Returns the files of a folder that have days in their names, or else the source itself.
fn snapshots(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let refused = || format!("{}: cannot be listed", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(refused)? {
        let file = entry.with_context(refused)?.path();
        // A day is a file, or a folder with one, as in the weekly archive.
        let within = file.join("models.parquet");
        let file = if within.is_file() { within } else { file };
        let is_snapshot = file.extension().is_some_and(|e| e == "parquet");
        files.extend(Some(file).filter(|file| is_snapshot && day_in_name(file).is_some()));
    }
    match files.is_empty() {
        true => Ok(vec![path.to_owned()]),
        false => Ok(files),
    }
}

/// Returns the day in the name of a file, or else in that of its folder.
fn day_in_name(path: &Path) -> Option<NaiveDate> {
    let names = [path.file_stem(), path.parent().and_then(Path::file_name)];
    let mut texts = names.into_iter().flatten().filter_map(|name| name.to_str());
    texts.find_map(|text| {
        let mut starts = text.char_indices().map(|(at, _)| at);
        starts.find_map(|at| {
            let day = text.get(at..at + 10)?;
            // A sign before a year would be taken for one of it.
            let is_plain = day.starts_with(|c: char| c.is_ascii_digit());
            day.parse().ok().filter(|_| is_plain)
        })
    })
}

/// Adds a file, and returns a line about it.
fn add(path: &Path, date: Option<NaiveDate>) -> Result<String> {
    let source = Source::named(Some(path))?;
    let hub = Hub::open_to(&source, Stage::Fields, &allocator::on_step)?;
    let keys = isolated(&source, || Keys::read(&*hub.files()?))?;
    // Copies of an old file lie in the folders of later days.
    let of_data = hub.newest().and_then(DateTime::from_timestamp_micros);
    let of_data = of_data.map(|time| time.date_naive());
    let of_name = day_in_name(path);
    let day = match hub.models.len() < FEW {
        true => of_name.or(of_data),
        false => of_data.or(of_name),
    };
    let day = date.or(day);
    let day = day.with_context(|| {
        let name = path.display();
        format!("{name}: neither its models nor its name state a day; name it with --date")
    })?;
    let snapshot = NewSnapshot {
        day,
        source: source.to_string(),
        models: &hub.models,
        keys: keys.as_ref(),
    };
    let history = History::add(&history_path()?, &snapshot)?;
    let added = history.snapshots().iter().find(|own| own.day == day);
    let added = added.context("the history has lost the snapshot")?;
    let [new, renamed, gone] = added
        .changes()
        .map(|n| grouped(i64::try_from(n).unwrap_or(i64::MAX)));
    let models = count(hub.models.len());
    let fault = fault(added).map(|fault| format!("; not counted: {fault}"));
    Ok(format!(
        "{day}: {models} models, {new} new, {renamed} renamed, {gone} gone{}",
        fault.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_names() {
        for (path, day) in [
            ("2026-05-04.parquet", Some("2026-05-04")),
            ("models/2026-05-04/models.parquet", Some("2026-05-04")),
            ("hub_2026-05-04_v2.parquet", Some("2026-05-04")),
            ("2026-05-04/models-2026-05-11.parquet", Some("2026-05-11")),
            ("models.parquet", None),
            ("é2026-13-01.parquet", None),
        ] {
            let day: Option<NaiveDate> = day.map(|day| day.parse().unwrap());
            assert_eq!(day_in_name(Path::new(path)), day, "{path}");
        }
    }
}
