//! `hubscope fetch`, from the first request to the path that it prints.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::OnceLock;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Error, Result, anyhow, bail};
use chrono::{NaiveDate, NaiveTime};
use indicatif::ProgressBar;
use ureq::http::StatusCode;

use crate::engine::guard::NO_THREAD;
use crate::engine::source::dataset_file::{DatasetFile, WEEKLY};
use crate::hub::client::{Remote, is_unreachable, offline_variable};
use crate::hub::days::{self, Day};
use crate::hub::digest::{has_digest, is_intact};
use crate::hub::download::{Outcome, download};
use crate::hub::headers::Version;
use crate::hub::place::{self, Place};
use crate::hub::refusal::Refusal;
use crate::hub::thin::{self, Download, Plan, Progress, ThinPlace, Wanted, Watch};
use crate::present::progress;
use crate::system::ending_signal;

/// The streams that `fetch` writes to.
pub struct Streams<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// True if `err` is a terminal, which shows progress.
    pub err_is_terminal: bool,
}

/// The part of a file to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// The whole file, into the Hugging Face cache.
    All,
    /// The columns that the program reads, and these, into a cache of its own.
    Read(Wanted),
}

/// Downloads the file, or columns of it, unless they are there, and prints the path. With `verify`,
/// what is there is hashed, and downloaded again if it is damaged. Without a network, what is there is
/// taken as it is.
///
/// # Errors
/// When the Hub does not serve the file or the cache cannot be written. A partial download is resumed
/// by the next run.
pub fn run(wanted: &DatasetFile, columns: &Columns, verify: bool, streams: Streams) -> Result<()> {
    report_interruption(&wanted.dataset, streams.err_is_terminal)?;
    fetch(wanted, columns, verify, streams.out, streams.err)?;
    Ok(())
}

/// Downloads the files of some days, unless they are there, and prints their paths.
///
/// # Errors
/// As [`run`], of the first that fails; what is there is not downloaded again by the next run.
pub fn run_days(days: &[Day], columns: &Columns, verify: bool, streams: Streams) -> Result<()> {
    let Streams { out, err, .. } = streams;
    let dataset = days.first().map_or("", |day| &day.file.dataset);
    report_interruption(dataset, streams.err_is_terminal)?;
    for Day { date: day, file } in days {
        writeln!(err, "{}: {day}", file.dataset)?;
        let path = fetch(file, columns, verify, out, err)?;
        if file.revision.is_some() {
            date(&path, *day);
        }
    }
    Ok(())
}

