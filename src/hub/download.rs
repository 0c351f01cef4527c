//! A download, from the first request to the link in the cache.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::process::exit;
use std::thread;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::hub::client::{Remote, Version};
use crate::hub::place::Place;
use crate::hub::size::size;
use crate::hub::wanted::Wanted;
use crate::present::progress;

/// Downloads the file unless it is in the cache, and prints its path; progress is shown on a terminal.
///
/// # Errors
/// When the Hub does not serve the file or the cache cannot be written. A partial download is resumed
/// by the next run.
pub fn run(
    wanted: &Wanted,
    out: &mut impl Write,
    err: &mut impl Write,
    err_is_terminal: bool,
) -> Result<()> {
    report_interruption(&wanted.dataset, err_is_terminal)?;
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
        let progress = progress::download(&wanted.file, version.size, part.metadata()?.len());
        let done = download(&remote, wanted, &version, &mut part, &progress);
        progress.abandon();
        if done? == Whole::No {
            place.forget(&version);
            bail!(
                "{}: {} does not have the length that the Hub reports; try again later, or without a proxy",
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

/// True if a download can be the file.
#[derive(PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

/// Appends the missing bytes to the partial file.
fn download(
    remote: &Remote,
    wanted: &Wanted,
    version: &Version,
    part: &mut File,
    progress: &ProgressBar,
) -> Result<Whole> {
    let dataset = &wanted.dataset;
    let mut done = part.metadata()?.len();
    if done == version.size {
        return Ok(Whole::Yes);
    }
    let Some((start, mut body)) = remote.open(wanted, version, done)? else {
        return Ok(Whole::No);
    };
    // A server that cannot resume starts over.
    part.set_len(start)?;
    done = part.seek(SeekFrom::End(0))?;
    progress.set_position(done);
    progress.reset_eta();
    let mut buffer = vec![0; 1 << 16];
    loop {
        progress.set_position(done);
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
            "{dataset}: interrupted after {} of {} ({cut}); run the same command to resume",
            size(done),
            size(version.size)
        );
    }
}

/// Reports on Ctrl-C that nothing is lost, and exits: the main thread may be blocked on the network.
fn report_interruption(dataset: &str, err_is_terminal: bool) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("waiting for signals")?;
    let newline = if err_is_terminal { "\n" } else { "" };
    let line = format!("{newline}hubscope: {dataset}: interrupted; run the same command to resume");
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
