//! A server of the Hub's protocol for files, on loopback: it sends from `resolve` to `/bytes`, under
//! another name of its own, and gives those or a range of them. Also a proxy that leads nowhere but to itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};

use crate::common::program::PATIENCE;

/// What the server says the file's commit is.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What it says the file's ETag is: the SHA-256 of these bytes.
pub fn etag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of the redirect to a file in storage.
pub fn linked(bytes: &[u8], location: &str) -> String {
    let (etag, size) = (etag(bytes), bytes.len());
    format!(
        "Location: {location}\r\nX-Repo-Commit: {COMMIT}\r\nX-Linked-ETag: \"{etag}\"\r\nX-Linked-Size: {size}\r\nETag: \"of-the-redirect\"\r\n"
    )
}

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub method: String,
    pub path: String,
    pub host: String,
    pub range: Option<String>,
    pub authorization: Option<String>,
}

impl Ask {
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// How a request is answered other than by the Hub.
pub enum Answer {
    /// A status and headers, each with its line end; no body.
    Bare(u16, String),
    /// More headers, each with its line end, and a body.
    Text(String, String),
    /// All bytes, whatever range was asked for.
    Whole,
    /// The same with the last byte changed.
    Wrong,
    /// Bytes from the start, then the connection ends.
    Cut { after: usize },
    /// Bytes from the start, then nothing more.
    Stall { after: usize },
    /// The bytes twice, without saying how many come.
    Endless,
}

pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Ask>>>,
    stalled: Receiver<()>,
}

/// What every connection is served from.
struct Served<F> {
    bytes: Vec<u8>,
    oddity: Mutex<F>,
    asked: Arc<Mutex<Vec<Ask>>>,
    stalled: Mutex<Sender<()>>,
}

impl Server {
    /// Gives these bytes until the test ends, but where `oddity` has another answer.
    pub fn start<F: Fn(&Ask) -> Option<Answer> + Send + 'static>(
        bytes: Vec<u8>,
        oddity: F,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (to, stalled) = channel();
        let asked = Arc::default();
        let served = Arc::new(Served {
            bytes,
            oddity: Mutex::new(oddity),
            asked: Arc::clone(&asked),
            stalled: Mutex::new(to),
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                let served = Arc::clone(&served);
                // A client that leaves in the middle is the client's business.
                thread::spawn(move || served.serve(stream.unwrap()));
            }
        });
        Server {
            address,
            asked,
            stalled,
        }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Ask> {
        self.asked.lock().unwrap().clone()
    }

    /// Until a client has been given what it gets, and waits for more.
    pub fn wait_for_stall(&self) {
        self.stalled.recv_timeout(PATIENCE).unwrap();
    }
}

impl<F: Fn(&Ask) -> Option<Answer>> Served<F> {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(ask) = read(&mut reader)? {
            if ask.method == "CONNECT" {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                continue;
            }
            self.asked.lock().unwrap().push(ask.clone());
            let answer = (self.oddity.lock().unwrap())(&ask);
            if self.answer(&ask, answer, &mut stream)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether that was the last answer of this connection.
    fn answer(
        &self,
        ask: &Ask,
        answer: Option<Answer>,
        stream: &mut TcpStream,
    ) -> std::io::Result<bool> {
        let bytes = &self.bytes;
        let all = bytes.len();
        let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {all}\r\n\r\n");
        match answer {
            None if ask.path == "/bytes" => {
                let range = ask.range.as_ref().map(|range| {
                    let range = range.strip_prefix("bytes=").unwrap();
                    let (start, last) = range.split_once('-').unwrap();
                    let last = last.parse().unwrap_or(all - 1);
                    (start.parse().unwrap(), last)
                });
                let (start, last): (usize, usize) = range.unwrap_or((0, all - 1));
                if range.is_some() {
                    let length = last + 1 - start;
                    write!(
                        stream,
                        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{last}/{all}\r\nContent-Length: {length}\r\n\r\n"
                    )?;
                } else {
                    stream.write_all(whole.as_bytes())?;
                }
                stream.write_all(&bytes[start..=last])?;
            }
            None => {
                let host = ask.host.replace("127.0.0.1", "localhost");
                let headers = linked(bytes, &format!("http://{host}/bytes"));
                write!(
                    stream,
                    "HTTP/1.1 302 Found\r\n{headers}Content-Length: 0\r\n\r\n"
                )?;
            }
            Some(Answer::Bare(status, headers)) => {
                // The length of what a HEAD does not bring may be left out, or be another.
                let none = match ask.method == "HEAD" || headers.contains("Content-Length") {
                    true => "",
                    false => "Content-Length: 0\r\n",
                };
                write!(stream, "HTTP/1.1 {status} So\r\n{headers}{none}\r\n")?;
            }
            Some(Answer::Text(headers, body)) => {
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
                )?;
            }
            Some(Answer::Whole) => {
                stream.write_all(whole.as_bytes())?;
                stream.write_all(bytes)?;
            }
            Some(Answer::Wrong) => {
                let (last, rest) = bytes.split_last().unwrap();
                stream.write_all(whole.as_bytes())?;
                stream.write_all(&[rest, &[!last]].concat())?;
            }
            Some(Answer::Cut { after }) => {
                stream.write_all(whole.as_bytes())?;
                stream.write_all(&bytes[..after])?;
                return Ok(true);
            }
            Some(Answer::Stall { after }) => {
                stream.write_all(whole.as_bytes())?;
                stream.write_all(&bytes[..after])?;
                self.stalled.lock().unwrap().send(()).unwrap();
                // Until the client leaves.
                stream.read_exact(&mut [0])?;
            }
            Some(Answer::Endless) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                stream.write_all(bytes)?;
                stream.write_all(bytes)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The next request of a connection; none when it has ended.
fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Ask>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let mut ask = Ask {
        method: words.next().unwrap(),
        path: words.next().unwrap(),
        ..Ask::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            return Ok(Some(ask));
        };
        match name.to_lowercase().as_str() {
            "host" => ask.host = value.to_owned(),
            "range" => ask.range = Some(value.to_owned()),
            "authorization" => ask.authorization = Some(value.to_owned()),
            _ => {}
        }
    }
}
