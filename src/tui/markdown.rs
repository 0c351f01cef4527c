//! Markdown as lines of styled text: what a model card needs. `flow.rs` fills lines with words,
//! `html.rs` reads the HTML that cards mix in, `table.rs` fits tables.

mod flow;
mod html;
mod table;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use flow::Flow;
use html::Piece;

use super::theme::Theme;
use crate::engine::table::clean::clean;

/// A link of a text, in the order of their numbers from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkdownLink {
    pub url: String,
    /// The line in which its text begins.
    pub line: usize,
}

/// A text as it is drawn.
#[derive(Default)]
pub struct Rendered {
    pub lines: Vec<Line<'static>>,
    pub links: Vec<MarkdownLink>,
}

/// The styles of a text.
struct Styles {
    text: Style,
    dim: Style,
    heading: Style,
    subheading: Style,
    code: Style,
    link: Style,
    selected: Style,
}

/// A list that is open: the number of its next item, or `None` for bullets.
type ListNumber = Option<u64>;

/// A text on its way to lines.
struct Renderer {
    flow: Flow,
    styles: Styles,
    /// The modifiers of emphasis that are open.
    modifiers: Vec<Modifier>,
    heading: Option<Style>,
    lists: Vec<ListNumber>,
    table: Option<table::Table>,
    html: String,
    /// True in front matter, which is data.
    is_metadata: bool,
    is_code: bool,
    /// True after the label of a note, which its text follows on the line.
    is_labelled: bool,
    /// The text of an image; it replaces the picture.
    image: Option<String>,
    /// The links that are open, by their indices; `None` for one that leads nowhere.
    open: Vec<Option<usize>>,
    urls: Vec<String>,
    selected: Option<usize>,
}

/// Renders a text for lines of this many cells, with one link selected.
pub fn render(text: &str, room: usize, theme: &Theme, selected: Option<usize>) -> Rendered {
    let options = Options::ENABLE_GFM
        | Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut renderer = Renderer {
        flow: Flow::new(room),
        styles: Styles::of(theme),
        modifiers: Vec::new(),
        heading: None,
        lists: Vec::new(),
        table: None,
        html: String::new(),
        is_metadata: false,
        is_code: false,
        is_labelled: false,
        image: None,
        open: Vec::new(),
        urls: Vec::new(),
        selected,
    };
    for event in Parser::new_ext(text, options) {
        renderer.event(event);
    }
    renderer.finish()
}

impl Styles {
    fn of(theme: &Theme) -> Styles {
        Styles {
            text: theme.text,
            dim: theme.dim,
            heading: theme.focused,
            subheading: theme.title.add_modifier(Modifier::BOLD),
            code: theme.matched.remove_modifier(Modifier::BOLD),
            link: theme.accent.add_modifier(Modifier::UNDERLINED),
            selected: theme.selected,
        }
    }
}

