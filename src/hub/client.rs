//! The Hub's protocol for files: a `HEAD` of `resolve/<branch>/<path>` tells commit, ETag and
//! length, a `GET` of `resolve/<commit>/<path>` leads to the bytes. Every way in which it can fail
//! becomes one line that says what to try next.

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

/// A server that is silent for so long does not answer any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// As many as the Hub ever sends a request on: after a rename, to where the file is now.
const MOVES: usize = 5;

/// The Hub, as the environment names it.
pub(super) struct Remote {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
}

/// What a file is at the moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub commit: String,
    /// Names the content: the SHA-256 of a large file.
    pub etag: String,
    pub size: u64,
}

impl Remote {
    /// From `HF_ENDPOINT`, `HF_TOKEN` or the token in the Hugging Face home, and the proxies that
    /// the environment names.
    ///
    /// # Errors
    /// When the environment says not to use the network.
    pub(super) fn from_env() -> Result<Remote> {
        let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let on = ["1", "true", "yes", "on"];
        if set("HF_HUB_OFFLINE").is_some_and(|v| on.contains(&v.to_lowercase().as_str())) {
            bail!("HF_HUB_OFFLINE forbids to fetch anything; unset it");
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

    /// What the file is on the main branch.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not give it.
    pub(super) fn ask(&self, wanted: &Wanted) -> Result<Version> {
        let mut url = self.url(wanted, "main");
        for _ in 0..MOVES {
            let request = self.agent.head(&url).config().max_redirects(0).build();
            let response = self.send(wanted, request)?;
            // A path alone is the same thing under another name. A whole address is where the bytes
            // are, and there they know nothing of commits.
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

    /// The bytes from `start` on, or from another place before that; nothing if the file there has
    /// another length.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not give it.
    pub(super) fn open(
        &self,
        wanted: &Wanted,
        version: &Version,
        start: u64,
    ) -> Result<Option<(u64, impl Read)>> {
        // By commit: the branch may have moved on since it was asked.
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

    /// What an answer means that is not the file, and what to do about it.
    fn refused(&self, wanted: &Wanted, status: StatusCode, headers: &HeaderMap) -> anyhow::Error {
        let Wanted { dataset, file } = wanted;
        let code = status.as_u16();
        let page = format!("{}/datasets/{dataset}", self.endpoint);
        let other = match dataset == HUB_STATS {
            true => "--date YYYY-MM-DD for a weekly snapshot".to_owned(),
            false => format!("--from {HUB_STATS}"),
        };
        match code {
            // The Hub does not tell strangers what does not exist from what is closed to them.
            401 => anyhow!(
                "{dataset}: no such dataset, or closed to you ({code}); check the name, or accept its terms at {page} and set HF_TOKEN to a valid token"
            ),
            403 => anyhow!(
                "{dataset}: closed to you ({code}); accept its terms at {page} and set HF_TOKEN to a token that may read it"
            ),
            404 => anyhow!(
                "{dataset}: no {file} there ({code}); what there is: {page}/tree/main/models, or try {other}"
            ),
            429 => {
                let when = text(headers, "retry-after").and_then(|after| after.parse::<u32>().ok());
                let when = when.map_or("later".to_owned(), |after| format!("in {after} seconds"));
                anyhow!(
                    "{dataset}: too many requests ({code}); try again {when}, or set HF_TOKEN, with which more are allowed"
                )
            }
            500.. => anyhow!(
                "{dataset}: the server has trouble of its own ({code}); try again later, or {other}"
            ),
            _ => {
                anyhow!("{dataset}: the server refuses ({code}); check HF_ENDPOINT, or try {other}")
            }
        }
    }

    fn strange(&self, wanted: &Wanted, what: &str) -> anyhow::Error {
        anyhow!(
            "{}: {} answers without a proper {what}, unlike the Hub; check HF_ENDPOINT",
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

/// A commit or an ETag without its quotes. It becomes a file's name, so that nothing is let through
/// that could be a path.
fn name(text: &str) -> Option<String> {
    let text = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!text.is_empty() && text.len() <= 128 && text.chars().all(plain)).then(|| text.to_owned())
}

/// `bytes 5-9/10`: where it begins, and the length of the whole if that is known.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, whole.parse().ok()))
}

/// Another path at the server of an address.
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
    fn what_a_server_says_is_not_believed_blindly() {
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
    fn a_path_is_one_of_the_same_server() {
        let moved = elsewhere("http://hub:8/datasets/a/b?c", "/datasets/d/b");
        assert_eq!(moved.as_deref(), Some("http://hub:8/datasets/d/b"));
    }
}
