//! Thin files over a server on loopback, well-behaved or not, against the whole file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use polars::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use anyhow::Result;

use super::download::Download;
use super::file::{ThinFile, Wanted};
use super::place::ThinPlace;
use super::plan::planned;
use super::progress::{Progress, Watch};
use super::storage::{Changed, Storage};
use super::transfer;
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::table::stage::Stage;
use crate::hub::client::Remote;

/// A server of one file: redirects to the bytes under an address that it may let expire, and stops
/// to answer when it has sent as many bytes as it may.
struct Server {
    bytes: Mutex<Vec<u8>>,
    /// Bytes that may still be sent.
    left: AtomicI64,
    /// The number in the address that is valid; it grows when the address expires.
    address: AtomicUsize,
    /// The ETag of the storage.
    etag: Mutex<String>,
    asked: Mutex<Vec<String>>,
    port: u16,
}

impl Server {
    fn start(bytes: Vec<u8>) -> Arc<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Server {
            bytes: Mutex::new(bytes),
            left: AtomicI64::new(i64::MAX),
            address: AtomicUsize::new(0),
            etag: Mutex::new("one".to_owned()),
            asked: Mutex::default(),
            port: listener.local_addr().unwrap().port(),
        });
        let own = Arc::clone(&server);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let own = Arc::clone(&own);
                thread::spawn(move || own.serve(&stream.unwrap()));
            }
        });
        server
    }

    fn remote(&self) -> Remote {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        Remote::new(&endpoint, None, Duration::from_secs(5))
    }

    fn size(&self) -> u64 {
        self.bytes.lock().unwrap().len() as u64
    }

    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let (mut head, mut range) = (String::new(), None);
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).ok()?;
                let line = line.trim_end().to_lowercase();
                range = line
                    .strip_prefix("range: bytes=")
                    .map(str::to_owned)
                    .or(range);
                if line.is_empty() {
                    break;
                }
            }
            self.asked.lock().unwrap().push(head.clone());
            if self.left.load(Ordering::SeqCst) <= 0 {
                return None;
            }
            self.answer(&head, range.as_deref(), stream)?;
        }
    }

    fn answer(&self, head: &str, range: Option<&str>, mut stream: &TcpStream) -> Option<()> {
        let (bytes, address) = (
            self.bytes.lock().unwrap().clone(),
            self.address.load(Ordering::SeqCst),
        );
        let size = bytes.len();
        if head.contains("/resolve/") {
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: http://localhost:{}/bytes/{address}\r\nX-Repo-Commit: c0\r\nX-Linked-ETag: \"e{size}\"\r\nX-Linked-Size: {size}\r\nContent-Length: 0\r\n\r\n",
                self.port
            )
            .ok();
        }
        if !head.contains(&format!("/bytes/{address} ")) {
            return stream
                .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                .ok();
        }
        let (start, end) = range?.split_once('-')?;
        let (start, end): (usize, usize) = (start.parse().ok()?, end.parse().ok()?);
        let length = end + 1 - start;
        let etag = self.etag.lock().unwrap().clone();
        write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\nETag: \"{etag}\"\r\nContent-Range: bytes {start}-{end}/{size}\r\nContent-Length: {length}\r\n\r\n"
        )
        .ok()?;
        let left = self.left.fetch_sub(length as i64, Ordering::SeqCst);
        let sent = length.min(usize::try_from(left).unwrap_or(0));
        stream.write_all(&bytes[start..start + sent]).ok()?;
        (sent == length).then_some(())
    }
}

