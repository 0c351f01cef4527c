//! The Hub's protocol for files: a `HEAD` of `resolve/<branch>/<path>` returns commit, ETag and
//! length, a `GET` of `resolve/<commit>/<path>` redirects to the bytes. Redirects are followed here,
//! since the token is for one server only.

use std::env;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use anyhow::{Context, Error, Result};
use ureq::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, LOCATION, RANGE};
use ureq::http::{Method, Request, Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::handle::open_regular;
use crate::engine::source::{Located, token_file};
use crate::hub::address::{origin, redirected};
use crate::hub::headers::{self, Version, text};
use crate::hub::proxies::Proxies;
use crate::hub::subject::Subject;

/// The timeout of connecting, of all headers of a response, and of each read of its body.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The maximum number of redirects: the Hub redirects after a rename, and to the file's storage.
const MOVES: usize = 5;

/// The variable that keeps the token from requests that do not ask for it.
pub(super) const NO_TOKEN: &str = "HF_HUB_DISABLE_IMPLICIT_TOKEN";

/// The Hub, as the environment names it.
pub(super) struct Remote {
    agent: Agent,
    proxies: Proxies,
    pub(super) endpoint: String,
    /// The timeout of each read; the pace of a body is measured over twice that time.
    pub(super) patience: Duration,
    /// For the origin of the endpoint alone.
    token: Option<String>,
    /// The longest time of a request with its whole answer, if there is one.
    pub(super) limit: Option<Duration>,
}

impl Remote {
    /// Reads `HF_ENDPOINT`, and `HF_TOKEN` or the token in the Hugging Face home.
    pub(super) fn from_env() -> Remote {
        Remote::new(&endpoint().0, token_to_send(), PATIENCE)
    }

    /// Returns a server that gets a token, with this timeout; the proxies are those of the environment.
    pub(super) fn new(endpoint: &str, token: Option<String>, patience: Duration) -> Remote {
        let certificates = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        // Names are looked up with the patience of the system: another one would take a thread.
        let agent = Agent::config_builder()
            .tls_config(certificates.build())
            // Each request states its own.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("hubscope/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(patience))
            .timeout_send_request(Some(patience))
            .timeout_recv_response(Some(patience))
            .timeout_per_read(Some(patience))
            .build();
        Remote {
            agent: agent.into(),
            proxies: Proxies::from_env(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            patience,
            token,
            limit: None,
        }
    }

    /// Returns the version of the file at its revision, by default the main branch.
    ///
    /// # Errors
    /// When the Hub cannot be reached ([`is_unreachable`]) or does not serve it.
    pub(super) fn ask(&self, wanted: &DatasetFile) -> Result<Version> {
        // The redirect to storage, which knows no commits, states the version; a rename does not.
        let is_last = |response: &Response<Body>| headers::is_linked(response.headers());
        let revision = wanted.revision.as_deref().unwrap_or("main");
        let url = self.url(wanted, revision);
        let (response, _) = self.request(wanted.into(), &Method::HEAD, url, None, is_last)?;
        let is_whole = response.status().is_success();
        let version = Version::of(response.headers(), is_whole);
        version.map_err(|missing| self.strange(wanted.into(), missing))
    }

    /// Returns the bytes from `start` on, or from an offset before that; `None` if the file has another
    /// length.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not serve it.
    pub(super) fn open(
        &self,
        wanted: &DatasetFile,
        version: &Version,
        start: u64,
    ) -> Result<Option<(u64, impl Read)>> {
        // By commit: the branch may have changed since.
        let url = self.url(wanted, &version.commit);
        let range = (start > 0).then(|| format!("bytes={start}-"));
        let (response, _) =
            self.request(wanted.into(), &Method::GET, url, range.as_deref(), |_| {
                false
            })?;
        let headers = response.headers();
        let (from, whole) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = text(headers, CONTENT_RANGE.as_str()).and_then(headers::range);
                range.ok_or_else(|| self.strange(wanted.into(), "range"))?
            }
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(None),
            _ => {
                let length = text(headers, CONTENT_LENGTH.as_str());
                (0, length.map_or(Some(version.size), |l| l.parse().ok()))
            }
        };
        let fits = from <= start && whole.is_none_or(|whole| whole == version.size);
        Ok(fits.then(|| (from, response.into_body().into_reader())))
    }

    /// Sends a request, for a range of the bytes or all of them, along its redirects, up to a response
    /// that is no redirect or the last one wanted. Returns it with its address.
    pub(super) fn request(
        &self,
        subject: Subject,
        method: &Method,
        mut url: String,
        range: Option<&str>,
        is_last: impl Fn(&Response<Body>) -> bool,
    ) -> Result<(Response<Body>, String)> {
        for _ in 0..=MOVES {
            let response = self.send(subject, method, &url, range)?;
            let status = response.status();
            if !status.is_redirection() || is_last(&response) {
                let is_answer = status.is_success()
                    || status.is_redirection()
                    || status == StatusCode::RANGE_NOT_SATISFIABLE;
                return match is_answer {
                    true => Ok((response, url)),
                    false => Err(self.refused(subject, status, response.headers())),
                };
            }
            let to = text(response.headers(), LOCATION.as_str());
            url = to
                .and_then(|to| redirected(&url, to))
                .ok_or_else(|| self.strange(subject, "redirect"))?;
        }
        Err(self.strange(subject, "end of redirects"))
    }

    /// Sends one request, with the token if it is for the endpoint.
    fn send(
        &self,
        subject: Subject,
        method: &Method,
        url: &str,
        range: Option<&str>,
    ) -> Result<Response<Body>> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = self.token.as_ref().filter(|_| self.is_home(url)) {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let request = request.body(()).map_err(ureq::Error::from);
        let sent = request.and_then(|request| {
            let proxy = self.proxies.of(request.uri()).cloned();
            let request = self.agent.configure_request(request).proxy(proxy);
            self.agent.run(request.timeout_global(self.limit).build())
        });
        sent.with_context(|| {
            format!(
                "{}: {} cannot be reached; check the network, HTTPS_PROXY and HF_ENDPOINT",
                subject.name(),
                self.endpoint
            )
        })
    }

    /// Returns true if requests to the endpoint have a token.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Returns true if a URL is of the endpoint's origin.
    pub(super) fn is_home(&self, url: &str) -> bool {
        let home = origin(&self.endpoint);
        home.is_some() && origin(url) == home
    }

    /// Returns the URL of a file at a revision: a commit or a branch.
    pub(super) fn url(&self, wanted: &DatasetFile, revision: &str) -> String {
        let DatasetFile { dataset, file, .. } = wanted;
        format!(
            "{}/datasets/{dataset}/resolve/{revision}/{file}",
            self.endpoint
        )
    }
}

