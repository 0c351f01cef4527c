//! Facts about the Hub as the environment names it, and with the network whether it answers.

use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::{HeaderValue, Uri};

use super::client::{self, NO_TOKEN, Remote, is_set, offline_variable};
use crate::engine::source::cache_folder;
use crate::engine::source::dataset_file::DatasetFile;
use crate::present::facts::{Fact, FactSection};
use crate::present::folder::FolderState;
use crate::present::privacy::without_credentials;

/// The timeout of the question whether the Hub answers: shorter than that of a download.
const PATIENCE: Duration = Duration::from_secs(10);

/// The variables that name proxies, and the hosts that are reached without one.
const PROXIES: [&str; 8] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Returns the facts; with `asks`, the Hub is asked for its newest file.
pub fn facts(asks: bool) -> FactSection {
    let mut facts = vec![endpoint(), token()];
    facts.push(match offline_variable() {
        Some(variable) => Fact::new("offline", true).because(format!("by ${variable}")),
        None => Fact::new("offline", false),
    });
    let cache = cache_folder();
    let path = cache.path.display().to_string();
    facts.push(Fact::new("cache_folder", path).because(format!("by {}", cache.by)));
    let remedy = "set HF_HUB_CACHE to a folder that can, or `hubscope fetch` fails";
    facts.extend(FolderState::of(&cache.path).facts(&cache.path, remedy));
    facts.extend(PROXIES.iter().filter_map(|name| proxy(name)));
    facts.extend(asks.then(answer).into_iter().flatten());
    FactSection {
        name: "hugging_face",
        facts,
    }
}

/// Returns what must not be printed.
pub fn secrets() -> Vec<String> {
    client::token().text.into_iter().collect()
}

fn endpoint() -> Fact {
    let (address, reason) = client::endpoint();
    let url = address.parse::<Uri>().ok();
    let scheme = url.as_ref().and_then(Uri::scheme_str);
    let is_usable = matches!(scheme, Some("http" | "https"));
    let problem = "HF_ENDPOINT is no address such as https://huggingface.co; mend or unset it";
    Fact::new("endpoint", without_credentials(&address))
        .because(reason)
        .wrong_if((!is_usable).then_some(problem))
}

fn token() -> Fact {
    let token = client::token();
    let Some(text) = token.text else {
        let absent =
            Fact::new("token", false).because(format!("neither $HF_TOKEN nor {}", token.from));
        let problem =
            |reason| format!("the token cannot be read: {reason}; mend the file, or set HF_TOKEN");
        return absent.wrong_if(token.unreadable.map(problem));
    };
    let is_sendable = HeaderValue::from_str(&text).is_ok();
    let problem = "the token has characters that no token has; log in again, or set HF_TOKEN anew";
    let reason = match is_set(NO_TOKEN) {
        true => format!("{}, but not sent, by ${NO_TOKEN}", token.from),
        false => token.from,
    };
    Fact::new("token", true)
        .because(reason)
        .wrong_if((!is_sendable).then_some(problem))
}

fn proxy(name: &'static str) -> Option<Fact> {
    let value = client::set(name)?;
    // An address needs no scheme here.
    let value = match value.contains("://") || name.eq_ignore_ascii_case("no_proxy") {
        true => without_credentials(&value),
        false => without_credentials(&format!("http://{value}"))[7..].to_owned(),
    };
    Some(Fact::new(name, value))
}

/// Asks the Hub for the version of its newest file, which downloads nothing.
fn answer() -> Vec<Fact> {
    if let Some(variable) = offline_variable() {
        let reason = format!("{variable} forbids to ask");
        return vec![Fact::new("answers", Value::Null).because(reason)];
    }
    let wanted = DatasetFile::new(None, None);
    let asked = format!("asked for {} of {}", wanted.file, wanted.dataset);
    let begun = Instant::now();
    let token = client::token_to_send();
    let version = Remote::new(&client::endpoint().0, token, PATIENCE).ask(&wanted);
    let time = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let time = Fact::new("milliseconds", time);
    match version {
        Ok(version) => vec![
            Fact::new("answers", true).because(asked),
            time,
            Fact::of_bytes("newest_bytes", Some(version.size)),
        ],
        Err(error) => {
            let problem = format!("{error:#}");
            vec![
                Fact::new("answers", false).because(asked).wrong(problem),
                time,
            ]
        }
    }
}
