//! Downloads the bytes of a thin file over several connections.

use std::io::Read;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};

use super::file::{MAGIC, TAIL, ThinFile};
use super::part::Part;
use super::progress::{Progress, Watch};
use super::ranges::{Request, requests};
use super::storage::{Changed, Storage};
use crate::hub::client::is_unreachable;
use crate::hub::refusal::Refusal;

/// The most connections at a time: more do not make a line faster, and a server has other clients.
const CONNECTIONS: usize = 4;

/// The bytes of the first request for a footer: few are longer.
const FOOTER: u64 = 256 << 10;

/// Bytes that are written between two notes in the log.
const NOTED: u64 = 4 << 20;

/// The attempts at a range without a byte of it.
const ATTEMPTS: u32 = 6;

/// The wait before the second attempt; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 500 });

/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_mins(5);

/// Downloads the footer of a file, without its tail.
///
/// # Errors
/// When the Hub does not serve it, or the file is no Parquet file.
pub(super) fn footer(storage: &Storage) -> Result<Vec<u8>> {
    let size = storage.version.size;
    let no_parquet = || {
        let (dataset, file) = (&storage.wanted.dataset, &storage.wanted.file);
        format!("{dataset}: {file} is not a Parquet file; `--columns all` downloads it as it is")
    };
    let mut end = bytes(storage, size.saturating_sub(FOOTER)..size)?;
    let tail = end.split_off(end.len().checked_sub(TAIL).with_context(no_parquet)?);
    let length = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    let length = usize::try_from(length)?;
    let is_parquet = &tail[4..] == MAGIC && (length as u64) + 12 <= size;
    let whole = is_parquet.then_some(length).with_context(no_parquet)?;
    if let Some(missing) = whole.checked_sub(end.len()) {
        let start = size - (TAIL + whole) as u64;
        let mut footer = bytes(storage, start..start + missing as u64)?;
        footer.append(&mut end);
        return Ok(footer);
    }
    Ok(end.split_off(end.len() - whole))
}

fn bytes(storage: &Storage, range: Range<u64>) -> Result<Vec<u8>> {
    let length = usize::try_from(range.end - range.start)?;
    let mut bytes = Vec::new();
    if length > 0 {
        let mut attempts = Attempts::default();
        while bytes.len() < length {
            let rest = range.start + bytes.len() as u64..range.end;
            let before = bytes.len();
            let read = storage.range(&rest).and_then(|body| {
                let most = (length - before) as u64;
                Ok(body.take(most).read_to_end(&mut bytes)?)
            });
            attempts.after(read.err(), bytes.len() > before, storage, &|_| {})?;
        }
    }
    Ok(bytes)
}

/// Downloads all that is missing of a thin file, ids and downloads first.
///
/// # Errors
/// When the Hub does not serve it in several attempts, or the disk is full; a later run resumes it.
pub(super) fn transfer(
    storage: &Storage,
    plan: &ThinFile,
    part: &Part,
    watch: Watch,
) -> Result<()> {
    part.write(0, MAGIC)?;
    part.write(plan.footer_start(), &plan.footer)?;
    let requests = Mutex::new(requests(&plan.chunks, &|range| part.missing(range)).into_iter());
    let failed: Mutex<Option<Error>> = Mutex::new(None);
    let has_failed = || {
        failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    };
    let next = || {
        requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()
    };
    let work = || {
        while let Some(request) = next().filter(|_| !has_failed()) {
            let transfer = Transfer {
                storage,
                part,
                watch,
            };
            if let Err(error) = transfer.run(&request, &has_failed) {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(error);
            }
        }
    };
    thread::scope(|scope| {
        let start = |n| {
            let thread = thread::Builder::new().name(format!("fetch-{n}"));
            thread.spawn_scoped(scope, work)
        };
        // Without room for threads, this one does the work.
        if (0..CONNECTIONS).flat_map(start).count() == 0 {
            work();
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => part.note([0..MAGIC.len() as u64, plan.footer_start()..plan.size()]),
    }
}

/// The transfer of one request.
struct Transfer<'t> {
    storage: &'t Storage<'t>,
    part: &'t Part,
    watch: Watch<'t>,
}

impl Transfer<'_> {
    /// Downloads a request, in as many attempts as bytes arrive in.
    fn run(&self, request: &Request, has_failed: &dyn Fn() -> bool) -> Result<()> {
        let (mut at, mut attempts) = (request.from.start, Attempts::default());
        while at < request.from.end && !has_failed() {
            let before = at;
            let copied = self
                .storage
                .range(&(at..request.from.end))
                .and_then(|body| self.copy(body, request, &mut at));
            attempts.after(copied.err(), at > before, self.storage, self.watch)?;
        }
        Ok(())
    }

    /// Writes a body that begins at an offset of the whole file, which moves on with it.
    fn copy(&self, mut body: impl Read, request: &Request, at: &mut u64) -> Result<()> {
        let mut buffer = vec![0; 1 << 16];
        let (mut noted, mut is_end) = (*at, false);
        let written = loop {
            let most = usize::try_from(request.from.end - *at)?.min(buffer.len());
            match body.read(&mut buffer[..most]) {
                Ok(0) => is_end = true,
                Ok(read) => {
                    if let Err(error) = self.write(request, *at, &buffer[..read]) {
                        break Err(error);
                    }
                    *at += read as u64;
                }
                Err(error) => break Err(Error::new(error)),
            }
            if is_end || *at == request.from.end {
                break Ok(());
            }
            if *at - noted >= NOTED {
                self.note(request, noted..*at)?;
                noted = *at;
            }
        };
        self.note(request, noted..*at)?;
        written
    }

    /// Writes bytes of the whole file to where they belong; those between two chunks nowhere.
    fn write(&self, request: &Request, at: u64, bytes: &[u8]) -> Result<()> {
        for (from, to) in overlaps(request, at..at + bytes.len() as u64) {
            let start = usize::try_from(from.start - at)?;
            let own = &bytes[start..start + usize::try_from(from.end - from.start)?];
            self.part
                .write(to, own)
                .map_err(|error| error.context(Full))
                .with_context(|| self.full())?;
            (self.watch)(Progress::Bytes(own.len() as u64));
        }
        Ok(())
    }

    fn full(&self) -> String {
        let dataset = &self.storage.wanted.dataset;
        format!("{dataset}: cannot be written; is the disk full? Run the same command to resume")
    }

    fn note(&self, request: &Request, range: Range<u64>) -> Result<()> {
        let own = overlaps(request, range).map(|(from, to)| to..to + (from.end - from.start));
        // Bytes that did not reach the disk are lost, whatever the next attempt says.
        self.part
            .note(own)
            .map_err(|error| error.context(Full))
            .with_context(|| self.full())
    }
}

