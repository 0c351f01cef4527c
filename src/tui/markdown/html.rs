//! The HTML that model cards mix into Markdown: its text, pictures and links; all other tags are left
//! out.

/// A part of a text in HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Break,
    /// A picture, by the text that replaces it.
    Image(String),
    Link(String),
    LinkEnd,
}

/// Tags that end a line.
const BLOCKS: [&str; 14] = [
    "br", "hr", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3", "/h4", "/ul", "/ol", "/table",
    "/summary",
];

/// Characters that HTML has names for, as far as cards use them.
const ENTITIES: [(&str, &str); 8] = [
    ("&nbsp;", " "),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&mdash;", "—"),
    ("&bull;", "•"),
    // The last: an ampersand that it leaves begins no name.
    ("&amp;", "&"),
];

/// Returns the parts of a text.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text(&rest[..start], &mut pieces);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let Some((tag, after)) = rest[1..].split_once('>').filter(|_| is_tag) else {
            text("<", &mut pieces);
            rest = &rest[1..];
            continue;
        };
        rest = after;
        let name = name(tag);
        // The content of these is no text.
        if matches!(&*name, "script" | "style") {
            let end = format!("</{name}");
            let lower = rest.to_ascii_lowercase();
            rest = lower.find(&end).map_or("", |at| &rest[at..]);
        }
        pieces.extend(piece(&name, tag));
    }
    text(rest, &mut pieces);
    pieces
}

fn text(text: &str, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        let mut text = text.to_owned();
        for (name, character) in ENTITIES {
            text = text.replace(name, character);
        }
        pieces.push(Piece::Text(text));
    }
}

fn piece(name: &str, tag: &str) -> Option<Piece> {
    match name {
        "img" => Some(Piece::Image(attribute(tag, "alt").unwrap_or_default())),
        "a" => Some(Piece::Link(attribute(tag, "href").unwrap_or_default())),
        "/a" => Some(Piece::LinkEnd),
        "/td" | "/th" => Some(Piece::Text(" ".to_owned())),
        _ => BLOCKS.contains(&name).then_some(Piece::Break),
    }
}

/// Returns the name of a tag in lower case, with the slash of an end.
fn name(tag: &str) -> String {
    let name = tag.split(|c: char| c.is_whitespace() || c == '>');
    let name = name.into_iter().next().unwrap_or_default();
    let name = match name.strip_suffix('/') {
        Some(name) if !name.is_empty() => name,
        _ => name,
    };
    name.to_ascii_lowercase()
}

/// Returns the value of an attribute, with or without quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let is_after_blank = |at: &usize| {
        let before = lower[..*at].chars().next_back();
        before.is_some_and(char::is_whitespace)
    };
    let name = format!("{name}=");
    let mut found = lower.match_indices(&name).map(|(at, _)| at);
    let start = found.find(is_after_blank)? + name.len();
    let value = &tag[start..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => {
            let value = value.split(char::is_whitespace).next()?;
            value.strip_suffix('/').unwrap_or(value)
        }
    };
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_text() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pieces("<p>a &lt; b</p><A HREF='x'>y</A><style>p {}</style>z<br/>"),
            [
                text("a < b"),
                Piece::Break,
                Piece::Link("x".to_owned()),
                text("y"),
                Piece::LinkEnd,
                text("z"),
                Piece::Break,
            ]
        );
        let image = "<img src=a.png alt=\"A logo\">";
        assert_eq!(pieces(image), [Piece::Image("A logo".to_owned())]);
        assert_eq!(pieces("<img src=a.png>"), [Piece::Image(String::new())]);
    }

    #[test]
    fn addresses_and_comparisons() {
        let link = |url: &str| Piece::Link(url.to_owned());
        assert_eq!(pieces("<a href=https://h.co/x>"), [link("https://h.co/x")]);
        assert_eq!(pieces("<a\nhref=\"b\">"), [link("b")]);
        let text: String = pieces("a < b <STYLE>x</STYLE>c")
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                _ => "|",
            })
            .collect();
        assert_eq!(text, "a < b c");
    }

    #[test]
    fn what_is_cut_ends() {
        for cut in [
            "<",
            "<a",
            "<a href=",
            "<!--",
            "<style>p",
            "&",
            "<img alt='é",
            "<é>",
        ] {
            pieces(cut);
        }
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(pieces("a<b"), [text("a"), text("<"), text("b")]);
    }
}
