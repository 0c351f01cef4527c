//! The line that is drawn over and over while a file comes in.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::hub::size::size;
use crate::present::bars::bar;
use crate::present::format::{percent, share};

/// Drawn no more often than this.
const PAUSE: Duration = Duration::from_millis(100);

/// How far a download is; says nothing unless somebody looks.
pub(super) struct Progress<'a> {
    name: &'a str,
    size: u64,
    looked_at: bool,
    /// When this run began, and with how much.
    begun: Option<(Instant, u64)>,
    drawn: Option<Instant>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(name: &'a str, size: u64, looked_at: bool) -> Progress<'a> {
        Progress {
            name,
            size,
            looked_at,
            begun: None,
            drawn: None,
        }
    }

    /// So many bytes are there.
    pub(super) fn show(&mut self, done: u64, err: &mut impl Write) {
        let now = Instant::now();
        let (since, from) = *self.begun.get_or_insert((now, done));
        let due = self.drawn.is_none_or(|drawn| now - drawn >= PAUSE) || done == self.size;
        if self.looked_at && due {
            self.drawn = Some(now);
            let line = line(done, self.size, done - from, now - since);
            // Erased to the end: the last one may have been longer.
            let _ = write!(err, "\r{} {line}\x1b[K", self.name);
            let _ = err.flush();
        }
    }

    /// Leaves the line.
    pub(super) fn end(&self, err: &mut impl Write) {
        if self.drawn.is_some() {
            let _ = writeln!(err);
        }
    }
}

/// `done` of `size` bytes, `came` of them in this run, which has lasted for `lasted`.
fn line(done: u64, size_: u64, came: u64, lasted: Duration) -> String {
    const ROOM: usize = 20;
    let (part, whole) = (to_usize(done), to_usize(size_));
    let bar = bar(part, whole, ROOM);
    let mut line = format!(
        "▕{bar:ROOM$}▏ {} of {} ({})",
        size(done),
        size(size_),
        percent(share(part, whole))
    );
    let millis = lasted.as_millis();
    // Before that, a rate is a guess.
    if millis >= 500 && came > 0 {
        let rate = u128::from(came) * 1_000 / millis;
        let left = u128::from(size_ - done) * millis / (u128::from(came) * 1_000);
        let rate = size(u64::try_from(rate).unwrap_or(u64::MAX));
        line.push_str(&format!(", {rate}/s, {} left", clock(left)));
    }
    line
}

/// Seconds as `1:02:03`, or `2:03`.
fn clock(seconds: u128) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_are_those_of_this_run() {
        let of = |done, came, seconds| line(done, 1_500, came, Duration::from_secs(seconds));
        assert_eq!(
            of(750, 250, 10),
            "▕██████████          ▏ 750 B of 1.5 kB (50.0%), 25 B/s, 0:30 left"
        );
        assert_eq!(
            of(750, 0, 0),
            "▕██████████          ▏ 750 B of 1.5 kB (50.0%)"
        );
        assert_eq!(
            of(1_500, 1_500, 1),
            format!(
                "▕{}▏ 1.5 kB of 1.5 kB (100%), 1.5 kB/s, 0:00 left",
                "█".repeat(20)
            )
        );
        assert_eq!(clock(3_723), "1:02:03");
    }

    #[test]
    fn nothing_is_drawn_for_nobody() {
        for (looked_at, lines) in [(false, 0), (true, 1)] {
            let mut err = Vec::new();
            let mut progress = Progress::new("models.parquet", 10, looked_at);
            progress.show(3, &mut err);
            progress.end(&mut err);
            let err = String::from_utf8(err).unwrap();
            assert_eq!(err.matches('\n').count(), lines);
            assert_eq!(err.contains("3 B of 10 B"), looked_at, "{err:?}");
        }
    }
}
