//! `hubscope fetch`, from the first request to the path that it prints.

use std::io::{self, Write};
use std::path::Path;
use std::process::exit;
use std::thread;

use anyhow::{Context, Error, Result, anyhow, bail};

use crate::engine::guard::NO_THREAD;
use crate::engine::source::dataset_file::DatasetFile;
use crate::hub::client::{Remote, is_set, is_unreachable};
use crate::hub::digest::{has_digest, is_intact};
use crate::hub::download::{Outcome, download};
use crate::hub::headers::Version;
use crate::hub::place::{self, Place};
use crate::present::progress;
use crate::system::ending_signal;

/// The streams that `fetch` writes to.
pub struct Streams<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// True if `err` is a terminal, which shows progress.
    pub err_is_terminal: bool,
}

/// Downloads the file unless it is in the cache, and prints its path. With `verify`, the one in the
/// cache is hashed, and downloaded again if it is damaged. Without a network, the one in the cache is
/// taken as it is.
///
/// # Errors
/// When the Hub does not serve the file or the cache cannot be written. A partial download is resumed
/// by the next run.
pub fn run(wanted: &DatasetFile, verify: bool, streams: Streams) -> Result<()> {
    let Streams { out, err, .. } = streams;
    report_interruption(&wanted.dataset, streams.err_is_terminal)?;
    let place = Place::of(&wanted.dataset);
    let path = match ask(wanted)? {
        Reply::Version(remote, version) => {
            let is_new = !is_there(wanted, &place, &version, verify, err)?;
            if is_new {
                bring(&remote, wanted, &version, &place)?;
            }
            place.link(&wanted.file, &version, is_new)?
        }
        Reply::Offline(reason) => {
            let Some(path) = place.latest(&wanted.file) else {
                return Err(reason);
            };
            if verify {
                check_name(&path, wanted)?;
            }
            writeln!(err, "{reason:#}; {} is in the cache", wanted.file)?;
            path
        }
    };
    writeln!(out, "{}", path.display())?;
    Ok(())
}

/// The reply to the question for the version.
enum Reply {
    Version(Box<Remote>, Version),
    /// There is no network, for this reason.
    Offline(Error),
}

fn ask(wanted: &DatasetFile) -> Result<Reply> {
    if is_set("HF_HUB_OFFLINE") {
        let dataset = &wanted.dataset;
        let reason =
            anyhow!("{dataset}: HF_HUB_OFFLINE forbids downloads; unset it for a new file");
        return Ok(Reply::Offline(reason));
    }
    let remote = Box::new(Remote::from_env());
    match remote.ask(wanted) {
        Ok(version) => Ok(Reply::Version(remote, version)),
        Err(error) if is_unreachable(&error) => Ok(Reply::Offline(error)),
        Err(error) => Err(error),
    }
}

/// Returns true if the cache has the version, and says so. To verify is to remove one that is damaged.
fn is_there(
    wanted: &DatasetFile,
    place: &Place,
    version: &Version,
    verify: bool,
    err: &mut dyn Write,
) -> Result<bool> {
    let DatasetFile { dataset, file } = wanted;
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
    let DatasetFile { dataset, file } = wanted;
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
    let (name, command) = (path.display(), wanted.command(" --verify"));
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
