//! The bytes of a download: appended to a partial file, and hashed on the way.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;

use crate::engine::source::dataset_file::DatasetFile;
use crate::hub::client::Remote;
use crate::hub::digest::Sum;
use crate::hub::headers::Version;
use crate::hub::pace::{Pace, SLOW};
use crate::hub::size::size;

/// The outcome of a download that was not interrupted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Whole,
    /// It is longer or shorter than the Hub says.
    OtherLength,
    /// Its SHA-256 is not the one that the Hub says.
    OtherBytes,
}

/// Appends the missing bytes to the partial file.
///
/// # Errors
/// When the Hub cannot be reached, the connection ends early or is too slow, or the disk is full; a
/// later run resumes it.
pub(super) fn download(
    remote: &Remote,
    wanted: &DatasetFile,
    version: &Version,
    part: &mut File,
    progress: &ProgressBar,
) -> Result<Outcome> {
    let mut sum = Sum::default();
    let done = part.metadata()?.len();
    if done < version.size {
        let Some((start, body)) = remote.open(wanted, version, done)? else {
            return Ok(Outcome::OtherLength);
        };
        // A server that cannot resume starts over.
        part.set_len(start)?;
        read_part(part, &mut sum)?;
        progress.set_position(start);
        progress.reset_eta();
        let mut transfer = Transfer {
            dataset: &wanted.dataset,
            size: version.size,
            done: start,
            pace: Pace::new(remote.patience * 2),
        };
        if !transfer.run(body, part, |bytes, done| {
            sum.add(bytes);
            progress.set_position(done);
        })? {
            return Ok(Outcome::OtherLength);
        }
    } else {
        read_part(part, &mut sum)?;
    }
    Ok(match version.sha256() {
        Some(sha256) if !sum.is(sha256) => Outcome::OtherBytes,
        _ => Outcome::Whole,
    })
}

/// Hashes what is there of a partial file.
fn read_part(part: &mut File, sum: &mut Sum) -> Result<()> {
    part.seek(SeekFrom::Start(0))?;
    Ok(sum.add_file(part)?)
}

/// A download under way.
struct Transfer<'a> {
    dataset: &'a str,
    /// The size of the file.
    size: u64,
    done: u64,
    pace: Pace,
}

impl Transfer<'_> {
    /// Writes a body, and passes on its bytes with the size of what is done; `false` if it is longer
    /// than the file.
    fn run(
        &mut self,
        mut body: impl Read,
        part: &mut impl Write,
        mut pass: impl FnMut(&[u8], u64),
    ) -> Result<bool> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) if self.done < self.size => return self.cut("the server stopped"),
                Ok(0) => return Ok(true),
                Ok(read) => read,
                Err(error) => return self.cut(&error.to_string()),
            };
            self.done += read as u64;
            if self.done > self.size {
                return Ok(false);
            }
            part.write_all(&buffer[..read]).with_context(|| {
                format!(
                    "{}: cannot be written after {}; is the disk full? Run the same command to resume",
                    self.dataset,
                    size(self.done)
                )
            })?;
            pass(&buffer[..read], self.done);
            if self.pace.is_slow(read as u64, Instant::now()) && self.done < self.size {
                return self.cut(SLOW);
            }
        }
    }

    fn cut(&self, reason: &str) -> Result<bool> {
        bail!(
            "{}: interrupted after {} of {} ({reason}); run the same command to resume",
            self.dataset,
            size(self.done),
            size(self.size)
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::hub::pace::tests::Drip;

    #[test]
    fn a_body_that_drips_is_not_waited_for() {
        let mut transfer = Transfer {
            dataset: "a/b",
            size: 1_000_000,
            done: 0,
            pace: Pace::new(Duration::from_millis(50)),
        };
        let begun = Instant::now();
        let mut part = Vec::new();
        let drip = Drip(Duration::from_millis(5));
        let error = transfer.run(drip, &mut part, |_, _| {}).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(2));
        let error = error.to_string();
        assert!(error.contains("less than 1 kB a second"), "{error}");
        assert!(error.contains("same command to resume"), "{error}");
        // What arrived is there to resume from.
        assert_eq!(part.len() as u64, transfer.done);
    }
}
