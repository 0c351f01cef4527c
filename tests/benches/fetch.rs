//! How long a download takes, over a line of 100 Mbit/s to a server that begins each answer after 40 ms:
//! `hubscope --fetch` in a terminal, `hubscope fetch`, and `hf_hub_download` of the whole file where
//! `HUBSCOPE_PYTHON` is an interpreter with huggingface_hub.
//!
//! `cargo bench --bench fetch -- [--mbit N] [--delay MS] [--rows N | FILE]`: the file is one of as wide
//! columns as the Hub's, of 2,161,698 models, unless another is named.

mod hubs;

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hubscope");
const DATASET: &str = "cfahlgren1/hub-stats";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Bytes that the line takes at a time.
const CHUNK: usize = 16 << 10;

fn main() {
    let (mut mbit, mut delay, mut rows, mut file) = (100.0, 40, 2_161_698, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).unwrap();
        match &*argument {
            "--mbit" => mbit = number(),
            "--delay" => delay = number() as u64,
            "--rows" => rows = number() as usize,
            "--bench" => {}
            path => file = Some(PathBuf::from(path)),
        }
    }
    let file = file.unwrap_or_else(|| hubs::wide::file(rows));
    let server = Server::start(&file, mbit, Duration::from_millis(delay));
    println!(
        "{} of {:.1} MB; {mbit} Mbit/s, {delay} ms before each answer",
        file.display(),
        server.size as f64 / 1e6
    );
    server.measure("hubscope --fetch", explorer);
    server.measure("hubscope fetch", |fetch| {
        fetch.finish(&mut fetch.command(PROGRAM, &["fetch"]));
        None
    });
    if let Ok(python) = env::var("HUBSCOPE_PYTHON") {
        let download = "import huggingface_hub as h, sys; h.hf_hub_download(sys.argv[1], 'models.parquet', repo_type='dataset')";
        server.measure("huggingface_hub, whole file", |fetch| {
            fetch.finish(&mut fetch.command(&python, &["-c", download, DATASET]));
            None
        });
    }
}

/// A download into an empty cache.
struct Fetch {
    endpoint: String,
    home: PathBuf,
    begun: Instant,
}

impl Fetch {
    fn variables(&self) -> [(&str, &Path); 6] {
        [
            ("HF_ENDPOINT", Path::new(&self.endpoint)),
            ("HF_HOME", &self.home),
            ("HF_HUB_CACHE", &self.home),
            ("XDG_CACHE_HOME", &self.home),
            ("XDG_STATE_HOME", &self.home),
            ("NO_PROXY", Path::new("*")),
        ]
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.variables());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn finish(&self, command: &mut Command) {
        assert!(command.status().unwrap().success(), "{command:?}");
    }

    /// The thin file.
    fn file(&self) -> PathBuf {
        let folder = format!(
            "datasets--{}/snapshots/{COMMIT}",
            DATASET.replace('/', "--")
        );
        self.home
            .join("hubscope/hub")
            .join(folder)
            .join("models.parquet")
    }

    /// Waits for a file, and returns how long that took from the start.
    fn wait(&self, file: &Path) -> Duration {
        while !file.exists() {
            assert!(
                self.begun.elapsed() < Duration::from_hours(1),
                "{}",
                file.display()
            );
            thread::sleep(Duration::from_millis(2));
        }
        self.begun.elapsed()
    }
}

