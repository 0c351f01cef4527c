//! The explorer on a download: the list can be searched while the rest arrives.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use polars_parquet::read::read_metadata;

use crate::session::{HUBSCOPE, Session};

/// A server of the sample that holds back all column chunks but those of ids and downloads until it is
/// opened.
struct Server {
    bytes: Vec<u8>,
    names: Vec<Range<u64>>,
    is_open: Mutex<bool>,
    opened: Condvar,
    port: u16,
}

impl Server {
    fn start() -> Arc<Server> {
        let bytes =
            fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample.parquet")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Server {
            names: chunks_of(&bytes, &["id", "downloads"]),
            bytes,
            is_open: Mutex::new(false),
            opened: Condvar::new(),
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

    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
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
            self.answer(&head, range.as_deref(), stream)?;
        }
    }

    fn answer(&self, head: &str, range: Option<&str>, mut stream: &TcpStream) -> Option<()> {
        let size = self.bytes.len();
        if head.contains("/resolve/") {
            let port = self.port;
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: http://localhost:{port}/bytes\r\nX-Repo-Commit: c0\r\nX-Linked-ETag: \"e0\"\r\nX-Linked-Size: {size}\r\nContent-Length: 0\r\n\r\n"
            )
            .ok();
        }
        let (start, end) = range?.split_once('-')?;
        let (start, end): (usize, usize) = (start.parse().ok()?, end.parse().ok()?);
        let is_footer = end + 1 == size;
        let is_name = self
            .names
            .iter()
            .any(|range| range.contains(&(start as u64)));
        if !is_footer && !is_name {
            let is_open = self.is_open.lock().unwrap();
            drop(
                self.opened
                    .wait_while(is_open, |is_open| !*is_open)
                    .unwrap(),
            );
        }
        let length = end + 1 - start;
        write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{end}/{size}\r\nContent-Length: {length}\r\n\r\n"
        )
        .ok()?;
        stream.write_all(&self.bytes[start..=end]).ok()
    }
}

/// The bytes of the chunks of some columns.
fn chunks_of(bytes: &[u8], columns: &[&str]) -> Vec<Range<u64>> {
    let about = read_metadata(&mut std::io::Cursor::new(bytes)).unwrap();
    let groups = about.row_groups.iter();
    let chunks = groups.flat_map(|group| {
        let own = columns
            .iter()
            .filter_map(|column| group.columns_under_root_iter(column));
        own.flatten()
            .map(|chunk| chunk.byte_range())
            .collect::<Vec<_>>()
    });
    chunks.collect()
}

fn explorer(server: &Server, cache: &Path) -> Session {
    let endpoint = format!("http://127.0.0.1:{}", server.port);
    let env = [
        ("HF_ENDPOINT", endpoint.as_str()),
        ("XDG_CACHE_HOME", cache.to_str().unwrap()),
    ];
    Session::start(HUBSCOPE, &["--fetch"], &env)
}

fn files(cache: &Path) -> Vec<String> {
    let folder = cache.join("hubscope/hub/datasets--cfahlgren1--hub-stats/snapshots/c0");
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_list_is_searched_while_the_rest_arrives() {
    let (server, cache) = (Server::start(), tempfile::tempdir().unwrap());
    let mut session = explorer(&server, cache.path());
    session.wait_text("of 20,000");
    assert!(session.text().contains("cfahlgren1/hub-stats"));
    assert!(!session.text().contains("no lineage"));
    session.send("/qwen3 vl 8b\r");
    session.wait_text("Qwen/Qwen3-VL-8B-Instruct");
    session.wait_text("24 of");
    assert!(session.text().contains("loading"), "{}", session.text());
    assert!(!files(cache.path()).contains(&"models.parquet".to_owned()));
    server.open();
    session.wait_for("the whole hub", |session| {
        !session.text().contains("loading")
    });
    // Tasks are of a later stage.
    session.wait_text("image-text-to-text");
    session.wait_text("models.parquet, up to");
    session.send("q");
    assert_eq!(session.exit(), 0);
    assert_eq!(
        files(cache.path()),
        ["models.parquet", "models.parquet.sha256"]
    );
}

#[test]
fn an_explorer_that_is_left_goes_on_the_next_time() {
    let (server, cache) = (Server::start(), tempfile::tempdir().unwrap());
    let mut session = explorer(&server, cache.path());
    session.wait_text("of 20,000");
    session.send("q");
    assert_eq!(session.exit(), 0);
    assert!(!files(cache.path()).contains(&"models.parquet".to_owned()));
    // The next one goes on, and needs no names again.
    server.open();
    let mut session = explorer(&server, cache.path());
    session.wait_for("the whole hub", |session| {
        files(cache.path()).len() == 2 && !session.text().contains("loading")
    });
    session.send("q");
    assert_eq!(session.exit(), 0);
}
