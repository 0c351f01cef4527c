//! The pace of a download: a body that only drips is given up, although each of its reads ends in time.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

/// The pace below which a download is given up, in bytes a second.
const SLOWEST: f64 = 1_000.0;

/// The reason for which a slow download is given up.
pub(super) const SLOW: &str = "less than 1 kB a second";

/// The pace of a download, in windows of time.
pub(super) struct Pace {
    window: Duration,
    since: Instant,
    bytes: u64,
}

impl Pace {
    pub(super) fn new(window: Duration) -> Pace {
        Pace {
            window,
            since: Instant::now(),
            bytes: 0,
        }
    }

    /// Adds bytes that arrived now; returns true if a window has ended in which too few did.
    pub(super) fn is_slow(&mut self, bytes: u64, now: Instant) -> bool {
        self.bytes += bytes;
        if now.duration_since(self.since) < self.window {
            return false;
        }
        let is_slow = (self.bytes as f64) < SLOWEST * self.window.as_secs_f64();
        (self.since, self.bytes) = (now, 0);
        is_slow
    }
}

/// A body whose reads fail once it has been slow.
pub(super) struct Paced<R> {
    body: R,
    pace: Pace,
    is_slow: bool,
}

impl<R: Read> Paced<R> {
    pub(super) fn new(body: R, window: Duration) -> Paced<R> {
        Paced {
            body,
            pace: Pace::new(window),
            is_slow: false,
        }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Here rather than after the read, whose bytes are good.
        if self.is_slow {
            return Err(io::Error::new(ErrorKind::TimedOut, SLOW));
        }
        let read = self.body.read(buffer)?;
        self.is_slow = self.pace.is_slow(read as u64, Instant::now());
        Ok(read)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A body that yields a byte after a while for each read.
    pub struct Drip(pub Duration);

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            std::thread::sleep(self.0);
            buffer[0] = b'x';
            Ok(1)
        }
    }

    #[test]
    fn only_a_whole_window_is_slow() {
        let window = Duration::from_mins(1);
        let mut pace = Pace::new(window);
        let start = pace.since;
        assert!(!pace.is_slow(0, start + window / 2));
        assert!(!pace.is_slow(60_000, start + window));
        assert!(!pace.is_slow(59_999, start + window + window / 2));
        assert!(pace.is_slow(0, start + window * 2));
        assert!(!pace.is_slow(0, start + window * 2));
    }

    #[test]
    fn a_body_that_drips_fails_after_its_bytes() {
        let mut bytes = Vec::new();
        let mut body = Paced::new(Drip(Duration::from_millis(5)), Duration::from_millis(50));
        let begun = Instant::now();
        let error = body.read_to_end(&mut bytes).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!((2..=10).contains(&bytes.len()), "{}", bytes.len());
        // A body as fast as memory is read to its end.
        let whole = vec![7; 1 << 20];
        let mut bytes = Vec::new();
        let mut body = Paced::new(&*whole, Duration::from_millis(50));
        body.read_to_end(&mut bytes).unwrap();
        assert!(bytes == whole);
    }
}
