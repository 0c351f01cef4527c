//! Ranges of a file of the Hub. The Hub redirects to where the bytes are stored, by an address that is
//! valid for some time; it is asked for once, and again when it has expired.

use std::io::Read;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow, bail};
use ureq::Body;
use ureq::http::header::{CONTENT_RANGE, ETAG};
use ureq::http::{Method, Response, StatusCode};

use crate::engine::source::dataset_file::DatasetFile;
use crate::hub::client::Remote;
use crate::hub::headers::{self, Version, text};
use crate::hub::pace::Paced;

/// A version of a file, by ranges.
pub(super) struct Storage<'r> {
    pub remote: &'r Remote,
    pub wanted: &'r DatasetFile,
    pub version: &'r Version,
    known: Mutex<Known>,
}

/// The state that earlier answers left.
#[derive(Clone, Default)]
struct Known {
    /// Where the bytes are.
    address: Option<String>,
    /// The ETag of the storage, which differs from that of the Hub.
    etag: Option<String>,
}

impl<'r> Storage<'r> {
    pub fn new(remote: &'r Remote, wanted: &'r DatasetFile, version: &'r Version) -> Storage<'r> {
        Storage {
            remote,
            wanted,
            version,
            known: Mutex::default(),
        }
    }

    /// Returns the bytes of a range of the file; reading them fails when they arrive too slowly.
    ///
    /// # Errors
    /// When the Hub cannot be reached or does not serve them, or serves those of another file.
    pub fn range(&self, range: &Range<u64>) -> Result<impl Read + use<>> {
        let header = format!("bytes={}-{}", range.start, range.end - 1);
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let response = match known.address {
            Some(address) => match self.send(address, &header) {
                // The address has expired, or leads elsewhere now.
                Ok(response) if response.0.status() == StatusCode::PARTIAL_CONTENT => response,
                Ok(_) | Err(_) => self.send(self.home(), &header)?,
            },
            None => self.send(self.home(), &header)?,
        };
        let (response, address) = response;
        self.check(&response, range, known.etag.as_deref())?;
        let etag = text(response.headers(), ETAG.as_str()).map(str::to_owned);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        (known.address, known.etag) = (Some(address), etag);
        let body = response.into_body().into_reader();
        // The server can hold up a read of each byte for all of the patience.
        Ok(Paced::new(body, self.remote.patience * 2))
    }

    /// The address at the Hub, by commit: the branch may have changed since.
    fn home(&self) -> String {
        self.remote.url(self.wanted, &self.version.commit)
    }

    fn send(&self, url: String, range: &str) -> Result<(Response<Body>, String)> {
        let get = Method::GET;
        self.remote
            .request(self.wanted.into(), &get, url, Some(range), |_| false)
    }

    /// Checks that a response is of this range and of the file that the others were of.
    fn check(
        &self,
        response: &Response<Body>,
        range: &Range<u64>,
        etag: Option<&str>,
    ) -> Result<()> {
        let dataset = &self.wanted.dataset;
        if response.status() == StatusCode::OK {
            bail!(
                "{dataset}: {} does not serve parts of files; `--columns all` downloads the whole",
                self.remote.endpoint
            );
        }
        let headers = response.headers();
        let stated = text(headers, CONTENT_RANGE.as_str()).and_then(headers::range);
        let (start, whole) = stated.unwrap_or((range.start, None));
        let is_same = response.status() == StatusCode::PARTIAL_CONTENT
            && start == range.start
            && whole.is_none_or(|whole| whole == self.version.size);
        let own = text(headers, ETAG.as_str());
        let is_other = etag.zip(own).is_some_and(|(etag, own)| etag != own);
        match is_same && !is_other {
            true => Ok(()),
            false => Err(anyhow!(Changed).context(format!(
                "{dataset}: {} changed while it was downloaded; run the same command again",
                self.wanted.file
            ))),
        }
    }
}

/// Says that the bytes are of another version than those before.
#[derive(Debug)]
pub(super) struct Changed;

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the file is another one")
    }
}

impl std::error::Error for Changed {}