/// Returns true if a variable is on, as the Hugging Face libraries read it.
pub(super) fn is_set(name: &str) -> bool {
    let on = ["1", "true", "yes", "on"];
    env::var(name).is_ok_and(|value| on.contains(&value.to_lowercase().as_str()))
}

/// Returns the variable that forbids network access, if one does: `HF_HUB_OFFLINE` or, where that is
/// unset or empty, `TRANSFORMERS_OFFLINE`, its old name.
pub(super) fn offline_variable() -> Option<&'static str> {
    let mut names = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].into_iter();
    let deciding = names.find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    deciding.filter(|name| is_set(name))
}

/// Returns true if an error of [`Remote::ask`] says that the Hub cannot be reached.
pub(super) fn is_unreachable(error: &Error) -> bool {
    error.is::<ureq::Error>()
}

pub(super) fn set(name: &str) -> Option<String> {
    let value = env::var(name).ok()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Returns the address of the Hub, and what decides on it.
pub(super) fn endpoint() -> (String, &'static str) {
    match set("HF_ENDPOINT") {
        Some(endpoint) => (endpoint, "by $HF_ENDPOINT"),
        None => ("https://huggingface.co".to_owned(), "the default"),
    }
}

/// The token of the Hub.
pub(super) struct Token {
    /// `None` if there is none.
    pub(super) text: Option<String>,
    /// Where it is from, or would be.
    pub(super) from: String,
    /// The reason why its file cannot be read, though it is there.
    pub(super) unreadable: Option<String>,
}

/// Returns the token for requests; `None` if there is none, or `HF_HUB_DISABLE_IMPLICIT_TOKEN` says
/// that it is for those who ask for it alone.
pub(super) fn token_to_send() -> Option<String> {
    let is_kept = is_set(NO_TOKEN);
    token().text.filter(|_| !is_kept)
}

/// Returns the token of `HF_TOKEN`, by its old name `HUGGING_FACE_HUB_TOKEN`, or of its file.
pub(super) fn token() -> Token {
    let named = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].into_iter();
    let mut set = named.filter_map(|name| {
        let value = env::var(name).ok().filter(|value| !value.is_empty())?;
        Some((name, value))
    });
    // The first decides, also where it has spaces only: then the file counts.
    if let Some((name, value)) = set.next()
        && let Some(token) = cleaned(&value)
    {
        return Token {
            text: Some(token),
            from: format!("${name}"),
            unreadable: None,
        };
    }
    let Located { path, by } = token_file();
    let from = format!("the file {} (by {by})", path.display());
    let read = open_regular(&path).and_then(io::read_to_string);
    let missing = |error: &io::Error| error.kind() == ErrorKind::NotFound;
    let unreadable = read.as_ref().err().filter(|error| !missing(error));
    Token {
        from,
        unreadable: unreadable.map(|error| format!("{}: {error}", path.display())),
        text: read.ok().and_then(|text| cleaned(&text)),
    }
}

/// Returns a token without line breaks and the spaces around it, if anything is left.
fn cleaned(token: &str) -> Option<String> {
    let token = token.replace(['\r', '\n'], "");
    let token = token.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::Instant;

    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = [
            "https://hub.co/a",
            "https://HUB.co:443/b?c",
            "HTTPS://hub.co",
        ];
        let other = [
            "http://hub.co/a",
            "https://hub.co:8443/a",
            "https://cdn.hub.co/a",
            "http://hub.co:443/a",
            "/a",
        ];
        let home = Remote::new("https://hub.co/", None, PATIENCE);
        assert!(same.iter().all(|url| home.is_home(url)));
        assert!(!other.iter().any(|url| home.is_home(url)));
    }

    /// A byte arrives in time for each read; all headers together do not.
    #[test]
    fn headers_that_drip_are_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let drip = |mut stream: TcpStream| {
                let headers = "HTTP/1.1 200 OK\r\nX-Slow: ".bytes();
                for byte in headers.chain(std::iter::repeat(b'.')) {
                    stream.write_all(&[byte])?;
                    thread::sleep(Duration::from_millis(20));
                }
                std::io::Result::Ok(())
            };
            drip(listener.accept().unwrap().0)
        });
        let remote = Remote::new(&address, None, Duration::from_millis(200));
        let begun = Instant::now();
        let error = remote.ask(&DatasetFile::new(None, None)).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(2), "{error:#}");
        assert!(is_unreachable(&error), "{error:#}");
        assert!(
            format!("{error:#}").contains("cannot be reached"),
            "{error:#}"
        );
    }
}
