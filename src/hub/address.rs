//! URLs: their origins, and where redirects lead.

use ureq::http::Uri;

/// The scheme, host and port of a URL.
pub(super) fn origin(url: &str) -> Option<(String, String, u16)> {
    let url: Uri = url.parse().ok()?;
    let scheme = url.scheme_str()?.to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = url.port_u16().unwrap_or(usual);
    Some((scheme, url.host()?.to_ascii_lowercase(), port))
}

/// Returns the URL that a redirect from another leads to: a whole one, or one relative to the other, as
/// RFC 3986 resolves it.
pub(super) fn redirected(url: &str, to: &str) -> Option<String> {
    let from: Uri = url.parse().ok()?;
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let is_path = |text: &str| text.contains(['/', '?', '#']);
    let url = match to.split_once(':') {
        Some(("http" | "https", rest)) if rest.starts_with("//") => to.to_owned(),
        // Another scheme.
        Some((start, _)) if !is_path(start) => return None,
        _ if to.starts_with("//") => format!("{scheme}:{to}"),
        _ if to.is_empty() => return None,
        _ => format!("{scheme}://{authority}{}", relative(from.path(), to)),
    };
    let to: Uri = url.parse().ok()?;
    // What is encrypted stays so.
    let is_open = scheme == "https" && to.scheme_str() != Some("https");
    (!is_open).then_some(url)
}

/// Returns the path that another leads to from a path.
fn relative(from: &str, to: &str) -> String {
    let (path, query) = to.split_at(to.find(['?', '#']).unwrap_or(to.len()));
    let folder = &from[..=from.rfind('/').unwrap_or(0)];
    let whole = match path {
        "" => from.to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("{folder}{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if whole.ends_with("/.") || whole.ends_with("/..") {
        parts.push("");
    }
    format!("/{}{query}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_whole_or_relative() {
        let to = |to: &str| redirected("http://hub:8/datasets/a/b?c", to);
        for (location, url) in [
            ("/datasets/d/b?e", Some("http://hub:8/datasets/d/b?e")),
            ("//cdn/x", Some("http://cdn/x")),
            ("https://cdn:9/x?y=://", Some("https://cdn:9/x?y=://")),
            ("file:///etc/passwd", None),
            ("mailto:a", None),
            ("", None),
            ("http://", None),
            // As Python's `urljoin` has it.
            ("x", Some("http://hub:8/datasets/a/x")),
            ("x:/y", None),
            ("./x:/y?z", Some("http://hub:8/datasets/a/x:/y?z")),
            ("../x/./y/..", Some("http://hub:8/datasets/x/")),
            ("../../../x", Some("http://hub:8/x")),
            ("/x/../y//z?../a", Some("http://hub:8/y//z?../a")),
            ("?d=/e", Some("http://hub:8/datasets/a/b?d=/e")),
        ] {
            assert_eq!(to(location).as_deref(), url, "{location}");
        }
        let encrypted = |to| redirected("https://hub/a", to);
        assert_eq!(encrypted("http://cdn/x"), None);
        assert_eq!(encrypted("/x").as_deref(), Some("https://hub/x"));
    }
}