/// Returns a file of the columns of the day, with two row groups and more bytes than fit one request.
fn whole(rows: usize) -> Vec<u8> {
    let mut random = Pcg64::seed_from_u64(7);
    let mut text = |length: usize| -> String {
        (0..length)
            .map(|_| char::from(random.random_range(b'a'..=b'z')))
            .collect()
    };
    let ids: Vec<String> = (0..rows).map(|row| format!("{}/{row}", text(9))).collect();
    let cards: Vec<String> = (0..rows).map(|_| text(300)).collect();
    let bases: Vec<Option<&str>> = (0..rows)
        .map(|row| (row % 3 == 0).then_some("finetune"))
        .collect();
    let numbers: Vec<i64> = (0..rows).map(|row| row as i64 * 7_919 % 1_009).collect();
    let bases = StructChunked::from_series(
        "baseModels".into(),
        rows,
        [
            Series::new("relation".into(), bases),
            Series::new("_id".into(), ids.clone()),
            Series::new(
                "models".into(),
                cards
                    .iter()
                    .map(|card| card[..3].to_owned())
                    .collect::<Vec<_>>(),
            ),
        ]
        .iter(),
    );
    let own_tags = |row: usize| Series::new("".into(), &ids[row.saturating_sub(row % 4)..row]);
    let tags: ListChunked = (0..rows).map(own_tags).collect();
    let mut frame = DataFrame::new(
        rows,
        vec![
            Column::new("cardData".into(), &cards),
            Column::new("id".into(), &ids),
            tags.with_name("tags".into()).into_column(),
            Column::new("config".into(), &cards),
            Column::new("downloads".into(), &numbers),
            bases.unwrap().into_column(),
        ],
    )
    .unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_row_group_size(Some(rows / 2 + 1))
        .with_compression(ParquetCompression::Uncompressed)
        .finish(&mut frame)
        .unwrap();
    bytes
}

fn hub_stats() -> DatasetFile {
    DatasetFile::new(None, None)
}

fn read(bytes: &[u8]) -> DataFrame {
    ParquetReader::new(std::io::Cursor::new(bytes.to_vec()))
        .finish()
        .unwrap()
}

/// Brings a thin file into a folder, in one run.
fn download_into(folder: &Path, remote: &Remote, wanted: &Wanted) -> Result<PathBuf> {
    download_watched(folder, remote, wanted, &|_| {})
}

fn download_watched(
    folder: &Path,
    remote: &Remote,
    wanted: &Wanted,
    watch: Watch,
) -> Result<PathBuf> {
    let download = Download {
        remote,
        file: &hub_stats(),
        wanted,
        names_first: true,
        watch,
    };
    let place = ThinPlace {
        folder: folder.to_owned(),
    };
    download.run_at(&place, remote.ask(&hub_stats())?)
}

fn check(thin: &Path, whole: &[u8], columns: &[&str]) {
    let (thin, whole) = (read(&fs::read(thin).unwrap()), read(whole));
    assert_eq!(thin.get_column_names(), columns);
    for column in columns {
        let mut wanted = whole.column(column).unwrap().clone();
        if *column == "baseModels" {
            let fields = wanted.struct_().unwrap().fields_as_series();
            let fields: Vec<Series> = fields
                .into_iter()
                .filter(|field| field.name() != "_id")
                .collect();
            let records =
                StructChunked::from_series("baseModels".into(), whole.height(), fields.iter());
            wanted = records.unwrap().into_column();
        }
        assert!(
            thin.column(column).unwrap().equals_missing(&wanted),
            "{column}"
        );
    }
}

const READ: [&str; 4] = ["id", "tags", "downloads", "baseModels"];

#[test]
fn a_thin_file_has_the_values_of_the_whole() {
    let server = Server::start(whole(3_000));
    let folder = tempfile::tempdir().unwrap();
    let whole = server.bytes.lock().unwrap().clone();
    let path = download_into(folder.path(), &server.remote(), &Wanted::default()).unwrap();
    check(&path, &whole, &READ);
    assert_eq!(crate::hub::is_intact(&path).unwrap(), Some(true));
    // Its chunks are those of the whole file, byte for byte.
    let plan = planned_of(&server, &Wanted::default());
    let thin = fs::read(&path).unwrap();
    assert_eq!(thin.len() as u64, plan.size());
    for chunk in &plan.chunks {
        let at = |range: Range<u64>| range.start as usize..range.end as usize;
        let to = chunk.to..chunk.to + (chunk.from.end - chunk.from.start);
        assert!(thin[at(to)] == whole[at(chunk.from.clone())]);
    }
    // Less than half of these bytes are of columns that are read.
    assert!(
        plan.size() * 2 < server.size(),
        "{} of {}",
        plan.size(),
        server.size()
    );

    // One more column is downloaded if it is asked for.
    let more = Wanted {
        more: vec!["config".to_owned()],
    };
    let path = download_into(folder.path(), &server.remote(), &more).unwrap();
    check(
        &path,
        &whole,
        &["id", "tags", "config", "downloads", "baseModels"],
    );
    let none = Wanted {
        more: vec!["nothing".to_owned()],
    };
    let error = download_into(folder.path(), &server.remote(), &none).unwrap_err();
    assert!(
        format!("{error:#}").contains("no column nothing"),
        "{error:#}"
    );
}