impl Renderer {
    fn event(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_code => self.code(&text),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.words(&code, self.styles.code),
            Event::Html(text) => self.html.push_str(&text),
            Event::InlineHtml(text) => self.inline_html(&text),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.line_break(),
            Event::Rule => self.flow.rule(self.styles.dim),
            Event::TaskListMarker(is_done) => {
                self.text(if is_done { "[x] " } else { "[ ] " });
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flow.paragraph();
                self.heading = Some(match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => self.styles.heading,
                    _ => self.styles.subheading,
                });
            }
            Tag::Paragraph if std::mem::take(&mut self.is_labelled) => self.text(" "),
            Tag::Paragraph if self.lists.is_empty() => self.flow.paragraph(),
            Tag::Paragraph => self.flow.line(),
            Tag::BlockQuote(kind) => {
                self.flow.paragraph();
                self.flow.indent("│ ", "│ ");
                if let Some(kind) = kind {
                    self.words(&format!("{kind:?}:"), self.styles.subheading);
                    self.is_labelled = true;
                }
            }
            Tag::CodeBlock(kind) => {
                self.flow.paragraph();
                self.flow.indent("  ", "  ");
                self.is_code = true;
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    self.words(&language, self.styles.dim);
                    self.flow.line();
                }
            }
            Tag::List(number) => {
                match self.lists.is_empty() {
                    true => self.flow.paragraph(),
                    false => self.flow.line(),
                }
                self.lists.push(number);
            }
            Tag::Item => self.item(),
            Tag::Emphasis => self.modifiers.push(Modifier::ITALIC),
            Tag::Strong => self.modifiers.push(Modifier::BOLD),
            Tag::Strikethrough => self.modifiers.push(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } => self.open_link(&dest_url),
            Tag::Image { .. } => self.image = Some(String::new()),
            Tag::Table(alignments) => {
                self.flow.paragraph();
                self.table = Some(table::Table::new(&alignments));
            }
            Tag::TableHead | Tag::TableRow => self.table.iter_mut().for_each(table::Table::row),
            Tag::TableCell => self.table.iter_mut().for_each(table::Table::cell),
            Tag::MetadataBlock(_) => self.is_metadata = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.flow.line();
                self.heading = None;
            }
            TagEnd::Paragraph => self.flow.line(),
            TagEnd::BlockQuote(_) => {
                self.is_labelled = false;
                self.flow.outdent();
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                self.flow.outdent();
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Item => self.flow.outdent(),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.modifiers.pop();
            }
            TagEnd::Link => self.close_link(),
            TagEnd::Image => {
                let text = self.image.take().unwrap_or_default();
                self.picture(&text);
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let room = self.flow.room();
                    self.flow
                        .extend(table.lines(room, self.styles.text, self.styles.heading));
                }
            }
            TagEnd::HtmlBlock => {
                self.flow.paragraph();
                let html = std::mem::take(&mut self.html);
                self.inline_html(&html);
                self.flow.line();
            }
            TagEnd::MetadataBlock(_) => self.is_metadata = false,
            _ => {}
        }
    }

    fn item(&mut self) {
        let depth = self.lists.len();
        let sign = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ if depth % 2 == 1 => "• ".to_owned(),
            _ => "◦ ".to_owned(),
        };
        let rest = " ".repeat(sign.chars().count());
        self.flow.line();
        self.flow.indent(&sign, &rest);
    }

    fn text(&mut self, text: &str) {
        let mut style = self.heading.unwrap_or(self.styles.text);
        for modifier in &self.modifiers {
            style = style.add_modifier(*modifier);
        }
        self.words(text, style);
    }

    /// Writes a part of the running text.
    fn words(&mut self, text: &str, style: Style) {
        if self.is_metadata {
            return;
        }
        let text = text.replace(['\n', '\r', '\t'], " ");
        let text = clean(&text);
        if let Some(image) = &mut self.image {
            image.push_str(&text);
            return;
        }
        if let Some(table) = &mut self.table {
            table.push(&text);
            return;
        }
        let link = self.open.last().copied().flatten();
        let style = match link {
            Some(link) if self.selected == Some(link) => self.styles.selected,
            Some(_) => self.styles.link,
            None => style,
        };
        self.flow.words(&text, style, link);
    }

    fn code(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.replace('\t', "    ");
            self.flow.verbatim(&clean(&line), self.styles.code);
        }
    }

    fn line_break(&mut self) {
        match &mut self.table {
            Some(table) => table.push(" "),
            None => self.flow.line(),
        }
    }

    fn picture(&mut self, text: &str) {
        let text = match text.trim() {
            "" => "[image]".to_owned(),
            text => format!("[image: {text}]"),
        };
        self.words(&text, self.styles.dim);
    }

    fn open_link(&mut self, url: &str) {
        let leads_away = !url.starts_with('#') && !url.is_empty();
        self.open.push(leads_away.then_some(self.urls.len()));
        if leads_away {
            self.urls.push(clean(url).into_owned());
        }
    }

    fn close_link(&mut self) {
        if let Some(Some(link)) = self.open.pop() {
            // A number leads from the text to the list of links.
            self.words(&format!("[{}]", link + 1), self.styles.dim);
        }
    }

    fn inline_html(&mut self, html: &str) {
        for piece in html::pieces(html) {
            match piece {
                Piece::Text(text) => self.text(&text),
                Piece::Break => self.line_break(),
                Piece::Image(text) => self.picture(&text),
                Piece::Link(url) => self.open_link(&url),
                Piece::LinkEnd => self.close_link(),
            }
        }
    }

    /// Lists the links below the text.
    fn finish(mut self) -> Rendered {
        let urls = std::mem::take(&mut self.urls);
        if !urls.is_empty() {
            self.flow.paragraph();
            self.flow.words("Links", self.styles.subheading, None);
            for (at, url) in urls.iter().enumerate() {
                let sign = format!("[{}] ", at + 1);
                self.flow.line();
                self.flow.indent(&sign, "    ");
                let style = match self.selected == Some(at) {
                    true => self.styles.selected,
                    false => self.styles.dim,
                };
                self.flow.words(url, style, None);
                // One in a table or without a text begins here.
                self.flow.begins(at);
                self.flow.outdent();
            }
        }
        let (lines, starts) = self.flow.finish();
        let links = urls.into_iter().enumerate().map(|(at, url)| MarkdownLink {
            url,
            line: starts.get(at).copied().flatten().unwrap_or(0),
        });
        Rendered {
            links: links.collect(),
            lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;

    fn lines(text: &str, room: usize) -> Vec<String> {
        let rendered = render(text, room, &Theme::of(Palette::Dark), None);
        let lines = rendered.lines.iter();
        lines
            .map(|line| line.to_string().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn blocks() {
        let text = "---\nlicense: mit\n---\n# A *model*\n\nSome **words** that\nare filled.\n\n- one\n- two words that go on\n  1. deep\n  2. deeper\n\n> quoted\n\n```python\nx = 1\n\ny = 2\n```\n\n---\n";
        let expected = [
            "A model",
            "",
            "Some words that",
            "are filled.",
            "",
            "• one",
            "• two words that",
            "  go on",
            "  1. deep",
            "  2. deeper",
            "",
            "│ quoted",
            "",
            "  python",
            "  x = 1",
            "",
            "  y = 2",
            "",
            "────────────────",
        ];
        assert_eq!(lines(text, 16), expected);
    }

    #[test]
    fn html_and_pictures() {
        let text = "<div align=\"center\">\n  <img src=\"a.png\" alt=\"Logo\"/>\n  <a href=\"https://x.y\">Home &amp; more</a><br>next\n</div>\n\n![](b.png) text <!-- hidden --> after\n";
        let expected = [
            "[image: Logo] Home & more[1]",
            "next",
            "",
            "[image] text after",
            "",
            "Links",
            "[1] https://x.y",
        ];
        assert_eq!(lines(text, 60), expected);
    }

    #[test]
    fn tables_fit() {
        let text = "| a | long heading |\n|---|:--|\n| 1 | some words here |\n| **2** | `x` |\n";
        let expected = [
            "a  long",
            "   heading",
            "─  ──────────",
            "1  some words",
            "   here",
            "2  x",
        ];
        assert_eq!(lines(text, 13), expected);
    }

    #[test]
    fn numbers_are_aligned_and_alerts_named() {
        let text = "| n |\n|--:|\n| 100 |\n| 7 |\n\n> [!WARNING]\n> Read.\n>\n> More.\n";
        let expected = [
            "  n",
            "───",
            "100",
            "  7",
            "",
            "│ Warning: Read.",
            "│",
            "│ More.",
        ];
        assert_eq!(lines(text, 20), expected);
    }

    #[test]
    fn links_have_numbers_and_lines() {
        let text = "One [first](https://a.b) and\n\n[second](c.md), [here](#x)";
        let rendered = render(text, 40, &Theme::of(Palette::Dark), Some(1));
        let link = |url: &str, line| MarkdownLink {
            url: url.to_owned(),
            line,
        };
        assert_eq!(rendered.links, [link("https://a.b", 0), link("c.md", 2)]);
        assert_eq!(rendered.lines[2].to_string().trim_end(), "second[2], here");
        let selected = Theme::of(Palette::Dark).selected;
        assert_eq!(rendered.lines[2].spans[0].style, selected);
    }

    /// No text makes a line that is wider than the room, or a control character.
    #[test]
    fn any_text_fits() {
        let texts = [
            "word".repeat(40),
            "| a | b |\n|-|-|\n| ".to_owned() + &"x".repeat(99) + " | y |",
            "\u{1b}[31mred\u{7}".to_owned(),
            "<table><tr><td>1</td><td>2</td></tr></table>".to_owned(),
            "- ".repeat(30) + "deep",
            "> ".repeat(30) + "deep",
            "日本語".repeat(20),
            // Deeper than any card, which costs no more than other text.
            "> ".repeat(20_000) + "deep",
            "[a](b) ".repeat(20_000),
        ];
        for text in &texts {
            for room in [1, 2, 7, 20] {
                for line in render(text, room, &Theme::of(Palette::Dark), None).lines {
                    let shown = line.to_string();
                    assert!(line.width() <= room.max(2), "{room} {shown:?}");
                    assert!(!shown.contains(char::is_control), "{shown:?}");
                }
            }
        }
    }
}