/// Downloads a file, and prints and returns its path.
fn fetch(
    wanted: &DatasetFile,
    columns: &Columns,
    verify: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<PathBuf> {
    let (wanted, reply, day) = ask_nearest(wanted, err)?;
    let path = match reply {
        Reply::Version(remote, version) => match columns {
            Columns::All => whole(&remote, &wanted, &version, verify, err)?,
            Columns::Read(more) => thin(&remote, &wanted, version, more, verify, err)?,
        },
        Reply::Offline(reason) => offline(&wanted, columns, verify, reason, err)?,
    };
    if let Some(day) = day.filter(|_| wanted.revision.is_some()) {
        date(&path, day);
    }
    writeln!(out, "{}", path.display())?;
    Ok(path)
}

/// Returns the plan of a download of columns.
///
/// # Errors
/// When the Hub cannot be reached, does not serve the file, or it is no Parquet file with models.
pub fn plan(wanted: &DatasetFile, more: &Wanted, err: &mut dyn Write) -> Result<Plan> {
    let (wanted, reply, _) = ask_nearest(wanted, err)?;
    match reply {
        Reply::Version(remote, version) => thin::plan(&remote, &wanted, &version, more),
        Reply::Offline(reason) => Err(reason),
    }
}

/// Returns the days that a dataset has, or the daily history and the weekly archive, ascending.
///
/// # Errors
/// When the Hub does not serve any of them, or is not to be asked.
pub fn list(dataset: Option<&str>) -> Result<Vec<Day>> {
    if let Some(variable) = offline_variable() {
        bail!("{variable} forbids to ask the Hub; unset it");
    }
    days::days(&Remote::from_env(), dataset)
}

/// Returns the path of the columns of a file that the program reads, downloaded if they are not there,
/// ids and downloads first. Without a network, what is there is taken as it is.
///
/// # Errors
/// As [`run`].
pub fn fetch_columns(wanted: &DatasetFile, watch: Watch) -> Result<PathBuf> {
    let more = Wanted::default();
    match ask(wanted)? {
        Reply::Offline(reason) => {
            let columns = Columns::Read(more);
            offline(wanted, &columns, false, reason, &mut io::sink())
        }
        Reply::Version(remote, version) => {
            let found = ThinPlace::of(&wanted.dataset)?.find(&wanted.file, &version, &more);
            let found = found.or_else(|| cached(wanted, &version));
            let download = Download {
                remote: &remote,
                file: wanted,
                wanted: &more,
                names_first: true,
                watch,
            };
            found.map_or_else(|| download.run(version), Ok)
        }
    }
}

/// Returns the path of a version in the Hugging Face cache, downloaded if it was not there.
fn whole(
    remote: &Remote,
    wanted: &DatasetFile,
    version: &Version,
    verify: bool,
    err: &mut dyn Write,
) -> Result<PathBuf> {
    let place = Place::of(&wanted.dataset);
    let is_new = !is_there(wanted, &place, version, verify, err)?;
    if is_new {
        bring(remote, wanted, version, &place)?;
    }
    place.link(wanted, version, is_new)
}

/// Returns the path of a version that is in the Hugging Face cache, whole, where its columns are, too.
fn cached(wanted: &DatasetFile, version: &Version) -> Option<PathBuf> {
    let place = Place::of(&wanted.dataset);
    place.bytes(&wanted.file, version)?;
    place.link(wanted, version, false).ok()
}

/// Returns the path of columns of a version, downloaded if neither they nor the whole file were there.
fn thin(
    remote: &Remote,
    wanted: &DatasetFile,
    version: Version,
    more: &Wanted,
    verify: bool,
    err: &mut dyn Write,
) -> Result<PathBuf> {
    let DatasetFile { dataset, file, .. } = wanted;
    let found = ThinPlace::of(dataset)?.find(file, &version, more);
    if let Some(path) = found {
        let state = match verify {
            false => "is up to date, nothing to download",
            true => match is_intact(&path)? {
                Some(true) => "is as it was downloaded",
                Some(false) => "",
                None => "has no SHA-256 beside it; `hubscope cache clear --fetched` removes it",
            },
        };
        if !state.is_empty() {
            writeln!(err, "{dataset}: {file} {state}")?;
            return Ok(path);
        }
        writeln!(err, "{dataset}: {file} was damaged and is downloaded again")?;
        fs::remove_file(&path).with_context(|| format!("{}: cannot be removed", path.display()))?;
    } else if let Some(path) = cached(wanted, &version) {
        let checked = if verify {
            check_name(&path, wanted)
        } else {
            Ok(())
        };
        match checked {
            // To mend the whole file is not what was asked for.
            Err(damaged) => writeln!(err, "{damaged}")?,
            Ok(()) => {
                writeln!(err, "{dataset}: {file} is up to date, nothing to download")?;
                return Ok(path);
            }
        }
    }
    let bar = OnceLock::new();
    let watch = |progress: Progress| match progress {
        Progress::Start { done, all } => drop(bar.set(progress::download(file, all, done))),
        Progress::Bytes(bytes) => bar.get().into_iter().for_each(|bar| bar.inc(bytes)),
        Progress::Waiting(wait) => {
            let line = format!("the server asks to wait {} s", wait.as_secs());
            bar.get().into_iter().for_each(|bar| bar.println(&line));
        }
        Progress::Names(_) => {}
    };
    let download = Download {
        remote,
        file: wanted,
        wanted: more,
        names_first: false,
        watch: &watch,
    };
    let done = download.run(version);
    bar.get().into_iter().for_each(ProgressBar::abandon);
    done
}

/// Returns the path of what is there, where there is no network for this reason.
fn offline(
    wanted: &DatasetFile,
    columns: &Columns,
    verify: bool,
    reason: Error,
    err: &mut dyn Write,
) -> Result<PathBuf> {
    let file = &wanted.file;
    let thin = match columns {
        Columns::All => None,
        Columns::Read(more) => ThinPlace::of(&wanted.dataset)?.latest(file, more),
    };
    let path = match (thin, Place::of(&wanted.dataset).latest(file)) {
        (Some(path), _) => {
            if verify && is_intact(&path)? == Some(false) {
                bail!(
                    "{}: the file is damaged; run the same command with a network, which downloads it again",
                    path.display()
                );
            }
            path
        }
        (None, Some(path)) => {
            if verify {
                check_name(&path, wanted)?;
            }
            path
        }
        (None, None) => return Err(reason),
    };
    writeln!(err, "{reason:#}; {file} is in the cache")?;
    Ok(path)
}

/// The reply to the question for the version.
enum Reply {
    Version(Box<Remote>, Version),
    /// There is no network, for this reason.
    Offline(Error),
}

fn ask(wanted: &DatasetFile) -> Result<Reply> {
    if let Some(variable) = offline_variable() {
        let dataset = &wanted.dataset;
        let reason = anyhow!("{dataset}: {variable} forbids downloads; unset it for a new file");
        return Ok(Reply::Offline(reason));
    }
    let remote = Box::new(Remote::from_env());
    match remote.ask(wanted) {
        Ok(version) => Ok(Reply::Version(remote, version)),
        Err(error) if is_unreachable(&error) => Ok(Reply::Offline(error)),
        Err(error) => Err(error),
    }
}

/// Asks for the version of a file; where the Hub has none of its day, for that of the nearest day.
/// Returns that day, too.
fn ask_nearest(
    wanted: &DatasetFile,
    err: &mut dyn Write,
) -> Result<(DatasetFile, Reply, Option<NaiveDate>)> {
    let error = match ask(wanted) {
        Ok(reply) => return Ok((wanted.clone(), reply, wanted.day())),
        Err(error) => error,
    };
    let refusal = error.downcast_ref::<Refusal>();
    let is_missing = refusal.is_some_and(|refusal| refusal.status == StatusCode::NOT_FOUND);
    let Some(day) = wanted.day().filter(|_| is_missing) else {
        return Err(error);
    };
    let named = Some(&*wanted.dataset).filter(|dataset| *dataset != WEEKLY);
    // That the list is not served either says less than the first refusal.
    let days = list(named).unwrap_or_default();
    let Some(nearest) = days::nearest(&days, day) else {
        return Err(error);
    };
    let Day { date, file } = nearest;
    writeln!(
        err,
        "{}: no file of {day}; the nearest is of {date}",
        file.dataset
    )?;
    Ok((file.clone(), ask(file)?, Some(*date)))
}

/// Dates a file of an earlier day back to it: the newest file of the daily history is the one that opens
/// when none is named. A file system that keeps no such times loses only that.
fn date(path: &Path, day: NaiveDate) {
    let time = SystemTime::from(day.and_time(NaiveTime::MIN).and_utc());
    let _ = File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_modified(time));
}