fn planned_of(server: &Server, wanted: &Wanted) -> ThinFile {
    let remote = server.remote();
    let (file, version) = (hub_stats(), remote.ask(&hub_stats()).unwrap());
    let storage = Storage::new(&remote, &file, &version);
    let footer = transfer::footer(&storage).unwrap();
    planned(&storage, &footer, wanted, Stage::Complete).unwrap()
}

#[test]
fn cuts_at_any_byte_are_resumed() {
    cut(15);
}

#[test]
#[ignore = "a minute"]
fn two_hundred_cuts_are_resumed() {
    cut(200);
}

/// Runs that are cut at any byte, each followed by the next, end with the same file; before that, there
/// is none that could be taken for it.
fn cut(times: usize) {
    let server = Server::start(whole(4_000));
    let whole = server.bytes.lock().unwrap().clone();
    let mut random = Pcg64::seed_from_u64(3);
    let mut cuts = 0;
    while cuts < times {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("snapshots/c0/models.parquet");
        loop {
            server
                .left
                .store(random.random_range(1..600_000), Ordering::SeqCst);
            match download_into(folder.path(), &server.remote(), &Wanted::default()) {
                Ok(path) => {
                    assert_eq!(path, name);
                    check(&path, &whole, &READ);
                    break;
                }
                Err(error) => {
                    cuts += 1;
                    let error = format!("{error:#}");
                    assert!(
                        error.contains("resume") || error.contains("cannot be reached"),
                        "{error}"
                    );
                    assert!(!name.exists());
                }
            }
        }
        // Nothing else is left over.
        let left: BTreeSet<_> = fs::read_dir(name.parent().unwrap())
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

/// Ids and downloads are there first, as a file of their own; all that is downloaded is no more than
/// the file and its footer.
#[test]
fn names_come_first() {
    let server = Server::start(whole(3_000));
    let whole = server.bytes.lock().unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let (names, brought) = (Mutex::new(None), AtomicI64::new(0));
    let watch = |progress: Progress| match progress {
        Progress::Names(path) => {
            check(path, &whole, &["id", "downloads"]);
            *names.lock().unwrap() = Some((path.to_owned(), brought.load(Ordering::SeqCst)));
        }
        Progress::Bytes(bytes) => drop(brought.fetch_add(bytes as i64, Ordering::SeqCst)),
        Progress::Start { .. } | Progress::Waiting(_) => {}
    };
    let remote = server.remote();
    let path = download_watched(folder.path(), &remote, &Wanted::default(), &watch).unwrap();
    check(&path, &whole, &READ);
    let (names, first) = names.into_inner().unwrap().unwrap();
    let plan = planned_of(&server, &Wanted::default());
    let length = |stage: Option<Stage>| -> u64 {
        let own = plan
            .chunks
            .iter()
            .filter(|chunk| stage.is_none_or(|stage| chunk.stage == stage));
        own.map(|chunk| chunk.length()).sum()
    };
    assert_eq!(first as u64, length(Some(Stage::Names)));
    assert_eq!(brought.into_inner() as u64, length(None));
    assert!(!names.exists());
}

#[test]
fn an_expired_address_is_asked_for_again() {
    let server = Server::start(whole(3_000));
    let remote = server.remote();
    let (file, version) = (hub_stats(), remote.ask(&hub_stats()).unwrap());
    let storage = Storage::new(&remote, &file, &version);
    let whole = server.bytes.lock().unwrap().clone();
    let bytes = |range: Range<u64>| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut storage.range(&range).unwrap(), &mut bytes).unwrap();
        bytes
    };
    assert!(bytes(5..90) == whole[5..90]);
    server.address.store(1, Ordering::SeqCst);
    server.asked.lock().unwrap().clear();
    assert!(bytes(100..200) == whole[100..200]);
    assert!(bytes(200..300) == whole[200..300]);
    let asked = server.asked.lock().unwrap().clone();
    let paths: Vec<&str> = asked
        .iter()
        .map(|head| head.split(' ').nth(1).unwrap())
        .collect();
    let resolve = "/datasets/cfahlgren1/hub-stats/resolve/c0/models.parquet";
    assert_eq!(paths, ["/bytes/0", resolve, "/bytes/1", "/bytes/1"]);
}

