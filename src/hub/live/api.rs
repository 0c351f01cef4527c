//! The questions about one model: its description, its files, its model card.

use std::fmt;
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use serde_json::{Map, Value};
use ureq::http::{Method, StatusCode};

use super::{LiveModel, files};
use crate::hub::client::{Remote, offline_variable};
use crate::hub::refusal::Refusal;
use crate::hub::subject::Subject;

/// The members of a description to ask for; the Hub leaves out all others.
const EXPANDED: [&str; 13] = [
    "baseModels",
    "cardData",
    "childrenModelCount",
    "downloads",
    "downloadsAllTime",
    "gated",
    "gguf",
    "lastModified",
    "likes",
    "safetensors",
    "siblings",
    "trendingScore",
    "usedStorage",
];

/// The most bytes of an answer: some repositories have tens of thousands of files.
const LARGEST: u64 = 32 << 20;

/// The longest time of a whole answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The number of connections that several models are asked for with.
const CONNECTIONS: usize = 4;

/// The number of times that each connection waits for a limit of the rate without an answer, and the longest wait in seconds: the Hub
/// counts requests in windows of five minutes.
const WAITS: usize = 3;
const LONGEST_WAIT: u32 = 300;

/// The most bytes of a model card.
const LARGEST_CARD: u64 = 4 << 20;

/// The reason why the Hub does not describe a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Deleted, or private.
    Gone,
    /// Gated, and the token has no access.
    NoAccess,
    /// The token is not valid.
    BadToken,
    /// Too many requests; the seconds to wait, if the Hub states them.
    RateLimited(Option<u32>),
    /// The Hub, or the network, fails.
    Failing,
}

impl Unavailable {
    /// Returns the reason of an error of [`ModelApi`].
    pub fn of(error: &Error) -> Unavailable {
        let Some(refusal) = error.downcast_ref::<Refusal>() else {
            return Unavailable::Failing;
        };
        match refusal.status {
            StatusCode::UNAUTHORIZED if refusal.is_of_token => Unavailable::BadToken,
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Unavailable::Gone,
            StatusCode::FORBIDDEN => Unavailable::NoAccess,
            StatusCode::TOO_MANY_REQUESTS => Unavailable::RateLimited(refusal.wait),
            _ => Unavailable::Failing,
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unavailable::Gone => "gone",
            Unavailable::NoAccess => "no access",
            Unavailable::BadToken => "token refused",
            Unavailable::RateLimited(_) => "rate-limited",
            Unavailable::Failing => "unreachable",
        })
    }
}

/// The Hub's API for models.
pub struct ModelApi {
    remote: Remote,
    /// The number of waits for a limit of the rate since the last answer, over all connections.
    waits: AtomicUsize,
}

impl ModelApi {
    /// Reads the environment, as [`crate::hub::run`] does.
    ///
    /// # Errors
    /// When a variable forbids to ask, such as `HF_HUB_OFFLINE`.
    pub fn from_env() -> Result<ModelApi> {
        if let Some(variable) = offline_variable() {
            bail!("{variable} forbids to ask the Hub; unset it");
        }
        let mut remote = Remote::from_env();
        remote.limit = Some(PATIENCE);
        Ok(ModelApi {
            remote,
            waits: AtomicUsize::new(0),
        })
    }

    /// Returns a model as the Hub describes it, with the sizes of its files; it is found under its new
    /// id after a rename.
    ///
    /// # Errors
    /// With a line that names the model and the remedy; [`Unavailable::of`] returns its reason.
    pub fn model(&self, id: &str) -> Result<LiveModel> {
        let model = self.values(id)?;
        // The sizes of files come only without a choice of members.
        let sized = self.describe(&model.id, "blobs=true");
        let sized = sized.map(|sized| files::listed(sized.get("siblings")));
        Ok(model.with_files(sized.unwrap_or_default()))
    }

    /// Returns a model without the sizes of its files.
    fn values(&self, id: &str) -> Result<LiveModel> {
        let query = EXPANDED.map(|member| format!("expand={member}")).join("&");
        let described = self.describe(id, &query)?;
        LiveModel::of(&described).ok_or_else(|| self.remote.strange(Subject::Model(id), "id"))
    }

