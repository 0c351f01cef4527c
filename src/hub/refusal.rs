//! The Hub's refusals: every one is a line with something to try next.

use std::error::Error as StdError;
use std::fmt;

use anyhow::{Error, anyhow};
use ureq::http::{HeaderMap, StatusCode};

use crate::engine::source::dataset_file::{DatasetFile, HUB_STATS};
use crate::hub::client::Remote;
use crate::hub::headers::wait;

/// A refusal, with its meaning and what to do.
#[derive(Debug)]
pub(super) struct Refusal {
    message: String,
    pub status: StatusCode,
    /// The seconds to wait before the next request, if the server states them.
    pub wait: Option<u32>,
}

impl Refusal {
    /// Returns true if the same request may be served later.
    pub(super) fn is_passing(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS || self.status.is_server_error()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Refusal {}

impl Remote {
    /// Returns the meaning of an error status, and what to do.
    pub(super) fn refused(
        &self,
        wanted: &DatasetFile,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Error {
        let DatasetFile { dataset, file, .. } = wanted;
        let code = status.as_u16();
        let page = format!("{}/datasets/{dataset}", self.endpoint);
        let other = match dataset == HUB_STATS {
            true => "--date YYYY-MM-DD for a weekly snapshot".to_owned(),
            false => format!("--from {HUB_STATS}"),
        };
        let when = wait(headers).map_or("later".to_owned(), |after| format!("in {after} seconds"));
        let message = match code {
            // Without permission, the Hub does not reveal whether a dataset exists.
            401 => format!(
                "{dataset}: no such dataset, or no access to it ({code}); check the name, or accept its terms at {page} and set HF_TOKEN to a valid token"
            ),
            403 => format!(
                "{dataset}: no access ({code}); accept its terms at {page} and set HF_TOKEN to a token that may read it"
            ),
            404 => format!(
                "{dataset}: no {file} there ({code}); see {page}/tree/main/models, or try {other}"
            ),
            429 => format!(
                "{dataset}: too many requests ({code}); try again {when}, or set HF_TOKEN, which raises the limit"
            ),
            500.. => format!("{dataset}: server error ({code}); try again {when}, or {other}"),
            _ => format!(
                "{dataset}: the server refused the request ({code}); check HF_ENDPOINT, or try {other}"
            ),
        };
        Error::new(Refusal {
            message,
            status,
            wait: wait(headers),
        })
    }

    /// Returns the error of an answer that lacks something that the Hub sends.
    pub(super) fn strange(&self, wanted: &DatasetFile, what: &str) -> Error {
        anyhow!(
            "{}: {} answered without a valid {what}, unlike the Hub; check HF_ENDPOINT",
            wanted.dataset,
            self.endpoint
        )
    }
}
