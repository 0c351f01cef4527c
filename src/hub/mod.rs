//! `hubscope fetch`: the real file, brought into the Hugging Face cache. `remote.rs` talks to the
//! Hub, `place.rs` knows where in the cache things lie, `progress.rs` draws the line meanwhile.
//!
//! The Hub is first asked what there is. A file that the cache has is only linked; else its bytes
//! go into a partial file named by their content, which a later run goes on with, and which takes
//! the file's place only when it is whole.

mod client;
mod place;
mod progress;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::process::exit;
use std::thread;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::engine::source::{HUB_STATS, MODELS, WEEKLY};
use crate::hub::client::{Remote, Version};
use crate::hub::place::Place;
use crate::hub::progress::Progress;
use crate::present::format;

/// A file of a dataset on the Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    dataset: String,
    /// Its path in the dataset.
    file: String,
}

impl Wanted {
    /// Hub-stats as it is today or, of a day, as the weekly archive has it; or the same of another
    /// dataset that is laid out so.
    pub fn new(from: Option<String>, day: Option<NaiveDate>) -> Wanted {
        let (usual, file) = match day {
            None => (HUB_STATS, MODELS.to_owned()),
            Some(day) => (WEEKLY, format!("models/{day}/{MODELS}")),
        };
        let dataset = from.unwrap_or_else(|| usual.to_owned());
        Wanted { dataset, file }
    }
}

/// Sees to it that the file is in the cache and prints its path, and its progress to `err` if that
/// is a terminal.
///
/// # Errors
/// When the Hub does not give the file or the cache does not take it. What came of it stays, and
/// the next run goes on from there.
pub fn run(
    wanted: &Wanted,
    out: &mut impl Write,
    err: &mut impl Write,
    err_is_terminal: bool,
) -> Result<()> {
    tell_interruption(&wanted.dataset, err_is_terminal)?;
    let remote = Remote::from_env()?;
    let version = remote.ask(wanted)?;
    let place = Place::of(&wanted.dataset);
    if place.has(&version) {
        writeln!(
            err,
            "{}: {} is up to date, nothing to download",
            wanted.dataset, wanted.file
        )?;
    } else {
        let mut part = place.part(&version)?;
        let mut progress = Progress::new(&wanted.file, version.size, err_is_terminal);
        let done = download(&remote, wanted, &version, &mut part, &mut |done| {
            progress.show(done, err);
        });
        progress.end(err);
        if done? == Whole::No {
            place.forget(&version);
            bail!(
                "{}: {} is not as long as the Hub says; try again later, or without a proxy",
                wanted.dataset,
                wanted.file
            );
        }
        place.keep(&part, &version)?;
    }
    let path = place.link(&wanted.file, &version)?;
    writeln!(out, "{}", path.display())?;
    Ok(())
}

/// Whether what came can be the file.
#[derive(PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

/// Writes what is missing from the partial file.
fn download(
    remote: &Remote,
    wanted: &Wanted,
    version: &Version,
    part: &mut File,
    tell: &mut impl FnMut(u64),
) -> Result<Whole> {
    let dataset = &wanted.dataset;
    let mut done = part.metadata()?.len();
    if done == version.size {
        return Ok(Whole::Yes);
    }
    let Some((start, mut body)) = remote.open(wanted, version, done)? else {
        return Ok(Whole::No);
    };
    // A server that cannot go on starts over.
    part.set_len(start)?;
    done = part.seek(SeekFrom::End(0))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        tell(done);
        let cut = match body.read(&mut buffer) {
            Ok(0) if done < version.size => "the server stopped".to_owned(),
            Ok(0) => return Ok(Whole::Yes),
            Ok(read) => {
                done += read as u64;
                if done > version.size {
                    return Ok(Whole::No);
                }
                part.write_all(&buffer[..read])
                    .with_context(|| format!("{dataset}: cannot be written; is the disk full?"))?;
                continue;
            }
            Err(error) => error.to_string(),
        };
        bail!(
            "{dataset}: cut off after {} of {} ({cut}); the same command goes on from there",
            size(done),
            size(version.size)
        );
    }
}

/// Ctrl-C says that nothing is lost. The main thread may be waiting for the network, which nothing
/// but leaving ends.
fn tell_interruption(dataset: &str, err_is_terminal: bool) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("waiting for signals")?;
    let newline = if err_is_terminal { "\n" } else { "" };
    let line =
        format!("{newline}hubscope: {dataset}: interrupted; the same command goes on from there");
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let _ = writeln!(io::stderr(), "{line}");
                exit(128 + signal);
            }
        })
        .context("starting a thread")?;
    Ok(())
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    format::bytes(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// Reads the name of a dataset, `owner/name`.
///
/// # Errors
/// When it can be none; what is right is told.
pub fn parse_dataset(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = |part: &str| !part.trim_matches('.').is_empty() && part.chars().all(plain);
    match name.split_once('/') {
        Some((owner, dataset)) if good(owner) && good(dataset) => Ok(name.to_owned()),
        _ => Err(format!("not a dataset's name, such as {HUB_STATS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_datasets() {
        for name in [HUB_STATS, WEEKLY, "a/b.c_d-1"] {
            assert_eq!(parse_dataset(name).as_deref(), Ok(name));
        }
        for name in [
            "", "a", "a/", "/b", "a/..", "../b", "a/b/c", "a/b c", "a/b?c", "a/b\n",
        ] {
            assert!(parse_dataset(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_day_is_looked_for_in_the_archive() {
        let day = "2026-05-04".parse().ok();
        let of = |from: Option<&str>, day| {
            let wanted = Wanted::new(from.map(str::to_owned), day);
            (wanted.dataset, wanted.file)
        };
        let is = |dataset: &str, file: &str| (dataset.to_owned(), file.to_owned());
        assert_eq!(of(None, None), is(HUB_STATS, "models.parquet"));
        let week = "models/2026-05-04/models.parquet";
        assert_eq!(of(None, day), is(WEEKLY, week));
        assert_eq!(of(Some("a/b"), day), is("a/b", week));
        assert_eq!(of(Some("a/b"), None), is("a/b", "models.parquet"));
    }
}