    /// Returns models in the order of their ids, without the sizes of their files. Waits where the Hub
    /// limits the rate of requests; `on_wait` is given the time.
    pub fn models(
        &self,
        ids: &[&str],
        on_wait: &(dyn Fn(Duration) + Sync),
    ) -> Vec<Result<LiveModel>> {
        let left = Mutex::new(ids.iter().enumerate());
        let next = || left.lock().ok()?.next();
        let work = || {
            let own = std::iter::from_fn(next).map(|(at, id)| (at, self.patient(id, on_wait)));
            own.collect::<Vec<_>>()
        };
        let mut answers: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (1..CONNECTIONS).map(|_| scope.spawn(work)).collect();
            let others = threads.into_iter().flat_map(|thread| thread.join());
            [work()]
                .into_iter()
                .chain(others.collect::<Vec<_>>())
                .flatten()
                .collect()
        });
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Returns a model; asks again after the time that the Hub states where it limits the rate, unless
    /// several waits were of no use.
    fn patient(&self, id: &str, on_wait: &(dyn Fn(Duration) + Sync)) -> Result<LiveModel> {
        loop {
            let answer = self.values(id);
            let reason = answer.as_ref().err().map(Unavailable::of);
            let Some(Unavailable::RateLimited(wait)) = reason else {
                self.waits.store(0, Ordering::Relaxed);
                return answer;
            };
            if self.waits.fetch_add(1, Ordering::Relaxed) >= WAITS * CONNECTIONS {
                return answer;
            }
            let wait = Duration::from_secs(wait.unwrap_or(60).min(LONGEST_WAIT).into());
            on_wait(wait);
            thread::sleep(wait);
        }
    }

    /// Returns the text of a model card, `README.md`.
    ///
    /// # Errors
    /// As [`ModelApi::model`], or when there is none.
    pub fn card(&self, id: &str) -> Result<String> {
        check(id)?;
        let url = format!("{}/{id}/resolve/main/README.md", self.remote.endpoint);
        let card = match self.get(id, url, LARGEST_CARD) {
            Err(error) if Unavailable::of(&error) == Unavailable::Gone => {
                return Err(self.without_card(id, error));
            }
            card => card?,
        };
        Ok(String::from_utf8_lossy(&card).into_owned())
    }

    /// Returns the error of a card that is not there: only its file, or the model.
    fn without_card(&self, id: &str, error: Error) -> Error {
        match self.describe(id, "expand=likes") {
            Ok(_) => anyhow!("{id}: the model has no card"),
            Err(_) => error,
        }
    }

    fn describe(&self, id: &str, query: &str) -> Result<Map<String, Value>> {
        check(id)?;
        let url = format!("{}/api/models/{id}?{query}", self.remote.endpoint);
        let text = self.get(id, url, LARGEST)?;
        let answer = serde_json::from_slice(&text).ok();
        answer.ok_or_else(|| self.remote.strange(Subject::Model(id), "description"))
    }

    fn get(&self, id: &str, url: String, largest: u64) -> Result<Vec<u8>> {
        let subject = Subject::Model(id);
        let get = &Method::GET;
        let (response, _) = self.remote.request(subject, get, url, None, |_| false)?;
        let mut text = Vec::new();
        let mut body = response.into_body().into_reader().take(largest + 1);
        let endpoint = &self.remote.endpoint;
        let cut = || format!("{id}: the answer of {endpoint} was cut; try again");
        body.read_to_end(&mut text).with_context(cut)?;
        ensure!(
            text.len() as u64 <= largest,
            "{id}: the answer of {endpoint} is longer than {} MB, which is not read",
            largest >> 20
        );
        Ok(text)
    }
}

/// Checks that a name can be an id, which goes into an address.
fn check(id: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let parts = id.split('/').count();
    let is_path = id
        .split('/')
        .any(|part| part.is_empty() || part.starts_with(".."));
    ensure!(
        id.chars().all(is_plain) && parts <= 2 && !is_path,
        "{id}: not an id of the Hub, which is `author/name`; check the spelling"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_go_into_addresses() {
        for good in ["gpt2", "a/b", "a-b/c_d.e"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "", "/", "a/", "/b", "a/b/c", "../a", "a/..", "a b", "a?b", "a#b", "ä/b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