/// Returns the parts of a request in a range of the whole file, each with its place in the thin one.
fn overlaps(request: &Request, range: Range<u64>) -> impl Iterator<Item = (Range<u64>, u64)> {
    let parts = request.parts.iter();
    parts.filter_map(move |(from, to)| {
        let own = from.start.max(range.start)..from.end.min(range.end);
        let to = to + own.start.saturating_sub(from.start);
        (own.start < own.end).then_some((own, to))
    })
}

/// Says that the disk is full, which no other attempt mends.
#[derive(Debug)]
struct Full;

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no room")
    }
}

/// The attempts at a range since a byte of it arrived.
#[derive(Default)]
struct Attempts(u32);

impl Attempts {
    /// Waits before the next attempt, after one that ended with an error or too early.
    ///
    /// # Errors
    /// When another attempt is of no use, or there were enough.
    fn after(
        &mut self,
        error: Option<Error>,
        has_arrived: bool,
        storage: &Storage,
        watch: Watch,
    ) -> Result<()> {
        if has_arrived {
            self.0 = 0;
        }
        let Some(error) = error else {
            if !has_arrived {
                self.0 += 1;
            }
            if self.0 >= ATTEMPTS {
                bail!(
                    "{}: the server stopped; run the same command to resume",
                    storage.wanted.dataset
                );
            }
            return Ok(());
        };
        self.0 += 1;
        let refusal = error.downcast_ref::<Refusal>();
        let is_cut = error.is::<std::io::Error>() || is_unreachable(&error);
        let is_passing = !error.is::<Changed>()
            && !error.is::<Full>()
            && (is_cut || refusal.is_some_and(Refusal::is_passing));
        if !is_passing || self.0 >= ATTEMPTS {
            let dataset = &storage.wanted.dataset;
            return Err(match is_cut && !is_unreachable(&error) {
                true => error.context(format!(
                    "{dataset}: interrupted; run the same command to resume"
                )),
                false => error,
            });
        }
        let asked = refusal.and_then(|refusal| refusal.wait);
        let wait = match asked {
            Some(seconds) => Duration::from_secs(seconds.into()).min(LONGEST),
            None => BACKOFF * 2_u32.pow(self.0 - 1),
        };
        if asked.is_some() {
            watch(Progress::Waiting(wait));
        }
        thread::sleep(wait);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::{Sender, channel};
    use std::time::Instant;

    use super::*;
    use crate::engine::source::dataset_file::DatasetFile;
    use crate::hub::client::Remote;
    use crate::hub::headers::Version;

    const SIZE: u64 = 5_000;

    /// Answers one request for a range, with a wait before each of its bytes.
    fn serve(mut stream: TcpStream, wait: Duration, asked: &Sender<u64>) -> std::io::Result<()> {
        let lines = BufReader::new(stream.try_clone()?).lines();
        let lines = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty());
        let range = lines.filter_map(|line| {
            let line = line.to_lowercase();
            let start = line.strip_prefix("range: bytes=")?.split('-').next()?;
            start.parse::<u64>().ok()
        });
        let start = range.last().unwrap();
        asked.send(start).unwrap();
        write!(
            stream,
            "HTTP/1.1 206 Some\r\nContent-Range: bytes {start}-{}/{SIZE}\r\nContent-Length: {}\r\n\r\n",
            SIZE - 1,
            SIZE - start
        )?;
        for at in start..SIZE {
            thread::sleep(wait);
            stream.write_all(&[at as u8])?;
        }
        Ok(())
    }

    /// Every read ends in time, but all of them would take minutes.
    #[test]
    fn a_range_that_drips_comes_over_another_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (to, asked) = channel();
        thread::spawn(move || {
            let waits = [Duration::from_millis(20), Duration::ZERO];
            for (stream, wait) in listener.incoming().zip(waits) {
                let to = to.clone();
                thread::spawn(move || serve(stream.unwrap(), wait, &to));
            }
        });
        let remote = Remote::new(&endpoint, None, Duration::from_millis(400));
        let (wanted, version) = (
            DatasetFile::new(None, None),
            Version {
                commit: "c".to_owned(),
                etag: "e".to_owned(),
                size: SIZE,
            },
        );
        let begun = Instant::now();
        let storage = Storage::new(&remote, &wanted, &version);
        let found = bytes(&storage, 0..SIZE).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20));
        let whole: Vec<u8> = (0..SIZE).map(|at| at as u8).collect();
        assert!(found == whole);
        // Bytes that arrived slowly are not asked for twice.
        let asked: Vec<u64> = asked.try_iter().collect();
        assert!(
            asked.len() == 2 && asked[0] == 0 && asked[1] > 0,
            "{asked:?}"
        );
    }
}
