//! The Hub's protocol for files: a `HEAD` of `resolve/<branch>/<path>` returns commit, ETag and
//! length, a `GET` of `resolve/<commit>/<path>` redirects to the bytes. Every failure is one line with
//! something to try next.

use std::env;
use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hf_hub::Cache;
use ureq::config::RedirectAuthHeaders;
use ureq::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, LOCATION, RANGE};
use ureq::http::{HeaderMap, Response, StatusCode, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::WithoutBody;
use ureq::{Agent, Body, RequestBuilder};

use crate::engine::source::{HUB_STATS, hugging_face_home};
use crate::hub::wanted::Wanted;

/// The timeout of connecting and of each read.
const PATIENCE: Duration = Duration::from_mins(1);

/// The maximum number of redirects: the Hub redirects after a rename, and to the file's storage.
const MOVES: usize = 5;

/// The Hub, as the environment names it.
pub(super) struct Remote {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
}

/// A version of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub commit: String,
    /// Identifies the content: the SHA-256 of a large file.
    pub etag: String,
    pub size: u64,
}

impl Remote {
    /// Reads `HF_ENDPOINT`, `HF_TOKEN` or the token in the Hugging Face home, and the proxies of the
    /// environment.
    ///
    /// # Errors
    /// When `HF_HUB_OFFLINE` forbids the network.
    pub(super) fn from_env() -> Result<Remote> {
        let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let on = ["1", "true", "yes", "on"];
        if set("HF_HUB_OFFLINE").is_some_and(|v| on.contains(&v.to_lowercase().as_str())) {
            bail!("HF_HUB_OFFLINE forbids downloads; unset it");
        }
        let certificates = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let agent = Agent::config_builder()
            .tls_config(certificates.build())
            .http_status_as_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("hubscope/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .build();
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        let token = set("HF_TOKEN").map(|token| token.trim().to_owned());
        Ok(Remote {
            agent: agent.into(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: token.or_else(|| Cache::new(hugging_face_home().join("hub")).token()),
        })
    }

    /// Returns the version of the file on the main branch.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not serve it.
    pub(super) fn ask(&self, wanted: &Wanted) -> Result<Version> {
        let mut url = self.url(wanted, "main");
        for _ in 0..MOVES {
            let request = self.agent.head(&url).config().max_redirects(0).build();
            let response = self.send(wanted, request)?;
            // A relative redirect is a rename. An absolute one leads to storage, which knows no
            // commits.
            match text(response.headers(), LOCATION.as_str()).filter(|to| to.starts_with('/')) {
                Some(path) if response.status().is_redirection() => {
                    url = elsewhere(&url, path).ok_or_else(|| self.strange(wanted, "redirect"))?;
                }
                _ => return self.version(wanted, &response),
            }
        }
        Err(self.strange(wanted, "end of redirects"))
    }

    fn version(&self, wanted: &Wanted, response: &Response<Body>) -> Result<Version> {
        let headers = response.headers();
        // A redirect's own length and tag are not those of the file.
        let own = |name| text(headers, name).filter(|_| response.status().is_success());
        let etag = text(headers, "x-linked-etag").or_else(|| own(ETAG.as_str()));
        let size = text(headers, "x-linked-size").or_else(|| own(CONTENT_LENGTH.as_str()));
        let missing = |what| self.strange(wanted, what);
        Ok(Version {
            commit: text(headers, "x-repo-commit")
                .and_then(name)
                .ok_or_else(|| missing("commit"))?,
            etag: etag.and_then(name).ok_or_else(|| missing("ETag"))?,
            size: size
                .and_then(|size| size.parse().ok())
                .ok_or_else(|| missing("length"))?,
        })
    }

    /// Returns the bytes from `start` on, or from an offset before that; `None` if the file has another
    /// length.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not serve it.
    pub(super) fn open(
        &self,
        wanted: &Wanted,
        version: &Version,
        start: u64,
    ) -> Result<Option<(u64, impl Read)>> {
        // By commit: the branch may have changed since.
        let mut request = self.agent.get(self.url(wanted, &version.commit));
        if start > 0 {
            request = request.header(RANGE, format!("bytes={start}-"));
        }
        let response = self.send(wanted, request)?;
        let headers = response.headers();
        let (from, whole) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = text(headers, CONTENT_RANGE.as_str()).and_then(range);
                range.ok_or_else(|| self.strange(wanted, "range"))?
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

    fn send(
        &self,
        wanted: &Wanted,
        request: RequestBuilder<WithoutBody>,
    ) -> Result<Response<Body>> {
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        let response = request.call().with_context(|| {
            format!(
                "{}: {} cannot be reached; check the network, HTTPS_PROXY and HF_ENDPOINT",
                wanted.dataset, self.endpoint
            )
        })?;
        match response.status() {
            StatusCode::RANGE_NOT_SATISFIABLE => Ok(response),
            status if status.is_client_error() || status.is_server_error() => {
                Err(self.refused(wanted, status, response.headers()))
            }
            _ => Ok(response),
        }
    }

    /// Returns the meaning of an error status, and what to do.
    fn refused(&self, wanted: &Wanted, status: StatusCode, headers: &HeaderMap) -> anyhow::Error {
        let Wanted { dataset, file } = wanted;
        let code = status.as_u16();
        let page = format!("{}/datasets/{dataset}", self.endpoint);
        let other = match dataset == HUB_STATS {
            true => "--date YYYY-MM-DD for a weekly snapshot".to_owned(),
            false => format!("--from {HUB_STATS}"),
        };
        match code {
            // Without permission, the Hub does not reveal whether a dataset exists.
            401 => anyhow!(
                "{dataset}: no such dataset, or no access to it ({code}); check the name, or accept its terms at {page} and set HF_TOKEN to a valid token"
            ),
            403 => anyhow!(
                "{dataset}: no access ({code}); accept its terms at {page} and set HF_TOKEN to a token that may read it"
            ),
            404 => anyhow!(
                "{dataset}: no {file} there ({code}); see {page}/tree/main/models, or try {other}"
            ),
            429 => {
                let when = text(headers, "retry-after").and_then(|after| after.parse::<u32>().ok());
                let when = when.map_or("later".to_owned(), |after| format!("in {after} seconds"));
                anyhow!(
                    "{dataset}: too many requests ({code}); try again {when}, or set HF_TOKEN, which raises the limit"
                )
            }
            500.. => anyhow!("{dataset}: server error ({code}); try again later, or {other}"),
            _ => {
                anyhow!(
                    "{dataset}: the server refused the request ({code}); check HF_ENDPOINT, or try {other}"
                )
            }
        }
    }

    fn strange(&self, wanted: &Wanted, what: &str) -> anyhow::Error {
        anyhow!(
            "{}: {} answered without a valid {what}, unlike the Hub; check HF_ENDPOINT",
            wanted.dataset,
            self.endpoint
        )
    }

    fn url(&self, wanted: &Wanted, revision: &str) -> String {
        let Wanted { dataset, file } = wanted;
        format!(
            "{}/datasets/{dataset}/resolve/{revision}/{file}",
            self.endpoint
        )
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns a commit or an ETag without its quotes. It becomes a file's name, so nothing is accepted
/// that could be a path.
fn name(text: &str) -> Option<String> {
    let text = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!text.is_empty() && text.len() <= 128 && text.chars().all(plain)).then(|| text.to_owned())
}

/// Parses `bytes 5-9/10`: the first offset, and the length of the whole file if it is known.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, whole.parse().ok()))
}

/// Returns another path at the server of a URL.
fn elsewhere(url: &str, path: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    Some(format!(
        "{}://{}{path}",
        url.scheme_str()?,
        url.authority()?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_headers_are_refused() {
        assert_eq!(name("\"ab12\"").as_deref(), Some("ab12"));
        assert_eq!(name("W/\"ab-12\"").as_deref(), Some("ab-12"));
        for bad in ["", "\"\"", "../x", "a/b", ".", "a\0", &"a".repeat(129)] {
            assert_eq!(name(bad), None, "{bad}");
        }
        assert_eq!(range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(range("bytes */10"), None);
        assert_eq!(range("5-9/10"), None);
    }

    #[test]
    fn a_relative_redirect_stays_on_the_server() {
        let moved = elsewhere("http://hub:8/datasets/a/b?c", "/datasets/d/b");
        assert_eq!(moved.as_deref(), Some("http://hub:8/datasets/d/b"));
    }
}
