//! Headers of the Hub's answers.

use ureq::http::HeaderMap;
use ureq::http::header::{CONTENT_LENGTH, ETAG, RETRY_AFTER};

/// The commit of a file.
const COMMIT: &str = "x-repo-commit";

/// The ETag of the file that a redirect leads to.
const LINKED_ETAG: &str = "x-linked-etag";

/// A version of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub commit: String,
    /// Identifies the content.
    pub etag: String,
    /// In bytes; never 0, since no Parquet file is empty.
    pub size: u64,
}

impl Version {
    /// Returns the version that an answer states: of itself, or, as a redirect, of the file in storage
    /// that it leads to.
    ///
    /// # Errors
    /// The name of what is missing or malformed.
    pub(super) fn of(headers: &HeaderMap, is_whole: bool) -> Result<Version, &'static str> {
        // A redirect's own length and tag are not those of the file.
        let own = |name| text(headers, name).filter(|_| is_whole);
        let commit = text(headers, COMMIT);
        let etag = text(headers, LINKED_ETAG).or_else(|| own(ETAG.as_str()));
        let size = text(headers, "x-linked-size").or_else(|| own(CONTENT_LENGTH.as_str()));
        let size = size.and_then(|size| size.parse().ok());
        Ok(Version {
            commit: commit.and_then(name).ok_or("commit")?,
            etag: etag.and_then(name).ok_or("ETag")?,
            size: size.filter(|size| *size > 0).ok_or("length")?,
        })
    }

    /// The SHA-256 of the content in hexadecimal: it is the ETag of a large file.
    pub(super) fn sha256(&self) -> Option<&str> {
        is_sha256(&self.etag).then_some(&self.etag)
    }
}

/// Returns true if an answer states the version of a file, itself or one in storage.
pub(super) fn is_linked(headers: &HeaderMap) -> bool {
    headers.contains_key(COMMIT) && headers.contains_key(LINKED_ETAG)
}

/// Returns true if a name in the cache is a SHA-256.
pub(super) fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the text of a header.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Parses `bytes 5-9/10`: the first offset, and the length of the whole file if it is known.
pub(super) fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, whole.parse().ok()))
}

/// Returns the seconds to wait before the next request: `Retry-After: 17`, or the `t` of the Hub's
/// `RateLimit: "api";r=0;t=55`.
pub(super) fn wait(headers: &HeaderMap) -> Option<u32> {
    let after = text(headers, RETRY_AFTER.as_str()).and_then(|after| after.parse().ok());
    after.or_else(|| {
        let mut parts = text(headers, "ratelimit")?.split([';', ',']);
        parts.find_map(|part| part.trim().strip_prefix("t=")?.parse().ok())
    })
}

/// Returns a commit or an ETag without its quotes. It becomes a file's name, so nothing is accepted
/// that could be a path.
fn name(text: &str) -> Option<String> {
    let text = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!text.is_empty() && text.len() <= 128 && text.chars().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let parsed = all
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        parsed.collect()
    }

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
    fn the_time_to_wait() {
        let wait = |all: &[(&'static str, &str)]| wait(&headers(all));
        let limit = ("ratelimit", "\"api\";r=0;t=55");
        assert_eq!(wait(&[("retry-after", "17"), limit]), Some(17));
        let date = ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait(&[date, limit]), Some(55));
        assert_eq!(
            wait(&[("ratelimit", "\"a\"; r=0; t=3, \"b\";t=9")]),
            Some(3)
        );
        assert_eq!(wait(&[date]), None);
        assert_eq!(wait(&[("ratelimit", "\"api\";r=0")]), None);
    }

    #[test]
    fn a_version_is_that_of_the_answer_or_of_the_file_it_leads_to() {
        let all = [
            ("x-repo-commit", "c"),
            ("x-linked-etag", "\"e\""),
            ("x-linked-size", "5"),
            ("etag", "\"other\""),
            ("content-length", "7"),
        ];
        let version = |some: &[usize], is_whole| {
            let some: Vec<_> = some.iter().map(|at| all[*at]).collect();
            Version::of(&headers(&some), is_whole).map(|v| (v.etag, v.size))
        };
        let is = |etag: &str, size| Ok((etag.to_owned(), size));
        assert_eq!(version(&[0, 1, 2, 3, 4], false), is("e", 5));
        assert_eq!(version(&[0, 1, 2, 3, 4], true), is("e", 5));
        assert_eq!(version(&[0, 3, 4], true), is("other", 7));
        assert_eq!(version(&[0, 3, 4], false), Err("ETag"));
        assert_eq!(version(&[0, 1, 4], false), Err("length"));
        assert_eq!(version(&[1, 2], true), Err("commit"));
        for size in ["0", "-1", "x", ""] {
            let empty = headers(&[all[0], all[1], ("x-linked-size", size)]);
            assert_eq!(Version::of(&empty, true), Err("length"), "{size}");
        }
    }
}
