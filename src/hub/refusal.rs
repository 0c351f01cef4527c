//! The Hub's refusals: every one is a line with something to try next.

use std::error::Error as StdError;
use std::fmt;

use anyhow::{Error, anyhow};
use ureq::http::{HeaderMap, StatusCode};

use crate::engine::source::dataset_file::{DatasetFile, HUB_STATS};
use crate::hub::client::Remote;
use crate::hub::headers::{text, wait};
use crate::hub::subject::Subject;

/// The header of the Hub's own code of an error.
const ERROR_CODE: &str = "x-error-code";

/// A refusal, with its meaning and what to do.
#[derive(Debug)]
pub(super) struct Refusal {
    message: String,
    pub status: StatusCode,
    /// The seconds to wait before the next request, if the server states them.
    pub wait: Option<u32>,
    /// True if the server refuses the token, whatever is asked for.
    pub is_of_token: bool,
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
        subject: Subject,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Error {
        let code = status.as_u16();
        let name = subject.name();
        let page = match subject {
            Subject::File(_) => format!("{}/datasets/{name}", self.endpoint),
            Subject::Model(_) => format!("{}/{name}", self.endpoint),
        };
        let other = match subject {
            Subject::Model(_) => String::new(),
            Subject::File(_) if name == HUB_STATS => {
                ", or try --date YYYY-MM-DD for a weekly snapshot".to_owned()
            }
            Subject::File(_) => format!(", or try --from {HUB_STATS}"),
        };
        // Of a name that does not exist, it says so.
        let is_of_token = code == 401
            && self.has_token()
            && text(headers, ERROR_CODE).is_none_or(|code| code != "RepoNotFound");
        let when = wait(headers).map_or("later".to_owned(), |after| format!("in {after} seconds"));
        let meaning = match (code, subject) {
            (401, _) if is_of_token => format!(
                "the token is refused ({code}); log in again, or set HF_TOKEN to a valid one"
            ),
            // Without permission, the Hub does not reveal whether a dataset or a model exists.
            (401, Subject::File(_)) => format!(
                "no such dataset, or no access to it ({code}); check the name, or accept its terms at {page} and set HF_TOKEN to a valid token"
            ),
            (401, Subject::Model(_)) => format!(
                "not on the Hub any more, or private ({code}); if it is yours, set HF_TOKEN to a token that may read it"
            ),
            (403, _) => format!(
                "no access ({code}); accept its terms at {page} and set HF_TOKEN to a token that may read it"
            ),
            (404, Subject::File(DatasetFile { file, .. })) => {
                format!("no {file} there ({code}); see {page}/tree/main/models{other}")
            }
            (404, Subject::Model(_)) => {
                format!(
                    "not on the Hub ({code}): deleted, private or without this file; see {page}"
                )
            }
            (429, _) => format!(
                "too many requests ({code}); try again {when}, or set HF_TOKEN, which raises the limit"
            ),
            (500.., _) => format!("server error ({code}); try again {when}{other}"),
            _ => format!("the server refused the request ({code}); check HF_ENDPOINT{other}"),
        };
        Error::new(Refusal {
            message: format!("{name}: {meaning}"),
            status,
            wait: wait(headers),
            is_of_token,
        })
    }

    /// Returns the error of an answer that lacks something that the Hub sends.
    pub(super) fn strange(&self, subject: Subject, what: &str) -> Error {
        anyhow!(
            "{}: {} answered without a valid {what}, unlike the Hub; check HF_ENDPOINT",
            subject.name(),
            self.endpoint
        )
    }
}