#[test]
fn a_file_that_changes_in_the_middle_is_begun_anew() {
    let server = Server::start(whole(3_000));
    let remote = server.remote();
    let (file, version) = (hub_stats(), remote.ask(&hub_stats()).unwrap());
    let storage = Storage::new(&remote, &file, &version);
    assert!(storage.range(&(0..9)).is_ok());
    *server.etag.lock().unwrap() = "two".to_owned();
    let error = storage.range(&(9..20)).err().unwrap();
    assert!(error.is::<Changed>(), "{error:#}");
    assert!(format!("{error:#}").contains("changed while"), "{error:#}");

    // Of another length, it is another version, of which nothing is left of the first.
    let folder = tempfile::tempdir().unwrap();
    server.left.store(400_000, Ordering::SeqCst);
    assert!(download_into(folder.path(), &remote, &Wanted::default()).is_err());
    server.left.store(i64::MAX, Ordering::SeqCst);
    let other = whole(5_000);
    *server.bytes.lock().unwrap() = other.clone();
    let path = download_into(folder.path(), &remote, &Wanted::default()).unwrap();
    check(&path, &other, &READ);
}

#[test]
fn what_is_no_parquet_file_is_refused() {
    for bytes in [
        vec![b'x'; 5_000],
        b"PAR1".to_vec(),
        whole(100)[..2_000].to_vec(),
    ] {
        let server = Server::start(bytes);
        let folder = tempfile::tempdir().unwrap();
        let error = download_into(folder.path(), &server.remote(), &Wanted::default()).unwrap_err();
        assert!(format!("{error:#}").contains("--columns all"), "{error:#}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    // A footer with each of its bytes changed plans no byte beyond the file, and never panics.
    let good = whole(100);
    let length =
        u32::from_le_bytes(good[good.len() - 8..good.len() - 4].try_into().unwrap()) as usize;
    let footer = &good[good.len() - 8 - length..good.len() - 8];
    for at in 0..footer.len() {
        for change in [1, 0x80, 0xff] {
            let mut bad = footer.to_vec();
            bad[at] ^= change;
            if let Ok(plan) = ThinFile::plan(
                &bad,
                good.len() as u64,
                &Wanted::default(),
                "",
                Stage::Complete,
            ) {
                assert!(
                    plan.chunks
                        .iter()
                        .all(|chunk| chunk.from.end <= good.len() as u64)
                );
            }
        }
    }
}

/// The real rows, where they are there: every kept leaf is equal.
#[test]
fn the_thin_file_of_real_rows() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/hub_stats_real_2500.parquet");
    let Ok(mut file) = File::open(path) else {
        return;
    };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    let server = Server::start(bytes.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = download_into(folder.path(), &server.remote(), &Wanted::default()).unwrap();
    let (thin, whole) = (read(&fs::read(&path).unwrap()), read(&bytes));
    for column in thin
        .columns()
        .iter()
        .filter(|column| column.name() != "baseModels")
    {
        assert!(
            column.equals_missing(whole.column(column.name()).unwrap()),
            "{}",
            column.name()
        );
    }
    assert_eq!(thin.height(), whole.height());
    let left_out = whole.width() - thin.width();
    assert_eq!(left_out, 2, "author and cardData");
}