/// Runs the explorer in a terminal until it has all, and returns when it had the names.
fn explorer(fetch: &Fetch) -> Option<Duration> {
    let size = PtySize {
        rows: 40,
        cols: 120,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.arg("--fetch");
    command.env("TERM", "xterm-256color");
    for (name, value) in fetch.variables() {
        command.env(name, value);
    }
    let mut screen = pair.master.try_clone_reader().unwrap();
    thread::spawn(move || std::io::copy(&mut screen, &mut std::io::sink()));
    let mut child = pair.slave.spawn_command(command).unwrap();
    let names = fetch.wait(&fetch.file().with_added_extension("names"));
    fetch.wait(&fetch.file());
    child.kill().unwrap();
    child.wait().unwrap();
    Some(names)
}

/// A server of one file: it redirects to a signed address, and gives ranges of its bytes, all over one
/// line, on which connections take turns.
struct Server {
    file: PathBuf,
    size: u64,
    delay: Duration,
    bytes_per_second: f64,
    /// When the line has sent what it was given.
    free: Mutex<Instant>,
    sent: AtomicU64,
    port: u16,
}

impl Server {
    fn start(file: &Path, mbit: f64, delay: Duration) -> Arc<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Server {
            file: file.to_owned(),
            size: file.metadata().unwrap().len(),
            delay,
            bytes_per_second: mbit * 125_000.0,
            free: Mutex::new(Instant::now()),
            sent: AtomicU64::new(0),
            port: listener.local_addr().unwrap().port(),
        });
        let own = Arc::clone(&server);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = Arc::clone(&own);
                // A client may leave in the middle.
                thread::spawn(move || own.serve(stream));
            }
        });
        server
    }

    fn measure(&self, name: &str, run: impl FnOnce(&Fetch) -> Option<Duration>) {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-fetch");
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).unwrap();
        let before = self.sent.load(Ordering::Relaxed);
        let fetch = Fetch {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            home,
            begun: Instant::now(),
        };
        let names = run(&fetch);
        let all = fetch.begun.elapsed().as_secs_f64();
        let bytes = (self.sent.load(Ordering::Relaxed) - before) as f64;
        let names = names.map_or(String::new(), |names| {
            format!(" names {:.2} s,", names.as_secs_f64())
        });
        let share = 100.0 * bytes / self.size as f64;
        println!(
            "{name:<28}{names} all {all:.2} s; {:.1} MB, {share:.1}% of the file",
            bytes / 1e6
        );
        let _ = fs::remove_dir_all(&fetch.home);
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut file = File::open(&self.file).ok()?;
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
            thread::sleep(self.delay);
            let (size, port) = (self.size, self.port);
            if head.contains("/resolve/") {
                write!(
                    stream,
                    "HTTP/1.1 302 Found\r\nLocation: http://localhost:{port}/bytes?Expires=9&Signature=a\r\nX-Repo-Commit: {COMMIT}\r\nX-Linked-ETag: \"bench\"\r\nX-Linked-Size: {size}\r\nContent-Length: 0\r\n\r\n"
                )
                .ok()?;
            } else if head.starts_with("GET /bytes") {
                self.give(&mut file, range.as_deref(), &mut stream)?;
            } else {
                stream
                    .write_all(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
                    .ok()?;
            }
        }
    }

    fn give(&self, file: &mut File, range: Option<&str>, stream: &mut TcpStream) -> Option<()> {
        let (start, last) = range.unwrap_or("0-").split_once('-')?;
        let start: u64 = start.parse().ok()?;
        let last = last.parse().unwrap_or(self.size - 1);
        let (length, size) = (last + 1 - start, self.size);
        let status = match range {
            Some(_) => format!("206 Partial Content\r\nContent-Range: bytes {start}-{last}/{size}"),
            None => "200 OK".to_owned(),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nETag: \"stored\"\r\nContent-Length: {length}\r\n\r\n"
        )
        .ok()?;
        file.seek(SeekFrom::Start(start)).ok()?;
        let (mut left, mut chunk) = (file.take(length), vec![0; CHUNK]);
        loop {
            let read = left.read(&mut chunk).ok()?;
            if read == 0 {
                return Some(());
            }
            self.wait_for_line(read);
            stream.write_all(&chunk[..read]).ok()?;
            self.sent.fetch_add(read as u64, Ordering::Relaxed);
        }
    }

    /// Waits until the line has taken this many bytes.
    fn wait_for_line(&self, bytes: usize) {
        let time = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second);
        let until = {
            let mut free = self.free.lock().unwrap();
            *free = (*free).max(Instant::now()) + time;
            *free
        };
        thread::sleep(until.saturating_duration_since(Instant::now()));
    }
}