/// Returns true if the cache has the version, and says so. To verify is to remove one that is damaged.
fn is_there(
    wanted: &DatasetFile,
    place: &Place,
    version: &Version,
    verify: bool,
    err: &mut dyn Write,
) -> Result<bool> {
    let DatasetFile { dataset, file, .. } = wanted;
    let Some(bytes) = place.bytes(file, version) else {
        return Ok(false);
    };
    let state = match version.sha256().filter(|_| verify) {
        Some(sha256) if !has_digest(&bytes, sha256)? => {
            place::remove(&bytes)?;
            writeln!(
                err,
                "{dataset}: {file} was damaged in the cache and is downloaded again"
            )?;
            return Ok(false);
        }
        Some(_) => "has the SHA-256 that the Hub states",
        None if verify => "has the right length; the Hub states no SHA-256 for it",
        None => "is up to date, nothing to download",
    };
    writeln!(err, "{dataset}: {file} {state}")?;
    Ok(true)
}

/// Downloads a version; what does not prove to be it is removed.
fn bring(remote: &Remote, wanted: &DatasetFile, version: &Version, place: &Place) -> Result<()> {
    let DatasetFile { dataset, file, .. } = wanted;
    let mut part = place.part(version)?;
    let progress = progress::download(file, version.size, part.metadata()?.len());
    let outcome = download(remote, wanted, version, &mut part, &progress);
    progress.abandon();
    let other = match outcome? {
        Outcome::Whole => return place.keep(&part, version),
        Outcome::OtherLength => "length",
        Outcome::OtherBytes => "SHA-256",
    };
    place.forget(version);
    bail!(
        "{dataset}: {file} does not have the {other} that the Hub states and was removed; try again, or without a proxy"
    );
}

/// Checks a file against the SHA-256 that names its blob.
fn check_name(path: &Path, wanted: &DatasetFile) -> Result<()> {
    let (name, command) = (path.display(), wanted.command(" --columns all --verify"));
    match is_intact(path)? {
        Some(true) => Ok(()),
        Some(false) => bail!(
            "{name}: the file is damaged; run `{command}` with a network, which downloads it again"
        ),
        None => bail!("{name}: only the Hub knows its SHA-256; run `{command}` with a network"),
    }
}

/// Reports on Ctrl-C that nothing is lost, and exits: the main thread may be blocked on the network.
fn report_interruption(dataset: &str, err_is_terminal: bool) -> Result<()> {
    let ended = ending_signal().context("waiting for signals")?;
    let newline = if err_is_terminal { "\n" } else { "" };
    let line = format!("{newline}hubscope: {dataset}: interrupted; run the same command to resume");
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if let Some(signal) = ended() {
                let _ = writeln!(io::stderr(), "{line}");
                exit(128 + signal);
            }
        })
        .ok()
        .context(NO_THREAD)?;
    Ok(())
}
