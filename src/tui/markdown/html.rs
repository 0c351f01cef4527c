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
        let Some((tag, after)) = rest[1..].split_once('>') else {
            rest = "";
            break;
        };
        rest = after;
        let name = name(tag);
        // The content of these is no text.
        if matches!(&*name, "script" | "style") {
            let end = format!("</{name}");
            rest = rest.find(&end).map_or("", |at| &rest[at..]);
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
    let start = lower.find(&format!(" {name}="))? + name.len() + 2;
    let value = &tag[start..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split([' ', '/', '>']).next()?,
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
        assert_eq!(pieces("a<b"), [Piece::Text("a".to_owned())]);
    }
}
